"""ODA component manifests (``oda.tmforum.org/v1``), made from what the rooms are and serve.

Pure: facts in, documents out. An API stands with every generation it is served in, the newest
first, and shows the resources and events that are served, not all the standard knows. There is no
``publicationDate``: nothing has been published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from banyan import __version__
from banyan.kernel.engine.component import OdaPart, RoomParts
from banyan.kernel.words.codec import Document
from banyan.tmf.apis import API, Api, Generation
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.hub import find_event_types

PORT: Final = 8080
SERVICE: Final = "banyan"
OWNER: Final = "Banyan"
STATUS: Final = "preview"
CANVAS_ROLE: Final = "admin"

Served = Mapping[tuple[str, Generation], list[Face]]


def make_manifests(rooms: Iterable[RoomParts], roles: Mapping[str, str]) -> list[Document]:
    """One manifest per ODA component; ``roles`` are the names of roles and what each may do."""
    listed = list(rooms)
    served: dict[tuple[str, Generation], list[Face]] = {}
    for room in listed:
        for resource in room.resources:
            for face in faces_of(resource):
                served.setdefault((resource.api, face.generation), []).append(face)
    exposed = {room.name: room.manifest.exposes for room in listed}
    made = []
    for room in listed:
        asked = dict.fromkeys(name.partition(".")[0] for name in room.manifest.asks)
        needed = sorted({api for other in asked for api in exposed[other]})
        made += [_manifest(room, part, needed, served) for part in room.manifest.oda]
    for manifest in made:
        security = manifest["spec"]["securityFunction"]
        security["componentRole"] = [
            {"name": name, "description": may} for name, may in sorted(roles.items())
        ]
    return made


def _manifest(room: RoomParts, part: OdaPart, needed: Iterable[str], served: Served) -> Document:
    apis = [API[name] for name in part.exposes or room.manifest.exposes]
    return {
        "apiVersion": "oda.tmforum.org/v1",
        "kind": "Component",
        "metadata": {"name": f"banyan-{part.id.lower()}", "labels": {"banyan/room": room.name}},
        "spec": {
            "componentMetadata": {
                "id": part.id,
                "name": part.name,
                "version": __version__,
                "description": part.description.strip(),
                "functionalBlock": part.functional_block,
                "status": STATUS,
                "owners": [{"name": OWNER}],
                "maintainers": [{"name": OWNER}],
            },
            "coreFunction": {
                "exposedAPIs": [_exposed(api, served) for api in apis],
                "dependentAPIs": [_dependent(API[name], served) for name in needed],
            },
            "eventNotification": {
                "publishedEvents": [event for api in apis for event in _events(api, served)],
                "subscribedEvents": [],
            },
            "managementFunction": {"exposedAPIs": [], "dependentAPIs": []},
            "securityFunction": {
                "canvasSystemRole": CANVAS_ROLE,
                "exposedAPIs": [],
                "dependentAPIs": [],
                "componentRole": [],
            },
        },
    }


def _newest_first(api: Api, served: Served) -> list[Generation]:
    return [each for each in reversed(api.generations) if (api.id, each) in served]


def _exposed(api: Api, served: Served) -> Document:
    generations = _newest_first(api, served)
    return {
        "name": _name(api),
        "id": api.id,
        "apiType": "openapi",
        "implementation": SERVICE,
        "path": api.version(generations[0]).base_path,
        "port": PORT,
        "required": True,
        "specification": [
            {
                **_specification(api, generation),
                "implementation": SERVICE,
                "path": api.version(generation).base_path,
                "port": PORT,
                "resources": _resources(api, generation, served),
            }
            for generation in generations
        ],
    }


def _dependent(api: Api, served: Served) -> Document:
    """Not required from outside: the rooms of one house ask each other by their own commands."""
    return {
        "name": _name(api),
        "id": api.id,
        "apiType": "openapi",
        "required": False,
        "specification": [
            {
                **_specification(api, generation),
                "resources": _resources(api, generation, served),
            }
            for generation in _newest_first(api, served)
        ],
    }


def _specification(api: Api, generation: Generation) -> Document:
    version = api.version(generation)
    return {
        "version": version.version,
        "apiType": "openapi",
        "apiSDO": "TM Forum" if api.id.startswith("TMF") else OWNER,
        "url": f"{version.base_path}/openapi.json",
    }


def _resources(api: Api, generation: Generation, served: Served) -> list[Document]:
    return [{"name": face.noun} for face in served[api.id, generation]]


def _events(api: Api, served: Served) -> list[Document]:
    """Every event that is sent about the API's resources, with the hubs that can be asked."""
    told: dict[str, Document] = {}
    for generation in _newest_first(api, served):
        version = api.version(generation)
        hub: dict[str, Any] = {
            "url": f"{version.base_path}/openapi.json",
            "version": version.version,
            "apiType": "openapi",
            "implementation": SERVICE,
            "hub": f"{version.base_path}/hub",
            "port": PORT,
        }
        for face in served[api.id, generation]:
            for name in find_event_types(face):
                event = {"name": name, "description": f"{face.noun} of {api.id}"}
                told.setdefault(name, {**event, "specification": []})
                told[name]["specification"].append(hub)
    return list(told.values())


def _name(api: Api) -> str:
    return api.title.partition(" (")[0].lower().replace(" ", "-")
