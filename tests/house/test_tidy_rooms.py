"""A room has every room's shape, its manifest equals its code, and locks name no registry."""

from __future__ import annotations

from pathlib import Path

import pytest

import tidy
from rules.source import Tree

ORDERING = """
room: ordering
exposes: [TMF622, TMF641]
asks: [catalog.FindOffer, catalog.HoldOffer]
says: [OrderCaptured]
hears: [catalog.OfferRetired]
oda: [{id: TMFC002}]
"""
CATALOG = """
room: catalog
exposes: [TMF620]
asks: []
says: [OfferRetired]
hears: []
oda: []
"""
FILES = {
    "catalog/component.yaml": CATALOG,
    "catalog/contract.py": """
from banyan.kernel.words.messages import Command, Query
class Offer(Struct): pass
class FindOffer(Query[Offer]): pass
class HoldOffer(Command[Offer]): pass
class DropOffer(HoldOffer): pass
""",
    "catalog/events.py": """
class Note(Struct): pass
class _CatalogEvent(Event): pass
class OfferRetired(_CatalogEvent): pass
""",
    "catalog/api.py": "OFFER = Resource(api='TMF620', name='productOffering')\n",
    "ordering/component.yaml": ORDERING,
    "ordering/events.py": "class OrderCaptured(Event): pass\n",
    "ordering/service.py": """
from banyan.components.catalog import contract as catalog
from banyan.components.catalog.contract import FindOffer, Offer
from banyan.components.ordering.contract import Capture
wish = catalog.HoldOffer(catalog.Offer())
""",
    "ordering/reactions.py": """
from banyan.components.catalog.events import Note, OfferRetired
""",
    "ordering/api.py": """
SERVICE_ORDERS = "TMF641"
ORDER = Resource(api=(TMF622, SERVICE_ORDERS), name="productOrder")
""",
}


def _findings(root: Path, **changed: str) -> list[str]:
    """What the tree rules say of two rooms, after some files were changed or added.

    A key is ``room__file``, with another ``__`` before the suffix.
    """
    files = dict(FILES)
    for key, text in changed.items():
        *folders, name, suffix = key.split("__")
        files["/".join([*folders, f"{name}.{suffix}"])] = text
    for room in ("catalog", "ordering"):
        files |= {f"{room}/__init__.py": "", f"{room}/README.md": ""}
    for name, text in files.items():
        path = root / "src" / "banyan" / "components" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    tree = Tree(root)
    found = [finding for rule in tidy.TREE_RULES for finding in rule(tree)]
    return [str(f).removeprefix("src/banyan/components/") for f in found]


def test_two_rooms_whose_manifests_equal_their_code_are_tidy(tmp_path: Path) -> None:
    assert _findings(tmp_path) == []


def test_a_room_has_no_file_of_another_name(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, catalog__shapes__py="", catalog__policy__pricing__py="")
    assert found.startswith("catalog/shapes.py:1: room-shape: no file of this name")


def test_a_room_has_no_folder_of_another_name(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, catalog__rules__a__py="", catalog__adapters__a__py="")
    assert found.startswith("catalog/rules:1: room-shape: no folder of this name")


def test_a_kind_is_a_file_or_a_folder_never_both(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, catalog__policy__py="", catalog__policy__pricing__py="")
    assert found.startswith("catalog/policy:1: room-shape: policy.py has become a folder")


def test_a_room_is_a_folder(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, shared__py="", __init____py="")
    assert found.startswith("shared.py:1: room-shape: a room is a folder")


def test_a_room_has_its_papers(tmp_path: Path) -> None:
    found = _findings(tmp_path, billing__contract__py="")
    assert found == [
        "billing:1: room-shape: add __init__.py",
        "billing:1: room-shape: add README.md",
        "billing:1: room-shape: add component.yaml",
    ]


MANIFESTS = {
    "a manifest names every API it serves": ("TMF622, TMF641", "TMF622", "exposes: add TMF641"),
    "a manifest names no API it does not serve": (
        "TMF641]",
        "TMF641, TMF648]",
        "exposes: take TMF648 out",
    ),
    "a manifest names every question it asks": (
        "catalog.FindOffer, ",
        "",
        "asks: add catalog.FindOffer",
    ),
    "a manifest names no wish it does not ask": (
        "catalog.HoldOffer",
        "catalog.HoldOffer, catalog.DropOffer",
        "asks: take catalog.DropOffer out",
    ),
    "an answer's class is not asked": (
        "catalog.HoldOffer",
        "catalog.HoldOffer, catalog.Offer",
        "asks: take catalog.Offer out",
    ),
    "a manifest names every fact it says": ("[OrderCaptured]", "[]", "says: add OrderCaptured"),
    "a manifest names every fact it hears": (
        "[catalog.OfferRetired]",
        "[]",
        "hears: add catalog.OfferRetired",
    ),
    "a part of a fact is no fact": (
        "catalog.OfferRetired",
        "catalog.OfferRetired, catalog.Note",
        "hears: take catalog.Note out",
    ),
    "a manifest names each thing once": ("TMF641]", "TMF641, TMF641]", "exposes: name TMF641 once"),
    "a manifest bears its room's name": ("room: ordering", "room: orders", "room is ordering"),
    "a manifest has no other keys": ("oda:", "owner: me\noda:", "has exactly the keys room"),
    "a manifest lists names": ("[OrderCaptured]", "OrderCaptured", "says is a list of names"),
    "a manifest lists its components": ("[{id: TMFC002}]", "TMFC002", "oda is a list"),
    "a manifest is YAML": ("[OrderCaptured]", "[OrderCaptured", "no YAML"),
}


@pytest.mark.parametrize("sentence", MANIFESTS)
def test_a_manifest_equals_the_code(sentence: str, tmp_path: Path) -> None:
    old, new, expected = MANIFESTS[sentence]
    assert old in ORDERING
    (found,) = _findings(tmp_path, ordering__component__yaml=ORDERING.replace(old, new))
    assert found.startswith(f"ordering/component.yaml:1: manifest: {expected}")


HASH = f"    --hash=sha256:{'0' * 64}\n"
LOCK = f"# a comment\nidna==3.20 ; python_version < '4' \\\n{HASH}    # via httpx\n"
LOCKS = {
    "a lock names no index": "--index-url https://a.example/simple\n",
    "a lock names no other index": "--extra-index-url=a\n",
    "a lock finds no links": "--find-links wheels\n",
    "a lock trusts no host": "--trusted-host a.example\n",
    "a lock points at no address": f"idna @ https://a.example/idna.whl \\\n{HASH}",
    "a lock points at no folder": "    # via -r /srv/build.in\n",
    "a lock pins": f"idna>=3.20 \\\n{HASH}",
    "a lock has hashes": "idna==3.20\n",
}


@pytest.mark.parametrize("sentence", LOCKS)
def test_a_lock_pins_by_hash_and_names_no_place(sentence: str, tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "run.lock"
    lock.write_text(LOCK)
    assert tidy.check(tmp_path) == []
    lock.write_text(LOCK + LOCKS[sentence])
    (found,) = tidy.check(tmp_path)
    assert (found.rule, found.line) == ("lock", 5)


def test_locks_that_record_where_packages_came_from_are_not_kept(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package-lock.json").write_text('{\n"integrity": "sha512-x"\n}\n')
    assert tidy.check(tmp_path) == []
    (tmp_path / "web" / "package-lock.json").write_text('{\n"resolved": "https://a.example"\n}\n')
    (tmp_path / "uv.lock").touch()
    assert [finding.rule for finding in tidy.check(tmp_path)] == ["lock", "lock"]


def test_the_locks_hold_what_the_project_asks_for(tmp_path: Path) -> None:
    (tmp_path / "requirements").mkdir()
    for name in ("run", "dev", "bench"):
        (tmp_path / "requirements" / f"{name}.lock").write_text(LOCK)
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\ndependencies = ["IDNA[all]==3.20", "idna"]\n')
    assert tidy.check(tmp_path) == []
    project.write_text('[project.optional-dependencies]\nbench = ["idna==3.21"]\n')
    (found,) = tidy.check(tmp_path)
    assert (found.path, found.rule) == ("requirements/bench.lock", "lock")
    project.write_text('[project.optional-dependencies]\npg = ["psycopg"]\n')
    assert [f.path for f in tidy.check(tmp_path)] == [
        "requirements/bench.lock",
        "requirements/dev.lock",
    ]
