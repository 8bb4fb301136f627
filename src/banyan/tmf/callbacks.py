"""Where events may be sent, and how they get there and nowhere else.

A subscription must not make the house call its own neighbours. So an address is judged by what its
name leads to at the moment of the call, and the call then goes to that very number: a name that
leads elsewhere a moment later (DNS rebinding) changes nothing. Redirects are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import httpx

from banyan.kernel.words.errors import Refused, refused

CALLBACK_MAX: Final = 2_000
DELIVERY_TIMEOUT_S: Final = 5.0
ANSWER_BYTES_MAX: Final = 65_536
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_callback(callback: Any, *, allow_private: bool) -> str:
    """``callback`` if events may be sent there; refuses (``malformed``) what is no such address.

    Without ``allow_private`` a name or number that leads to this machine, this link or a private
    network is refused too.
    """
    if not isinstance(callback, str) or not 0 < len(callback) <= CALLBACK_MAX:
        raise _bad_callback(f"must be a URL of at most {CALLBACK_MAX} characters")
    try:
        parts = urlsplit(callback)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise _bad_callback("is no URL") from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None:
        raise _bad_callback("must be an absolute http or https URL without credentials")
    if any(character.isspace() or not character.isprintable() for character in callback):
        raise _bad_callback("is no URL")
    if not allow_private:
        find_public(host, port or (443 if parts.scheme == "https" else 80))
    return callback


def _bad_callback(reason: str) -> Refused:
    return refused("malformed", "callback", f"callback {reason}", "callback")


def find_public(host: str, port: int) -> str:
    """A number that ``host`` leads to, if all it leads to are public; else refused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _bad_callback("leads nowhere") from None
    numbers = [str(each[4][0]).partition("%")[0] for each in found]
    if not numbers or not all(is_public(ipaddress.ip_address(each)) for each in numbers):
        raise _bad_callback("leads into a network events may not be sent to")
    return numbers[0]


def is_public(number: Address) -> bool:
    """Whether a number is one of the open network, also by the IPv4 number it may wrap."""
    if isinstance(number, ipaddress.IPv6Address):
        if number.ipv4_mapped is not None:
            return is_public(number.ipv4_mapped)
        wrapped = [number.sixtofour, *(number.teredo or ())]
        if number in _NAT64 or int(number) >> 32 == 0:
            wrapped.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
        if not all(is_public(each) for each in wrapped if each is not None):
            return False
    return number.is_global and not (number.is_multicast or number.is_reserved)


class Messenger:
    """Posts events, under these rules; one for all threads."""

    def __init__(self, *, allow_private: bool, timeout_s: float = DELIVERY_TIMEOUT_S) -> None:
        self._allow_private = allow_private
        self._client = httpx.Client(
            timeout=httpx.Timeout(timeout_s), follow_redirects=False, trust_env=False
        )

    def post(self, callback: str, body: bytes, headers: dict[str, str]) -> int:
        """The status of the answer; what it says does not matter, and is read no further than
        :data:`ANSWER_BYTES_MAX`.

        Refused (``malformed``) when the callback leads where events may not go; raises
        ``httpx.TransportError`` when nobody answers in time.
        """
        check_callback(callback, allow_private=True)
        url, sent, extensions = callback, dict(headers), {}
        if not self._allow_private:
            parts = urlsplit(callback)
            host, port = parts.hostname or "", parts.port
            number = find_public(host, port or (443 if parts.scheme == "https" else 80))
            place = f"[{number}]" if ":" in number else number
            netloc = place if port is None else f"{place}:{port}"
            url = urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
            sent["host"] = parts.netloc
            extensions = {"sni_hostname": host}
        request = self._client.build_request(
            "POST", url, content=body, headers=sent, extensions=extensions
        )
        answer = self._client.send(request, stream=True)
        try:
            size = 0
            for chunk in answer.iter_raw():  # read to its end, a connection can be used again
                size += len(chunk)
                if size > ANSWER_BYTES_MAX:
                    break
        finally:
            answer.close()
        return answer.status_code

    def close(self) -> None:
        """Let go of all connections."""
        self._client.close()
