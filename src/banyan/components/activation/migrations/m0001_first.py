"""Layers of configuration, and tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the two tables of ``store.py`` as they were first."""
    op.create_table(
        "configuration",
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
    op.create_table(
        "ticket",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("device", sa.String(200), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
