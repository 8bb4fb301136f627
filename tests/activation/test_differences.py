"""How two configurations differ."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.components.activation.policy import find_differences
from banyan.kernel.words.codec import from_json, to_json, to_ordered_json

PLAIN = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
JSON = st.recursive(
    PLAIN,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_the_same_through_a_file_has_no_difference(value: Any) -> None:
    assert list(find_differences(value, from_json(to_json(value)))) == []


@given(JSON, JSON)
def test_there_is_a_difference_exactly_if_the_texts_differ(one: Any, other: Any) -> None:
    same = to_ordered_json(one) == to_ordered_json(other)
    assert (list(find_differences(one, other)) == []) == same


@pytest.mark.parametrize(
    ("wanted", "held", "said"),
    [
        ({"a": [1, 2]}, {"a": [1]}, ["a is [1], told was [1,2]"]),
        ({"a": 1}, {"a": True}, ["a is true, told was 1"]),
        ({"a": 1}, {"a": Decimal("1.0")}, []),
        ({"a": {"b": 1}}, {"a": None}, ['a is null, told was {"b":1}']),
        (1, 2, ["the whole is 2, told was 1"]),
    ],
)
def test_each_difference_is_a_sentence(wanted: Any, held: Any, said: list[str]) -> None:
    assert list(find_differences(wanted, held)) == said
