"""Whom the claims of a signed token name, and whether they count here and now; pure (RFC 7519).

A signature only says who wrote the claims. Refused are claims of another issuer, for another
audience, without an end, expired, or not valid yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from banyan.kernel.words.errors import Refused, refused

TEXT_MAX: Final = 64
"""Characters of a tenant or a role."""
ACTOR_MAX: Final = 128
PARTIES_MAX: Final = 16
FAR_S: Final = 2**40
"""Seconds since 1970 beyond which no date of a token lies."""
EARLY_US: Final = 1_000_000
"""A token may be used within the second it is made in: dates are often whole seconds."""


class Holder(msgspec.Struct, frozen=True):
    """Whom a token lets in: what the roles may do, and for ``parties`` their own things."""

    tenant: str
    actor: str
    roles: tuple[str, ...]
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """A holder with what may end the admission early: the token's id and dates (microseconds)."""

    holder: Holder
    token_id: str
    issued_us: int
    ends_us: int


@dataclass(frozen=True)
class Mapped:
    """Where an issuer writes what the house wants to know: dotted claim paths.

    ``tenant`` stands for tokens without a tenant claim; empty refuses them. ``roles`` maps the
    issuer's words to roles of the house; if it is empty they are the same words.
    """

    issuer: str
    audience: str
    tenant_claim: str = "tenant"
    tenant: str = ""
    actor_claim: str = "sub"
    roles_claim: str = "roles"
    roles: Mapping[str, str] | None = None
    party_claim: str = "party"
    leeway_s: float = 0


def not_admitted(code: str, reason: str) -> Refused:
    """The refusal of a token; it never repeats any of it."""
    return refused("unauthenticated", code, reason)


def check_claims(claims: Mapping[str, Any], mapped: Mapped, now_us: int) -> Admission:
    """Whom the claims admit; refused (``unauthenticated``) when they don't count here and now."""
    if claims.get("iss") != mapped.issuer:
        raise not_admitted("wrongIssuer", "this token is of another issuer")
    audience = claims.get("aud")
    if mapped.audience not in (audience if isinstance(audience, list) else [audience]):
        raise not_admitted("wrongAudience", "this token is meant for somebody else")
    leeway_us = int(mapped.leeway_s * 1_000_000)
    ends_us = _instant(claims, "exp")
    if ends_us is None:
        raise not_admitted("noExpiry", "this token never ends; such tokens open nothing")
    if ends_us + leeway_us <= now_us:
        raise not_admitted("expiredToken", "this token has expired")
    begins_us = _instant(claims, "nbf")
    issued_us = _instant(claims, "iat")
    if max(begins_us or 0, issued_us or 0) > now_us + leeway_us + EARLY_US:
        raise not_admitted("earlyToken", "this token does not count yet")
    token_id = claims.get("jti")
    return Admission(
        _holder(claims, mapped),
        token_id if isinstance(token_id, str) else "",
        issued_us or 0,
        ends_us + leeway_us,
    )


def _instant(claims: Mapping[str, Any], name: str) -> int | None:
    """A NumericDate in microseconds; None where the claim is missing."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < FAR_S:
        raise not_admitted("invalidToken", f"the claim {name} is no date")
    return int(value * 1_000_000)


def _holder(claims: Mapping[str, Any], mapped: Mapped) -> Holder:
    tenants = _texts(_at(claims, mapped.tenant_claim), TEXT_MAX) or _texts(mapped.tenant, TEXT_MAX)
    if len(tenants) != 1:
        raise not_admitted("noTenant", "this token names no tenant")
    actors = _texts(_at(claims, mapped.actor_claim), ACTOR_MAX)
    if len(actors) != 1:
        raise not_admitted("noActor", "this token names nobody")
    said = _texts(_at(claims, mapped.roles_claim), TEXT_MAX)
    known = mapped.roles
    roles = said if not known else tuple(known[word] for word in said if word in known)
    parties = _texts(_at(claims, mapped.party_claim), ACTOR_MAX)
    if len(parties) > PARTIES_MAX:
        raise not_admitted("invalidToken", f"a token speaks for at most {PARTIES_MAX} parties")
    return Holder(tenants[0], actors[0], tuple(sorted(set(roles))), parties)


def _at(claims: Mapping[str, Any], path: str) -> Any:
    """The claim of this name, or what a dotted path leads to (``realm_access.roles``)."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _texts(value: Any, longest: int) -> tuple[str, ...]:
    """A text, or a list of texts, as a tuple without empty ones."""
    texts: Sequence[Any] = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) or text is None for text in texts):
        raise not_admitted("invalidToken", "a claim is no text")
    found = tuple(text for text in texts if text)
    if any(len(text) > longest or not text.isprintable() for text in found):
        raise not_admitted("invalidToken", "a claim is too long, or can't be printed")
    return found
