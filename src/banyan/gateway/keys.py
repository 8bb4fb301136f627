"""The built-in issuer's memory: signing keys and what was revoked, in one private file.

Every process of an installation reads the same file; a change counts from the next request on. The
newest key signs. An older one stays until the last token it signed has ended.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from banyan.kernel.words.errors import refused

KEYS_FILE: Final = "token-keys.json"
LOCK_FILE: Final = ".token-keys.lock"
ALGORITHM: Final = "ES256"


class SigningKey(msgspec.Struct, frozen=True):
    """A private key as a JWK; ``until_us`` is when the last token it signed ends."""

    id: str
    made_us: int
    until_us: int
    jwk: dict[str, Any]


class Ledger(msgspec.Struct, frozen=True):
    """Keys, newest first; revoked token ids with their end; actors with the time up to which
    their tokens don't count (``tenant`` and actor as one text)."""

    keys: tuple[SigningKey, ...] = ()
    tokens: dict[str, int] = {}
    actors: dict[str, int] = {}


class KeyFile:
    """The file, read again whenever it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / KEYS_FILE
        self._stamp: tuple[int, ...] = ()
        self.ledger = Ledger()
        self.key_set = KeySet([])
        self.generation = 0

    def refresh(self) -> None:
        """Read the file if it is another one by now; ``generation`` counts how often it was."""
        try:
            stamp = self._stamp_now()
        except FileNotFoundError:
            return
        if stamp == self._stamp:
            return
        try:
            ledger = msgspec.json.decode(self.path.read_bytes(), type=Ledger)
            key_set = KeySet([ECKey.import_key(key.jwk) for key in ledger.keys])
        except (msgspec.MsgspecError, JoseError, ValueError) as error:
            raise refused("malformed", "tokens", f"{self.path} can't be read: {error}") from error
        self.ledger, self.key_set, self._stamp = ledger, key_set, stamp
        self.generation += 1

    def change(self, work: Callable[[Ledger], Ledger]) -> Ledger:
        """Replace what the file holds by what ``work`` makes of it; one program at a time."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with _locked(self._folder / LOCK_FILE):
            self.refresh()
            after = work(self.ledger)
            write_private(self.path, msgspec.json.format(msgspec.json.encode(after)))
        self.refresh()
        return after

    def public(self) -> Mapping[str, Any]:
        """The public halves as a JWK Set (RFC 7517)."""
        self.refresh()
        if not self.key_set:
            return {"keys": []}
        return dict(self.key_set.as_dict(private=False))

    def _stamp_now(self) -> tuple[int, ...]:
        """Tells one state of the file from the next, also within one tick of the machine's clock:
        it is never written in place, so a new state has another inode."""
        found = self.path.stat()
        return found.st_mtime_ns, found.st_ino, found.st_size


def make_key(now_us: int) -> SigningKey:
    """A new key for ES256 (RFC 7518); its id is its thumbprint (RFC 7638)."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, auto_kid=True)
    assert key.kid is not None
    return SigningKey(key.kid, now_us, now_us, dict(key.as_dict(private=True)))


def write_private(path: Path, text: bytes) -> None:
    """Replace a file at once, readable by its owner only."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One program at a time."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600)) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
