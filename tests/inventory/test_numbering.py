"""How the values of pools are written, by the standards that say so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.components.inventory.model.numbering import KINDS, Numbering, luhn_digit

V4 = Numbering("ipv4", network="192.0.2.0/24")
V6 = Numbering("ipv6", network="2001:db8::/64")
PREFIX4 = Numbering("ipv4Prefix", network="10.0.0.0/8", length=24)
PREFIX6 = Numbering("ipv6Prefix", network="2001:db8::/32", length=56)


@pytest.mark.parametrize(
    ("form", "text", "number"),
    [
        (Numbering("msisdn"), "491701234567", 491701234567),
        (Numbering("imsi"), "001010123456789", 1010123456789),
        (Numbering("iccid", digits=19), "8949000000000000000", 894900000000000000),
        (Numbering("iccid", digits=20), "89490000000000000015", 8949000000000000001),
        (Numbering("snssai"), "1-000001", (1 << 24) | 1),
        (Numbering("snssai"), "255-ABCDEF", (255 << 24) | 0xABCDEF),
        (Numbering("snssai"), "2", (2 << 24) | 0xFFFFFF),
        (Numbering("serial", prefix="BX-", digits=6), "BX-000042", 42),
        (Numbering("port", prefix="ge-0/0/"), "ge-0/0/7", 7),
        (Numbering("vlan"), "4094", 4094),
        (V4, "192.0.2.7", 7),
        (V6, "2001:db8::a", 10),
        (PREFIX4, "10.0.1.0/24", 1),
        (PREFIX6, "2001:db8:0:100::/56", 1),
    ],
)
def test_a_value_is_read_and_written_back(form: Numbering, text: str, number: int) -> None:
    assert form.read(text) == number
    assert form.show(number) == text


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        (Numbering("msisdn"), "0170123456"),
        (Numbering("msisdn"), "1234567890123456"),
        (Numbering("msisdn"), "+49 170 1"),
        (Numbering("msisdn"), "\u0661\u0662\u0663\u0664\u0665\u0666"),
        (Numbering("imsi"), "00101012345678"),
        (Numbering("iccid"), "8949000000000000001"),
        (Numbering("iccid"), "7949000000000000002"),
        (Numbering("iccid", digits=20), "8949000000000000000"),
        (Numbering("snssai"), "256"),
        (Numbering("snssai"), "1-12345"),
        (Numbering("snssai"), "1-1234567"),
        (Numbering("serial", prefix="BX-", digits=6), "BX-42"),
        (Numbering("serial", prefix="BX-"), "AX-42"),
        (Numbering("vlan"), "4095"),
        (Numbering("vlan"), 0),
        (Numbering("number"), True),
        (Numbering("number"), 2**63),
        (V4, "192.0.3.1"),
        (V4, "2001:db8::1"),
        (V4, "nowhere"),
        (V4, 7),
        (PREFIX4, "10.0.1.0/25"),
        (PREFIX4, "11.0.1.0/24"),
        (PREFIX4, "10.0.1.1/24"),
        (Numbering("ipv6", network="10.0.0.0/8"), "10.0.0.1"),
    ],
)
def test_what_is_no_value_is_refused_with_its_reason(form: Numbering, wrong: object) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        form.read(wrong)


def test_check_digits_are_those_of_the_standard() -> None:
    assert luhn_digit("7992739871") == "3"
    assert luhn_digit("894900000000000000") == "0"


@given(st.text("0123456789", min_size=1, max_size=19))
def test_a_check_digit_finds_every_wrong_digit(body: str) -> None:
    digit = luhn_digit(body)
    for place, letter in enumerate(body):
        other = str((int(letter) + 1) % 10)
        assert luhn_digit(body[:place] + other + body[place + 1 :]) != digit


@pytest.mark.parametrize(
    ("form", "whole"),
    [
        (V4, (1, 254)),
        (Numbering("ipv4", network="192.0.2.0/31"), (0, 1)),
        (Numbering("ipv4", network="192.0.2.1/32"), (0, 0)),
        (V6, (1, 2**63 - 2)),
        (Numbering("ipv6", network="2001:db8::/127"), (0, 1)),
        (PREFIX4, (0, 2**16 - 1)),
        (PREFIX6, (0, 2**24 - 1)),
    ],
)
def test_a_network_holds_what_may_be_used(form: Numbering, whole: tuple[int, int]) -> None:
    assert form.whole() == whole


FORMS = {
    "serial": Numbering("serial", prefix="S", digits=4),
    "ipv4": V4,
    "ipv6": V6,
    "ipv4Prefix": PREFIX4,
    "ipv6Prefix": PREFIX6,
}
RANGES = {
    "vlan": (1, 4094), "msisdn": (10_000, 10**15 - 1), "imsi": (0, 10**15 - 1),
    "iccid": (89 * 10**16, 90 * 10**16 - 1), "snssai": (0, 2**32 - 1), "serial": (0, 10**9),
    "ipv4": (0, 255), "ipv4Prefix": (0, 2**16 - 1), "ipv6Prefix": (0, 2**24 - 1),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(st.data())
def test_every_number_is_written_so_that_it_is_read_back(kind: str, draws: st.DataObject) -> None:
    form = FORMS.get(kind, Numbering(kind))
    number = draws.draw(st.integers(*RANGES.get(kind, (0, 2**31 - 1))))
    assert form.read(form.show(number)) == number
