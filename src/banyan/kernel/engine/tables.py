"""The kernel's own tables, present in every room's database."""

from __future__ import annotations

import sqlalchemy as sa

KERNEL = sa.MetaData()

BIG_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ANSWER = sa.Table(
    "answer",
    KERNEL,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("command", sa.String(128), nullable=False),
    sa.Column("fingerprint", sa.String(32), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
)
"""Idempotency: key → first answer. State ``void`` means the command was undone, or must not run."""

OUTBOX = sa.Table(
    "outbox",
    KERNEL,
    sa.Column("seq", BIG_SERIAL, primary_key=True, autoincrement=True),
    sa.Column("tenant", sa.String(64), nullable=False),
    sa.Column("id", sa.String(64), nullable=False, unique=True),
    sa.Column("kind", sa.String(128), nullable=False),
    sa.Column("subject", sa.String(128), nullable=False),
    sa.Column("actor", sa.String(128), nullable=False),
    sa.Column("correlation", sa.String(128), nullable=False),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Every fact the room said, in the transaction that made it true."""

DELIVERY = sa.Table(
    "delivery",
    KERNEL,
    sa.Column("target", sa.String(128), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("subject", sa.String(128), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_us", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Index("delivery_due", "state", "due_us"),
    sa.Index("delivery_subject", "target", "subject", "seq"),
)
"""What is still to be told, to whom; a row goes away when the target has acted on it."""

AUDIT = sa.Table(
    "audit",
    KERNEL,
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
    sa.Index("audit_at", "tenant", "at_us"),
    sa.Index("audit_id", "tenant", "id"),
)
"""Every change, in strands of one writer each; see :mod:`banyan.kernel.engine.audit`.

The strand comes first in its key, the tenant is a part of what is told.
"""

STRAND = sa.Table(
    "strand",
    KERNEL,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("strand", sa.String(64), nullable=False, unique=True),
    sa.Column("at_us", sa.BigInteger, nullable=False),
    sa.Column("heads", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""Where each strand began, and how far those before it had come: a chain of its own."""

VAULT_KEY = sa.Table(
    "vault_key",
    KERNEL,
    sa.Column("tenant", sa.String(64), primary_key=True),
    sa.Column("subject", sa.String(128), primary_key=True),
    sa.Column("wrapped", sa.String(128), nullable=False),
    sa.Column("master", sa.String(16), nullable=False),
    sa.Column("erased_us", sa.BigInteger, nullable=False),
)
"""The data key of each person, wrapped; empty once it was destroyed."""
