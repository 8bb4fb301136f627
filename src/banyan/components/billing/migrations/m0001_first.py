"""Lines to be billed, and bill numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Create the two tables of ``store.py`` as they were first."""
    op.create_table(
        "line",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("order_id", sa.String(128), primary_key=True),
        sa.Column("item_id", sa.String(128), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.String(128), nullable=False),
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("net_minor", sa.BigInteger, nullable=False),
        sa.Column("residue_micros", sa.BigInteger, nullable=False),
        sa.Column("tax_rate_ppm", sa.Integer, nullable=False),
        sa.Column("tax_category", sa.String(64), nullable=False),
        sa.Column("start_us", sa.BigInteger, nullable=False),
        sa.Column("end_us", sa.BigInteger, nullable=False),
        sa.Column("bill_id", sa.String(128), nullable=False),
    )
    op.create_index("line_account", "line", ["tenant", "account_id", "bill_id"])
    op.create_table(
        "bill_number",
        sa.Column("tenant", sa.String(64), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
