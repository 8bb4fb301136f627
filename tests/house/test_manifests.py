"""The ODA manifests are valid, true, and say what is missing.

They are held against the published schema of the custom resource and the published facts of the
components where those are at hand, and always against a house that runs.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from tests.reals import ODA_SPECS, note_missing
from tests.tmf.lab import Http
from typer.testing import CliRunner

from banyan.cli.main import app
from banyan.gateway.access import Access
from banyan.gateway.claims import Holder
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.dispatch import Fact
from banyan.kernel.engine.settings import Settings
from banyan.tmf.hub import HubTeller
from banyan.tmf.hubs import Hub
from banyan.wiring import BUILDERS, build

Manifest = dict[str, Any]
WORDS = ("Create", "StateChange", "AttributeValueChange", "Delete")


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> list[Manifest]:
    """What ``banyan component manifests`` writes, read back from its files."""
    out = tmp_path_factory.mktemp("oda")
    ran = CliRunner().invoke(app, ["component", "manifests", str(out)], catch_exceptions=False)
    assert ran.exit_code == 0
    assert ran.stdout.split() == [str(path) for path in _written(ran.stdout)]
    return [yaml.safe_load(path.read_text("utf-8")) for path in _written(ran.stdout)]


def _written(printed: str) -> list[Path]:
    return [Path(line) for line in printed.splitlines()]


def apis(manifest: Manifest, function: str = "coreFunction") -> Iterator[tuple[str, Manifest]]:
    """Every API entry of a part, with the list it stands in."""
    for kind in ("exposedAPIs", "dependentAPIs"):
        for entry in manifest["spec"][function][kind]:
            yield kind, entry


def has_all(entry: Manifest, names: tuple[str, ...]) -> bool:
    """The schema's rule in words: all of these at the root, or all in the first specification."""
    first = (entry.get("specification") or [{}])[0]
    return all(name in entry for name in names) or all(name in first for name in names)


def test_every_manifest_is_valid_by_the_schema_of_the_custom_resource(
    manifests: list[Manifest],
) -> None:
    if ODA_SPECS is None:
        note_missing("the schema of ODA component manifests")
        return
    path = ODA_SPECS / "oda-component-crd-v1.schema.json"
    schema = jsonschema_rs.validator_for(json.loads(path.read_text("utf-8")))
    for manifest in manifests:
        assert [error.message for error in schema.iter_errors(manifest)] == []


def test_every_manifest_keeps_the_two_rules_a_schema_does_not_see(
    manifests: list[Manifest],
) -> None:
    for manifest in manifests:
        for function in ("coreFunction", "securityFunction", "managementFunction"):
            for kind, entry in apis(manifest, function):
                exposed = ("apiType", "implementation", "path", "port")
                names = exposed if kind == "exposedAPIs" else ("apiType",)
                assert has_all(entry, names), f"{manifest['metadata']['name']}: {entry['name']}"
                for each in entry["specification"]:
                    assert isinstance(each["version"], str)


def test_every_component_of_every_room_has_one_manifest_and_every_api_a_component(
    manifests: list[Manifest],
) -> None:
    rooms = [make(Settings()).manifest for make in BUILDERS.values()]
    assert [m["spec"]["componentMetadata"]["id"] for m in manifests] == [
        part.id for room in rooms for part in room.oda
    ]
    listed = {entry["id"] for m in manifests for kind, entry in apis(m) if kind == "exposedAPIs"}
    assert listed == {api for room in rooms for api in room.exposes}
    for room in rooms:
        for part in room.oda:
            assert set(part.exposes) <= set(room.exposes), part.id


def test_every_component_is_named_as_published_and_says_which_mandatory_part_is_missing(
    manifests: list[Manifest],
) -> None:
    if ODA_SPECS is None:
        note_missing("the facts of the published ODA components")
        return
    found = json.loads((ODA_SPECS / "components.json").read_text("utf-8"))["components"]
    published = {each["id"]: each for each in found}
    for manifest in manifests:
        metadata = manifest["spec"]["componentMetadata"]
        facts = published[metadata["id"]]
        assert metadata["name"] == facts["name"].lower()
        assert metadata["functionalBlock"] == facts["functionalBlock"]
        own = {e["id"]: e for kind, e in apis(manifest) if kind == "exposedAPIs"}
        for api in (each for each in facts["exposedAPIs"] if each["required"]):
            gaps = _gaps(api, own.get(api["id"]))
            said = metadata["description"]
            assert not gaps or api["id"] in said, f"{metadata['id']} hides {api['id']}: {gaps}"
            assert not gaps or "not" in said or "no " in said


def _gaps(api: Manifest, own: Manifest | None) -> list[str]:
    """What a mandatory API asks for and the manifest does not list."""
    if own is None:
        return [api["id"]]
    listed = {
        (each["version"][0], resource["name"])
        for each in own["specification"]
        for resource in each["resources"]
    }
    return [
        f"{name} v{generation}"
        for generation, resources in api["generations"].items()
        for name in resources
        if (generation, name) not in listed
    ]


def test_every_path_and_hub_and_document_a_manifest_lists_answers(
    manifests: list[Manifest], tmp_path: Path
) -> None:
    standing = build(Settings(folder=str(tmp_path)), "manifest-tests")
    tokens = TokenBook(tmp_path)
    headers = {"authorization": f"Bearer {tokens.add(Holder('default', 'canvas', ('admin',)))}"}
    http = Http(standing.app(tokens))
    try:
        for manifest in manifests:
            for _, entry in apis(manifest):
                for each in entry["specification"]:
                    document = http.get(each["url"], headers=headers).json()
                    assert document["openapi"].startswith("3.1")
                    assert document["info"]["version"] == each["version"]
                    base = each["url"].removesuffix("/openapi.json")
                    assert each.get("path", base) == base
                    for resource in each["resources"]:
                        answer = http.get(f"{base}/{resource['name']}", headers=headers)
                        assert answer.status_code == 200, f"{base}/{resource['name']}"
            for event in manifest["spec"]["eventNotification"]["publishedEvents"]:
                for each in event["specification"]:
                    assert http.get(each["hub"], headers=headers).status_code == 200
    finally:
        http.close()
        standing.stop()


def test_every_event_a_manifest_publishes_is_one_the_kit_sends(
    manifests: list[Manifest],
) -> None:
    rows = [row for make in BUILDERS.values() for row in make(Settings()).resources]
    teller = HubTeller([], rows, "http://house.example")
    sent: set[tuple[str, str]] = set()
    for row in rows:
        for generation in (4, 5):
            for word in WORDS:
                told = {"resource": row.key, "word": word, "document": {"id": "one"}}
                event = teller.event(
                    Hub("hub-1", row.api, generation, "http://x.example", "", 0), _fact(told)
                )
                if event is not None:
                    sent.add((f"{row.api} v{generation}", event["eventType"]))
    teller.close()
    published = set()
    for manifest in manifests:
        for event in manifest["spec"]["eventNotification"]["publishedEvents"]:
            for each in event["specification"]:
                api = event["description"].rpartition(" ")[2]
                generation = 4 if each["hub"].endswith("/v4/hub") else 5
                published.add((f"{api} v{generation}", event["name"]))
    assert published
    assert published <= sent


def _fact(told: Manifest) -> Fact:
    body = json.dumps(told)
    return Fact(1, "event-1", "t", "kind", "one", "actor", "thread", 0, body, "hub:hub-1", 0)


def test_the_roles_of_a_manifest_are_the_roles_of_the_gateway(manifests: list[Manifest]) -> None:
    for manifest in manifests:
        security = manifest["spec"]["securityFunction"]
        assert [role["name"] for role in security["componentRole"]] == sorted(Access().roles)
        assert security["canvasSystemRole"] in Access().roles
