"""Code about code: the house rules that neither linter, type checker nor import contracts see.

``python tools/tidy.py [root]`` prints ``path:line: rule: what to do instead`` for every finding and
ends with 1 if there is one. There is no list of exemptions: a rule that can't hold everywhere is
narrowed by place, with the reason in its docstring (``tools/rules/``).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from rules import locks, names, places, rooms, sizes, words
from rules.source import FileRule, Finding, Source, Tree, TreeRule

FILE_RULES: tuple[FileRule, ...] = (*sizes.RULES, *names.RULES, *places.RULES, *words.RULES)
TREE_RULES: tuple[TreeRule, ...] = (*rooms.RULES, *locks.RULES)


def check(root: Path) -> list[Finding]:
    """Everything that is untidy below ``root``, in order."""
    tree = Tree(root)
    unread = [finding for source in tree.sources for finding in _unreadable(source)]
    if unread:
        return unread
    found = {finding for source in tree.sources for finding in check_source(source)}
    found.update(finding for rule in TREE_RULES for finding in rule(tree))
    return sorted(found)


def check_source(source: Source) -> Iterator[Finding]:
    """Everything that is untidy in one file."""
    for rule in FILE_RULES:
        yield from rule(source)


def _unreadable(source: Source) -> Iterator[Finding]:
    try:
        ast.parse(source.text)
    except SyntaxError as error:
        yield source.finding(error.lineno or 1, "syntax", error.msg)


def main() -> int:
    """Check the given root, or the checkout this file is in."""
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1]
    found = check(root)
    for finding in found:
        print(finding)
    if found:
        print(f"{len(found)} to tidy")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
