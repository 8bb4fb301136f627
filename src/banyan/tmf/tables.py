"""The kit's tables, in every room that has documents: documents, their indexed paths, hubs."""

from __future__ import annotations

import sqlalchemy as sa

KIT = sa.MetaData()

DOCUMENT = sa.Table(
    "document",
    KIT,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("rev", sa.Integer, nullable=False),
    sa.Column("created", sa.String(64), nullable=False),
    sa.Column("type", sa.String(128), nullable=False),
    sa.Column("state", sa.String(64), nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Column("subject", sa.String(128), nullable=False, server_default=""),
    sa.Index("document_created", "tenant", "resource", "created", "id"),
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
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("resource", sa.String(64), primary_key=True),
    sa.Column("path", sa.String(96), primary_key=True),
    sa.Column("value", sa.String(200), primary_key=True),
    sa.Column("created", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Index("document_path_id", "tenant", "resource", "id"),
)
"""Indexed paths of documents, one row per value (paths cross arrays); in list order per value."""

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
