"""History: what every document has been.

Of documents that are older than it, the first record is what they are now, told of the time they
were created: what they were in between nobody has written down.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

PAGE = 500
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_STATE = {"product": "status", "service": "state", "resource": "lifecycleState"}


def upgrade(op: Operations) -> None:
    """Create ``version`` and fill it."""
    version = op.create_table(
        "version",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("valid_from_us", sa.BigInteger, nullable=False),
        sa.Column("valid_to_us", sa.BigInteger, nullable=False),
        sa.Column("recorded_us", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
    )
    op.create_index("version_recorded", "version", ["tenant", "recorded_us"])
    tx = op.get_bind()
    if not sa.inspect(tx).has_table("document"):
        return
    found = tx.execute(
        sa.text("SELECT tenant, resource, id, created, type, state, doc FROM document "
                "WHERE resource IN ('product', 'service', 'resource')")
    )  # fmt: skip
    for rows in found.partitions(PAGE):
        tx.execute(version.insert(), [_first(row) for row in rows])


def _first(row: Any) -> dict[str, Any]:
    whole = {"id": row.id, "@type": row.type, **json.loads(row.doc)}
    if row.state:
        whole[_STATE[row.resource]] = row.state
    at_us = _instant_us(row.created)
    return {
        "tenant": row.tenant, "subject": f"{row.resource}:{row.id}", "number": 1,
        "valid_from_us": at_us, "valid_to_us": 2**63 - 1, "recorded_us": at_us,
        "actor": "", "doc": json.dumps(whole, ensure_ascii=False, separators=(",", ":")),
    }  # fmt: skip


def _instant_us(created: str) -> int:
    """The milliseconds that a minted text begins with, as microseconds."""
    number = 0
    for letter in created[:26]:
        number = number * 32 + _ALPHABET.index(letter)
    return (number >> 80) * 1000
