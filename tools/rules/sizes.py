"""How long things may be. What outgrows its limit is split, never exempted."""

from __future__ import annotations

from collections.abc import Iterator

from rules.source import Finding, Function, Source

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 6
LINE_CHARACTERS_MAX = 100


def check_file_length(source: Source) -> Iterator[Finding]:
    """A file has at most 500 lines."""
    if len(source.lines) > FILE_LINES_MAX:
        advice = (
            f"{len(source.lines)} lines; make a folder of the same name with files"
            f" of at most {FILE_LINES_MAX}"
        )
        yield source.finding(FILE_LINES_MAX + 1, "file-length", advice)


def check_line_length(source: Source) -> Iterator[Finding]:
    """A line has at most 100 characters, unless it is one unbreakable word (a link)."""
    for number, line in enumerate(source.lines, 1):
        if len(line) > LINE_CHARACTERS_MAX and len(line.strip("# ").split()) > 1:
            yield source.finding(
                number, "line-length", f"{len(line)} characters; at most {LINE_CHARACTERS_MAX}"
            )


def check_function_length(source: Source) -> Iterator[Finding]:
    """A function has at most 70 lines, docstring included."""
    for node in source.nodes:
        if isinstance(node, Function) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                advice = (
                    f"{node.name} has {lines} lines; name its parts until each has at most"
                    f" {FUNCTION_LINES_MAX}"
                )
                yield source.finding(node, "function-length", advice)


def check_parameters(source: Source) -> Iterator[Finding]:
    """A function has at most 6 parameters, not counting ``self`` and ``cls``."""
    for node in source.nodes:
        if not isinstance(node, Function):
            continue
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        if names[:1] in (["self"], ["cls"]):
            names = names[1:]
        if len(names) > PARAMETERS_MAX:
            advice = (
                f"{node.name} takes {len(names)} parameters; put those that travel together"
                f" into one object (at most {PARAMETERS_MAX})"
            )
            yield source.finding(node, "parameters", advice)


RULES = (check_file_length, check_line_length, check_function_length, check_parameters)
