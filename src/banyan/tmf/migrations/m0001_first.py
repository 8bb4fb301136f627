"""Documents, their indexed paths, hubs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the three tables of ``tables.py`` as they were first."""
    op.create_table(
        "document",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
        sa.Column("rev", sa.Integer, nullable=False),
        sa.Column("created", sa.String(64), nullable=False),
        sa.Column("type", sa.String(128), nullable=False),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("doc", sa.Text, nullable=False),
    )
    op.create_index("document_created", "document", ["tenant", "resource", "created", "id"])
    op.create_table(
        "document_path",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("path", sa.String(96), primary_key=True),
        sa.Column("value", sa.String(200), primary_key=True),
        sa.Column("created", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(128), primary_key=True),
    )
    op.create_index("document_path_id", "document_path", ["tenant", "resource", "id"])
    op.create_table(
        "hub",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("api", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("generation", sa.String(4), nullable=False),
        sa.Column("callback", sa.String(2000), nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("created_us", sa.BigInteger, nullable=False),
    )
