"""The kit's tables, in every room that has documents: documents, paths, hubs, bulk jobs, copies."""

from __future__ import annotations

import sqlalchemy as sa

from banyan.tmf.values import VALUE_MAX

KIT = sa.MetaData()


def _text(length: int) -> sa.types.TypeEngine[str]:
    """Text that orders character by character on both databases, as the keys of values do."""
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


DOCUMENT = sa.Table(
    "document",
    KIT,
    sa.Column("tenant", _text(64), primary_key=True),
    sa.Column("resource", _text(64), primary_key=True),
    sa.Column("id", _text(128), primary_key=True),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("created", _text(64), nullable=False),
    sa.Column("type", _text(128), nullable=False),
    sa.Column("state", _text(64), nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Column("subject", sa.String(128), nullable=False, server_default=""),
    sa.Index("document_created", "tenant", "resource", "created", "id"),
    sa.Index("document_state", "tenant", "resource", "state", "created", "id"),
    sa.Index(
        "document_subject", "tenant", "subject",
        sqlite_where=sa.text("subject <> ''"), postgresql_where=sa.text("subject <> ''"),
    ),
)  # fmt: skip
"""``doc`` is the whole inner form but ``id`` (a column). ``created`` (minted) orders lists.

``subject`` is the person under whose key ``doc`` is sealed, empty if nobody's.
"""

PATH = sa.Table(
    "document_path",
    KIT,
    sa.Column("tenant", _text(64), primary_key=True),
    sa.Column("resource", _text(64), primary_key=True),
    sa.Column("path", _text(96), primary_key=True),
    sa.Column("value", _text(VALUE_MAX), primary_key=True),
    sa.Column("created", _text(64), primary_key=True),
    sa.Column("id", _text(128), primary_key=True),
    sa.Column("edge", sa.SmallInteger, nullable=False),
    sa.Index("document_path_id", "tenant", "resource", "id", "path", "edge"),
    sa.Index(
        "document_path_many", "tenant", "resource", "path", "value", "created", "id", "edge",
        sqlite_where=sa.text("edge <> 3"), postgresql_where=sa.text("edge <> 3"),
    ),
    sqlite_with_rowid=False,
)  # fmt: skip
"""Indexed paths of documents, one row per value (paths cross arrays); in list order per value.

``value`` is the beginning of the value's key (``values.py``). ``edge`` says where it stands among
the document's values of this path: the lowest (1), the highest (2), both (3: its only one), or
between (0).
"""

FILED = sa.Table(
    "filed_path",
    KIT,
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("path", sa.String(96), primary_key=True),
)
"""The paths under which every document of a resource stands in :data:`PATH`."""

HUB = sa.Table(
    "hub",
    KIT,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("api", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("generation", sa.String(4), nullable=False),
    sa.Column("callback", sa.String(2000), nullable=False),
    sa.Column("query", sa.String(2000), nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)
"""Event subscriptions of one API in one generation."""

BULK_JOB = sa.Table(
    "bulk_job",
    KIT,
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
"""How far a bulk import has come; ``following`` is the number of the next line it wants."""

BULK_REFUSAL = sa.Table(
    "bulk_refusal",
    KIT,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("job", sa.String(128), primary_key=True),
    sa.Column("line", sa.BigInteger, primary_key=True),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
)
"""The lines that bulk imports refused, with all findings of each as JSON."""

COPY = sa.Table(
    "remote_copy",
    KIT,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("api", sa.String(64), primary_key=True),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("secret", sa.String(64), nullable=False),
    sa.Column("callback", sa.String(2000), nullable=False),
    sa.Column("hub_id", sa.String(200), nullable=False),
    sa.Column("swept_us", sa.BigInteger, nullable=False),
)
"""APIs whose documents here are copies: of which server, how it tells us, when all was compared."""
