"""The room's own tables, beside the kit's documents."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

POOL = sa.Table(
    "pool",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("low", sa.BigInteger, nullable=False),
    sa.Column("high", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("quarantine_us", sa.BigInteger, nullable=False),
    sa.Column("traits", sa.Text, nullable=False),
    sa.Index("pool_kind", "tenant", "kind", "name"),
)
"""What a pool holds in all; its document is the resource of the same name. ``form`` says how its
values are written (JSON of a Numbering), ``traits`` what it may be picked by (JSON, texts).
"""

POOL_FREE = sa.Table(
    "pool_free",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("pool", sa.String(200), primary_key=True),
    sa.Column("low", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("high", sa.BigInteger, nullable=False),
)
"""Ranges of free values: they never overlap and never touch."""

POOL_VALUE = sa.Table(
    "pool_value",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("pool", sa.String(200), primary_key=True),
    sa.Column("value", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("holder", sa.String(255), nullable=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("until_us", sa.BigInteger, nullable=False),
    sa.Column("party", sa.String(255), nullable=False),
    sa.UniqueConstraint("tenant", "pool", "holder", name="pool_value_holder"),
    sa.Index("pool_value_due", "tenant", "pool", "until_us"),
)
"""Values that are out: who has them (nobody here, where they rest or were ported out), as what, and
until when (0: no end). ``party`` is where a value was ported from or to.
"""

RECORDED = sa.Table(
    "recorded",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("order_id", sa.String(128), primary_key=True),
    sa.Column("item_id", sa.String(128), primary_key=True),
    sa.Column("resource", sa.String(16), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("id", sa.String(128), nullable=False),
)
"""Which documents an order item became; ``key`` is the record's, empty for the product."""

EDGE = sa.Table(
    "edge",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(160), primary_key=True),
    sa.Column("at", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("upper", sa.String(160), nullable=False),
    sa.Column("lower", sa.String(160), nullable=False),
    sa.Column("relation", sa.String(64), nullable=False),
    sa.Column("carries", sa.SmallInteger, nullable=False),
    sa.Index("edge_down", "tenant", "upper", "carries", "lower", "relation"),
    sa.Index("edge_up", "tenant", "lower", "carries", "upper", "relation"),
)
"""What the documents say of each other, as nodes ``<kind>:<id>``: ``upper`` stands on ``lower``
where ``carries`` is 1; where it is 0 they are beside each other and neither carries the other.
``source`` is the node of the document that says so; its edges are replaced with it.
"""

VERSION = sa.Table(
    "version",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(300), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("valid_from_us", sa.BigInteger, nullable=False),
    sa.Column("valid_to_us", sa.BigInteger, nullable=False),
    sa.Column("recorded_us", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(200), nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Index("version_recorded", "tenant", "recorded_us"),
)
"""What was recorded of a subject (``<kind>:<id>`` or ``value:<scope>/<value>``), in that order:
that from one instant to another it was ``doc``, or that it was not there (an empty ``doc``). Rows
are only added, and removed when their time is over; a later one covers those before it.
"""

GONE_PARTY = sa.Table(
    "gone_party",
    METADATA,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
)
"""Parties, roles and accounts that party has deleted, or is deleting at this moment."""
