"""The OpenAPI documents stand on their own and say what the tables say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from banyan.kernel.words.codec import Document, to_json
from banyan.tmf.apis import API, Generation
from banyan.tmf.openapi import describe, openapi_document
from tests.reals import SPECS, note_missing
from tests.tmf.official import official

EDITIONS: list[tuple[str, Generation]] = [
    (api.id, generation) for api in API.values() for generation in api.generations
]
OFFICIAL = [edition for edition in EDITIONS if edition[0].startswith("TMF")]
each_edition = pytest.mark.parametrize(("api", "generation"), EDITIONS)
each_official = pytest.mark.parametrize(("api", "generation"), OFFICIAL)

OPERATION: Document = {
    "type": "object",
    "required": ["responses", "operationId"],
    "properties": {
        "responses": {"type": "object", "minProperties": 1},
        "parameters": {"type": "array"},
        "requestBody": {"type": "object", "required": ["content"]},
        "callbacks": {"type": "object"},
    },
    "additionalProperties": {"not": {"type": "null"}},
}
DOCUMENT: Document = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {
        "openapi": {"pattern": r"^3\.1\.\d+$"},
        "info": {"required": ["title", "version"]},
        "servers": {"items": {"required": ["url"]}},
        "paths": {
            "patternProperties": {
                "^/": {
                    "properties": {
                        **dict.fromkeys(("get", "post", "patch", "delete"), OPERATION),
                        "parameters": {"type": "array"},
                    },
                    "additionalProperties": False,
                }
            },
            "additionalProperties": False,
        },
        "components": {
            "properties": {
                part: {"propertyNames": {"pattern": r"^[a-zA-Z0-9._-]+$"}}
                for part in ("schemas", "parameters", "headers", "responses")
            },
            "additionalProperties": False,
        },
    },
}


def written(api: str, generation: Generation) -> Document:
    return openapi_document(describe(api, generation))


def refs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        mapping = node.get("discriminator", {})
        yield from mapping.get("mapping", {}).values() if isinstance(mapping, dict) else ()
        for below in node.values():
            yield from refs(below)
    if isinstance(node, list):
        for below in node:
            yield from refs(below)


@each_edition
def test_a_document_has_the_structure_of_openapi_3_1(api: str, generation: Generation) -> None:
    document = written(api, generation)
    found = [str(e) for e in jsonschema_rs.validator_for(DOCUMENT).iter_errors(document)]
    assert found == []
    assert to_json(document)


@each_edition
def test_every_reference_stays_inside_and_leads_somewhere(api: str, generation: Generation) -> None:
    document = written(api, generation)
    for ref in refs(document):
        assert ref.startswith("#/components/"), ref
        part, name = ref.removeprefix("#/components/").split("/")
        assert name in document["components"][part], ref


@each_edition
def test_operation_ids_are_unique_and_path_parameters_declared(
    api: str, generation: Generation
) -> None:
    document = written(api, generation)
    seen = []
    for path, item in document["paths"].items():
        assert ("{" in path) == ("parameters" in item)
        methods = [m for m in item if m != "parameters"]
        seen += [item[m]["operationId"] for m in methods]
        for method in methods:
            named = [p.get("name") or p["$ref"] for p in item[method].get("parameters", ())]
            assert len(named) == len(set(named))
    assert len(seen) == len(set(seen))


@each_edition
def test_every_schema_is_a_valid_json_schema(api: str, generation: Generation) -> None:
    document = written(api, generation)
    for name, schema in document["components"]["schemas"].items():
        assert re.fullmatch(r"[A-Za-z.]+(_\w+)?", name)
        assert jsonschema_rs.meta.is_valid(
            {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        )


@each_official
def test_paths_and_methods_are_those_of_the_official_file(api: str, generation: Generation) -> None:
    if SPECS is None:
        note_missing("official files")
        return
    theirs = official(SPECS, api, generation).operations
    ours = {
        path: {m for m in item if m != "parameters"}
        for path, item in written(api, generation)["paths"].items()
        if not path.startswith("/hub")
    }
    assert ours == theirs


@each_official
def test_events_are_those_of_the_official_file_or_more(api: str, generation: Generation) -> None:
    if SPECS is None:
        note_missing("official files")
        return
    post = written(api, generation)["paths"]["/hub"]["post"]
    assert official(SPECS, api, generation).listened <= post.get("callbacks", {}).keys()


def test_a_create_body_does_not_offer_what_the_server_owns() -> None:
    schemas = written("TMF622", 5)["components"]["schemas"]
    assert "state" in schemas["ProductOrder"]["properties"]
    assert "state" not in schemas["ProductOrder_FVO"]["properties"]
    assert schemas["ProductOrder_FVO"]["required"] == ["productOrderItem"]
    assert "creationDate" not in schemas["ProductOrder_MVO"]["properties"]


def test_v4_is_described_in_v4_names() -> None:
    schemas = written("TMF622", 4)["components"]["schemas"]
    assert "orderDate" in schemas["ProductOrder"]["properties"]
    assert "creationDate" not in schemas["ProductOrder"]["properties"]
    assert schemas["RelatedParty"]["properties"]["name"] == {"type": "string"}


def test_a_part_of_an_api_can_be_described() -> None:
    part = openapi_document(describe("TMF632", 5, frozenset({"individual"})))
    assert "/organization" not in part["paths"]
