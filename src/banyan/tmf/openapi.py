"""Writes the OpenAPI 3.1 document of an API from its facts and the shape tables.

Everything refers inside the document only. v4 documents describe the v4 view of the same shapes.
Sub-objects whose mandatory attributes differ between creating and reading appear twice, the way
the standard does it: ``X`` and ``X_FVO`` (v4: ``X_Create``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from banyan.kernel.words.codec import Document
from banyan.tmf.apis import API, Generation
from banyan.tmf.edge import v4_book, v4_type
from banyan.tmf.schema import Form, object_schema
from banyan.tmf.shapes import INNER, SCALARS, Shape, ShapeBook


@dataclass(frozen=True, slots=True)
class ResourceDescription:
    """One resource as the document shows it; ``operations`` are letters of ``GCUD``.

    What is worked out has no order of its own to be asked for: it is not ``is_sorted``.
    """

    name: str
    type_name: str
    operations: str
    task: bool = False
    event_types: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    is_sorted: bool = True


@dataclass(frozen=True, slots=True)
class ApiDescription:
    """One API in one generation, with the resources that are really served."""

    id: str
    title: str
    version: str
    base_path: str
    generation: Generation
    resources: tuple[ResourceDescription, ...]


def describe(
    api: str, generation: Generation, served: frozenset[str] | None = None
) -> ApiDescription:
    """The description of an API from its facts; ``served`` limits it to some resource names."""
    facts = API[api]
    version = facts.version(generation)
    resources = tuple(
        ResourceDescription(
            r.name_in(generation),
            v4_type(api, r.name) if generation == 4 else r.type_name,
            r.operations,
            r.task,
            r.event_types(generation),
            r.parts,
        )
        for r in facts.resources_in(generation)
        if served is None or r.name in served
    )
    return ApiDescription(
        api, facts.title, version.version, version.base_path, generation, resources
    )


def openapi_document(api: ApiDescription) -> Document:
    """The whole document: paths, hub with its callbacks, parameters, errors, components."""
    paths: Document = {}
    for resource in api.resources:
        paths.update(_resource_paths(api, resource))
    paths.update(_hub_paths(api))
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {"title": f"{api.id} {api.title}", "version": api.version},
        "servers": [{"url": api.base_path}],
        "tags": [{"name": r.name} for r in api.resources],
        "paths": paths,
        "components": {
            "schemas": _schemas(api),
            "parameters": _PARAMETERS,
            "headers": _HEADERS,
            "responses": _responses(),
        },
    }


_TEXT: Final[Document] = {"type": "string"}
_COUNT: Final[Document] = {"type": "integer", "minimum": 0}


def _parameter(name: str, description: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "description": description, "schema": schema}


_PARAMETERS: Final[Document] = {
    "id": {"name": "id", "in": "path", "required": True, "schema": _TEXT},
    "fields": _parameter("fields", "Attributes to show, comma separated; none for the id", _TEXT),
    "offset": _parameter("offset", "How many to leave out at the start", _COUNT),
    "limit": _parameter("limit", "How many to show at most", _COUNT),
    "sort": _parameter("sort", "Attributes to sort by, comma separated, - for descending", _TEXT),
    "filter": _parameter("filter", "A JSONPath that finds something in what is shown", _TEXT),
    "after": _parameter("after", "A cursor: what is shown stands behind it", _TEXT),
    "before": _parameter("before", "A cursor: what is shown stands before it", _TEXT),
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag the change is based on",
        "schema": _TEXT,
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A repeat with the same key gets the first answer",
        "schema": _TEXT,
    },
}

_HEADERS: Final[Document] = {
    "X-Total-Count": {"description": "How many match", "schema": _COUNT},
    "X-Result-Count": {"description": "How many are shown here", "schema": _COUNT},
    "Link": {"description": "First, previous, next and last page", "schema": _TEXT},
    "Location": {"description": "Where the new resource is", "schema": _TEXT},
    "ETag": {"description": "The revision shown", "schema": _TEXT},
}

_ERRORS: Final[dict[str, str]] = {
    "400": "Malformed, or against the schema",
    "401": "Not authenticated",
    "403": "Not allowed",
    "404": "Unknown",
    "405": "Not offered by this resource",
    "409": "In conflict with the resource's state",
    "412": "Changed by somebody else meanwhile",
    "415": "Media type not accepted",
    "422": "Breaks a business rule",
    "429": "Too many requests",
    "500": "Failure",
    "501": "Not implemented",
    "503": "Temporarily unavailable",
}
_READ_ERRORS: Final = ("400", "401", "403", "404", "405", "429", "500", "501", "503")
_WRITE_ERRORS: Final = ("400", "401", "403", "404", "405", "409", "412", "415", "422", "429",
                        "500", "503")  # fmt: skip


def _ref(part: str, name: str) -> Document:
    return {"$ref": f"#/components/{part}/{name}"}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _responses() -> Document:
    return {
        code: {"description": text, "content": _json(_ref("schemas", "Error"))}
        for code, text in _ERRORS.items()
    }


def _answers(codes: tuple[str, ...], **good: Document) -> Document:
    answers: Document = {code.removeprefix("_"): answer for code, answer in good.items()}
    answers.update((code, _ref("responses", code)) for code in codes)
    return answers


def _body(description: str, schema: Document, *headers: str) -> Document:
    answer: Document = {"description": description, "content": _json(schema)}
    if headers:
        answer["headers"] = {name: _ref("headers", name) for name in headers}
    return answer


def _suffixes(generation: Generation) -> tuple[str, str]:
    return ("_Create", "_Update") if generation == 4 else ("_FVO", "_MVO")


def _book(api: ApiDescription) -> ShapeBook:
    return v4_book(api.id) if api.generation == 4 else INNER


def _resource_paths(api: ApiDescription, resource: ResourceDescription) -> Document:
    name, shape = resource.name, resource.type_name
    upper = name[0].upper() + name[1:]
    listed: Document = {"get": _list_operation(api, resource)}
    single: Document = {"parameters": [_ref("parameters", "id")]}
    whole = _ref("schemas", shape)
    single["get"] = {
        "operationId": f"retrieve{upper}",
        "tags": [name],
        "parameters": [_ref("parameters", "fields")],
        "responses": _answers(_READ_ERRORS, _200=_body("Found", whole, "ETag")),
    }
    create, update = _suffixes(api.generation)
    if "C" in resource.operations:
        made = _body("Accepted for processing" if resource.task else "Created", whole, "Location")
        listed["post"] = {
            "operationId": f"create{upper}",
            "tags": [name],
            "parameters": [_ref("parameters", p) for p in ("fields", "Idempotency-Key")],
            "requestBody": {
                "required": True,
                "content": _json(_ref("schemas", f"{shape}{create}")),
            },
            "responses": _answers(_WRITE_ERRORS, _201=made),
        }
    if "U" in resource.operations:
        single["patch"] = {
            "operationId": f"patch{upper}",
            "tags": [name],
            "parameters": [_ref("parameters", p) for p in ("fields", "If-Match")],
            "requestBody": {"required": True, "content": _patches(api, f"{shape}{update}")},
            "responses": _answers(_WRITE_ERRORS, _200=_body("Changed", whole, "ETag")),
        }
    if "D" in resource.operations:
        single["delete"] = {
            "operationId": f"delete{upper}",
            "tags": [name],
            "parameters": [_ref("parameters", "If-Match")],
            "responses": _answers(_WRITE_ERRORS, _204={"description": "Deleted"}),
        }
    paths = {f"/{name}": listed, f"/{name}/{{id}}": single}
    for part in resource.parts:
        paths.update(_part_paths(api, resource, part))
    return paths


def _part_paths(api: ApiDescription, resource: ResourceDescription, part: str) -> Document:
    """A list attribute whose elements are read below their document (TMF673)."""
    upper, whole = part[0].upper() + part[1:], f"{resource.name}Id"
    held = _ref("schemas", _book(api).shapes[resource.type_name].attributes[part].type)
    above: Document = {"name": whole, "in": "path", "required": True, "schema": _TEXT}
    below = f"/{resource.name}/{{{whole}}}/{part}"
    many = _body("Every one", {"type": "array", "items": held}, "X-Total-Count", "X-Result-Count")
    fields = [_ref("parameters", "fields")]
    return {
        below: {
            "parameters": [above],
            "get": {
                "operationId": f"list{upper}",
                "tags": [resource.name],
                "parameters": fields,
                "responses": _answers(_READ_ERRORS, _200=many),
            },
        },
        f"{below}/{{id}}": {
            "parameters": [above, _ref("parameters", "id")],
            "get": {
                "operationId": f"retrieve{upper}",
                "tags": [resource.name],
                "parameters": fields,
                "responses": _answers(_READ_ERRORS, _200=_body("Found", held)),
            },
        },
    }


def _list_operation(api: ApiDescription, resource: ResourceDescription) -> Document:
    name = resource.name
    many: Document = {"type": "array", "items": _ref("schemas", resource.type_name)}
    counted = ("X-Total-Count", "X-Result-Count", "Link")
    queries = sorted(API[api.id].version(api.generation).queries)
    order = ("sort",) if resource.is_sorted else ()
    named = [_ref("parameters", p) for p in ("fields", "offset", "limit", *order, *queries)]
    return {
        "operationId": f"list{name[0].upper()}{name[1:]}",
        "tags": [name],
        "parameters": named + _filters(_book(api), resource.type_name),
        "responses": _answers(
            _READ_ERRORS,
            _200=_body("All that match", many, *counted),
            _206=_body("One page of what matches", many, *counted),
        ),
    }


def _filters(book: ShapeBook, type_name: str) -> list[Document]:
    """One equality filter per first-level scalar; operators and dotted paths work beside it."""
    found = [_parameter("id", "Equality filter", _TEXT)]
    for attribute in book.shapes[type_name].attributes.values():
        plain = attribute.type in book.enums or attribute.type in SCALARS
        if plain and attribute.type not in ("object", "any") and attribute.name != "id":
            found.append(_parameter(attribute.name, "Equality filter", _TEXT))
    return found


def _patches(api: ApiDescription, schema: str) -> Document:
    merge: Document = {"schema": _ref("schemas", schema)}
    content: Document = {"application/merge-patch+json": merge, "application/json": merge}
    if api.generation == 5:
        steps: Document = {"schema": _ref("schemas", "JsonPatch")}
        content["application/json-patch+json"] = steps
        content["application/json-patch-query+json"] = steps
    return content


def _hub_paths(api: ApiDescription) -> Document:
    hub = _ref("schemas", "Hub")
    callbacks: Document = {}
    for resource in api.resources:
        for event in resource.event_types:
            told: Document = {
                "requestBody": {"required": True, "content": _json(_ref("schemas", event))},
                "responses": {"2XX": {"description": "Delivered"}},
            }
            name = event[0].lower() + event[1:]
            callbacks[name] = {"{$request.body#/callback}": {"post": told}}
    register: Document = {
        "operationId": "createHub",
        "tags": ["hub"],
        "requestBody": {"required": True, "content": _json(_ref("schemas", "HubInput"))},
        "responses": _answers(_WRITE_ERRORS, _201=_body("Registered", hub, "Location")),
    }
    if callbacks:
        register["callbacks"] = callbacks
    return {
        "/hub": {"post": register},
        "/hub/{id}": {
            "parameters": [_ref("parameters", "id")],
            "get": {
                "operationId": "retrieveHub",
                "tags": ["hub"],
                "responses": _answers(_READ_ERRORS, _200=_body("Found", hub)),
            },
            "delete": {
                "operationId": "deleteHub",
                "tags": ["hub"],
                "responses": _answers(_WRITE_ERRORS, _204={"description": "No more events"}),
            },
        },
    }


def _schemas(api: ApiDescription) -> Document:
    book = _book(api)
    types = [r.type_name for r in api.resources]
    create, update = _suffixes(api.generation)
    described = [n for n in book.reachable(*types) if book.is_object(n)]
    twice = _differing(book, described)

    def refer(form: Form, name: str) -> str:
        suffix = create if form == "create" and name in twice else ""
        return f"#/components/schemas/{name}{suffix}"

    schemas: Document = _fixed_schemas(api.generation)
    for name in described:
        if name in book.unions:
            schemas[name] = _union(book, name, "")
            if name in twice:
                schemas[f"{name}{create}"] = _union(book, name, create, twice)
            continue
        read = object_schema(book, name, "loose", refer)
        family = [member for member in book.family(name) if member in described]
        if len(family) > 1:
            read["discriminator"] = _discriminator(family, {m: m for m in family})
        if api.generation == 5 and not book.shapes[name].plain:
            read["required"] = ["@type", *read.get("required", ())]
        schemas[name] = read
        if name in twice or name in types:
            schemas[f"{name}{create}"] = _written(book, name, "create", refer)
    for resource in api.resources:
        if "U" in resource.operations:
            name = resource.type_name
            schemas[f"{name}{update}"] = _written(book, name, "partial", refer)
        for event in resource.event_types:
            schemas[event] = _event(api, resource, event)
    return schemas


def _written(book: ShapeBook, name: str, form: Form, refer: Any) -> Document:
    """What a client may send: without the attributes that are the server's own."""
    schema = object_schema(book, name, form, refer)
    for attribute in book.shapes[name].attributes.values():
        if attribute.server_on_update if form == "partial" else attribute.server_on_create:
            del schema["properties"][attribute.name]
    return schema


def _differing(book: ShapeBook, names: list[str]) -> set[str]:
    """Types whose create form differs from their read form, themselves or below."""

    def own(shape: Shape) -> bool:
        return any(
            a.server_on_create
            or (a.mandatory and not (a.name == "id" and "@referredType" in shape.attributes))
            for a in shape.attributes.values()
        )

    found = {name for name in names if name in book.shapes and own(book.shapes[name])}
    while True:
        more = {
            name
            for name in names
            if name not in found
            and (
                any(member in found for member in book.unions.get(name, ()))
                or (
                    name in book.shapes
                    and any(a.type in found for a in book.shapes[name].attributes.values())
                )
            )
        }
        if not more:
            return found
        found |= more


def _union(
    book: ShapeBook, name: str, suffix: str, suffixed: set[str] | frozenset[str] = frozenset()
) -> Document:
    family = book.family(name)
    shown = {member: member + (suffix if member in suffixed else "") for member in family}
    return {
        "anyOf": [_ref("schemas", shown[member]) for member in family],
        "discriminator": _discriminator(list(family), shown),
    }


def _discriminator(family: list[str], shown: dict[str, str]) -> Document:
    mapping = {member: f"#/components/schemas/{shown[member]}" for member in family}
    return {"propertyName": "@type", "mapping": mapping}


def _event(api: ApiDescription, resource: ResourceDescription, event: str) -> Document:
    inside: Document = {resource.name: _ref("schemas", resource.type_name)}
    own: Document = {
        "type": "object",
        "properties": {
            "eventType": {"const": event},
            "event": {"type": "object", "properties": inside},
        },
        "required": ["eventId", "eventTime", "eventType", "event"],
    }
    if api.generation == 5:
        own["required"] = ["@type", *own["required"]]
    return {"allOf": [_ref("schemas", "Event"), own]}


def _fixed_schemas(generation: Generation) -> Document:
    text, moment = _TEXT, {"type": "string", "format": "date-time"}
    typed = dict.fromkeys(("@type", "@baseType", "@schemaLocation"), text)
    always = ["@type"] if generation == 5 else []
    words = ("code", "reason", "message", "status", "referenceError")
    error = {**dict.fromkeys(words, text), **typed}
    occurred = "timeOccurred" if generation == 5 else "timeOcurred"
    event = ("eventId", "eventType", "correlationId", "domain", "title", "description", "priority")
    told = {
        **dict.fromkeys(event, text),
        "eventTime": moment,
        occurred: moment,
        "event": {"type": "object"},
        **typed,
    }
    hub = {"callback": {"type": "string", "format": "uri"}, "query": text, **typed}
    step = {
        "op": {"enum": ["add", "remove", "replace", "move", "copy", "test"]},
        "path": text,
        "from": text,
        "value": {},
    }
    fixed: Document = {
        "Error": {
            "type": "object",
            "properties": error,
            "required": [*always, "code", "reason"],
        },
        "Event": {"type": "object", "properties": told},
        "HubInput": {"type": "object", "properties": hub, "required": ["callback"]},
        "Hub": {
            "type": "object",
            "properties": {"id": text, **hub},
            "required": [*always, "id", "callback"],
        },
    }
    if generation == 5:
        one: Document = {"type": "object", "properties": step, "required": ["op", "path"]}
        fixed["JsonPatch"] = {"type": "array", "items": one}
    return fixed
