"""Lock files: hashes yes, registries no."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from rules.source import Finding, Tree

_ADVICE = "a lock names no registry and no machine: re-make it with `make lock`"
_OPTION = re.compile(
    r"\s*(--?(index-url|extra-index-url|find-links|trusted-host|no-index)|-[if]\s)"
)
_ADDRESS = re.compile(r"https?://|file:|@ |(?<!\S)/\w")
_PINNED = re.compile(r"[A-Za-z0-9][\w.\-]*(\[[^\]]*\])?==\S+")


def check_requirements(tree: Tree) -> Iterator[Finding]:
    """``requirements/*.lock`` pins each version with hashes and names no place to get it from."""
    for path in sorted((tree.root / "requirements").glob("*.lock")):
        where = tree.relative(path)
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, 1):
            if _OPTION.match(line) or _ADDRESS.search(line):
                yield Finding(where, number, "lock", _ADVICE)
            elif line[:1] not in ("", " ", "#"):
                following = lines[number] if number < len(lines) else ""
                if not _PINNED.match(line) or "--hash=sha256:" not in line + following:
                    yield Finding(where, number, "lock", "pin with == and hashes: `make lock`")


def check_other_locks(tree: Tree) -> Iterator[Finding]:
    """No lock file of a kind that records where packages came from."""
    for path in sorted(tree.root.glob("uv.lock")):
        yield Finding(
            tree.relative(path), 1, "lock", "delete it; requirements/*.lock are the locks"
        )
    for path in sorted(
        {*tree.root.glob("package-lock.json"), *tree.root.glob("*/package-lock.json")}
    ):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if '"resolved"' in line:
                advice = "set omit-lockfile-registry-resolved=true in .npmrc and lock again"
                yield Finding(tree.relative(path), number, "lock", advice)


def check_locked(tree: Tree) -> Iterator[Finding]:
    """What ``pyproject.toml`` asks for is what the locks hold."""
    project_file = tree.root / "pyproject.toml"
    if not project_file.is_file():
        return
    project = tomllib.loads(project_file.read_text(encoding="utf-8")).get("project", {})
    extras = project.get("optional-dependencies", {})
    wanted = {"run": list(project.get("dependencies", ()))}
    wanted["dev"] = [*wanted["run"], *extras.get("pg", ()), *extras.get("dev", ())]
    wanted["bench"] = [*wanted["dev"], *extras.get("bench", ())]
    for name, requirements in wanted.items():
        lock = tree.root / "requirements" / f"{name}.lock"
        held = _held(lock.read_text(encoding="utf-8")) if lock.is_file() else {}
        for requirement in requirements:
            package, _, version = requirement.partition(";")[0].partition("==")
            found = held.get(_plain(package))
            if found is None or (version and found != version.strip()):
                advice = f"{requirement} is not what the lock holds: `make lock`"
                yield Finding(f"requirements/{name}.lock", 1, "lock", advice)


def _held(lock: str) -> dict[str, str]:
    pins = (line.split()[0].partition("==") for line in lock.splitlines() if _PINNED.match(line))
    return {_plain(package): version for package, _, version in pins}


def _plain(package: str) -> str:
    """A package's name as registries compare it, without extras."""
    name = re.match(r"[A-Za-z0-9._-]+", package)
    return re.sub(r"[-_.]+", "-", name.group().lower()) if name else package


RULES = (check_requirements, check_other_locks, check_locked)
