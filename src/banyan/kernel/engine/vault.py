"""The vault: a person's data lies under a key of the person's own, which erasure destroys.

Each *subject* (a person's id) has a data key (AES-256-GCM), wrapped by the master key of the
installation and kept in the database of the room that owns the persons. A key is unwrapped for the
one use: to read its row in the transaction at hand is what shows an erasure at once, in every
process, and unwrapping costs less than that.
"""

from __future__ import annotations

import base64
import hmac
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.engine import Connection

from banyan.kernel.engine.db import Quick
from banyan.kernel.engine.mint import draw_secret
from banyan.kernel.engine.tables import VAULT_KEY
from banyan.kernel.words.errors import refused

KEY_BYTES: Final = 32
MARK: Final = "~"
"""What every sealed text begins with: ``~<subject>~<nonce and ciphertext in base 64>``."""
_NONCE_BYTES = 12
_SUBJECTS_AT_ONCE = 400

_OWN = (VAULT_KEY.c.tenant == sa.bindparam("t")) & (VAULT_KEY.c.subject == sa.bindparam("s"))
_WRAPPED = Quick(sa.select(VAULT_KEY.c.wrapped).where(_OWN))
_KEEP = Quick(VAULT_KEY.insert())
_DESTROY = Quick(
    VAULT_KEY.update()
    .where(_OWN)
    .values(wrapped=sa.literal_column("''"), erased_us=sa.bindparam("now"))
)


class WrongMasterKey(RuntimeError):
    """The keys in the database were wrapped by another master key than the one given."""


def ensure_master(file: Path) -> bytes:
    """The master key in ``file``, made there (readable by its owner only) if there is none.

    It is the one thing that must be kept apart from backups: who has both can read everything.
    """
    if not file.exists():
        made = file.with_name(f".{file.name}.{draw_secret(6).hex()}")
        descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as out:
            out.write(draw_secret(KEY_BYTES).hex() + "\n")
            out.flush()
            os.fsync(out.fileno())
        try:
            os.link(made, file)
        except FileExistsError:
            pass  # another process was faster: its key counts
        finally:
            made.unlink()
    return read_master(file.read_text("ascii"))


def read_master(text: str) -> bytes:
    """A master key from its 64 hexadecimal digits; refused (``malformed``) when it is none."""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        reason = "a master key is written as 64 hexadecimal digits"
        raise refused("malformed", "masterKey", reason, "vault.master_key")
    return key


class Vault:
    """Seals and opens texts under the keys of subjects; made from the master key (32 bytes)."""

    def __init__(self, master: bytes) -> None:
        assert len(master) == KEY_BYTES, "a master key has 32 bytes"
        self._wrapping = AESGCM(hmac.digest(master, b"banyan wrapping", "sha256"))
        self._blinding = hmac.digest(master, b"banyan index", "sha256")
        self.master_id = hmac.digest(master, b"banyan id", "sha256").hex()[:16]

    def seal(self, tx: Connection, tenant: str, subject: str, text: str) -> str:
        """``text`` sealed under the subject's key, which is made at first use.

        Refused (``conflict``, ``erased``) when the subject's key was destroyed.
        """
        assert MARK not in subject, f"{subject!r} can't name a key"
        row = _WRAPPED.run(tx, {"t": tenant, "s": subject}).fetchone()
        if row is not None and not row[0]:
            raise refused("conflict", "erased", f"the data of {subject} was erased")
        key = self._make(tx, tenant, subject) if row is None else self._unwrap(subject, row[0])
        sealed = _encrypt(AESGCM(key), text.encode(), f"{tenant}\0{subject}")
        return f"{MARK}{subject}{MARK}{sealed}"

    def open_all(self, tx: Connection, tenant: str, texts: Sequence[str]) -> list[str | None]:
        """Each text as it was before it was sealed (in any number of layers); None if erased.

        What is not sealed stays as it is. One look at the database per 400 subjects.
        """
        opened: list[str | None] = list(texts)
        while True:
            sealed = [i for i, text in enumerate(opened) if text and text.startswith(MARK)]
            if not sealed:
                return opened
            parts = {i: str(opened[i]).split(MARK, 2)[1:] for i in sealed}
            keys = self._keys(tx, tenant, {subject for subject, _ in parts.values()})
            for i, (subject, text) in parts.items():
                key = keys.get(subject)
                told = f"{tenant}\0{subject}"
                opened[i] = None if key is None else _decrypt(key, text, told).decode()

    def open(self, tx: Connection, tenant: str, text: str) -> str | None:
        """One text as :meth:`open_all` opens it."""
        return self.open_all(tx, tenant, [text])[0] if text.startswith(MARK) else text

    def erase(self, tx: Connection, tenant: str, subject: str, now_us: int) -> bool:
        """Destroy the subject's key: nothing sealed under it opens again. False if it had none.

        The name stays noted, so that no new key is made for it. On SQLite the old content is
        overwritten; older pages of the write-ahead log, and backups, hold it until they go.
        """
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("PRAGMA secure_delete=ON")
        gone = _DESTROY.run(tx, {"t": tenant, "s": subject, "now": now_us}).rowcount
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("PRAGMA secure_delete=OFF")
        return bool(gone)

    def is_erased(self, tx: Connection, tenant: str, subject: str) -> bool:
        """Whether the subject's key was destroyed."""
        row = _WRAPPED.run(tx, {"t": tenant, "s": subject}).fetchone()
        return row is not None and not row[0]

    def blind(self, tenant: str, path: str, value: str) -> str:
        """A keyed hash that stands for a value in an index: equal values of a path stay equal.

        It can be looked up by who knows the value, and neither sorted nor searched in parts.
        """
        told = f"{tenant}\0{path}\0{value}".encode()
        return MARK + _to_text(hmac.digest(self._blinding, told, "sha256"))

    def check_master(self, tx: Connection) -> None:
        """Raises :class:`WrongMasterKey` when a key here was wrapped by another master key."""
        other = sa.select(VAULT_KEY.c.master).where(VAULT_KEY.c.master != self.master_id).limit(1)
        found = tx.execute(other).scalar()
        if found is not None:
            raise WrongMasterKey(f"wrapped by the master key {found}, not {self.master_id}")

    def _make(self, tx: Connection, tenant: str, subject: str) -> bytes:
        key = draw_secret(KEY_BYTES)
        row = {
            "tenant": tenant, "subject": subject, "master": self.master_id, "erased_us": 0,
            "wrapped": _encrypt(self._wrapping, key, subject),
        }  # fmt: skip
        _KEEP.run(tx, row)
        return key

    def _unwrap(self, subject: str, wrapped: str) -> bytes:
        return _decrypt(self._wrapping, wrapped, subject)

    def _keys(self, tx: Connection, tenant: str, subjects: Iterable[str]) -> dict[str, AESGCM]:
        wanted = sorted(subjects)
        found: dict[str, AESGCM] = {}
        if len(wanted) == 1:
            row = _WRAPPED.run(tx, {"t": tenant, "s": wanted[0]}).fetchone()
            rows: list[Any] = [] if row is None else [(wanted[0], row[0])]
        else:
            rows = []
            for start in range(0, len(wanted), _SUBJECTS_AT_ONCE):
                some = wanted[start : start + _SUBJECTS_AT_ONCE]
                query = sa.select(VAULT_KEY.c.subject, VAULT_KEY.c.wrapped)
                query = query.where(VAULT_KEY.c.tenant == tenant, VAULT_KEY.c.subject.in_(some))
                rows.extend(tx.execute(query))
        for subject, wrapped in rows:
            if wrapped:
                found[subject] = AESGCM(self._unwrap(subject, wrapped))
        return found


def _encrypt(key: AESGCM, told: bytes, about: str) -> str:
    nonce = draw_secret(_NONCE_BYTES)
    return _to_text(nonce + key.encrypt(nonce, told, about.encode()))


def _decrypt(key: AESGCM, text: str, about: str) -> bytes:
    sealed = base64.b64decode(text)
    try:
        return key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
    except InvalidTag as error:
        reason = f"what lies under the key of {about.rpartition(chr(0))[2]} was changed, or another"
        raise WrongMasterKey(f"{reason} master key made it") from error


def _to_text(told: bytes) -> str:
    return base64.b64encode(told).decode()
