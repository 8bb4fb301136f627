"""Signatures of tokens (RFC 7515): the keys and the algorithms are ours to choose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from banyan.gateway.claims import not_admitted


class _Registry(JWSRegistry):
    """Headers of foreign issuers may carry a certificate's hash or two."""

    max_header_length = 2_048


def read_signed(token: str, keys: KeySet, algorithms: frozenset[str]) -> Mapping[str, Any]:
    """The claims of a token that one of ``keys`` has signed by one of ``algorithms``.

    Refused (``unauthenticated``) otherwise; what the header asks for beyond that is not followed.
    """
    try:
        read = jwt.decode(token, keys, algorithms=sorted(algorithms), registry=_Registry())
    except (JoseError, ValueError, RecursionError, TypeError):
        raise not_admitted("invalidToken", "this token is not signed as it should be") from None
    return read.claims
