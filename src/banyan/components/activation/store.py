"""Activation's own tables: layers of configuration, tickets; and the documents that show them."""

from __future__ import annotations

from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from banyan.components.activation.model import Layer
from banyan.components.activation.wire import resource_document
from banyan.kernel.engine.clock import from_us, to_wire
from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document, from_json, to_json
from banyan.kernel.words.ids import ResourceId
from banyan.tmf import documents
from banyan.tmf.resource import Resource

METADATA = sa.MetaData()

CONFIGURATION = sa.Table(
    "configuration",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("device", sa.String(200), primary_key=True),
    sa.Column("service", sa.String(255), primary_key=True),
    sa.Column("change", sa.String(255), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("is_before_known", sa.Boolean, nullable=False),
    sa.Column("wanted", sa.Text, nullable=False),
    sa.Column("first_ticket", sa.BigInteger, nullable=False),
    sa.Column("ticket", sa.BigInteger, nullable=False),
    sa.Column("document_id", sa.String(128), nullable=False),
    sa.Column("applied_us", sa.BigInteger, nullable=False),
)
"""What devices were told: one row per change of a service (JSON ``null``: nothing before)."""

TICKET = sa.Table(
    "ticket",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("device", sa.String(200), primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)
"""The last ticket per device. It only ever rises, also when everything else is undone: a device
tells late from early by it, so a ticket given twice would be believed twice.
"""

_OF_SERVICE = (
    (CONFIGURATION.c.tenant == sa.bindparam("t"))
    & (CONFIGURATION.c.device == sa.bindparam("d"))
    & (CONFIGURATION.c.service == sa.bindparam("s"))
)
_LAYERS = sa.select(CONFIGURATION).where(_OF_SERVICE).order_by(CONFIGURATION.c.first_ticket)
_ALL = (
    sa.select(CONFIGURATION)
    .where(CONFIGURATION.c.tenant == sa.bindparam("t"))
    .order_by(CONFIGURATION.c.device, CONFIGURATION.c.service, CONFIGURATION.c.first_ticket)
)
_LAYER = _OF_SERVICE & (CONFIGURATION.c.change == sa.bindparam("c"))
_DROP = CONFIGURATION.delete().where(_LAYER)
_DROP_ATTEMPT = CONFIGURATION.delete().where(
    _LAYER, CONFIGURATION.c.ticket == sa.bindparam("b_ticket")
)
_TICKET = (TICKET.c.tenant == sa.bindparam("t")) & (TICKET.c.device == sa.bindparam("d"))
_LAST = sa.select(TICKET.c.last).where(_TICKET)
_RISE = TICKET.update().where(_TICKET).values(last=sa.bindparam("b_last"))
_KEEP_BEFORE = (
    CONFIGURATION.update()
    .where(_LAYER, CONFIGURATION.c.ticket == sa.bindparam("b_ticket"))
    .values(before=sa.bindparam("b_before"), is_before_known=sa.true())
)

CONFIGURED = Resource(
    api="TMF702",
    name="resource",
    shape="Resource",
    room="activation",
    id_type=ResourceId,
    operations="G",
    state="lifecycleState",
    indexed=("name", "resourceRelationship.resource.id", "resourceRelationship.resource.name"),
)
"""What devices were told, as TMF702 shows it."""


def next_ticket(work: Work, device: str) -> int:
    """A ticket for ``device``, higher than all before."""
    where = {"t": work.tenant, "d": device}
    last = work.tx.execute(_LAST, where).scalar()
    if last is None:
        work.tx.execute(TICKET.insert(), {"tenant": work.tenant, "device": device, "last": 1})
        return 1
    work.tx.execute(_RISE, {**where, "b_last": last + 1})
    return int(last) + 1


def find_layers(look: Look | Work, device: str, service: str) -> list[Layer]:
    """The changes of a service on a device, the latest last."""
    where = {"t": look.tenant, "d": device, "s": service}
    rows = look.tx.execute(_LAYERS, where).mappings()
    return [_layer(dict(row)) for row in rows]


def find_tops(look: Look | Work) -> dict[tuple[str, str], Layer]:
    """(Device, service) → the latest change, for everything that is configured."""
    rows = look.tx.execute(_ALL, {"t": look.tenant}).mappings()
    return {(row["device"], row["service"]): _layer(dict(row)) for row in rows}


def put_layer(work: Work, layer: Layer) -> None:
    """Store a layer in the place of the one of the same change, if any."""
    drop_layer(work, layer)
    work.tx.execute(CONFIGURATION.insert(), {"tenant": work.tenant, **_row(layer)})


def drop_layer(work: Work, layer: Layer) -> None:
    """Forget a layer."""
    work.tx.execute(_DROP, _at(work.tenant, layer))


def keep_before(tx: Connection, tenant: str, layer: Layer, before: Document) -> bool:
    """Note what a device held before it is told anything; false when the layer moved on."""
    where = _at(tenant, layer)
    told = {"b_ticket": layer.ticket, "b_before": to_json(before).decode()}
    return tx.execute(_KEEP_BEFORE, {**where, **told}).rowcount == 1


def drop_attempt(tx: Connection, tenant: str, layer: Layer) -> None:
    """Forget a layer if no later attempt has taken it over."""
    tx.execute(_DROP_ATTEMPT, {**_at(tenant, layer), "b_ticket": layer.ticket})


def show(work: Work, layer: Layer, device_id: str) -> str:
    """File what the device was told now, in the place of what was shown; returns its id."""
    document = resource_document(layer, device_id, to_wire(from_us(layer.applied_us)))
    if layer.document_id:
        documents.change(work, CONFIGURED, {**document, "id": layer.document_id})
        return layer.document_id
    return str(documents.create(work, CONFIGURED, document)["id"])


def hide(work: Work, layer: Layer) -> None:
    """Take away what is shown of a layer, if anything."""
    if layer.document_id:
        documents.remove(work, CONFIGURED, layer.document_id)


def _at(tenant: str, layer: Layer) -> dict[str, Any]:
    return {"t": tenant, "d": layer.device, "s": layer.service, "c": layer.change}


def _row(layer: Layer) -> dict[str, Any]:
    row = msgspec.structs.asdict(layer)
    return row | {name: to_json(row[name]).decode() for name in ("before", "wanted")}


def _layer(row: dict[str, Any]) -> Layer:
    del row["tenant"]
    return Layer(**row | {name: from_json(row[name]) for name in ("before", "wanted")})
