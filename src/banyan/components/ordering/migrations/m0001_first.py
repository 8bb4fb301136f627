"""What was sold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the table as it was first."""
    op.create_table(
        "sold",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(128), primary_key=True),
        sa.Column("offering_id", sa.String(128), primary_key=True),
        sa.Column("terms", sa.Text, nullable=False),
    )
