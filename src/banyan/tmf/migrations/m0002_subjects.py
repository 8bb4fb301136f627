"""Whose personal data a document is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Add the person to every document, nobody at first."""
    column = sa.Column("subject", sa.String(128), nullable=False, server_default="")
    op.add_column("document", column)
    is_somebody = sa.text("subject <> ''")
    op.create_index(
        "document_subject",
        "document",
        ["tenant", "subject"],
        sqlite_where=is_somebody,
        postgresql_where=is_somebody,
    )
