"""The edge law and its consequences, on drawn documents of every resource of every API."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from banyan.kernel.words.codec import from_json, to_json
from banyan.tmf.apis import API
from banyan.tmf.edge import (
    WAIVERS,
    check_v4,
    merge_patch,
    merge_v4_patch,
    path_to_inner,
    path_to_v4,
    to_inner,
    to_v4,
    v4_book,
    v4_type,
)
from banyan.tmf.schema import check_stored, fill_types
from banyan.tmf.shapes import INNER
from tests.reals import SPECS, note_missing
from tests.tmf.official import official
from tests.tmf.strategies import RESOURCES, documents, v4_documents

each_resource = pytest.mark.parametrize(("api", "resource"), RESOURCES)
quick = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


ADDED = {"@type", *(waiver.rpartition(".")[2] for waiver in WAIVERS)}


def without_added(came_back: Any, sent: Any) -> Any:
    """``came_back`` without every ``@type`` and waived attribute that ``sent`` does not have."""
    if isinstance(came_back, dict) and isinstance(sent, dict):
        return {
            key: without_added(value, sent.get(key))
            for key, value in came_back.items()
            if key not in ADDED or key in sent
        }
    if isinstance(came_back, list) and isinstance(sent, list) and len(came_back) == len(sent):
        pairs = zip(came_back, sent, strict=True)
        return [without_added(one, other) for one, other in pairs]
    return came_back


def without_nulls(document: Any) -> Any:
    """``document`` as a patch that says the same: in a patch null deletes."""
    if not isinstance(document, dict):
        return document
    return {k: without_nulls(v) for k, v in document.items() if v is not None}


@each_resource
@quick
@given(drawn=st.data())
def test_v4_to_inner_to_v4_gives_every_legal_document_back(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    sent = drawn.draw(v4_documents(api, resource))
    type_name = API[api].resource(resource).type_name
    stored = fill_types(type_name, to_inner(api, resource, sent))
    stored = from_json(to_json(stored))
    came_back = to_v4(api, resource, stored)
    assert without_added(came_back, sent) == from_json(to_json(sent))


@each_resource
@quick
@given(drawn=st.data())
def test_a_legal_v4_document_passes_the_v4_check_going_in_and_coming_out(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    sent = drawn.draw(v4_documents(api, resource))
    assert check_v4(api, resource, sent) == []
    assert check_v4(api, resource, to_v4(api, resource, to_inner(api, resource, sent))) == []
    assert check_v4(api, resource, sent, partial=True) == []


@each_resource
@quick
@given(drawn=st.data())
def test_what_v4_sends_and_gets_is_valid_by_the_official_swagger(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    if SPECS is None:
        note_missing("official v4 files")
        return
    sent = drawn.draw(v4_documents(api, resource))
    judge = official(SPECS, api, 4)
    name = v4_type(api, resource)
    type_name = API[api].resource(resource).type_name
    stored = fill_types(type_name, to_inner(api, resource, sent))
    assert only_serious(judge.problems(name, to_v4(api, resource, stored))) == []


@each_resource
@quick
@given(drawn=st.data())
def test_what_v5_says_is_shown_to_v4_in_the_types_of_v4(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    inner = drawn.draw(documents(INNER, API[api].resource(resource).type_name))
    shown = to_v4(api, resource, inner)
    found = {f.path: f.code for f in check_v4(api, resource, shown)}
    assert set(found.values()) <= {"missing", "empty"}, found


def only_serious(problems: list[str]) -> list[str]:
    """Without what no client is asked for: metadata, and the addresses of others' resources."""
    free = ("@schemaLocation is missing", "@type is missing", ".href is missing")
    return [p for p in problems if not p.endswith(free)]


@each_resource
@quick
@given(drawn=st.data())
def test_no_hostile_document_breaks_the_edge(drawn: st.DataObject, api: str, resource: str) -> None:
    sent = drawn.draw(v4_documents(api, resource))
    odd: list[Any] = [None, 7, "x", [], {}, [[1]], [None], {"id": {}}]
    bad = drawn.draw(st.sampled_from(odd))
    type_name = API[api].resource(resource).type_name
    for depth in range(4):
        twisted = twist(sent, bad, depth)
        inner = to_inner(api, resource, twisted)
        check_v4(api, resource, to_v4(api, resource, inner))
        check_v4(api, resource, to_v4(api, resource, fill_types(type_name, inner)))
        to_v4(api, resource, twisted)
        merge_v4_patch(api, resource, inner, twisted)


def twist(value: Any, bad: Any, depth: int) -> Any:
    """``value`` with everything at ``depth`` objects down replaced."""
    if isinstance(value, dict):
        return {k: twist(v, bad, depth - 1) if depth else bad for k, v in value.items()}
    if isinstance(value, list):
        return [twist(item, bad, depth) for item in value]
    return value


@each_resource
@quick
@given(drawn=st.data())
def test_a_patch_through_v4_keeps_what_only_v5_can_say(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    type_name = API[api].resource(resource).type_name
    stored = drawn.draw(documents(INNER, type_name))
    assert merge_v4_patch(api, resource, stored, {}) == stored
    patch = drawn.draw(st.fixed_dictionaries({"x-note": st.integers()}))
    assert merge_v4_patch(api, resource, stored, patch) == {**stored, **patch}
    view = to_v4(api, resource, stored)
    assert merge_v4_patch(api, resource, stored, without_nulls(view)) == stored


@each_resource
@quick
@given(drawn=st.data())
def test_a_v4_patch_does_to_the_v4_view_what_a_merge_patch_does(
    drawn: st.DataObject, api: str, resource: str
) -> None:
    type_name = API[api].resource(resource).type_name
    before = fill_types(type_name, to_inner(api, resource, drawn.draw(v4_documents(api, resource))))
    wanted = drawn.draw(v4_documents(api, resource))
    names = drawn.draw(st.lists(st.sampled_from(sorted(wanted)), unique=True, max_size=3))
    patch = {k: wanted[k] for k in names if k != "@type"}
    view = merge_patch(to_v4(api, resource, before), patch)
    after = to_v4(api, resource, merge_v4_patch(api, resource, before, patch))
    assert without_added(after, view) == view


def test_a_v4_patch_of_one_array_item_keeps_its_v5_attributes() -> None:
    stored = {
        "id": "1",
        "state": "suspended",
        "note": [
            {"@type": "Note", "id": "n1", "text": "old"},
            {"@type": "Note", "id": "n2", "text": "other"},
        ],
        "relatedParty": [
            {
                "role": "owner",
                "partyOrPartyRole": {
                    "@type": "PartyRoleRef",
                    "id": "p1",
                    "@referredType": "Customer",
                    "partyName": "only v5 says this",
                },
            }
        ],
        "operatingStatus": "running",
    }
    patch = {
        "note": [{"id": "n2", "text": "new"}],
        "relatedParty": [
            {"id": "p1", "role": "owner", "name": "Ann", "@referredType": "Customer"},
            {"id": "p2", "role": "user", "@referredType": "Individual"},
        ],
        "description": "x",
    }
    patched = merge_v4_patch("TMF638", "service", stored, patch)
    assert patched["state"] == "suspended"
    assert patched["operatingStatus"] == "running"
    assert patched["note"] == [{"id": "n2", "text": "new"}]
    first, second = patched["relatedParty"]
    assert first["partyOrPartyRole"]["partyName"] == "only v5 says this"
    assert first["partyOrPartyRole"]["name"] == "Ann"
    assert second["partyOrPartyRole"]["@type"] == "PartyRef"


def test_null_in_a_v4_patch_deletes_and_leaves_v5_attributes() -> None:
    stored = {"id": "1", "orderDate": "x", "intent": {"id": "i"}, "agreementItem": [{"a": 1}]}
    patch = {"orderDate": None, "agreement": None}
    assert merge_v4_patch("TMF637", "product", stored, patch) == {"id": "1", "intent": {"id": "i"}}


def test_a_state_v4_does_not_know_is_shown_as_its_nearest_and_kept() -> None:
    stored = {"id": "1", "state": "suspended"}
    assert to_v4("TMF638", "service", stored)["state"] == "inactive"
    patched = merge_v4_patch("TMF638", "service", stored, {"name": "x"})
    assert patched["state"] == "suspended"
    assert merge_v4_patch("TMF638", "service", stored, {"state": "active"})["state"] == "active"


@pytest.mark.parametrize(
    ("api", "resource", "inner", "v4"),
    [
        ("TMF622", "productOrder", "creationDate", "orderDate"),
        ("TMF622", "productOrder", "externalId.0.id", "externalId"),
        ("TMF622", "productOrder", "relatedParty.1.partyOrPartyRole.id", "relatedParty.1.id"),
        (
            "TMF622",
            "productOrder",
            "productOrderItem.0.product.agreementItem.0.agreementName",
            "productOrderItem.0.product.agreement.0.name",
        ),
        ("TMF620", "category", "parent.id", "parentId"),
        ("TMF632", "individual", "contactMedium.0.city", "contactMedium.0.characteristic.city"),
        ("TMF639", "resource", "place.0.place.id", "place.id"),
        ("TMF639", "resource", "alarmStatus.0", "resourceStatus"),
        ("TMF666", "billingAccount", "lastUpdate", "lastModified"),
        ("TMF622", "productOrder", "", ""),
        ("TMF622", "productOrder", "unknown.0.x", "unknown.0.x"),
    ],
)
def test_a_finding_names_the_attribute_the_v4_caller_sent(
    api: str, resource: str, inner: str, v4: str
) -> None:
    assert path_to_v4(api, resource, inner) == v4


@pytest.mark.parametrize(
    ("api", "resource", "v4", "inner"),
    [
        ("TMF622", "productOrder", "orderDate", "creationDate"),
        ("TMF622", "productOrder", "externalId", "externalId.id"),
        ("TMF637", "product", "relatedParty.id", "relatedParty.partyOrPartyRole.id"),
        ("TMF637", "product", "relatedParty.role", "relatedParty.role"),
        ("TMF637", "product", "productRelationship.product.id", "productRelationship.id"),
        ("TMF620", "category", "parentId", "parent.id"),
        ("TMF632", "individual", "fullName", "name"),
    ],
)
def test_a_v4_filter_finds_the_inner_attribute(
    api: str, resource: str, v4: str, inner: str
) -> None:
    assert path_to_inner(api, resource, v4) == inner


def test_the_one_resource_status_of_v4_and_the_six_of_v5() -> None:
    for word in v4_book("TMF639").enums["ResourceStatusType"]:
        inner = to_inner("TMF639", "resource", {"resourceStatus": word})
        assert "resourceStatus" not in inner
        assert check_stored("Resource", inner) == []
        assert to_v4("TMF639", "resource", inner) == {"resourceStatus": word}
    worst = {"unknownStatus": True, "controlStatus": "suspended", "allocationStatus": "reserved"}
    assert to_v4("TMF639", "resource", worst) == {"resourceStatus": "unknown"}


def test_a_contact_of_v5_is_shown_the_way_v4_has_it() -> None:
    medium = {"@type": "PhoneContactMedium", "phoneNumber": "1", "contactType": "home"}
    shown = to_v4("TMF632", "individual", {"contactMedium": [medium]})
    assert shown["contactMedium"] == [
        {
            "@type": "ContactMedium",
            "mediumType": "phone",
            "characteristic": {"contactType": "home", "phoneNumber": "1"},
        }
    ]


def test_every_waiver_names_a_resource_and_says_why() -> None:
    for where, reason in WAIVERS.items():
        type_name, _, name = where.partition(".")
        books = [v4_book(api) for api, _ in RESOURCES]
        assert any(
            name in book.shapes[type_name].attributes for book in books if type_name in book.shapes
        )
        assert len(reason) > 20
