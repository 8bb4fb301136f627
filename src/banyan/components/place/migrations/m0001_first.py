"""Where an address is found by: one row per way to look for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the table of ``store.py`` as it was first."""
    op.create_table(
        "address_key",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("way", sa.String(16), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
    )
    op.create_index("address_key_id", "address_key", ["tenant", "id"])
