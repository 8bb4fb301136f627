"""Words that say nothing don't name things here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from rules.source import Finding, Function, Source

_SAY_WHAT = "say what it holds"
_SAY_WHICH = "name the one thing it does, or move it to the type it works on"
EMPTY_WORDS = {
    "manager": "name what it does: keeper, registry, dispatcher, runner",
    "managers": "name what they do: keepers, registries, dispatchers, runners",
    "helper": _SAY_WHICH,
    "helpers": _SAY_WHICH,
    "util": _SAY_WHICH,
    "utils": _SAY_WHICH,
    "common": "name what the things in it share",
    "data": f"{_SAY_WHAT}: document, rows, body, facts, usage",
    "info": f"{_SAY_WHAT}: facts, note, summary, description",
    "process": "say what is done (rate, settle, correlate), or which program runs (server, child)",
    "impl": "name what is special about this one: SqlDocuments, TwinDriver",
}
DEFAULT_ADVICE = "name what is special about this one instead of Default"

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


def words(identifier: str) -> list[str]:
    """``HTTPServerPool`` and ``http_server_pool`` both as ``http, server, pool``."""
    return [word.lower() for word in _WORD.findall(identifier)]


def check_names(source: Source) -> Iterator[Finding]:
    """No empty word in a name this code gives to a module, class, function, argument or value.

    Names that are only used (``metadata.tables``, ``log.info``) belong to others and are not read.
    Neither is a name a foreign base class dictates: one given in the body of a class, if that
    class has a base imported from outside ``banyan`` (SQLAlchemy wants ``impl`` of its types).
    """
    for part in PurePosixPath(source.path).with_suffix("").parts[1:]:
        yield from _judge(source, 1, part)
    for where, name in _given(source):
        yield from _judge(source, where, name)


def _judge(source: Source, where: ast.AST | int, name: str) -> Iterator[Finding]:
    parts = words(name)
    for word in parts:
        if word in EMPTY_WORDS:
            yield source.finding(where, "empty-word", f"{name}: {EMPTY_WORDS[word]}")
    if isinstance(where, ast.ClassDef) and parts[:1] == ["default"] and len(parts) > 1:
        yield source.finding(where, "empty-word", f"{name}: {DEFAULT_ADVICE}")


def _given(source: Source) -> Iterator[tuple[ast.AST, str]]:
    dictated = _dictated(source)
    for node in source.nodes:
        if node in dictated:
            continue
        if isinstance(node, ast.ClassDef | Function):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            if isinstance(node.value, ast.Name) and node.value.id == "self":
                yield node, node.attr
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((node, alias.asname) for alias in node.names if alias.asname)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            yield node, node.name


def _dictated(source: Source) -> set[ast.AST]:
    """Nodes that name something in the body of a class with a foreign base."""
    found: set[ast.AST] = set()
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and any(_is_foreign(source, b) for b in node.bases):
            for statement in node.body:
                found.add(statement)
                if isinstance(statement, ast.Assign):
                    found.update(statement.targets)
                elif isinstance(statement, ast.AnnAssign):
                    found.add(statement.target)
    return found


def _is_foreign(source: Source, base: ast.expr) -> bool:
    named = source.dotted(base.value if isinstance(base, ast.Subscript) else base)
    ours = ("", "banyan", "msgspec", "typing", "enum", "abc")
    return named.partition(".")[0] not in ours


RULES = (check_names,)
