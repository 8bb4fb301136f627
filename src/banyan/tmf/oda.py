"""ODA component manifests (``oda.tmforum.org/v1``), made from the rooms' component.yaml.

Pure: facts in, documents out. An API stands with every generation it is served in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from banyan import __version__
from banyan.kernel.words.codec import Document
from banyan.tmf.apis import API, Api, Generation

PORT: Final = 8080
SERVICE: Final = "banyan"
OWNER: Final = "Banyan"


def make_manifests(rooms: Iterable[Any]) -> list[Document]:
    """One manifest per ODA component; ``rooms`` are the rooms' own manifests."""
    listed = list(rooms)
    exposing = {api: room for room in listed for api in room.exposes}
    asked = {room.room: {name.partition(".")[0] for name in room.asks} for room in listed}
    by_name = {room.room: room for room in listed}
    made = []
    for room in listed:
        needed = sorted(api for other in asked[room.room] for api in by_name[other].exposes)
        made += [_manifest(room, part, needed) for part in room.oda]
    assert exposing, "rooms that expose nothing make no components"
    return made


def _manifest(room: Any, part: Any, needed: Iterable[str]) -> Document:
    published = [
        {"name": event, "description": f"{resource} of {name}"}
        for name in room.exposes
        for resource, event in _events(API[name])
    ]
    return {
        "apiVersion": "oda.tmforum.org/v1",
        "kind": "Component",
        "metadata": {"name": f"banyan-{part.id.lower()}", "labels": {"banyan/room": room.room}},
        "spec": {
            "componentMetadata": {
                "id": part.id,
                "name": part.name,
                "version": __version__,
                "description": part.description.strip(),
                "functionalBlock": part.functional_block,
                "publicationDate": "2026-11-23T00:00:00.000Z",
                "status": "specified",
                "owners": [{"name": OWNER}],
                "maintainers": [{"name": OWNER}],
            },
            "coreFunction": {
                "exposedAPIs": [_exposed(API[name]) for name in room.exposes],
                "dependentAPIs": [_dependent(API[name]) for name in needed],
            },
            "eventNotification": {"publishedEvents": published, "subscribedEvents": []},
            "managementFunction": {"exposedAPIs": [], "dependentAPIs": []},
            "securityFunction": {
                "canvasSystemRole": "admin",
                "exposedAPIs": [],
                "dependentAPIs": [],
                "componentRole": [],
            },
        },
    }


def _events(api: Api) -> Iterable[tuple[str, str]]:
    seen: dict[str, str] = {}
    for generation in api.generations:
        for resource in api.resources_in(generation):
            for event in resource.event_types(generation):
                seen.setdefault(event, resource.name)
    return ((resource, event) for event, resource in seen.items())


def _exposed(api: Api) -> Document:
    return {
        "name": api.title.lower().replace(" ", "-").partition("-(")[0],
        "id": api.id,
        "apiType": "openapi",
        "implementation": SERVICE,
        "path": api.version(api.generations[-1]).base_path,
        "port": PORT,
        "required": True,
        "specification": [_specification(api, each) for each in reversed(api.generations)],
    }


def _dependent(api: Api) -> Document:
    return {
        "name": api.title.lower().replace(" ", "-").partition("-(")[0],
        "id": api.id,
        "apiType": "openapi",
        "required": False,
        "specification": [_specification(api, each) for each in reversed(api.generations)],
    }


def _specification(api: Api, generation: Generation) -> Mapping[str, Any]:
    version = api.version(generation)
    return {
        "version": version.version,
        "apiType": "openapi",
        "apiSDO": "TM Forum" if api.id.startswith("TMF") else OWNER,
        "implementation": SERVICE,
        "path": version.base_path,
        "port": PORT,
        "url": f"{version.base_path}/openapi.json",
        "resources": [{"name": r.name_in(generation)} for r in api.resources_in(generation)],
    }
