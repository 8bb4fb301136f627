"""Where versions are filed, and every read and write of the catalogue's documents."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from banyan.components.catalog.model import (
    ID_TYPES,
    Key,
    find_base,
    find_changes_ahead,
    find_in_force,
    find_links,
    find_version,
    split_address,
)
from banyan.components.catalog.store.rows import ROWS
from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.tmf import documents

METADATA = sa.MetaData()

EDITION = sa.Table(
    "edition",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("base", sa.String(128), primary_key=True),
    sa.Column("address", sa.String(256), primary_key=True),
    sa.Column("place", sa.BigInteger, nullable=False),
)
"""The versions of a thing beside its first, in the order they were made."""

REVISION = sa.Table(
    "revision",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)
"""How often a tenant's catalogue has changed."""

_THING = (
    (EDITION.c.tenant == sa.bindparam("t"))
    & (EDITION.c.resource == sa.bindparam("r"))
    & (EDITION.c.base == sa.bindparam("b"))
)
_OTHERS = Quick(sa.select(EDITION.c.address).where(_THING).order_by(EDITION.c.place))
_ADD = Quick(EDITION.insert())
_DROP = Quick(EDITION.delete().where(_THING, EDITION.c.address == sa.bindparam("a")))
_TENANT = REVISION.c.tenant == sa.bindparam("t")
_NUMBER = Quick(sa.select(REVISION.c.number).where(_TENANT))
_RISE = Quick(REVISION.update().where(_TENANT).values(number=sa.literal_column("number + 1")))
_BEGIN = Quick(REVISION.insert())

IDS_AT_ONCE: Final = 200


@dataclass
class Around:
    """What was read around some documents: each address as the document it stands for.

    ``read`` are all versions that were looked at, the ones not in force too.
    """

    found: dict[Key, Document]
    read: list[Document]

    def changes_ahead_us(self, look: Look | Work) -> int | None:
        """When time alone will change what is in force or valid among them; None for never."""
        ahead = find_changes_ahead(self.read, look.now)
        return None if ahead is None else to_us(ahead)


def find_revision(look: Look | Work) -> int:
    """How often the tenant's catalogue has changed so far."""
    row = _NUMBER.run(look.tx, {"t": look.tenant}).fetchone()
    return 0 if row is None else int(row[0])


def note_change(work: Work) -> None:
    """The catalogue has changed: what was computed from it is no longer current."""
    if _RISE.run(work.tx, {"t": work.tenant}).rowcount == 0:
        _BEGIN.run(work.tx, {"tenant": work.tenant, "number": 1})


def _thing(look: Look | Work, resource: str, base: str) -> dict[str, Any]:
    return {"t": look.tenant, "r": resource, "b": base}


def add_edition(work: Work, resource: str, base: str, address: str) -> None:
    """Note where another version of a thing is filed."""
    place = len(_OTHERS.run(work.tx, _thing(work, resource, base)).fetchall()) + 1
    row = {
        "tenant": work.tenant, "resource": resource, "base": base, "address": address,
        "place": to_us(work.now) * 1_000 + place,
    }  # fmt: skip
    _ADD.run(work.tx, row)


def drop_edition(work: Work, resource: str, base: str, address: str) -> None:
    """Forget a version that is gone."""
    _DROP.run(work.tx, {**_thing(work, resource, base), "a": address})


def _others(look: Look | Work, resource: str, base: str) -> list[str]:
    return [row[0] for row in _OTHERS.run(look.tx, _thing(look, resource, base)).fetchall()]


def find_versions(
    look: Look | Work, resource: str, bases: Iterable[str]
) -> dict[str, list[Document]]:
    """All versions of each thing that exists, oldest first."""
    filed = {base: [base, *_others(look, resource, base)] for base in dict.fromkeys(bases)}
    known = _read(look, resource, [each for several in filed.values() for each in several])
    versions = {
        base: [known[each] for each in several if each in known] for base, several in filed.items()
    }
    return {base: several for base, several in versions.items() if several}


def _read(look: Look | Work, resource: str, ids: Sequence[str]) -> dict[str, Document]:
    row = ROWS[resource]
    if len(ids) <= 2:
        stored = (documents.get(look, row, each) for each in ids)
        return {each.document["id"]: each.document for each in stored if each is not None}
    found: dict[str, Document] = {}
    for start in range(0, len(ids), IDS_AT_ONCE):
        page = documents.find(look, row, {"id": ids[start : start + IDS_AT_ONCE]})
        found.update((each.document["id"], each.document) for each in page.found)
    return found


def locate(look: Look | Work, resource: str, address: str) -> str:
    """Where the document that an address stands for is filed; the address itself if there is none.

    A bare id stands for the version in force, ``<id>:(version=…)`` for that version.
    """
    base, version = split_address(address)
    if not version and not _others(look, resource, base):
        return address
    versions = find_versions(look, resource, [base]).get(base, [])
    found = pick_version(versions, version, look)
    return address if found is None else str(found["id"])


def pick_version(versions: Sequence[Document], version: str, look: Look | Work) -> Document | None:
    """The version of this name; the one in force if the name is empty."""
    if not version:
        return find_in_force(versions, look.now)
    return next((each for each in versions if find_version(each) == version), None)


def find_several(look: Look | Work, resource: str, addresses: Iterable[str]) -> Around:
    """What each address stands for now; one that stands for nothing is left out."""
    wanted = [(address, *split_address(address)) for address in dict.fromkeys(addresses)]
    versions = find_versions(look, resource, [base for _, base, _ in wanted])
    found = {
        (resource, address): document
        for address, base, version in wanted
        if (document := pick_version(versions.get(base, []), version, look)) is not None
    }
    return Around(found, [each for several in versions.values() for each in several])


def find_around(
    look: Look | Work, known: Mapping[Key, Document], skipped: Collection[Key] = ()
) -> Around:
    """All that ``known`` documents lead to, level by level: a few reads per kind and level.

    Neither ``known`` nor ``skipped`` documents are read again; what isn't there is left out.
    """
    around = Around({}, [])
    asked = {*known, *skipped}
    level = dict(known)
    while level:
        ahead: dict[str, list[str]] = {}
        for (resource, _), document in level.items():
            for link in find_links(resource, document):
                if link.target not in asked:
                    asked.add(link.target)
                    ahead.setdefault(link.target[0], []).append(link.target[1])
        level = {}
        for resource, addresses in ahead.items():
            several = find_several(look, resource, addresses)
            level.update(several.found)
            around.read += several.read
        around.found.update(level)
    return around


def find_all_versions(look: Look) -> dict[Key, list[Document]]:
    """Every version of every thing a catalogue is made of, by resource and bare id."""
    every: dict[Key, list[Document]] = {}
    for resource in ID_TYPES:
        for document in documents.every(look, ROWS[resource]):
            every.setdefault((resource, find_base(document)), []).append(document)
    return every
