"""What a query string means."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.words.errors import Refused
from banyan.tmf.filters import (
    UNKNOWN_OPERATORS,
    Condition,
    Operator,
    Sort,
    equals,
    read_query,
)
from banyan.tmf.shapes import INNER
from banyan.tmf.values import instant_of, key_of, values_at, wanted_keys


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
    ("raw", "operator", "value"),
    [
        ("a.gt=1", "gt", "1"),
        ("a.gte=1", "gte", "1"),
        ("a.lt=1", "lt", "1"),
        ("a.lte=1", "lte", "1"),
        ("a.regex=x{1,3}", "regex", "x{1,3}"),
        ("a%3E2013-01-01", "gt", "2013-01-01"),
        ("a%3e%3d1", "gte", "1"),
        ("a%3C1", "lt", "1"),
        ("a%3C%3D1", "lte", "1"),
        ("a%3D%3D1", "eq", "1"),
        ("a%3D~x", "regex", "x"),
        ("a%3D%7Ex", "regex", "x"),
        ("a>1", "gt", "1"),
        ("a>=1", "gte", "1"),
        ("a<1", "lt", "1"),
        ("a<=1", "lte", "1"),
        ("a==1", "eq", "1"),
        ("a=~x", "regex", "x"),
        ("a%3E=1", "gte", "1"),
        ("a%3E%3D=1", "gte", "1"),
        ("a%3D%3D=1", "eq", "1"),
        ('a.gt="1,5"', "gt", "1,5"),
        ("a=%3E1", "eq", ">1"),
        ("a=%3D1", "eq", "=1"),
    ],
)
def test_every_form_of_an_operator_is_read(raw: str, operator: Operator, value: str) -> None:
    assert read_query(raw).conditions == (Condition("a", (value,), operator),)


@pytest.mark.parametrize(
    "raw", ["a!=1", "a%21%3D1", "a<>1", "a===1", "a>>1", "a.ne=1", "a.gt>1", "a.b.like=x"]
)
def test_an_operator_that_nobody_knows_is_refused_by_the_parameters_name(raw: str) -> None:
    with pytest.raises(Refused) as refusal:
        read_query(raw)
    found = refusal.value.refusal.findings[0]
    assert (found.code, found.path.startswith("a")) == ("operator", True)


def test_no_attribute_of_any_resource_is_taken_for_an_operator() -> None:
    names = {name.lower() for shape in INNER.shapes.values() for name in shape.attributes}
    assert not UNKNOWN_OPERATORS & names


def test_semicolons_are_or_between_any_comparisons() -> None:
    (either,) = read_query("a.gt=5;a.lt=1;b=x,y;z").conditions
    assert either.each() == (
        Condition("a", ("5",), "gt"),
        Condition("a", ("1",), "lt"),
        Condition("b", ("x", "y", "z")),
    )
    for document in ({"a": 6}, {"a": 0}, {"a": 3, "b": ["q", "z"]}):
        assert either.matches(document)
    assert not either.matches({"a": 3, "b": "q"})


def test_comparisons_of_one_attribute_are_all_wanted() -> None:
    assert len(read_query("a.gt=1&a.lt=5").conditions) == 2


@pytest.mark.parametrize(
    ("value", "operator", "text", "is_so"),
    [
        (10, "gt", "9", True),
        ("10", "gt", "9", False),
        (Decimal("-2"), "lt", "-1.5", True),
        ("2013-04-20T00:00:00Z", "gt", "2013-01-01", True),
        ("2013-04-20T00:00:00+02:00", "lt", "2013-04-20", True),
        ("2013-04-20T00:00:00Z", "gt", "later", False),
        ("2013-04-20", "gte", "2013-04-20T00:00:00Z", True),
        ("b", "gte", "b", True),
        (True, "gt", "false", True),
        (None, "lt", "1", False),
        ("Equipment Alarm", "regex", "^Equip.*m$", True),
        ("Equipment", "regex", "equip", False),
        (15, "regex", "^1", True),
        (None, "regex", "", False),
        ([1, 9], "gt", "8", True),
    ],
)
def test_comparisons_are_between_values_of_one_kind(
    value: Any, operator: Operator, text: str, is_so: bool
) -> None:
    assert Condition("a", (text,), operator).matches({"a": value}) is is_so


@pytest.mark.parametrize("raw", ["a.regex=(", "a.regex=(%3F=x)", "a.regex=" + "x" * 600])
def test_patterns_that_cant_be_run_in_linear_time_are_refused(raw: str) -> None:
    assert _kind(raw) == "malformed"


def test_a_catastrophic_pattern_costs_nothing() -> None:
    condition = Condition("a", ("^(a+)+$",), "regex")
    assert not condition.matches({"a": "a" * 50_000 + "!"})


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


def test_order_jsonpath_and_cursors_are_read() -> None:
    wish = read_query("sort=-a.b,c&filter=%24.x&after=abc&a=1")
    assert wish.sort == (Sort("a.b", True), Sort("c"))
    assert (wish.jsonpath, wish.after, wish.is_of_lists) == ("$.x", "abc", True)
    assert wish.rest == ("sort=-a.b,c", "filter=%24.x", "a=1")


@pytest.mark.parametrize(
    "raw", ["sort=", "sort=-", "sort=a,,b", "sort=a,b,c,d,e,f", "filter=", "after=a&before=b",
            "after=a&offset=1"],
)  # fmt: skip
def test_an_order_or_a_place_that_makes_no_sense_is_malformed(raw: str) -> None:
    assert _kind(raw) == "malformed"


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


@given(st.text(max_size=20), st.text(max_size=20))
def test_keys_of_texts_order_as_texts_and_hold_no_nul(one: str, other: str) -> None:
    keys = [key_of(text) for text in (one, other)]
    assert all(key is not None and "\x00" not in key for key in keys)
    if all(str(key).startswith("t") for key in keys):
        assert (str(keys[0]) < str(keys[1])) == (one < other)
    if instant_of(one) is None:
        assert (keys[0] == keys[1]) == (one == other)


numbers = st.one_of(
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.builds(lambda d, e: Decimal(d).scaleb(e), st.integers(-99, 99), st.integers(-9000, 9000)),
)


@given(numbers, numbers)
def test_keys_of_numbers_order_as_numbers(one: Any, other: Any) -> None:
    keys = [str(key_of(number)) for number in (one, other)]
    assert (keys[0] < keys[1], keys[0] == keys[1]) == (one < other, one == other)


moments = st.datetimes(timezones=st.timezones())


@given(moments, moments)
def test_keys_of_instants_order_as_instants(one: datetime, other: datetime) -> None:
    keys = [str(key_of(moment.isoformat())) for moment in (one, other)]
    if all(key.startswith("i") for key in keys):
        moments = [moment.astimezone(UTC) for moment in (one, other)]
        assert (keys[0] < keys[1]) == (moments[0] < moments[1])


@given(scalars)
def test_every_value_equals_its_own_text(value: Any) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    assert equals(value, [text])
    assert key_of(value) in wanted_keys(text).values()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_encoded_values_come_back_as_they_were(values: list[str]) -> None:
    quoted = [value for value in values if not (len(value) > 1 and value[0] == value[-1] == '"')]
    raw = ",".join(quote(value, safe="") for value in quoted)
    if quoted and len(raw) < 7_000 and "%22" not in raw and not raw.startswith("~"):
        assert _wanted(f"a={raw}") == {"a": tuple(quoted)}
