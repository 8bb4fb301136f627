"""A slice template becomes a service specification: every defect told, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.components.catalog.contract import ImportCatalog, ReadSliceTemplate
from banyan.components.catalog.wire import read_template, rebuild_template
from banyan.kernel.words.characteristics import CharacteristicSpec
from banyan.kernel.words.codec import Document, from_json
from banyan.kernel.words.errors import Refused
from tests.catalog.shop import Shop
from tests.reals import GSMA, note_missing


def value(text: str, alias: str = "", unit: str = "N/A", kind: str = "INTEGER", **more: Any) -> Any:
    return {
        "value": {"value": text, "alias": alias},
        "unitOfMeasure": unit,
        "valueType": kind,
    } | more


def attribute(name: str, kind: str | None, *values: Any, **more: Any) -> Document:
    return {
        "name": name, "valueType": kind, "configurable": False, "minCardinality": 0,
        "maxCardinality": 1, "serviceSpecCharacteristicValue": list(values),
        "serviceSpecCharRelationship": [], "regex": None, **more,
    }  # fmt: skip


def depends(*names: str) -> list[Document]:
    return [{"name": name, "role": name, "relationshipType": "dependency"} for name in names]


TEMPLATE: Document = {
    "name": "Own Template",
    "description": "made for this test",
    "version": "1.2",
    "isBundle": False,
    "targetServiceSchema": None,
    "serviceSpecCharacteristic": [
        attribute("Speed", "INTEGER", value("50", unit="kbps", isDefault=True)),
        attribute("Group", None, serviceSpecCharRelationship=depends("Speed", "Nowhere", "speed")),
        attribute("Odd group", "ARRAY", serviceSpecCharRelationship=depends("Speed")),
        attribute("Mode", "ENUM", value("1", "one"), value("1", "two"), value("2", unit="Seconds")),
        attribute("Region", "SET", value("1", "Local Region A"), value("2", "Local Region B")),
        attribute("Accuracy", "FLOAT", value("0,5", unit="Seconds", kind="FLOAT", isDefault=True)),
        attribute("Window", "INTEGER", value("01", unit="furlong", isDefault=True)),
        attribute("Priority", "FLOAT", value("10", unit="Seconds", kind="FLOAT")),
        attribute("Delay Budget", "FLOAT", value("20000", unit="Seconds", kind="FLOAT")),
        attribute("Service Availability", "BINARY", value("0", "no"), value("1", "yes")),
        attribute("Network Availability", "TEXT", value("x", kind="FLOAT"), regex="Conditional: y"),
        attribute("Total Availability", "INTEGER", value("many", isDefault=True), regex=" "),
        attribute("Partial Availabilty", "INTEGER", value("1", isDefault=True),
                  value("2", isDefault=True), minCardinality="none"),
        attribute("Speed", "ODD", value("1", unit="ms"), value("2", unit="s")),
        attribute("Code", "TEXT", value("ab", kind="TEXT"), regex="[a-c]+", vendor={"x": [1]}),
        attribute("Span", "INTEGER", value("5", valueFrom=1, valueTo="ten")),
        {"description": "no name"},
        attribute("Lists", "INTEGER", "no object", serviceSpecCharRelationship="none"),
        attribute("Untyped", None, value("1")),
    ],
}  # fmt: skip

DEFECTS = {
    "missingAttribute": "1.serviceSpecCharRelationship.1.name",
    "nameDiffers": "1.serviceSpecCharRelationship.2.name",
    "typeOfGroup": "2.valueType",
    "duplicateValue": "3.serviceSpecCharacteristicValue.1.value",
    "unitOnCode": "3.serviceSpecCharacteristicValue.2.unitOfMeasure",
    "placeholder": "4.serviceSpecCharacteristicValue.0.value.alias",
    "decimalComma": "5.serviceSpecCharacteristicValue.0.value",
    "numberForm": "6.serviceSpecCharacteristicValue.0.value",
    "unitUnknown": "6.serviceSpecCharacteristicValue.0.unitOfMeasure",
    "unitImplausible": "7.serviceSpecCharacteristicValue.0.unitOfMeasure",
    "valueType": "10.serviceSpecCharacteristicValue.0.valueType",
    "regexIsProse": "10.regex",
    "blankRegex": "11.regex",
    "noNumber": "11.serviceSpecCharacteristicValue.0.value",
    "severalDefaults": "12.serviceSpecCharacteristicValue",
    "misspelt": "12.name",
    "wrongType": "12.minCardinality",
    "duplicate": "13.name",
    "unitsDiffer": "13.serviceSpecCharacteristicValue.1.unitOfMeasure",
    "noName": "16",
    "noType": "18",
    "nothingConfigurable": "0.configurable",
}


def test_every_kind_of_defect_is_told_with_its_place() -> None:
    _, defects = read_template(TEMPLATE)
    told = {(each.code, each.path) for each in defects}
    for code, path in DEFECTS.items():
        assert (code, f"serviceSpecCharacteristic.{path}") in told
    assert {code for code, _ in told} == set(DEFECTS)
    assert ("unitImplausible", f"serviceSpecCharacteristic.8.{UNIT}") in told
    assert (
        "noNumber",
        "serviceSpecCharacteristic.15.serviceSpecCharacteristicValue.0.valueTo",
    ) in told


UNIT = "serviceSpecCharacteristicValue.0.unitOfMeasure"


def test_nothing_is_lost() -> None:
    spec, _ = read_template(TEMPLATE)
    assert rebuild_template(spec) == TEMPLATE


def test_attributes_become_typed_characteristics_with_units_and_choices() -> None:
    spec, _ = read_template(TEMPLATE)
    assert (spec["id"], spec["version"], spec["lifecycleStatus"]) == (
        "own-template", "1.2", "In Design",
    )  # fmt: skip
    named = {each["name"]: each for each in reversed(spec["specCharacteristic"])}
    assert named["Speed"]["characteristicValueSpecification"] == [
        {"value": 50, "isDefault": True, "unitOfMeasure": "kbit/s"}
    ]
    mode = named["Mode"]["characteristicValueSpecification"]
    assert [(each["value"], each.get("alias")) for each in mode] == [
        (1, "one"),
        (1, "two"),
        (2, None),
    ]
    assert named["Region"]["valueType"] == "array of integer"
    assert named["Group"]["valueType"] == "object"
    assert [each["name"] for each in named["Group"]["charSpecRelationship"]] == [
        "Speed", "Nowhere", "speed",
    ]  # fmt: skip
    assert named["Code"]["regex"] == "[a-c]+"
    assert "regex" not in named["Network Availability"]
    for each in spec["specCharacteristic"]:
        CharacteristicSpec.from_tmf(each)


def load(shop: Shop, template: Document) -> tuple[Document, Document]:
    read = shop.put(ReadSliceTemplate(document={"template": template}))
    files = [{"name": f["name"], "text": f["text"]} for f in read["catalogFile"]]
    job = shop.put(ImportCatalog(document={"url": "inline:", "catalogFile": files}))
    return read, job["loaded"]


def test_the_same_template_twice_changes_nothing(shop: Shop) -> None:
    template = {**TEMPLATE, "serviceSpecCharacteristic": TEMPLATE[LIST][:13]}
    first, loaded = load(shop, template)
    assert loaded == {"created": 1, "changed": 0, "unchanged": 0}
    again, loaded = load(shop, template)
    assert (again, loaded) == (first, {"created": 0, "changed": 0, "unchanged": 1})


LIST = "serviceSpecCharacteristic"


@pytest.mark.parametrize(
    "template", [{}, [], "x", {"name": "x"}, {LIST: []}, {"name": " ", LIST: []}]
)
def test_what_is_no_template_is_refused(template: Any) -> None:
    with pytest.raises(Refused):
        read_template(template)


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)  # fmt: skip


@given(changes=st.lists(st.tuples(st.integers(0, 18), st.text(max_size=4), anything), max_size=6))
@settings(max_examples=80, deadline=None)
def test_whatever_a_template_holds_is_read_and_can_be_made_again(
    changes: list[tuple[int, str, Any]],
) -> None:
    attributes = [dict(each) for each in TEMPLATE[LIST]]
    for at, name, thing in changes:
        wanted = sorted(attributes[at])
        attributes[at][name if len(name) % 2 else wanted[len(name) % len(wanted)]] = thing
    template = {**TEMPLATE, LIST: attributes}
    spec, _ = read_template(template)
    assert rebuild_template(spec) == template


def test_the_published_template_comes_in_whole(shop: Shop) -> None:
    if GSMA is None:
        note_missing("the GSMA Generic Slice Template")
        return
    template = from_json((GSMA / "gst.json").read_bytes())
    spec, defects = read_template(template)
    assert len(spec["specCharacteristic"]) == len(template[LIST]) == 79
    assert rebuild_template(spec) == template
    told = " ".join(each.reason for each in defects)
    for words in (
        "Packet Delay Budget: 20000 s", "Priority Level: it has no unit", "'0,0000001'",
        "the value 4 is there already", "Local Region A, B", "Guaranteed uplink throughput'",
        "'Availabilty' is most likely", "GBR QoS flows: it has no unit", "not configurable",
    ):  # fmt: skip
        assert words in told
    first, loaded = load(shop, template)
    assert loaded["created"] == 1
    again, loaded = load(shop, template)
    assert (again["catalogFile"], loaded["unchanged"]) == (first["catalogFile"], 1)
