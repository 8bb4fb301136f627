"""JSON out and in: exact numbers, ids as text, equal values as equal bytes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.codec import from_json, from_plain, to_json, to_ordered_json, to_plain
from banyan.kernel.words.ids import CustomerId, ProductOrderId
from banyan.kernel.words.money import Money

unhurried = settings(deadline=None)

# A decimal without a fraction is written as an integer and comes back as one: equal, another type.
numbers = st.integers(-(2**63), 2**63 - 1) | st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12
)
scalars = st.none() | st.booleans() | numbers | st.text()
documents: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


class Bought(msgspec.Struct, frozen=True):
    """What a command may hold: ids, exact numbers, money, nothing."""

    customer: CustomerId
    orders: tuple[ProductOrderId, ...]
    rate: Decimal
    price: Money
    note: str | None = None


@unhurried
@given(documents)
def test_what_is_written_is_read_again(document: Any) -> None:
    assert from_json(to_json(document)) == document
    assert from_json(to_ordered_json(document)) == document


@unhurried
@given(st.dictionaries(st.text(), scalars))
def test_equal_documents_have_equal_ordered_bytes(document: dict[str, Any]) -> None:
    backwards = dict(reversed(document.items()))
    assert to_ordered_json(document) == to_ordered_json(backwards)


def test_a_fraction_keeps_every_digit() -> None:
    assert from_json(b'{"a":0.10,"b":12345678901234567890.123456789}') == {
        "a": Decimal("0.10"),
        "b": Decimal("12345678901234567890.123456789"),
    }
    assert to_json({"a": Decimal("0.10")}) == b'{"a":0.10}'


@unhurried
@given(st.integers(-(2**63), 2**63 - 1), st.text(min_size=1), st.none() | st.text())
def test_a_struct_travels_as_plain_values(micros: int, foreign: str, note: str | None) -> None:
    bought = Bought(
        CustomerId(foreign), (ProductOrderId("o-1"),), Decimal("0.19"), Money("EUR", micros), note
    )
    travelled = from_plain(from_json(to_json(to_plain(bought))), Bought)
    assert travelled == bought
    assert type(travelled.customer) is CustomerId
    assert type(travelled.orders[0]) is ProductOrderId


def test_ids_are_written_as_text() -> None:
    assert to_json([CustomerId("c-1")]) == b'["c-1"]'
    assert type(to_plain(CustomerId("c-1"))) is str


def test_what_has_no_json_form_is_a_bug() -> None:
    with pytest.raises(TypeError, match="complex has no JSON form"):
        to_json(1j)


def test_an_unreadable_value_is_named_by_its_path() -> None:
    plain = {"customer": "c", "orders": ["o", 5], "rate": 1, "price": {"currency": "EUR"}}
    with pytest.raises(msgspec.ValidationError, match=r"orders\[1\]"):
        from_plain(plain, Bought)


def test_an_unknown_currency_does_not_get_in() -> None:
    with pytest.raises(msgspec.ValidationError, match="XXX"):
        from_plain({"currency": "XXX", "micros": 1}, Money)


def test_text_that_is_no_json_is_refused() -> None:
    with pytest.raises(msgspec.DecodeError):
        from_json(b"{")
