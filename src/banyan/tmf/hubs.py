"""Event subscriptions in a room's own database: the SQL of :mod:`banyan.tmf.hub`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.errors import refused
from banyan.tmf.tables import HUB


class Hub(msgspec.Struct, frozen=True):
    """One subscription: who is called for which events of an API, in which generation."""

    id: str
    api: str
    generation: int
    callback: str
    query: str
    created_us: int


_COLUMNS = (HUB.c.id, HUB.c.api, HUB.c.generation, HUB.c.callback, HUB.c.query, HUB.c.created_us)


def create(work: Work, hub: Hub) -> None:
    """Store a subscription; refused (``duplicate``) if the callback has the same query already."""
    same = sa.select(HUB.c.id).where(
        HUB.c.tenant == work.tenant,
        HUB.c.api == hub.api,
        HUB.c.generation == f"v{hub.generation}",
        HUB.c.callback == hub.callback,
        HUB.c.query == hub.query,
    )
    taken = work.tx.execute(same).scalar()
    if taken is not None:
        reason = f"{taken} has the same callback and query"
        raise refused("conflict", "duplicate", reason, "callback")
    work.tx.execute(
        HUB.insert(),
        {
            "tenant": work.tenant, "id": hub.id, "api": hub.api,
            "generation": f"v{hub.generation}", "callback": hub.callback, "query": hub.query,
            "created_us": hub.created_us,
        },
    )  # fmt: skip


def remove(work: Work, api: str, generation: int, hub_id: str) -> None:
    """End a subscription; refused as unknown when there is none."""
    gone = work.tx.execute(
        HUB.delete().where(
            HUB.c.tenant == work.tenant,
            HUB.c.api == api,
            HUB.c.generation == f"v{generation}",
            HUB.c.id == hub_id,
        )
    )
    if gone.rowcount == 0:
        raise refused("unknown", "notFound", f"there is no hub {hub_id!r}")


def find(look: Look, api: str, generation: int, hub_id: str = "") -> tuple[Hub, ...]:
    """The subscriptions of an API in one generation, oldest first; or the one of ``hub_id``."""
    wanted = sa.select(*_COLUMNS).where(
        HUB.c.tenant == look.tenant, HUB.c.api == api, HUB.c.generation == f"v{generation}"
    )
    if hub_id:
        wanted = wanted.where(HUB.c.id == hub_id)
    rows = look.tx.execute(wanted.order_by(HUB.c.created_us, HUB.c.id))
    return tuple(_hub(row) for row in rows)


def find_ids(tx: Connection, ids: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Hub]:
    """The subscriptions of these (tenant, id) that still are, whatever their API."""
    wanted = set(ids)
    rows = tx.execute(
        sa.select(HUB.c.tenant, *_COLUMNS).where(HUB.c.id.in_(sorted({own for _, own in wanted})))
    )
    return {(row.tenant, row.id): _hub(row) for row in rows if (row.tenant, row.id) in wanted}


def _hub(row: Any) -> Hub:
    generation = int(row.generation.removeprefix("v"))
    return Hub(row.id, row.api, generation, row.callback, row.query, row.created_us)
