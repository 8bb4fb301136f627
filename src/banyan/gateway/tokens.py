"""Who may come in: bearer tokens as JWT (RFC 7519), made by the built-in issuer or a foreign one.

A signature costs half a millisecond to verify, so whom a token admits is remembered, by the
token's hash, until the token ends. A revocation empties that memory.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from banyan.gateway.claims import Admission, Holder, Mapped, check_claims, not_admitted
from banyan.gateway.keys import ALGORITHM, KeyFile, Ledger, make_key, write_private
from banyan.gateway.oidc import ForeignIssuer, issuer_of
from banyan.gateway.signed import read_signed
from banyan.kernel.engine.clock import Clock, RealClock, to_us
from banyan.kernel.words.errors import Refused, refused

ADMIN_FILE: Final = "admin.token"
ADMIN_LIFE: Final = timedelta(days=365)
LIFE: Final = timedelta(days=30)
LONGEST_LIFE: Final = timedelta(days=3_660)
TOKEN_MAX: Final = 8_192
"""Characters of a token; longer ones are not even looked at."""
REMEMBERED_MAX: Final = 10_000
ISSUER: Final = "banyan"
_LATE_US: Final = 5_000_000
"""How long past its end a token may have been signed by a clock that differs."""


class TokenBook:
    """The tokens of one installation; keys and revocations are in its data folder."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        issuer: str = ISSUER,
        audience: str = ISSUER,
        foreign: ForeignIssuer | None = None,
    ) -> None:
        self._file = KeyFile(folder)
        self._folder = folder
        self._clock = clock or RealClock()
        self._mapped = Mapped(issuer, audience, party_claim="party")
        self._remembered: dict[bytes, Admission] = {}
        self._lock = threading.Lock()
        self._foreign = foreign
        self._seen = (0, 0)

    # -- at the door ---------------------------------------------------------------------------

    def recall(self, token: str) -> Holder | None:
        """Whom ``token`` admits, if that is remembered: quick enough for an event loop."""
        self._follow()
        key = _hash(token)
        known = self._remembered.get(key)
        if known is None:
            return None
        if known.ends_us > to_us(self._clock.now()):
            return known.holder
        self._remembered.pop(key, None)
        return None

    def holder(self, token: str) -> Holder:
        """Whom ``token`` admits; refused (``unauthenticated``) if nobody.

        Raises :class:`Later` when it is of a foreign issuer whose keys can't be had.
        """
        known = self.recall(token)
        if known is not None:
            return known
        admission = self._verify(token, to_us(self._clock.now()))
        with self._lock:
            while len(self._remembered) >= REMEMBERED_MAX:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[_hash(token)] = admission
        return admission.holder

    def _follow(self) -> None:
        """Forget whom tokens admit when keys or revocations have changed."""
        with self._lock:
            self._file.refresh()
            foreign = self._foreign.generation if self._foreign is not None else 0
            if (self._file.generation, foreign) != self._seen:
                self._seen = self._file.generation, foreign
                self._remembered.clear()

    def _verify(self, token: str, now_us: int) -> Admission:
        if len(token) > TOKEN_MAX:
            raise not_admitted("invalidToken", f"a token has at most {TOKEN_MAX} characters")
        if self._foreign is not None and issuer_of(token) == self._foreign.issuer:
            admission = self._foreign.admit(token)
        else:
            claims = read_signed(token, self._file.key_set, frozenset({ALGORITHM}))
            admission = check_claims(claims, self._mapped, now_us)
        self._check_revoked(admission)
        return admission

    def _check_revoked(self, admission: Admission) -> None:
        ledger, holder = self._file.ledger, admission.holder
        until_us = ledger.actors.get(_actor_key(holder.tenant, holder.actor), -1)
        if admission.token_id in ledger.tokens or admission.issued_us <= until_us:
            raise not_admitted("revokedToken", "this token was revoked")

    def jwks(self) -> Mapping[str, Any]:
        """The public keys, for whoever wants to verify our tokens."""
        return self._file.public()

    # -- issuing -------------------------------------------------------------------------------

    def add(self, holder: Holder, life: timedelta = LIFE) -> str:
        """Make a new token for ``holder`` and return it; nobody keeps it.

        Refused (``malformed``) when it would live for no time, or for more than ten years.
        """
        if not timedelta(0) < life <= LONGEST_LIFE:
            reason = f"a token lives for up to {LONGEST_LIFE.days} days, not for {life}"
            raise refused("malformed", "lifetime", reason)
        now_us = to_us(self._clock.now())
        ends_s = (now_us + life // timedelta(microseconds=1)) // 1_000_000
        ledger = self._file.change(lambda found: _signing_until(found, now_us, ends_s * 1_000_000))
        key = ledger.keys[0]
        claims = {
            "iss": self._mapped.issuer,
            "aud": self._mapped.audience,
            "sub": holder.actor,
            "tenant": holder.tenant,
            "roles": list(holder.roles),
            "iat": now_us / 1_000_000,
            "exp": ends_s,
            "jti": secrets.token_urlsafe(16),
        }
        if holder.parties:
            claims["party"] = list(holder.parties)
        header = {"alg": ALGORITHM, "kid": key.id, "typ": "at+jwt"}
        return jwt.encode(header, claims, ECKey.import_key(key.jwk), algorithms=[ALGORITHM])

    def ensure_admin(self, tenant: str) -> Path:
        """The file with the first administrator's token.

        Made if it is missing, opens nothing any more (an older release's, or a dropped key's), or
        has less than half of its year left. One that was revoked is not made again.
        """
        path = self._folder / ADMIN_FILE
        now_us = to_us(self._clock.now())
        try:
            self._file.refresh()
            found = self._verify(path.read_text("utf-8").strip(), now_us)
            ends_us = found.ends_us
        except FileNotFoundError:
            ends_us = 0
        except Refused as error:
            if error.refusal.findings[0].code == "revokedToken":
                return path
            ends_us = 0
        if ends_us < now_us + ADMIN_LIFE // timedelta(microseconds=2):
            token = self.add(Holder(tenant, "admin", ("admin",)), ADMIN_LIFE)
            write_private(path, token.encode() + b"\n")
        return path

    def rotate(self, drop: bool = False) -> str:
        """Sign with a new key from now on; returns its id.

        Tokens of earlier keys count until they end. ``drop`` ends them all at once.
        """
        now_us = to_us(self._clock.now())

        def turn(found: Ledger) -> Ledger:
            kept = () if drop else tuple(k for k in found.keys if k.until_us + _LATE_US > now_us)
            return msgspec.structs.replace(found, keys=(make_key(now_us), *kept))

        return self._file.change(turn).keys[0].id

    def revoke_token(self, token: str) -> str:
        """Let a token open nothing from the next request on; returns its id.

        A token that is not ours, or opens nothing already, is refused as the door refuses it.
        """
        self._file.refresh()
        admission = self._verify(token, to_us(self._clock.now()))
        self._revoke(tokens={admission.token_id: admission.ends_us})
        return admission.token_id

    def revoke_actor(self, tenant: str, actor: str) -> None:
        """Let all tokens made for an actor up to now open nothing; later ones count again."""
        self._revoke(actors={_actor_key(tenant, actor): to_us(self._clock.now())})

    def _revoke(
        self, tokens: Mapping[str, int] | None = None, actors: Mapping[str, int] | None = None
    ) -> None:
        now_us = to_us(self._clock.now())

        def note(found: Ledger) -> Ledger:
            known = {name: end for name, end in found.tokens.items() if end > now_us}
            return msgspec.structs.replace(
                found, tokens=known | dict(tokens or {}), actors=found.actors | dict(actors or {})
            )

        self._file.change(note)


def _signing_until(found: Ledger, now_us: int, ends_us: int) -> Ledger:
    """The ledger with a key that signs a token which ends then."""
    newest = found.keys[0] if found.keys else make_key(now_us)
    newest = msgspec.structs.replace(newest, until_us=max(newest.until_us, ends_us))
    return msgspec.structs.replace(found, keys=(newest, *found.keys[1:]))


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def _actor_key(tenant: str, actor: str) -> str:
    return f"{tenant}/{actor}"
