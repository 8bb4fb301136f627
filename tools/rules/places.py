"""Things that may happen in one place only: time, chance, printing, catching, SQL, commits."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rules.source import Finding, Source

HOUSE = "src/banyan"
ENGINE = "src/banyan/kernel/engine"


@dataclass(frozen=True)
class Reserved:
    """Foreign names (or whole modules, with a dot at the end) that only ``allowed`` may use."""

    rule: str
    names: tuple[str, ...]
    allowed: tuple[str, ...]
    advice: str


RESERVED = (
    Reserved(
        "clock",
        (
            "datetime.datetime.now",
            "datetime.datetime.utcnow",
            "datetime.datetime.today",
            "datetime.date.today",
            "time.",
        ),
        (f"{ENGINE}/clock.py", f"{HOUSE}/demo", f"{HOUSE}/world"),
        "ask the injected clock, so that a month can run in a second",
    ),
    Reserved(
        "chance",
        ("random.", "uuid.", "os.urandom"),
        (f"{ENGINE}/mint.py", f"{HOUSE}/demo", f"{HOUSE}/world"),
        "take ids and chance from the injected mint, so that a run can be repeated",
    ),
    Reserved(
        "chance",
        ("secrets.",),
        (f"{ENGINE}/mint.py", f"{HOUSE}/gateway", f"{HOUSE}/demo", f"{HOUSE}/world"),
        "take ids from the injected mint; secrets are made by the gateway, which mints tokens",
    ),
)


def check_reserved(source: Source) -> Iterator[Finding]:
    """Inside the house, time and chance are injected; only the clock and the mint reach for them.

    The demo and the world stand outside the house, as tests, bench and tools do: theirs is the
    real clock.
    """
    if not source.is_in(HOUSE):
        return
    for node in source.nodes:
        if not isinstance(node, ast.Attribute | ast.Name) or not isinstance(node.ctx, ast.Load):
            continue
        named = source.dotted(node)
        for reserved in RESERVED:
            if not source.is_in(*reserved.allowed) and _is_named(named, reserved.names):
                yield source.finding(node, reserved.rule, f"{named}: {reserved.advice}")


def _is_named(named: str, names: tuple[str, ...]) -> bool:
    return any(named.startswith(n) if n.endswith(".") else named == n for n in names)


def check_print(source: Source) -> Iterator[Finding]:
    """Only programs that people run in a terminal print: cli, demo, bench and tools."""
    if source.is_in(f"{HOUSE}/cli", f"{HOUSE}/demo", "bench", "tools"):
        return
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Name(id="print")):
                yield source.finding(node, "print", "return it, or log it with structlog")


def check_catch(source: Source) -> Iterator[Finding]:
    """Only the engine may catch everything: bugs are never caught below the runner.

    A handler whose last statement is a bare ``raise`` cleans up and catches nothing.
    """
    if source.is_in(ENGINE):
        return
    advice = "name what you expect to fail (Refused, Outage, OSError ...); bugs go up to the runner"
    everything = ("Exception", "BaseException")
    kinds: Sequence[ast.expr | None]
    for node in source.nodes:
        if isinstance(node, ast.Call) and source.dotted(node.func) == "contextlib.suppress":
            kinds = node.args
        elif isinstance(node, ast.ExceptHandler) and not _is_raising_again(node):
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
        else:
            continue
        if any(k is None or (isinstance(k, ast.Name) and k.id in everything) for k in kinds):
            yield source.finding(node, "catch-all", advice)


def _is_raising_again(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def check_exact(source: Source) -> Iterator[Finding]:
    """No float where money is: the billing room, every room's policy, the money word."""
    is_exact = source.room == "billing" or source.kind == "policy"
    if not is_exact and source.path != "src/banyan/kernel/words/money.py":
        return
    advice = "money is integers (micro or minor units) or Decimal, and rounding has a name"
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield source.finding(node, "float", f"{node.value}: {advice}")
        elif isinstance(node, ast.Name) and node.id == "float":
            yield source.finding(node, "float", advice)


def check_sql(source: Source) -> Iterator[Finding]:
    """In a room, only the store and the migrations speak SQL."""
    if not source.room or source.kind in ("store", "migrations"):
        return
    for node in source.nodes:
        modules: list[str] = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [source.absolute(node)]
        for module in modules:
            if module.partition(".")[0] in ("sqlalchemy", "sqlite3", "psycopg", "alembic"):
                yield source.finding(node, "sql", f"{module}: move the query to store.py")


def check_commit(source: Source) -> Iterator[Finding]:
    """Only the unit of work ends a transaction; tests and benchmarks have their own databases."""
    if not source.is_in(HOUSE) or source.is_in(f"{ENGINE}/db.py", f"{ENGINE}/work.py"):
        return
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(attr="commit" | "rollback" as name)):
                advice = "the unit of work commits: write in the handler's Work and return"
                yield source.finding(node, "commit", f".{name}(): {advice}")


RULES = (
    check_reserved,
    check_print,
    check_catch,
    check_exact,
    check_sql,
    check_commit,
)
