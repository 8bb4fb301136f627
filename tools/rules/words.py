"""Comments, docstrings and texts: what is said, is said now and to everybody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from rules.source import Finding, Function, Source

_LATER = re.compile(r"\b(TODO|FIXME|XXX)\b")
_SILENCER = re.compile(r"^(type:\s*ignore|noqa|ruff:\s*noqa|mypy:|pylint:|pyright:)")
_MACHINE_PATH = re.compile(r"(?<![\w./])/(?:home|root|work|tmp)(?=/|$)")
_CODE_MARKS = re.compile(r"[()\[\]=]|\w\.\w")  # without one, "return early" is prose
_CODE = (
    ast.Assign,
    ast.AugAssign,
    ast.Return,
    ast.Raise,
    ast.Assert,
    ast.Delete,
    ast.If,
    ast.For,
    ast.While,
    ast.With,
    ast.Try,
    ast.FunctionDef,
    ast.ClassDef,
)


def check_dead_code(source: Source) -> Iterator[Finding]:
    """No code in comments: git remembers it."""
    for comment in source.comments:
        if comment.is_alone and _is_code(comment.text):
            yield source.finding(comment.line, "dead-code", "delete it; git remembers")


def _is_code(text: str) -> bool:
    for candidate in (text, f"{text}\n    pass"):
        try:
            statements = ast.parse(candidate).body
        except (SyntaxError, ValueError):
            continue
        return len(statements) > 0 and any(_is_statement(s, text) for s in statements)
    return False


def _is_statement(statement: ast.stmt, text: str) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Call | ast.Await | ast.Yield)
    if isinstance(statement, ast.AnnAssign):
        return statement.value is not None
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    return isinstance(statement, _CODE) and _CODE_MARKS.search(text) is not None


def check_later(source: Source) -> Iterator[Finding]:
    """No notes to oneself: what is not done is refused by name, or written in the changelog."""
    advice = "do it now, or refuse the case by name and say so in the docs"
    for comment in source.comments:
        if _LATER.search(comment.text):
            yield source.finding(comment.line, "later", advice)
    for node in source.nodes:
        if not isinstance(node, ast.Module | ast.ClassDef | Function):
            continue
        if _LATER.search(ast.get_docstring(node, clean=False) or ""):
            yield source.finding(node, "later", advice)


def check_silencers(source: Source) -> Iterator[Finding]:
    """No checker is silenced, no test skipped: a rule holds, or it is changed for everybody."""
    for comment in source.comments:
        if _SILENCER.match(comment.text):
            yield source.finding(comment.line, "silencer", f"{comment.text}: change the code")
    banned = ("mark.skip", "mark.skipif", "mark.xfail", "skip", "xfail", "importorskip")
    for node in source.nodes:
        if isinstance(node, ast.Attribute):
            named = source.dotted(node)
            if named in {f"pytest.{name}" for name in banned}:
                yield source.finding(
                    node, "silencer", f"{named}: a missing service fails the test; repair it"
                )


def check_machine_paths(source: Source) -> Iterator[Finding]:
    """The house knows no machine: paths come from settings."""
    if not source.is_in("src"):
        return
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = _MACHINE_PATH.search(node.value)
            if found:
                yield source.finding(
                    node, "machine-path", f"{found.group()}: take the path from the settings"
                )


def check_docstrings(source: Source) -> Iterator[Finding]:
    """Every public module, class and function of the house says what it does in one sentence.

    Not asked for: an empty ``__init__.py`` (there is nothing to describe), and the functions of a
    migration (Alembic dictates their names; the module's docstring says what changes).
    """
    if not source.is_in("src/banyan"):
        return
    advice = "add a docstring: what it does in one sentence, why if not obvious, units, refusals"
    if source.tree.body and ast.get_docstring(source.tree) is None:
        yield source.finding(1, "docstring", f"{source.module}: {advice}")
    if "migrations" not in source.path.split("/"):
        for node in _public(source.tree.body):
            if ast.get_docstring(node) is None:
                yield source.finding(node, "docstring", f"{node.name}: {advice}")


def _public(body: list[ast.stmt]) -> Iterator[ast.ClassDef | Function]:
    for node in body:
        if not isinstance(node, ast.ClassDef | Function) or node.name.startswith("_"):
            continue
        if isinstance(node, ast.ClassDef):
            yield node
            yield from _public(node.body)
        elif not any(_is_echo(decorator) for decorator in node.decorator_list):
            yield node


def _is_echo(decorator: ast.expr) -> bool:
    """Whether a function only completes another one, which has the docstring."""
    if isinstance(decorator, ast.Attribute):
        return decorator.attr in ("overload", "setter", "deleter", "override")
    return isinstance(decorator, ast.Name) and decorator.id in ("overload", "override")


RULES = (
    check_dead_code,
    check_later,
    check_silencers,
    check_machine_paths,
    check_docstrings,
)
