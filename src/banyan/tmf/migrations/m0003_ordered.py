"""Indexed paths hold keys that order as their values do; states can be looked up.

What was filed under the old form is thrown away: a house files every document again before it
serves (``filing.py``), as it does for a path that a later release indexes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Make the table of paths anew, order text by character, index states."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        op.execute(
            "ALTER TABLE document"
            ' ALTER COLUMN tenant TYPE varchar(64) COLLATE "C",'
            ' ALTER COLUMN resource TYPE varchar(64) COLLATE "C",'
            ' ALTER COLUMN id TYPE varchar(128) COLLATE "C",'
            ' ALTER COLUMN created TYPE varchar(64) COLLATE "C",'
            ' ALTER COLUMN type TYPE varchar(128) COLLATE "C",'
            ' ALTER COLUMN state TYPE varchar(64) COLLATE "C"'
        )
    op.create_index("document_state", "document", ["tenant", "resource", "state", "created", "id"])
    op.drop_table("document_path")
    order = "C" if is_postgresql else None
    lengths = {"tenant": 64, "resource": 64, "path": 96, "value": 200, "created": 64, "id": 128}
    op.create_table(
        "document_path",
        *[
            sa.Column(name, sa.String(length, collation=order), primary_key=True)
            for name, length in lengths.items()
        ],
        sa.Column("edge", sa.SmallInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("document_path_id", "document_path", ["tenant", "resource", "id", "path"])
    op.create_index(
        "document_path_many",
        "document_path",
        ["tenant", "resource", "path", "value", "created", "id"],
        sqlite_where=sa.text("edge <> 3"),
        postgresql_where=sa.text("edge <> 3"),
    )
    op.create_table(
        "filed_path",
        sa.Column("resource", sa.String(64), primary_key=True),
        sa.Column("path", sa.String(96), primary_key=True),
    )
