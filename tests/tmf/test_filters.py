"""What a query string means."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.words.errors import Refused
from banyan.tmf.filters import Condition, equals, filed, looked_up, read_query, values_at


def _wanted(raw: str) -> dict[str, tuple[str, ...]]:
    return {each.path: each.values for each in read_query(raw).conditions}


def _kind(raw: str) -> str:
    with pytest.raises(Refused) as refusal:
        read_query(raw)
    return refusal.value.refusal.kind


@pytest.mark.parametrize(
    ("raw", "values"),
    [
        ("a=1", ("1",)),
        ("a=1,2", ("1", "2")),
        ("a=1&a=2", ("1", "2")),
        ("a=1;a=2", ("1", "2")),
        ("a=1;a=2,3", ("1", "2", "3")),
        ("a.eq=1", ("1",)),
        ("a=1%2C2", ("1,2",)),
        ('a="1,2",3', ("1,2", "3")),
        ("a=%22Equipment%20Alarm%22", ("Equipment Alarm",)),
        ('a="1;a=2"', ("1;a=2",)),
        ("a=one+two", ("one two",)),
        ("a=one%2Btwo", ("one+two",)),
        ("a=", ("",)),
        ("a=x=y", ("x=y",)),
    ],
)
def test_values_of_one_attribute_are_alternatives(raw: str, values: tuple[str, ...]) -> None:
    assert _wanted(raw) == {"a": values}


def test_attributes_are_all_wanted_and_may_be_dotted() -> None:
    assert _wanted("state=held&relatedParty.id=7") == {
        "state": ("held",),
        "relatedParty.id": ("7",),
    }


def test_projection_and_paging_are_no_filters() -> None:
    wish = read_query("fields=a,b.c&fields=d&offset=5&limit=10&name=x")
    assert wish.fields == ["a,b.c", "d"]
    assert (wish.offset, wish.limit, wish.is_paged) == (5, 10, True)
    assert wish.conditions == (Condition("name", ("x",)),)
    assert wish.rest == ("fields=a,b.c", "fields=d", "name=x")


@pytest.mark.parametrize("raw", ["limit=-1", "limit=x", "offset=1.5", "limit=", "limit=%D9%A1"])
def test_paging_that_is_no_number_is_malformed(raw: str) -> None:
    assert _kind(raw) == "malformed"


@pytest.mark.parametrize("raw", ["name", "=1", "a=" + "1," * 600, "a=" + "x" * 9_000])
def test_what_is_no_filter_is_malformed(raw: str) -> None:
    assert _kind(raw) == "malformed"


@pytest.mark.parametrize(
    "raw",
    ["a.gt=1", "a.regex=x", "a%3E1", "a%3E%3D1", "a%3D%3D1", "a%3D~x", "a=~x", "a=1;b=2"],
)
def test_comparisons_are_refused_as_unsupported(raw: str) -> None:
    assert _kind(raw) == "unsupported"


@pytest.mark.parametrize(
    ("value", "text", "is_equal"),
    [
        ("2026-01-31T12:00:00.000Z", "2026-01-31T13:00:00+01:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T13:00:00 01:00", True),
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:01Z", False),
        (Decimal("1.50"), "1.5", True),
        (100, "1e2", True),
        (100, "100", True),
        ("1.0", "1", False),
        (True, "true", True),
        (True, "1", False),
        (None, "", False),
        ("a", "a", True),
        ("a", "A", False),
    ],
)
def test_values_compare_by_what_they_are(value: Any, text: str, is_equal: bool) -> None:
    assert equals(value, [text]) is is_equal


@pytest.mark.parametrize("raw", ["sort=a", "filter=%24", "after=7", "before=7"])
def test_sorting_and_cursors_are_refused_as_unsupported(raw: str) -> None:
    assert _kind(raw) == "unsupported"


def test_a_path_crosses_lists_and_ends_at_scalars() -> None:
    document = {"a": [{"b": 1}, {"b": [2, {"c": 3}]}, {}], "d": {"e": "x"}}
    assert values_at(document, ["a", "b"]) == [1, 2]
    assert values_at(document, ["a", "b", "c"]) == [3]
    assert values_at(document, ["d"]) == []


scalars = st.one_of(
    st.text(max_size=20),
    st.integers(-(10**15), 10**15),
    st.booleans(),
    st.decimals(-(10**6), 10**6, places=3),
    st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
)


@given(scalars, scalars)
def test_the_index_never_hides_an_equal_value(value: Any, wanted: Any) -> None:
    text = filed(wanted)
    texts, is_exact = looked_up([text])
    if equals(value, [text]):
        assert filed(value) in texts
    elif is_exact and not isinstance(value, bool) and value is not None:
        assert filed(value) not in texts


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_encoded_values_come_back_as_they_were(values: list[str]) -> None:
    quoted = [value for value in values if not (len(value) > 1 and value[0] == value[-1] == '"')]
    raw = ",".join(quote(value, safe="") for value in quoted)
    if quoted and len(raw) < 7_000 and "%22" not in raw:
        assert _wanted(f"a={raw}") == {"a": tuple(quoted)}
