"""The tables say what the official files say: no attribute missing, none invented."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.tmf.apis import API
from banyan.tmf.edge import v4_book, v4_type
from banyan.tmf.shapes import IMPLIED, INNER, Attribute, ShapeBook, read_attribute, read_book
from tests.reals import SPECS, note_missing
from tests.tmf.official import Official, official

V5_APIS = [api.id for api in API.values() if api.v5 is not None and api.id.startswith("TMF")]
V4_APIS = [api.id for api in API.values() if api.v4 is not None and api.id.startswith("TMF")]

OUR_V5: dict[str, str] = {
    "ResourceCandidate.name": "asked for on create, declared by no candidate schema",
    "EntitySpecificationRelationship.@referredType": "a reference in TMF633 only",
    "Feature.constraint": "TMF638 has constraint, TMF639 policyConstraint; one inner type has both",
    "Feature.policyConstraint": "see Feature.constraint",
    "FeatureRelationship.@referredType": "a reference in TMF639 only",
    "ProductOffering.lastUpdate": "asked for on create, filled by the server",
    "ProductOffering.lifecycleStatus": "asked for on create, filled by the server",
    "ProductOfferingPrice.lastUpdate": "asked for on create, filled by the server",
    "ProductOfferingPrice.lifecycleStatus": "asked for on create, filled by the server",
    "ProductOfferingPrice.priceType": "asked for on create, filled by the server",
    "ProductSpecification.lastUpdate": "asked for on create, filled by the server",
    "ProductSpecification.lifecycleStatus": "asked for on create, filled by the server",
}
OUR_V5 |= {
    f"{kind}ResourceSpecification.name": "mandatory in the base type"
    for kind in ("Logical", "Physical")
}
OUR_V5["ResourceFunctionSpecification.name"] = "mandatory in the base type"
OUR_V5 |= {
    f"{kind}ArrayCharacteristic.value": "an empty array is a value"
    for kind in ("Boolean", "Float", "Integer", "Number", "Object", "String")
}
"""Where a table says otherwise than an official v5 file, and why."""


def test_a_word_reads_as_an_attribute() -> None:
    assert read_attribute("name") == Attribute("name", "string")
    assert read_attribute("item:Item+~c") == Attribute("item", "Item", True, True, True, False)
    assert read_attribute("on:dateTime!~cu") == Attribute("on", "dateTime", False, True, True, True)
    assert read_attribute("@referredType").cardinality == "0..1"
    assert read_attribute("x*").cardinality == "0..*"


def test_a_type_that_does_not_exist_is_noticed() -> None:
    with pytest.raises(AssertionError, match="unknown type Nothing"):
        read_book({"A": "b:Nothing"}, {}, {})


def test_a_subtype_has_the_attributes_of_its_base() -> None:
    book = read_book({"A": "x!", "B": "(A) y", "C": "(B) z*"}, {}, {"U": "A"})
    assert list(book.shapes["C"].attributes) == ["x", "y", "z"]
    assert book.family("U") == ("A", "B", "C")


def test_every_type_is_reached_by_some_resource() -> None:
    roots = [r.type_name for api in API.values() for r in api.resources]
    described = {*INNER.shapes, *INNER.enums, *INNER.unions}
    abstract = {"Account", "Catalog", "EntityRef", "ErrorMessage", "JeopardyAlert", "Milestone"}
    abstract |= {"Party", "Place"}
    assert described - set(INNER.reachable(*roots)) <= abstract


def differences(
    book: ShapeBook, name: str, theirs: tuple[dict[str, Any], set[str]]
) -> dict[str, str]:
    """What of one shape is not as ``theirs`` (properties, required) has it."""
    properties, required = theirs
    ours = book.shapes[name].attributes
    label = name.partition(".")[0]
    found: dict[str, str] = {}
    for attribute in properties.keys() - ours.keys() - set(IMPLIED):
        found[f"{label}.{attribute}"] = "missing"
    for attribute in ours.keys() - properties.keys():
        found[f"{label}.{attribute}"] = "invented"
    for attribute in ours.keys() & properties.keys():
        many = properties[attribute].get("type") == "array"
        if ours[attribute].many != many:
            found[f"{label}.{attribute}"] = f"many is {many}"
        elif ours[attribute].mandatory != (attribute in required):
            found[f"{label}.{attribute}"] = f"mandatory is {attribute in required}"
    return found


@pytest.mark.parametrize("api", V5_APIS)
def test_the_inner_shapes_are_those_of_the_official_v5_file(api: str) -> None:
    if SPECS is None:
        note_missing("official v5 files")
        return
    file = official(SPECS, api, 5)
    roots = [r.type_name for r in API[api].resources_in(5)]
    found: dict[str, str] = {}
    checked = 0
    for name in INNER.reachable(*roots):
        if name not in file.schemas or name in INNER.enums:
            continue
        checked += 1
        if name in INNER.unions:
            said = [r["$ref"].rpartition("/")[2] for r in file.schemas[name]["oneOf"]]
            assert sorted(said) == sorted(INNER.unions[name])
            continue
        found |= differences(INNER, name, as_created(file, name))
    assert checked >= 25
    assert {k: v for k, v in found.items() if k not in OUR_V5 and not asked_elsewhere(k, v)} == {}


def asked_elsewhere(where: str, what: str) -> bool:
    """The write schemas of a shared type differ between files: asked in one is asked in all."""
    name, _, attribute = where.partition(".")
    assert SPECS is not None
    files = [official(SPECS, api, 5) for api in V5_APIS]
    return what == "mandatory is False" and any(
        name in file.schemas and attribute in as_created(file, name)[1] for file in files
    )


def as_created(file: Official, name: str) -> tuple[dict[str, Any], set[str]]:
    """The properties as read, the required names as on create."""
    properties, required = file.flat(name)
    if f"{name}_FVO" in file.schemas:
        required = file.flat(f"{name}_FVO")[1]
    return properties, required - {"@type"}


@pytest.mark.parametrize("api", V5_APIS)
def test_the_words_are_those_of_the_official_v5_file(api: str) -> None:
    if SPECS is None:
        note_missing("official v5 files")
        return
    file = official(SPECS, api, 5)
    for name, words in INNER.enums.items():
        if name in file.schemas:
            assert list(words) == file.schemas[name]["enum"], name


@pytest.mark.parametrize("api", V5_APIS)
def test_server_owned_attributes_are_those_the_write_schemas_lack(api: str) -> None:
    if SPECS is None:
        note_missing("official v5 files")
        return
    file = official(SPECS, api, 5)
    for resource in API[api].resources_in(5):
        name = resource.type_name
        ours = INNER.shapes[name].attributes.values()
        read = file.flat(name)[0].keys() - set(IMPLIED)
        for suffix, owned in (
            ("_FVO", {a.name for a in ours if a.server_on_create}),
            ("_MVO", {a.name for a in ours if a.server_on_update}),
        ):
            if f"{name}{suffix}" in file.schemas:
                assert owned == read - file.flat(f"{name}{suffix}")[0].keys(), name + suffix


@pytest.mark.parametrize("api", V4_APIS)
def test_the_v4_view_is_that_of_the_official_v4_file(api: str) -> None:
    if SPECS is None:
        note_missing("official v4 files")
        return
    file = official(SPECS, api, 4)
    book = v4_book(api)
    created = {v4_type(api, r.name) for r in API[api].resources_in(4)}
    found: dict[str, str] = {}
    for name in book.shapes:
        label = name.partition(".")[0]
        assert label in file.schemas, f"{label} is no type of {api} v4"
        properties, required = file.flat(label)
        if label in created and f"{label}_Create" in file.schemas:
            required = required | file.flat(f"{label}_Create")[1]
        found |= differences(book, name, (properties, required))
    assert {k: v for k, v in found.items() if not waived_v4(api, k, v)} == {}


def waived_v4(api: str, where: str, what: str) -> bool:
    """What v4 asks of a client that nobody should be asked: the server's ids, metadata."""
    name = where.partition(".")[2]
    return name.startswith("@")


@pytest.mark.parametrize("api", V4_APIS)
def test_the_words_of_the_v4_view_are_those_of_the_official_v4_file(api: str) -> None:
    if SPECS is None:
        note_missing("official v4 files")
        return
    file = official(SPECS, api, 4)
    for name, words in v4_book(api).enums.items():
        if name in file.schemas:
            assert sorted(words) == sorted(file.schemas[name]["enum"]), name
