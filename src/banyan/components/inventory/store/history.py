"""History in two times: when something was so, and when it was recorded that it was.

One insert a write. A record covers all that were recorded before it, for the time it speaks of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from banyan.components.inventory.model import ACTOR_MAX, FOREVER_US, Version
from banyan.components.inventory.store.tables import VERSION
from banyan.kernel.engine.clock import to_us
from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, from_json, to_json

_OF = (VERSION.c.tenant == sa.bindparam("t")) & (VERSION.c.subject == sa.bindparam("s"))
_NEXT = sa.select(
    sa.func.coalesce(sa.func.max(VERSION.c.number), sa.literal_column("0")) + sa.literal_column("1")
)
_PUT = Quick(
    VERSION.insert()
    .inline()
    .values(
        {
            **{column.name: sa.bindparam(column.name) for column in VERSION.columns},
            "tenant": sa.bindparam("t"),
            "subject": sa.bindparam("s"),
            "number": _NEXT.where(_OF).scalar_subquery(),
        }
    )
)
_SHOWN = (
    VERSION.c.number,
    VERSION.c.valid_from_us,
    VERSION.c.valid_to_us,
    VERSION.c.recorded_us,
    VERSION.c.actor,
    VERSION.c.doc,
)
_KNOWN = (_OF, VERSION.c.recorded_us <= sa.bindparam("k"))
_AT = Quick(
    sa.select(*_SHOWN)
    .where(
        *_KNOWN,
        VERSION.c.valid_from_us <= sa.bindparam("a"),
        VERSION.c.valid_to_us > sa.bindparam("a"),
    )
    .order_by(VERSION.c.number.desc())
    .limit(sa.bindparam("one", type_=sa.Integer))
    .offset(sa.bindparam("none", type_=sa.Integer))
)
_ALL = Quick(sa.select(*_SHOWN).where(*_KNOWN).order_by(VERSION.c.number))


def keep(
    work: Work,
    subject: str,
    doc: Document | None,
    valid_from_us: int | None = None,
    valid_to_us: int = FOREVER_US,
) -> None:
    """Record what a subject is from now on (None: it is not there), or was at another time."""
    now_us = to_us(work.now)
    row = {
        "t": work.tenant,
        "s": subject,
        "valid_from_us": now_us if valid_from_us is None else valid_from_us,
        "valid_to_us": valid_to_us,
        "recorded_us": now_us,
        "actor": work.call.actor[:ACTOR_MAX],
        "doc": "" if doc is None else to_json(doc).decode(),
    }
    _PUT.run(work.tx, row)


def find_at(look: Look | Work, subject: str, at_us: int, known_us: int) -> Version | None:
    """What was so at one instant, as it was known at another; None where nothing is recorded."""
    where = {"t": look.tenant, "s": subject, "a": at_us, "k": known_us, "one": 1, "none": 0}
    row = _AT.run(look.tx, where).fetchone()
    return None if row is None else _version(row)


def find_all(look: Look | Work, subject: str, known_us: int) -> list[Version]:
    """Everything recorded of a subject by then, in that order."""
    where = {"t": look.tenant, "s": subject, "k": known_us}
    return [_version(row) for row in _ALL.run(look.tx, where).fetchall()]


def _version(row: Any) -> Version:
    number, valid_from_us, valid_to_us, recorded_us, actor, doc = row
    told = from_json(doc) if doc else None
    return Version(number, valid_from_us, valid_to_us, recorded_us, actor, told)


# -- retention -------------------------------------------------------------------------------------

_OTHER = VERSION.alias()
_SAME = (_OTHER.c.tenant == VERSION.c.tenant) & (_OTHER.c.subject == VERSION.c.subject)
_HORIZON: sa.BindParameter[int] = sa.bindparam("h")
_COVERED = sa.exists().where(
    _SAME,
    _OTHER.c.number > VERSION.c.number,
    _OTHER.c.recorded_us <= _HORIZON,
    _OTHER.c.valid_from_us <= _HORIZON,
    _OTHER.c.valid_to_us == sa.literal_column(str(FOREVER_US)),
)
_COVERS = sa.exists().where(
    _SAME, _OTHER.c.number < VERSION.c.number, _OTHER.c.valid_to_us > _HORIZON
)
_IS_END = (
    (VERSION.c.doc == sa.literal_column("''")) & (VERSION.c.valid_from_us <= _HORIZON) & ~_COVERS
)
_OVER = (
    VERSION.c.tenant == sa.bindparam("t"),
    VERSION.c.recorded_us <= _HORIZON,
    sa.or_(VERSION.c.valid_to_us <= _HORIZON, _COVERED, _IS_END),
)
"""Records that no question about a time since the horizon, as known since, comes upon: of a time
before it, covered by a later one, or the end of something whose other records are gone.
"""
_COUNT_OVER = Quick(sa.select(sa.func.count()).where(*_OVER))
_DROP_OVER = Quick(VERSION.delete().where(*_OVER))
_TENANTS = Quick(sa.select(VERSION.c.tenant).distinct())


def find_tenants(look: Look) -> list[str]:
    """Whose history there is."""
    return [row[0] for row in _TENANTS.run(look.tx, {}).fetchall()]


def count_over(look: Look, horizon_us: int) -> int:
    """How many records answer no question about the time since ``horizon_us`` any more."""
    where = {"t": look.tenant, "h": horizon_us}
    return int(_COUNT_OVER.run(look.tx, where).fetchone()[0])


def drop_over(work: Work, horizon_us: int) -> int:
    """Remove them; how many there were."""
    return int(_DROP_OVER.run(work.tx, {"t": work.tenant, "h": horizon_us}).rowcount)


def rewrite(work: Work, subject: str, change: Callable[[Document], Document]) -> None:
    """Change what every record of a subject says: only for what must be forgotten."""
    own = (VERSION.c.tenant == work.tenant) & (VERSION.c.subject == subject)
    for number, doc in work.tx.execute(sa.select(VERSION.c.number, VERSION.c.doc).where(own)).all():
        if doc:
            text = to_json(change(from_json(doc))).decode()
            if text != doc:
                at = own & (VERSION.c.number == number)
                work.tx.execute(VERSION.update().where(at).values(doc=text))
