"""What the rules read: one Python file with its tree, its comments and its place in the house."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

TREES = ("src", "tests", "bench", "tools")
ROOMS = "src/banyan/components"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule, and what to do instead."""

    path: str
    line: int
    rule: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.advice}"


@dataclass(frozen=True)
class Comment:
    """One comment: its text without the hash, and whether it has the line to itself."""

    line: int
    text: str
    is_alone: bool


@dataclass(frozen=True)
class Source:
    """One Python file. ``path`` is relative to the root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The parsed file; raises SyntaxError."""
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """Every node of the tree, walked once for all rules."""
        return tuple(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.text.splitlines()

    @cached_property
    def comments(self) -> list[Comment]:
        """All comments, in order."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [
            Comment(t.start[0], t.string.lstrip("#").strip(), not t.line[: t.start[1]].strip())
            for t in tokens
            if t.type == tokenize.COMMENT
        ]

    @cached_property
    def imported(self) -> dict[str, str]:
        """Local name → dotted name it was imported from."""
        names: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    names[alias.asname or first] = alias.name if alias.asname else first
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    names[alias.asname or alias.name] = f"{self.absolute(node)}.{alias.name}"
        return names

    @property
    def module(self) -> str:
        """Dotted name as Python imports it, for files under ``src``."""
        parts = self.path.removesuffix(".py").removeprefix("src/").split("/")
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def room(self) -> str:
        """The room this file belongs to, or an empty text."""
        return self.path.split("/")[3] if self.is_in(f"{ROOMS}/*") else ""

    @property
    def kind(self) -> str:
        """Within a room: ``service`` for ``service.py`` and for anything in ``service/``."""
        return self.path.split("/")[4].removesuffix(".py") if self.room else ""

    def is_in(self, *places: str) -> bool:
        """Whether this file is one of ``places``, or below one; ``*`` stands for any one name."""
        own = self.path.split("/")
        return any(
            len(own) > len(parts) - place.endswith(".py")
            and all(want in ("*", name) for want, name in zip(parts, own, strict=False))
            for place in places
            for parts in [place.split("/")]
        )

    def absolute(self, node: ast.ImportFrom) -> str:
        """The module an import names, with leading dots resolved."""
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if not self.path.endswith("__init__.py"):
            package = package[:-1]
        base = package[: len(package) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)

    def dotted(self, node: ast.AST) -> str:
        """``dt.datetime.now`` as ``datetime.datetime.now``, seen through this file's imports.

        Empty for what does not start at an imported name.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.imported:
            return ""
        return ".".join([self.imported[node.id], *reversed(parts)])

    def finding(self, where: ast.AST | int, rule: str, advice: str) -> Finding:
        """A finding in this file, at a node or a line."""
        line = where if isinstance(where, int) else getattr(where, "lineno", 1)
        return Finding(self.path, line, rule, advice)


@dataclass(frozen=True)
class Tree:
    """The whole checkout."""

    root: Path

    @cached_property
    def sources(self) -> list[Source]:
        """Every Python file of the four trees, in order."""
        return [
            Source(path.relative_to(self.root).as_posix(), path.read_text(encoding="utf-8"))
            for tree in TREES
            for path in sorted((self.root / tree).rglob("*.py"))
        ]

    @cached_property
    def rooms(self) -> list[Path]:
        """The folders of all rooms, in order."""
        parent = self.root / ROOMS
        if not parent.is_dir():
            return []
        return [path for path in visible(parent) if path.is_dir()]

    def relative(self, path: Path) -> str:
        """``path`` as findings show it."""
        return path.relative_to(self.root).as_posix()


def visible(folder: Path) -> list[Path]:
    """What is in ``folder``, without caches, hidden files and folders emptied by git."""
    return [
        path
        for path in sorted(folder.iterdir())
        if not path.name.startswith((".", "__pycache__"))
        and (path.is_file() or any(p.is_file() and p.suffix != ".pyc" for p in path.rglob("*")))
    ]


FileRule = Callable[[Source], Iterator[Finding]]
TreeRule = Callable[[Tree], Iterator[Finding]]
