"""Pools have kinds, and their values states: what is out so far is assigned."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Widen ``pool`` and ``pool_value``."""
    with op.batch_alter_table("pool") as pool:
        pool.add_column(_text("kind", 16, "number"))
        pool.add_column(sa.Column("form", sa.Text, nullable=False, server_default="{}"))
        pool.add_column(_whole("quarantine_us"))
        pool.add_column(sa.Column("traits", sa.Text, nullable=False, server_default="{}"))
    op.create_index("pool_kind", "pool", ["tenant", "kind", "name"])
    with op.batch_alter_table("pool_value") as value:
        value.add_column(_text("state", 16, "assigned"))
        value.add_column(_whole("until_us"))
        value.add_column(_text("party", 255, ""))
        value.alter_column("holder", existing_type=sa.String(255), nullable=True)
    op.create_index("pool_value_due", "pool_value", ["tenant", "pool", "until_us"])


def _text(name: str, length: int, first: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False, server_default=first)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
