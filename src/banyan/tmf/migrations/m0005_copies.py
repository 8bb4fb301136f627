"""Which APIs are copies of what another server keeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the table ``remote_copy`` as it was first."""
    op.create_table(
        "remote_copy",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("api", sa.String(64), primary_key=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("callback", sa.String(2000), nullable=False),
        sa.Column("hub_id", sa.String(200), nullable=False),
        sa.Column("swept_us", sa.BigInteger, nullable=False),
    )
