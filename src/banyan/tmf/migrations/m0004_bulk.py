"""How far bulk imports have come, and the lines they refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the two tables of bulk imports."""
    op.create_table(
        "bulk_job",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("job", sa.String(128), primary_key=True),
        sa.Column("following", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
        sa.Column("is_done", sa.SmallInteger, nullable=False),
        sa.Column("began_us", sa.BigInteger, nullable=False),
        sa.Column("changed_us", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "bulk_refusal",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("job", sa.String(128), primary_key=True),
        sa.Column("line", sa.BigInteger, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )
