"""Pools with their free ranges and values, and what order items became."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the four tables of ``store.py`` as they were first."""
    op.create_table(
        "pool",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("low", sa.BigInteger, nullable=False),
        sa.Column("high", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pool_free",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("pool", sa.String(200), primary_key=True),
        sa.Column("low", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("high", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "pool_value",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("pool", sa.String(200), primary_key=True),
        sa.Column("value", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("holder", sa.String(255), nullable=False),
        sa.UniqueConstraint("tenant", "pool", "holder", name="pool_value_holder"),
    )
    op.create_table(
        "recorded",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(128), primary_key=True),
        sa.Column("item_id", sa.String(128), primary_key=True),
        sa.Column("resource", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("id", sa.String(128), nullable=False),
    )
