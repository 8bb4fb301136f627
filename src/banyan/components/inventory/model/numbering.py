"""How the values of a pool are written, and the whole number each of them is inside.

A pool counts in whole numbers of 63 bits, whatever it hands out: a number without its check digit,
the place of an address in its network, of a prefix in the network it is cut from.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import msgspec

GLOBAL_KINDS: Final = frozenset({"msisdn", "imsi", "iccid", "snssai"})
"""Values there is one of in the world, or in the network: no two pools may hold the same."""

KINDS: Final = (
    "number", "vlan", "port", "serial", "msisdn", "imsi", "iccid", "snssai",
    "ipv4", "ipv6", "ipv4Prefix", "ipv6Prefix",
)  # fmt: skip
VALUE_MAX: Final = 2**63 - 2
"""The largest value a pool may hold, up or down: what a 64-bit column holds, and its neighbour."""
_BOUNDS: Final = {"vlan": (1, 4094), "port": (0, 2**31 - 1), "serial": (0, VALUE_MAX)}
_NO_SD: Final = 0xFFFFFF
"""3GPP TS 23.003, 28.4.2: the SD that stands for none."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Numbering(msgspec.Struct, frozen=True, omit_defaults=True):
    """The form of a pool's values.

    ``prefix`` and ``digits`` are for serials and ports (text before the number, zeros in front of
    it); ``network`` and ``length`` for addresses and for prefixes of ``length`` bits.
    """

    kind: str = "number"
    prefix: str = ""
    digits: int = 0
    network: str = ""
    length: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether values are whole numbers outside too."""
        return self.kind in ("number", "vlan") or (self.kind == "port" and not self.prefix)

    @property
    def is_global(self) -> bool:
        """Whether a value of another pool can be the same thing."""
        return self.kind in GLOBAL_KINDS

    def read(self, value: object) -> int:
        """The number of a value as it is written; ``ValueError`` says what is wrong with it."""
        if self.is_plain:
            return self._plain(value)
        if not isinstance(value, str):
            raise ValueError(f"{self.kind} values are written as text")
        if self.network:
            return self._placed(value)
        return _READERS[self.kind](self, value)

    def show(self, number: int) -> str:
        """The value as it is written."""
        if self.network:
            return self._address(number)
        return _WRITERS.get(self.kind, _show_plain)(self, number)

    def _plain(self, value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,19}", value, re.ASCII):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or abs(value) > VALUE_MAX:
            raise ValueError("is a whole number of at most 63 bits")
        low, high = _BOUNDS.get(self.kind, (-VALUE_MAX, VALUE_MAX))
        if not low <= value <= high:
            raise ValueError(f"a {self.kind} lies between {low} and {high}")
        return value

    # -- addresses ---------------------------------------------------------------------------------

    def net(self) -> Network:
        """The network that addresses or prefixes are taken from; ``ValueError`` if it is none."""
        found = ipaddress.ip_network(self.network)
        if found.version != (4 if self.kind.startswith("ipv4") else 6):
            raise ValueError(f"{self.network} is no network of {self.kind}")
        return found

    def whole(self) -> tuple[int, int]:
        """The first and the last number of what the network holds for use.

        Of IPv4 addresses without the network's own and the broadcast one (RFC 3021: a /31 has
        neither), of IPv6 ones without the anycast of routers (RFC 4291, 2.6.1).
        """
        net = self.net()
        if self.kind.endswith("Prefix"):
            if not net.prefixlen <= self.length <= net.max_prefixlen:
                reason = f"prefixes of {net} are {net.prefixlen} to {net.max_prefixlen} bits long"
                raise ValueError(reason)
            return 0, min(2 ** (self.length - net.prefixlen) - 1, VALUE_MAX)
        last = min(net.num_addresses - 1, VALUE_MAX)
        if net.version == 4:
            return (1, last - 1) if net.prefixlen <= 30 else (0, last)
        return (1, last) if net.prefixlen <= 126 else (0, last)

    def _placed(self, value: str) -> int:
        net = self.net()
        if self.kind.endswith("Prefix"):
            part = ipaddress.ip_network(value)
            if part.version != net.version or part.prefixlen != self.length:
                raise ValueError(f"{value} is no prefix of {self.length} bits")
            number = int(part.network_address) - int(net.network_address)
            if not 0 <= number < net.num_addresses:
                raise ValueError(f"{value} is not in {net}")
            return number >> (net.max_prefixlen - self.length)
        address = ipaddress.ip_address(value)
        if address.version != net.version or address not in net:
            raise ValueError(f"{value} is not in {net}")
        return int(address) - int(net.network_address)

    def _address(self, number: int) -> str:
        net = self.net()
        if self.kind.endswith("Prefix"):
            shift = net.max_prefixlen - self.length
            return f"{net.network_address + (number << shift)}/{self.length}"
        return str(net.network_address + number)


def luhn_digit(body: str) -> str:
    """The check digit after ``body`` (ISO/IEC 7812-1, annex B): doubled from the right."""
    total = 0
    for place, letter in enumerate(reversed(body)):
        digit = int(letter) * (2 if place % 2 == 0 else 1)
        total += digit - 9 if digit > 9 else digit
    return str(-total % 10)


def _digits(text: str, fewest: int, most: int, what: str) -> str:
    if not re.fullmatch(r"[0-9]+", text, re.ASCII) or not fewest <= len(text) <= most:
        length = f"{fewest} to {most}" if fewest != most else str(fewest)
        raise ValueError(f"{what} has {length} digits")
    return text


def _read_msisdn(form: Numbering, text: str) -> int:
    """ITU-T E.164: at most 15 digits, country code first; a plus sign in front is let go."""
    digits = _digits(text.removeprefix("+"), 5, 15, "an MSISDN")
    if digits.startswith("0"):
        raise ValueError("an MSISDN begins with its country code, not with 0")
    return int(digits)


def _read_imsi(form: Numbering, text: str) -> int:
    return int(_digits(text, 15, 15, "an IMSI"))


def _read_iccid(form: Numbering, text: str) -> int:
    """ITU-T E.118: begins with 89, ends with its check digit."""
    digits = _digits(text, 19, 20, "an ICCID")
    if not digits.startswith("89"):
        raise ValueError("an ICCID begins with 89")
    if form.digits and len(digits) != form.digits:
        raise ValueError(f"an ICCID of this pool has {form.digits} digits")
    if luhn_digit(digits[:-1]) != digits[-1]:
        raise ValueError(f"the check digit of {text} is {luhn_digit(digits[:-1])}")
    return int(digits[:-1])


def _read_serial(form: Numbering, text: str) -> int:
    number = text.removeprefix(form.prefix)
    if not text.startswith(form.prefix) or not re.fullmatch(r"[0-9]{1,18}", number, re.ASCII):
        raise ValueError(f"{text!r} is not {form.prefix!r} and a number")
    if form.digits and len(number) != max(form.digits, len(str(int(number)))):
        raise ValueError(f"{text!r} has not {form.digits} digits")
    return int(number)


def _read_snssai(form: Numbering, text: str) -> int:
    """``SST`` or ``SST-SD``: SST 0 to 255, SD six hexadecimal digits (TS 23.003, 28.4.2)."""
    match = re.fullmatch(r"([0-9]{1,3})(?:-([0-9A-Fa-f]{6}))?", text, re.ASCII)
    if match is None or int(match[1]) > 255:
        raise ValueError(f"{text!r} is no SST (0 to 255) or SST-SD (six hexadecimal digits)")
    return int(match[1]) << 24 | (int(match[2], 16) if match[2] else _NO_SD)


def _show_snssai(form: Numbering, number: int) -> str:
    sst, sd = number >> 24, number & 0xFFFFFF
    return str(sst) if sd == _NO_SD else f"{sst}-{sd:06X}"


def _show_iccid(form: Numbering, number: int) -> str:
    return f"{number}{luhn_digit(str(number))}"


def _show_plain(form: Numbering, number: int) -> str:
    return f"{form.prefix}{number:0{form.digits}d}" if form.digits else f"{form.prefix}{number}"


_READERS = {
    "msisdn": _read_msisdn,
    "imsi": _read_imsi,
    "iccid": _read_iccid,
    "serial": _read_serial,
    "port": _read_serial,
    "snssai": _read_snssai,
}
_WRITERS = {
    "imsi": lambda form, number: f"{number:015d}",
    "iccid": _show_iccid,
    "snssai": _show_snssai,
}
