"""The indexes of paths hold all that is asked: else SQLite, without statistics, takes others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Make both indexes anew, with ``edge``."""
    op.drop_index("document_path_id", "document_path")
    columns = ["tenant", "resource", "id", "path", "edge"]
    op.create_index("document_path_id", "document_path", columns)
    op.drop_index("document_path_many", "document_path")
    op.create_index(
        "document_path_many",
        "document_path",
        ["tenant", "resource", "path", "value", "created", "id", "edge"],
        sqlite_where=sa.text("edge <> 3"),
        postgresql_where=sa.text("edge <> 3"),
    )
