"""Who may come in: bearer tokens with tenant, actor and role, kept as hashes in one file.

A first, local form of identity: no expiry, no issuer. A token is shown once, when it is made; the
file holds its SHA-256. Tokens added by another process count from the next request on.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from banyan.kernel.words.errors import refused

ADMIN_FILE = "admin.token"
BOOK_FILE = "tokens.json"
LOCK_FILE = ".tokens.lock"
_PREFIX = "banyan_"


class Holder(msgspec.Struct, frozen=True):
    """Whom a token lets in."""

    tenant: str
    actor: str
    role: str


class TokenBook:
    """The tokens of one installation, in its data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / BOOK_FILE
        self._stamp: tuple[int, ...] = ()
        self._holders: dict[str, Holder] = {}

    def holder(self, token: str) -> Holder | None:
        """Whom ``token`` lets in, or nobody."""
        self._refresh()
        return self._holders.get(_hash(token))

    def add(self, holder: Holder) -> str:
        """Make a new token for ``holder`` and return it; it can't be shown again."""
        token = _PREFIX + secrets.token_urlsafe(24)
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / LOCK_FILE):
            self._refresh()
            self._holders[_hash(token)] = holder
            _write_private(self._path, msgspec.json.format(msgspec.json.encode(self._holders)))
            self._stamp = self._stamp_now()
        return token

    def ensure_admin(self, tenant: str) -> Path:
        """The file with the first administrator's token; made if the book is empty."""
        path = self._folder / ADMIN_FILE
        self._refresh()
        if not self._holders:
            _write_private(path, self.add(Holder(tenant, "admin", "admin")).encode() + b"\n")
        return path

    def _refresh(self) -> None:
        try:
            stamp = self._stamp_now()
        except FileNotFoundError:
            return
        if stamp == self._stamp:
            return
        try:
            self._holders = msgspec.json.decode(self._path.read_bytes(), type=dict[str, Holder])
        except msgspec.DecodeError as error:
            raise refused("malformed", "tokens", f"{self._path} can't be read: {error}") from error
        self._stamp = stamp

    def _stamp_now(self) -> tuple[int, ...]:
        """Tells one state of the file from the next, also within one tick of the machine's clock:
        it is never written in place, so a new state has another inode."""
        found = self._path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One program at a time."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _write_private(path: Path, text: bytes) -> None:
    """Replace a file at once, readable by its owner only."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
