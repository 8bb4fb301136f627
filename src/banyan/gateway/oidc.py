"""Tokens of a foreign issuer (OpenID Connect): verified by the keys it publishes.

The keys are fetched once and kept; again when they are old, and when a token names one that is not
among them (at most every few seconds, whatever comes). While the issuer is away, the keys it had
count on. What a fetch may cost is bounded: time, bytes, and where it may go.
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import msgspec
import structlog
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from banyan.gateway.claims import Admission, Mapped, check_claims
from banyan.gateway.signed import read_signed
from banyan.kernel.engine.clock import Clock, to_us
from banyan.kernel.engine.settings import IdentitySettings
from banyan.kernel.words.errors import Later, Refused, refused

ASYMMETRIC: Final = frozenset(
    {"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "Ed25519"}
)
USUAL: Final = ("ES256", "RS256")
DOCUMENT_MAX: Final = 262_144
"""Bytes of a discovery document or a key set."""
PAUSE_US: Final = 10_000_000
"""Between two fetches for keys that tokens name and nobody has."""
RETRY_S: Final = 5

_log = structlog.get_logger()

Fetch = Callable[[str], bytes]


class ForeignIssuer:
    """One identity provider: whom its tokens admit."""

    def __init__(self, settings: IdentitySettings, clock: Clock) -> None:
        self._algorithms = frozenset(settings.algorithms or USUAL)
        odd = sorted(self._algorithms - ASYMMETRIC)
        if odd:
            reason = f"algorithms may be {', '.join(sorted(ASYMMETRIC))}, not {odd}"
            raise refused("malformed", "identity", reason, "identity.algorithms")
        if not settings.audience:
            reason = "tokens of an issuer must be meant for this house: name it"
            raise refused("malformed", "identity", reason, "identity.audience")
        check_https(settings.issuer, "identity.issuer")
        if settings.jwks_url:
            check_https(settings.jwks_url, "identity.jwks_url")
        self.issuer = settings.issuer
        self.generation = 0
        self._settings = settings
        self._clock = clock
        self._mapped = Mapped(
            settings.issuer, settings.audience, settings.tenant_claim, settings.tenant,
            settings.actor_claim, settings.roles_claim, settings.roles, settings.party_claim,
            settings.leeway_s,
        )  # fmt: skip
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched_us = 0
        self._tried_us = -PAUSE_US
        self._client = httpx.Client(
            timeout=settings.fetch_s, follow_redirects=False, trust_env=False
        )

    def close(self) -> None:
        """Let the connections go."""
        self._client.close()

    def admit(self, token: str) -> Admission:
        """Whom a token admits; refused (``unauthenticated``) if nobody.

        Raises :class:`Later` when the issuer's keys can't be had. Blocks while they are fetched.
        """
        now_us = to_us(self._clock.now())
        keys = self._current(now_us)
        if not _has(keys, key_id_of(token)):
            keys = self._current(now_us, is_missed=True)
        claims = read_signed(token, keys, self._algorithms)
        return check_claims(claims, self._mapped, now_us)

    def _current(self, now_us: int, is_missed: bool = False) -> KeySet:
        """The keys; fetched if they are old, or if one was missed and the pause is over."""
        is_old = now_us - self._fetched_us > self._settings.keys_s * 1_000_000
        may_try = now_us - self._tried_us >= PAUSE_US
        if self._keys is None or ((is_old or is_missed) and may_try):
            with self._lock:
                if self._keys is None or self._tried_us + PAUSE_US <= now_us:
                    self._refresh(now_us)
        assert self._keys is not None
        return self._keys

    def _refresh(self, now_us: int) -> None:
        self._tried_us = now_us
        try:
            keys = self._fetch_keys()
        except (httpx.HTTPError, msgspec.DecodeError, JoseError, ValueError, KeyError) as error:
            reason = f"{self.issuer}: {type(error).__name__} {error}"
            if self._keys is None:
                raise Later(RETRY_S, f"no keys from {reason}") from error
            _log.warning("identity.keys_kept", reason=reason)
            return
        if self._keys is not None and {key.kid for key in self._keys} - {key.kid for key in keys}:
            self.generation += 1  # a key has gone: whom it admitted must come again
        self._keys, self._fetched_us = keys, now_us

    def _fetch_keys(self) -> KeySet:
        url = self._settings.jwks_url or self._discover()
        found: Any = msgspec.json.decode(self._get(url))
        usable = [key for key in found["keys"] if key.get("use", "sig") == "sig"]
        return KeySet.import_key_set({"keys": [key for key in usable if key.get("kty") != "oct"]})

    def _discover(self) -> str:
        """Where the issuer says its keys are (OpenID Connect Discovery 1.0, section 4)."""
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        found: Any = msgspec.json.decode(self._get(url))
        if found["issuer"] != self.issuer:
            raise ValueError(f"{url} is of the issuer {str(found['issuer'])[:100]!r}")
        jwks_url = str(found["jwks_uri"])
        try:
            check_https(jwks_url, "jwks_uri")
        except Refused as error:
            raise ValueError(error.refusal.reason) from error
        return jwks_url

    def _get(self, url: str) -> bytes:
        with self._client.stream("GET", url) as answer:
            answer.raise_for_status()
            read = b""
            for piece in answer.iter_bytes():
                read += piece
                if len(read) > DOCUMENT_MAX:
                    raise ValueError(f"{url} is larger than {DOCUMENT_MAX} bytes")
        return read


def check_https(url: str, path: str) -> None:
    """Refuses (``malformed``) an address whose answers somebody on the way could change."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise refused("malformed", "identity", "is no URL", path) from None
    is_near = host == "localhost"
    if not is_near:
        try:
            is_near = ip_address(host).is_loopback
        except ValueError:
            is_near = False
    if parts.scheme != "https" and not (parts.scheme == "http" and is_near):
        raise refused("malformed", "identity", "must be an https URL", path)


def issuer_of(token: str) -> str:
    """Which issuer a token says it is of; nothing of it is verified yet."""
    return _text_at(token, 1, "iss")


def key_id_of(token: str) -> str:
    """Which key a token says it is signed with."""
    return _text_at(token, 0, "kid")


def _text_at(token: str, number: int, name: str) -> str:
    parts = token.split(".")
    if len(parts) != 3:
        return ""
    try:
        padded = parts[number].encode("ascii") + b"=" * (-len(parts[number]) % 4)
        found: Any = msgspec.json.decode(base64.urlsafe_b64decode(padded))
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError, RecursionError, ValueError):
        return ""
    value = found.get(name) if isinstance(found, Mapping) else None
    return value if isinstance(value, str) else ""


def _has(keys: KeySet, key_id: str) -> bool:
    return not key_id or any(key.kid == key_id for key in keys)
