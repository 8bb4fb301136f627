"""The shape of a room, and its manifest: component.yaml says what the code does."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from rules.source import ROOMS, Finding, Source, Tree, visible

MODULES = (
    "contract",
    "events",
    "model",
    "policy",
    "wire",
    "store",
    "service",
    "reactions",
    "api",
    "component",
)
FOLDERS = ("adapters", "migrations")
PAPERS = ("README.md", "component.yaml")
KEYS = ("room", "exposes", "asks", "says", "hears", "oda")
PREFIX = ROOMS.removeprefix("src/").replace("/", ".")


def check_shape(tree: Tree) -> Iterator[Finding]:
    """A room has the files every room has, and none of another name."""
    parent = tree.root / ROOMS
    for path in visible(parent) if parent.is_dir() else []:
        if path.is_file() and path.name != "__init__.py":
            advice = "a room is a folder; put this into the room it belongs to"
            yield Finding(tree.relative(path), 1, "room-shape", advice)
    for room in tree.rooms:
        for path in visible(room):
            yield from _check_entry(tree, path)
        for name in ("__init__.py", *PAPERS):
            if not (room / name).is_file():
                yield Finding(tree.relative(room), 1, "room-shape", f"add {name}")


def _check_entry(tree: Tree, path: Path) -> Iterator[Finding]:
    where = tree.relative(path)
    if path.is_dir():
        if path.name not in (*MODULES, *FOLDERS):
            advice = f"no folder of this name in a room: {', '.join((*MODULES, *FOLDERS))}"
            yield Finding(where, 1, "room-shape", advice)
        elif path.with_suffix(".py").is_file():
            advice = f"{path.name}.py has become a folder: move it in as __init__.py"
            yield Finding(where, 1, "room-shape", advice)
    elif path.name not in (*PAPERS, "__init__.py", *(f"{name}.py" for name in MODULES)):
        advice = "no file of this name in a room: what grows becomes a folder of its kind's name"
        yield Finding(where, 1, "room-shape", advice)


@dataclass
class Face:
    """What one room's code says about itself."""

    messages: set[str] = field(default_factory=set)
    events: set[str] = field(default_factory=set)
    exposes: set[str] = field(default_factory=set)
    asks: set[str] = field(default_factory=set)
    hears: set[str] = field(default_factory=set)


def check_manifests(tree: Tree) -> Iterator[Finding]:
    """``component.yaml`` equals the code: what it exposes, asks, says and hears."""
    faces = read_faces(tree)
    for room in tree.rooms:
        path = room / "component.yaml"
        if path.is_file():
            yield from _check_manifest(tree, path, faces.get(room.name, Face()))


def _check_manifest(tree: Tree, path: Path, face: Face) -> Iterator[Finding]:
    where = tree.relative(path)
    try:
        manifest = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        yield Finding(where, 1, "manifest", f"no YAML: {error}")
        return
    if not isinstance(manifest, dict) or set(manifest) != set(KEYS):
        yield Finding(where, 1, "manifest", f"has exactly the keys {', '.join(KEYS)}")
        return
    if manifest["room"] != path.parent.name:
        yield Finding(where, 1, "manifest", f"room is {path.parent.name}, as its folder")
    if not isinstance(manifest["oda"], list):
        yield Finding(where, 1, "manifest", "oda is a list of components, maybe empty")
    from_code = {
        "exposes": (face.exposes, "a Resource of api.py or store.py names it"),
        "asks": (face.asks, "service, reactions or component imports it from that room's contract"),
        "says": (face.events, "events.py defines it"),
        "hears": (face.hears, "service, reactions or component imports it from that room's events"),
    }
    for key, (found, reason) in from_code.items():
        yield from _compare(where, key, manifest[key], found, reason)


def _compare(where: str, key: str, said: Any, found: set[str], reason: str) -> Iterator[Finding]:
    if not isinstance(said, list) or not all(isinstance(name, str) for name in said):
        yield Finding(where, 1, "manifest", f"{key} is a list of names, maybe empty")
        return
    for name in sorted(found - set(said)):
        yield Finding(where, 1, "manifest", f"{key}: add {name} ({reason})")
    for name in sorted(set(said) - found):
        yield Finding(where, 1, "manifest", f"{key}: take {name} out (not so that {reason})")
    for name in sorted({name for name in said if said.count(name) > 1}):
        yield Finding(where, 1, "manifest", f"{key}: name {name} once")


def read_faces(tree: Tree) -> dict[str, Face]:
    """Every room's face, read from its code."""
    faces: dict[str, Face] = {room.name: Face() for room in tree.rooms}
    sources = [source for source in tree.sources if source.room in faces]
    for room, face in faces.items():
        own = [source for source in sources if source.room == room]
        face.messages = _subclasses([s for s in own if s.kind == "contract"], ("Command", "Query"))
        face.events = _subclasses([s for s in own if s.kind == "events"], ("Event",))
        for source in own:
            if source.kind in ("api", "store"):  # rows the store files by stand in store.py
                face.exposes |= _exposed(source)
    for source in sources:
        if source.kind not in ("service", "reactions", "component"):
            continue
        face = faces[source.room]
        for room, part, name in _from_rooms(source):
            if room == source.room or room not in faces:
                continue
            if part == "contract" and name in faces[room].messages:
                face.asks.add(f"{room}.{name}")
            if part == "events" and name in faces[room].events:
                face.hears.add(f"{room}.{name}")
    return faces


def _subclasses(sources: list[Source], roots: tuple[str, ...]) -> set[str]:
    """Public classes that descend from one of ``roots``, directly or through each other."""
    bases = {
        node.name: {_last_name(base) for base in node.bases}
        for source in sources
        for node in source.nodes
        if isinstance(node, ast.ClassDef)
    }
    known = set(roots)
    while True:
        more = {name for name, parents in bases.items() if parents & known} - known
        if not more:
            return {name for name in known - set(roots) if not name.startswith("_")}
        known |= more


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _exposed(source: Source) -> set[str]:
    """The API ids given as ``api=`` in a table: a text or a name for it, or several in a tuple."""
    texts = {
        target.id: node.value.value
        for node in source.tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: set[str] = set()
    for node in source.nodes:
        if isinstance(node, ast.keyword) and node.arg == "api":
            for value in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
                name = value.value if isinstance(value, ast.Constant) else _last_name(value)
                found.add(str(texts.get(str(name), name)))
    return found - {""}


def _from_rooms(source: Source) -> Iterator[tuple[str, str, str]]:
    """(room, ``contract`` or ``events``, name) for everything this file uses of a room's face."""
    dotted = set(source.imported.values())
    for node in source.nodes:
        if isinstance(node, ast.Attribute):
            dotted.add(source.dotted(node))
    for name in dotted:
        if name.startswith(f"{PREFIX}."):
            parts = name.removeprefix(f"{PREFIX}.").split(".")
            if len(parts) > 2 and parts[1] in ("contract", "events"):
                yield from ((parts[0], parts[1], part) for part in parts[2:])


RULES = (check_shape, check_manifests)
