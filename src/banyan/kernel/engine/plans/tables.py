"""The tables of the plans: plans, their steps, and wishes about them waiting for the worker."""

from __future__ import annotations

import sqlalchemy as sa

PLANS = sa.MetaData()

FAR_US = 2**62
"""A due time that never comes: the plan waits for a wish."""

PLAN = sa.Table(
    "plan",
    PLANS,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("journey", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("subject", sa.String(128), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("is_crossed", sa.Boolean, nullable=False),
    sa.Column("params", sa.Text, nullable=False),
    sa.Column("call", sa.Text, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("owner", sa.String(64), nullable=False),
    sa.Column("lease_us", sa.BigInteger, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("started_us", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("tenant", "journey", "subject", name="plan_subject"),
    sa.Index("plan_due", "due_us"),
)
"""``due_us`` is on the business clock: 0 while a worker holds the plan, ``FAR_US`` for never.

``lease_us`` is on the wall clock; ``fence`` counts claims.
"""

STEP = sa.Table(
    "step",
    PLANS,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("plan", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("done_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
)
"""``step`` is the whole step as data; ``answer`` the answer as JSON, empty until there is one."""

PLAN_WISH = sa.Table(
    "plan_wish",
    PLANS,
    sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
        primary_key=True, autoincrement=True,
    ),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("plan", sa.String(64), nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("wish", sa.Text, nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("is_open", sa.Boolean, nullable=False),
    sa.Index("plan_wish_open", "is_open", "plan"),
    sqlite_autoincrement=True,
)  # fmt: skip
"""Only the holder of a plan's lease writes its rows; others leave a wish here. Kept as history."""
