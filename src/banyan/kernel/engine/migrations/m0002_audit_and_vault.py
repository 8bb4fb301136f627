"""The audit's strands, and the keys of the vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the three tables as they were first."""
    op.create_table(
        "audit",
        sa.Column("strand", sa.String(64), primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("roles", sa.String(255), nullable=False),
        sa.Column("correlation", sa.String(128), nullable=False),
        sa.Column("command", sa.String(128), nullable=False),
        sa.Column("verb", sa.String(8), nullable=False),
        sa.Column("resource", sa.String(64), nullable=False),
        sa.Column("id", sa.String(255), nullable=False),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_index("audit_at", "audit", ["tenant", "at_us"])
    op.create_index("audit_id", "audit", ["tenant", "id"])
    op.create_table(
        "strand",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("strand", sa.String(64), nullable=False, unique=True),
        sa.Column("at_us", sa.BigInteger, nullable=False),
        sa.Column("heads", sa.Text, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )
    op.create_table(
        "vault_key",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(128), primary_key=True),
        sa.Column("wrapped", sa.String(128), nullable=False),
        sa.Column("master", sa.String(16), nullable=False),
        sa.Column("erased_us", sa.BigInteger, nullable=False),
    )
