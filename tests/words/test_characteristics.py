"""Characteristics: every fault is found at once, in any unit, in bounded time."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.characteristics import (
    CharacteristicSpec,
    ValueRange,
    characteristic_type,
    check_characteristics,
    compile_pattern,
    fill_characteristics,
)
from banyan.kernel.words.errors import Refused
from banyan.kernel.words.quantity import Quantity

unhurried = settings(deadline=None)

SPEED = {
    "@type": "CharacteristicSpecification",
    "name": "downloadSpeed",
    "valueType": "number",
    "minCardinality": 1,
    "configurable": True,
    "characteristicValueSpecification": [
        {
            "@type": "NumberCharacteristicValueSpecification",
            "valueFrom": 1,
            "valueTo": 1000,
            "rangeInterval": "closedTop",
            "unitOfMeasure": "Mbps",
        }
    ],
}
COLOUR = {
    "name": "colour",
    "valueType": "string",
    "characteristicValueSpecification": [
        {"@type": "StringCharacteristicValueSpecification", "value": "black", "isDefault": True},
        {"@type": "StringCharacteristicValueSpecification", "value": "white"},
    ],
}
NUMBERS = {
    "name": "friends",
    "valueType": "string",
    "minCardinality": 0,
    "maxCardinality": 2,
    "regex": r"^\+[1-9][0-9]{6,14}$",
}
STATIC = {
    "name": "technology",
    "valueType": "string",
    "configurable": False,
    "characteristicValueSpecification": [{"value": "GPON", "isDefault": True}],
}


def specs_of(*documents: dict[str, Any]) -> list[CharacteristicSpec]:
    return [CharacteristicSpec.from_tmf(document) for document in documents]


def found(documents: list[dict[str, Any]], given: list[Any]) -> list[tuple[str, str]]:
    findings = check_characteristics(specs_of(*documents), given, "productCharacteristic")
    return [(finding.code, finding.path) for finding in findings]


def value(name: str, given: Any, unit: str | None = None) -> dict[str, Any]:
    return {"name": name, "value": given, **({"unitOfMeasure": unit} if unit else {})}


def refused_codes(document: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        CharacteristicSpec.from_tmf(document)
    return [(finding.code, finding.path) for finding in caught.value.refusal.findings]


# Checking.


def test_everything_wrong_is_found_at_once_with_its_path() -> None:
    given = [
        value("colour", "pink"),
        value("colour", 5),
        value("color", "black"),
        value("technology", "FTTH"),
        value("friends", ["+4915112345678", "call me"]),
        value("friends", "+4915112345679"),
        {"value": "nameless"},
        "nonsense",
        value("downloadSpeed", 2, "Gbps"),
    ]
    assert found([SPEED, COLOUR, NUMBERS, STATIC], given) == [
        ("valueNotAllowed", "productCharacteristic.0.value"),
        ("valueType", "productCharacteristic.1.value"),
        ("tooManyValues", "productCharacteristic.1.value"),
        ("characteristicUnknown", "productCharacteristic.2.name"),
        ("notConfigurable", "productCharacteristic.3.value"),
        ("valuePattern", "productCharacteristic.4.value.1"),
        ("tooManyValues", "productCharacteristic.5.value"),
        ("characteristicName", "productCharacteristic.6.name"),
        ("characteristicName", "productCharacteristic.7.name"),
        ("valueOutOfRange", "productCharacteristic.8.value"),
    ]


def test_what_is_right_has_no_findings() -> None:
    given = [
        value("downloadSpeed", Decimal("99.5")),
        value("colour", "white"),
        value("technology", "GPON"),
        value("friends", ["+4915112345678", "+4915112345679"]),
    ]
    assert found([SPEED, COLOUR, NUMBERS, STATIC], given) == []


def test_a_mandatory_characteristic_is_missed_unless_it_has_a_default() -> None:
    mandatory_colour = COLOUR | {"minCardinality": 1}
    assert found([SPEED, mandatory_colour], []) == [
        ("characteristicMissing", "productCharacteristic")
    ]
    assert found([NUMBERS | {"minCardinality": 2}], [value("friends", "+4915112345678")]) == [
        ("tooFewValues", "productCharacteristic")
    ]


def test_an_unknown_name_is_told_its_neighbour() -> None:
    findings = check_characteristics(specs_of(SPEED), [value("downloadSped", 5)], "c")
    assert "near it: downloadSpeed" in findings[0].reason


@pytest.mark.parametrize(
    ("amount", "unit", "fits"),
    [
        (1000, None, True),
        (1, None, False),  # closedTop: the low end is out
        (Decimal("1.001"), "Mbps", True),
        (1, "Gbit/s", True),
        (Decimal("1.000001"), "Gbit/s", False),
        (1000, "kbps", False),
        (1001, "kbps", True),
        (0.5, "Gbps", True),
    ],
)
def test_a_range_holds_in_every_unit(amount: Any, unit: str | None, fits: bool) -> None:
    expected = [] if fits else [("valueOutOfRange", "productCharacteristic.0.value")]
    assert found([SPEED], [value("downloadSpeed", amount, unit)]) == expected


@pytest.mark.parametrize("unit", ["GB", "furlong"])
def test_a_unit_of_another_dimension_is_a_finding(unit: str) -> None:
    mismatch = [("unitMismatch", "productCharacteristic.0.unitOfMeasure")]
    assert found([SPEED], [value("downloadSpeed", 5, unit)]) == mismatch
    assert found([COLOUR], [value("colour", "black", unit)]) == mismatch


def test_a_unit_nobody_knows_goes_with_itself() -> None:
    spec = {
        "name": "efficiency",
        "valueType": "number",
        "characteristicValueSpecification": [
            {"valueFrom": 5, "unitOfMeasure": "Bit / Joule"},
        ],
    }
    assert found([spec], [value("efficiency", 7, "Bit / Joule")]) == []
    assert found([spec], [value("efficiency", 7, "Mbps")]) == [
        ("unitMismatch", "productCharacteristic.0.unitOfMeasure")
    ]


@unhurried
@given(
    st.integers(-50, 50),
    st.integers(-50, 50),
    st.integers(-50, 50),
    st.sampled_from(["open", "closed", "closedBottom", "closedTop"]),
    st.sampled_from(["us", "ms", "s", "min", "h", "d"]),
)
def test_range_intervals_are_those_of_the_standard(
    low: int, high: int, amount: int, interval: str, unit: str
) -> None:
    document = {
        "name": "delay",
        "valueType": "number",
        "unitOfMeasure": "s",
        "characteristicValueSpecification": [
            {"valueFrom": low, "valueTo": high, "rangeInterval": interval, "unitOfMeasure": "min"}
        ],
    }
    given_amount, low_end, high_end = (
        Quantity(amount, unit),
        Quantity(low, "min"),
        Quantity(high, "min"),
    )
    above = given_amount >= low_end if "Top" not in interval else given_amount > low_end
    below = given_amount <= high_end if "Bottom" not in interval else given_amount < high_end
    fits = low_end < given_amount < high_end if interval == "open" else above and below
    assert (found([document], [value("delay", amount, unit)]) == []) == fits


@pytest.mark.parametrize(
    ("value_type", "right", "wrong"),
    [
        ("string", ["", "x"], [1, True, {}, None]),
        ("boolean", [True, False], [0, 1, "true", None]),
        ("integer", [0, -5, Decimal("5.0"), 2**70], [Decimal("5.5"), True, "5", None]),
        ("number", [0, Decimal("5.5"), 5.5], [True, "5", Decimal("NaN"), float("inf"), None]),
        ("object", [{}, {"a": 1}], ["{}", 5, None]),
    ],
)
def test_a_type_takes_its_own_values_only(
    value_type: str, right: list[Any], wrong: list[Any]
) -> None:
    document = {"name": "x", "valueType": value_type}
    for each in right:
        assert found([document], [value("x", each)]) == []
    for each in wrong:
        assert found([document], [value("x", each)]) == [
            ("valueType", "productCharacteristic.0.value")
        ]


def test_true_is_not_the_allowed_one() -> None:
    document = {
        "name": "x",
        "characteristicValueSpecification": [{"value": 1}, {"value": 2}],
    }
    assert found([document], [value("x", True)])[0][0] == "valueNotAllowed"
    assert found([document], [value("x", Decimal("1.0"))]) == []


def test_an_array_is_one_value_of_any_length_if_one_is_allowed() -> None:
    document = {"name": "x", "valueType": "integerArray"}
    assert found([document], [value("x", [1, 2, 3])]) == []
    assert found([document], [value("x", 1)])[0][0] == "valueType"
    assert found([document], [value("x", [1, "2"])]) == [
        ("valueType", "productCharacteristic.0.value.1")
    ]
    assert found([document], [value("x", [1]), value("x", [2])])[0][0] == "tooManyValues"
    bounded = document | {"maxCardinality": 2}
    assert found([bounded], [value("x", [1, 2])]) == []
    assert found([bounded], [value("x", [1, 2, 3])])[0][0] == "tooManyValues"


# Reading.


def test_a_specification_is_read_in_one_unit() -> None:
    document = {
        "name": "speed",
        "valueType": "integer",
        "unitOfMeasure": "kbps",
        "characteristicValueSpecification": [
            {"value": 5, "unitOfMeasure": "Mbps", "isDefault": True},
            {"value": 500},
            {"valueFrom": 1, "rangeInterval": "open", "unitOfMeasure": "Gbps"},
        ],
    }
    spec = CharacteristicSpec.from_tmf(document)
    assert (spec.unit, spec.allowed, spec.defaults) == ("kbps", (5000, 500), (5000,))
    assert spec.ranges == (ValueRange(1_000_000, None, False, False),)
    assert spec.choices == "5000, 500, above 1000000 kbps"


def test_a_lone_default_does_not_limit_the_choice() -> None:
    document = {
        "name": "availability",
        "valueType": "number",
        "characteristicValueSpecification": [{"value": 95, "isDefault": True}],
    }
    assert found([document], [value("availability", 99)]) == []
    assert found([COLOUR | {"extensible": True}], [value("colour", "pink")]) == []


@pytest.mark.parametrize(
    ("value_type", "entry_type", "expected"),
    [
        ("string", "", ("string", False)),
        ("Number", "", ("number", False)),
        ("FLOAT", "", ("number", False)),
        ("array of strings", "", ("string", True)),
        ("integer[]", "", ("integer", True)),
        ("numberArray", "", ("number", True)),
        ("array", "ObjectArrayCharacteristicValueSpecification", ("object", True)),
        ("SET", "", ("any", True)),
        (None, "BooleanCharacteristicValueSpecification", ("boolean", False)),
        ("Slice Descriptor", "", ("any", False)),
    ],
)
def test_value_types_are_read_as_catalogues_spell_them(
    value_type: str | None, entry_type: str, expected: tuple[str, bool]
) -> None:
    document = {
        "name": "x",
        "valueType": value_type,
        "characteristicValueSpecification": [{"@type": entry_type}],
    }
    spec = CharacteristicSpec.from_tmf(document)
    assert (spec.value_type, spec.is_array) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": None}, ("characteristicSpec", "")),
        ({"characteristicValueSpecification": ["x"]}, ("characteristicSpec", "")),
        ({"minCardinality": 2, "maxCardinality": 1}, ("cardinality", "maxCardinality")),
        ({"maxCardinality": "many"}, ("cardinality", "maxCardinality")),
        ({"regex": "("}, ("regex", "")),
        ({"regex": r"(a)\1"}, ("regex", "")),
        (
            {"characteristicValueSpecification": [{"valueFrom": "x"}]},
            ("valueRange", "characteristicValueSpecification.0.valueFrom"),
        ),
        (
            {"characteristicValueSpecification": [{"valueFrom": 1, "rangeInterval": "ajar"}]},
            ("valueRange", "characteristicValueSpecification.0.rangeInterval"),
        ),
        (
            {
                "characteristicValueSpecification": [
                    {"value": 1, "unitOfMeasure": "s"},
                    {"value": 2, "unitOfMeasure": "MB"},
                ]
            },
            ("unitMismatch", "characteristicValueSpecification.1.unitOfMeasure"),
        ),
        (
            {"valueType": "string", "characteristicValueSpecification": [{"valueFrom": 1}]},
            ("valueRange", "valueType"),
        ),
        (
            {"characteristicValueSpecification": [{"value": "5", "isDefault": True}]},
            ("valueType", ""),
        ),
        (
            {
                "characteristicValueSpecification": [
                    {"value": 50, "isDefault": True, "valueFrom": 1, "valueTo": 10}
                ]
            },
            ("valueOutOfRange", ""),
        ),
    ],
)
def test_a_specification_that_contradicts_itself_is_refused(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused_codes({"name": "x", "valueType": "integer"} | changes) == [expected]


# Filling.


def test_defaults_are_added_in_the_typed_form() -> None:
    friends = NUMBERS | {
        "valueType": "array",
        "regex": None,
        "characteristicValueSpecification": [
            {
                "@type": "StringArrayCharacteristicValueSpecification",
                "value": ["a", "b"],
                "isDefault": True,
            }
        ],
    }
    specs = specs_of(SPEED, COLOUR, friends, STATIC)
    given = [{"name": "downloadSpeed", "value": 5, "id": "kept"}]
    filled = fill_characteristics(specs, given)
    assert filled[0] == given[0] | {"@type": "NumberCharacteristic", "valueType": "number"}
    assert list(filled[1].items()) == [
        ("@type", "StringCharacteristic"),
        ("name", "colour"),
        ("valueType", "string"),
        ("value", "black"),
    ]
    assert [tuple(entry.values()) for entry in filled[2:]] == [
        ("StringArrayCharacteristic", "friends", "array", ["a", "b"]),
        ("StringCharacteristic", "technology", "string", "GPON"),
    ]
    assert fill_characteristics(specs, filled) == filled
    assert given == [{"name": "downloadSpeed", "value": 5, "id": "kept"}]
    assert check_characteristics(specs, filled, "c") == []


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("x", "StringCharacteristic"),
        (True, "BooleanCharacteristic"),
        (5, "IntegerCharacteristic"),
        (Decimal("5.5"), "NumberCharacteristic"),
        ({}, "ObjectCharacteristic"),
        (["x"], "StringArrayCharacteristic"),
        ([True], "BooleanArrayCharacteristic"),
        ([5], "IntegerArrayCharacteristic"),
        ([5, Decimal("5.5")], "NumberArrayCharacteristic"),
        ([{}], "ObjectArrayCharacteristic"),
    ],
)
def test_the_type_is_named_after_the_value(given_value: Any, expected: str) -> None:
    assert characteristic_type(given_value) == expected


def test_a_specified_type_wins_over_the_look_of_the_value() -> None:
    assert characteristic_type(5, "number") == "NumberCharacteristic"
    assert characteristic_type([], "integer") == "IntegerArrayCharacteristic"


# Patterns.

pieces = st.sampled_from(
    ["a", "b", ".", "[ab]", "[^a]", r"\d", r"\.", "(ab|b)", "(?:a|)", "((a*)*)", "(?:a{0})", "()"]
)
repeats = st.sampled_from(["", "*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", "*?"])
patterns = st.lists(st.tuples(pieces, repeats), max_size=5).map(
    lambda parts: "".join(piece + repeat for piece, repeat in parts)
)


@unhurried
@given(st.lists(patterns, min_size=1, max_size=3).map("|".join), st.text("ab.1", max_size=7))
def test_a_pattern_matches_what_pythons_fullmatch_does(pattern: str, text: str) -> None:
    expected = re.fullmatch(pattern, text) is not None
    assert compile_pattern(pattern).matches(text) == expected


@pytest.mark.parametrize(
    ("pattern", "right", "wrong"),
    [
        (r"^\+[1-9][0-9]{6,14}$", "+4915112345678", "004915112345678"),
        (r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[a-z]{2,}", "ada@example.org", "ada@example"),
        (r"(\d{1,3}\.){3}\d{1,3}", "10.0.0.1", "10.0.0"),
        (r"^[]\-]\x41\$$", "-A$", "-A"),
        (r"a{x}|{}", "a{x}", "ax"),
        ("a{1,3}", "aaa", "aaaa"),
        ("a{,2}b{2,}", "aabbb", "aaabb"),
        ("(ab){2}", "abab", "ab"),
    ],
)
def test_patterns_catalogues_use_are_understood(pattern: str, right: str, wrong: str) -> None:
    assert compile_pattern(pattern).matches(right)
    assert not compile_pattern(pattern).matches(wrong)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+b", "a" * 1_000),
        ("(a|aa)+b", "a" * 1_000),
        ("a?" * 60 + "a" * 60, "a" * 59),
        (".*a.*a.*a.*a.*b", "a" * 1_000),
    ],
)
def test_patterns_that_ruin_a_backtracker_are_answered(pattern: str, text: str) -> None:
    assert not compile_pattern(pattern).matches(text)


@pytest.mark.parametrize(
    "pattern",
    [
        "a" * 201,
        "(a{30}){30}",
        "((((){99}){99}){99}){99}",
        "a{4000000000}",
        "(?=a)a",
        r"(a)\1",
        r"\bword\b",
        "a^b",
        "(?i)a",
        "a++",
        "[",
        "*",
    ],
)
def test_what_no_small_automaton_can_do_is_refused(pattern: str) -> None:
    with pytest.raises(Refused) as caught:
        compile_pattern(pattern)
    assert caught.value.refusal.findings[0].code == "regex"


def test_a_value_too_long_to_match_is_a_finding() -> None:
    document = {"name": "x", "valueType": "string", "regex": "a*"}
    assert found([document], [value("x", "a" * 1_000)]) == []
    assert found([document], [value("x", "a" * 1_001)]) == [
        ("valueTooLong", "productCharacteristic.0.value")
    ]
