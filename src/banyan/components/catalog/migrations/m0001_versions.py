"""Which versions a thing has beside its first, and how often a tenant's catalogue has changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the two tables of ``store`` as they were first."""
    op.create_table(
        "edition",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("base", sa.String(128), primary_key=True),
        sa.Column("address", sa.String(256), primary_key=True),
        sa.Column("place", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "revision",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
