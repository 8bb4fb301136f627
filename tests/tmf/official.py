"""Reads the official files and validates by their own rules: the judge the tables answer to.

Plain JSON Schema throughout, except: ``oneOf`` goes by its discriminator, or needs at least one
branch; a discriminator on a plain schema jumps to a subclass once and never recurses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

Schema = dict[str, Any]

_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class _Loader(yaml.CSafeLoader):
    """YAML whose dates stay text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
    for first, found in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


@cache
def read_file(path: Path) -> dict[str, Any]:
    """An official file as it is."""
    text = path.read_text("utf-8")
    whole: dict[str, Any] = json.loads(text) if path.suffix == ".json" else yaml.load(text, _Loader)
    return whole


class Official:
    """One official file."""

    def __init__(self, path: Path) -> None:
        whole = read_file(path)
        self.schemas: dict[str, Schema] = (
            whole["definitions"] if "definitions" in whole else whole["components"]["schemas"]
        )
        paths: dict[str, Schema] = whole["paths"]
        self.operations = {
            path: {m for m in item if m in ("get", "post", "patch", "delete")}
            for path, item in paths.items()
            if not path.startswith(("/hub", "/listener"))
        }
        """Path to methods, hub and listeners apart."""
        self.listened = {p.rpartition("/")[2] for p in paths if p.startswith("/listener/")}
        """The event names, lower camel, a listener gets."""

    def problems(self, name: str, instance: Any) -> list[str]:
        """Everything wrong with ``instance`` as the schema ``name``; empty if it is valid."""
        return list(self._check(self.schemas[name], instance, name, jump=True))

    def problems_with(self, schema: Schema, instance: Any) -> list[str]:
        """The same for a schema that stands in the file without a name of its own."""
        return list(self._check(schema, instance, "body", jump=True))

    def _named(self, ref: str) -> Schema:
        return self.schemas[ref.rpartition("/")[2]]

    def _check(self, schema: Schema, value: Any, at: str, *, jump: bool) -> Iterator[str]:
        if "$ref" in schema:
            yield from self._check(self._named(schema["$ref"]), value, at, jump=jump)
            return
        if value is None and schema.get("nullable"):
            return
        if "oneOf" in schema:
            yield from self._one_of(schema, value, at)
            return
        mapping = schema.get("discriminator", {})
        if jump and isinstance(mapping, dict) and isinstance(value, dict):
            target = mapping.get("mapping", {}).get(value.get("@type"))
            if target and self._named(target) is not schema:
                yield from self._check(self._named(target), value, at, jump=False)
                return
        for part in schema.get("allOf", ()):
            yield from self._check(part, value, at, jump=False)
        yield from self._plain(schema, value, at)

    def _one_of(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        mapping = schema.get("discriminator", {}).get("mapping", {})
        named = value.get("@type") if isinstance(value, dict) else None
        if mapping and named is not None:
            if named not in mapping:
                yield f"{at}: {named} is not in the mapping"
            else:
                yield from self._check(self._named(mapping[named]), value, at, jump=False)
            return
        branches = [list(self._check(b, value, at, jump=True)) for b in schema["oneOf"]]
        if all(branches):
            yield f"{at}: no branch fits: {branches}"

    def _plain(self, schema: Schema, value: Any, at: str) -> Iterator[str]:
        wanted = schema.get("type")
        if wanted and not _is_type(wanted, value):
            yield f"{at}: {value!r} is no {wanted}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at}: {value!r} is not in {schema['enum']}"
        if schema.get("format") == "date-time" and not _DATE_TIME.fullmatch(str(value)):
            yield f"{at}: {value!r} is no date-time"
        if isinstance(value, dict):
            for name in schema.get("required", ()):
                if name not in value:
                    yield f"{at}.{name} is missing"
            for name, below in schema.get("properties", {}).items():
                if name in value:
                    yield from self._check(below, value[name], f"{at}.{name}", jump=True)
        if isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                yield f"{at}: too few"
            for number, item in enumerate(value):
                below = schema.get("items", {})
                yield from self._check(below, item, f"{at}.{number}", jump=True)

    def flat(self, name: str) -> tuple[dict[str, Schema], set[str]]:
        """All properties and required names of an object schema, its ``allOf`` included."""
        return self._flattened(self.schemas[name])

    def _flattened(self, schema: Schema) -> tuple[dict[str, Schema], set[str]]:
        if "$ref" in schema:
            return self._flattened(self._named(schema["$ref"]))
        properties: dict[str, Schema] = {}
        required: set[str] = set()
        for part in schema.get("allOf", ()):
            below, needed = self._flattened(part)
            properties |= below
            required |= needed
        properties |= schema.get("properties", {})
        return properties, required | set(schema.get("required", ()))


def _is_type(wanted: str, value: Any) -> bool:
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return {
        "string": isinstance(value, str),
        "integer": number and value == int(value),
        "number": number,
        "boolean": isinstance(value, bool),
        "object": isinstance(value, dict),
        "array": isinstance(value, list),
    }[wanted]


@cache
def official(specs: Path, api: str, generation: int) -> Official:
    """The file of an API in one generation."""
    return Official(specs / f"{api}-v{generation}.{'json' if generation == 4 else 'yaml'}")
