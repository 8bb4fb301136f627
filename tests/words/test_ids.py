"""Typed ids: a wrong kind can't pass, minted ids sort by time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.ids import KINDS, CustomerId, Id, ProductId, ProductOrderId, WrongKind

CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
unhurried = settings(deadline=None)


def minted(kind: str, millis: int, chance: int) -> str:
    """An id text in the minted form: ten characters of time, sixteen of chance."""
    number = millis << 80 | chance
    letters = [CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5)]
    return f"{kind}-{''.join(letters)}"


times = st.integers(0, 2**48 - 1)
chances = st.integers(0, 2**80 - 1)


def test_an_id_is_its_text() -> None:
    text = minted("customer", 1, 2)
    assert CustomerId(text) == text
    assert text == "customer-" + "0" * 9 + "1" + "0" * 15 + "2"


def test_a_text_from_elsewhere_is_kept_as_it_is() -> None:
    assert CustomerId("4711") == "4711"
    assert ProductId("router-7750-SR") == "router-7750-SR"


def test_an_empty_text_is_no_id() -> None:
    with pytest.raises(WrongKind, match="customer"):
        CustomerId("")


def test_an_unregistered_kind_is_somebody_elses_id() -> None:
    text = minted("tractor", 1, 2)
    assert CustomerId(text) == text


def test_a_kind_is_registered_once() -> None:
    with pytest.raises(AssertionError, match="customer"):
        type("AnotherCustomerId", (Id,), {}, kind="customer")
    assert KINDS["customer"] is CustomerId


@unhurried
@given(st.sampled_from(sorted(KINDS)), st.sampled_from(sorted(KINDS)), times, chances)
def test_an_id_of_another_kind_of_ours_is_refused(
    asked: str, carried: str, millis: int, chance: int
) -> None:
    text = minted(carried, millis, chance)
    if asked == carried:
        assert KINDS[asked](text) == text
        assert KINDS[asked](text).kind == asked
    else:
        with pytest.raises(WrongKind, match=carried):
            KINDS[asked](text)


@unhurried
@given(times, times, chances, chances)
def test_ids_sort_in_the_order_they_were_made(one: int, two: int, here: int, there: int) -> None:
    first = ProductOrderId(minted("productorder", one, here))
    second = ProductOrderId(minted("productorder", two, there))
    assert (first < second) == ((one, here) < (two, there))
