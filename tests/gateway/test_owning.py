"""Own things only: what a partner or a subscriber may see, make and change, and nothing beyond.

The role ``selfish`` of these tests may do everything to its own things: what it does not reach,
nobody with own things only can.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from banyan.gateway.app import addresses_of
from banyan.gateway.claims import Holder
from banyan.gateway.rights import find_served
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import Settings
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.resource import Resource
from banyan.tmf.service import kit_messages
from banyan.wiring import Standing, build
from tests.gateway.lab import FrontDoor

POLICY = 'permit (principal in Role::"selfish", action, resource) when { context.own };'
LISTS = ("relatedParty",)
ORDERS = "/tmf-api/productOrderingManagement/v5/productOrder"


class Neighbours:
    """Ada and Bob, each with a customer, an account and a thing of every kind that has owners."""

    def __init__(self, standing: Standing) -> None:
        self.standing = standing
        self.front = FrontDoor(standing, TokenBook(Path(standing.settings.folder)))
        self.rows: list[Resource] = [
            row for part in standing.parts.values() for row in part.resources if row.owners
        ]
        self.ids: dict[str, dict[str, str]] = {}
        self.things: dict[tuple[str, str], str] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        for name in ("ada", "bob"):
            self._settle(name)

    def row(self, name: str) -> Resource:
        """The row of this noun."""
        return next(row for row in self.rows if row.name == name)

    def plant(self, row: Resource, document: Document) -> str:
        """File a document past the room's own rules; its id."""
        command = kit_messages(row.room).create(resource=row.label, document=document)
        call = Call("default", "gardener", ("admin",))
        kept = self.standing.house.rooms[row.room].put(call, command, "")
        return str(kept.document["id"])

    def _plant_filled(self, noun: str, document: Document) -> str:
        row = self.row(noun)
        return self.plant(row, row.fill(document, self.standing.clock.now()))

    def _settle(self, name: str) -> None:
        whole: Document = {"@type": "Individual", "givenName": name, "familyName": "B"}
        person = self._plant_filled("individual", whole)
        whole = {"@type": "Customer", "name": name, "engagedParty": {"id": person}}
        customer = self._plant_filled("customer", whole)
        whole = {"@type": "BillingAccount", "name": name}
        whole |= owned_by("relatedParty.partyOrPartyRole.id", customer)
        account = self._plant_filled("billingAccount", whole)
        self.ids[name] = {"person": person, "customer": customer, "account": account}
        for row in self.rows:
            path = row.owners[0]
            owner = account if "billingAccount" in path else customer
            owner = person if row.name == "agreement" else owner
            document = {"@type": row.shape, "name": name}
            document |= owned_by(path, owner) if path != "id" else {}
            known = {"individual": person, "customer": customer}
            self.things[name, row.name] = known.get(row.name) or self.plant(row, document)

    def send(self, name: str, method: str, path: str, role: str = "selfish", **parts: Any) -> Any:
        """What ``name`` gets for a request."""
        parties = (self.ids[name]["person"], self.things[name, "organization"])
        if (name, role) not in self._tokens:
            holder = Holder("default", name, (role,), parties)
            self._tokens[name, role] = self.front.tokens.add(holder)
        token = self._tokens[name, role]
        headers = {**parts.pop("headers", {}), "authorization": f"Bearer {token}"}
        return self.front.http.send(method, path, headers=headers, **parts)

    def faces(self) -> Iterator[Face]:
        """Every generation of everything that has owners."""
        for row in self.rows:
            yield from faces_of(row)


def owned_by(path: str, owner: str) -> Document:
    """A document's part that says whose it is."""
    name, _, rest = path.partition(".")
    inner: Any = owned_by(rest, owner) if rest else owner
    return {name: [inner] if name in LISTS else inner}


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbours]:
    """A house with two neighbours, and a policy that gives each of them all that is his own."""
    home = tmp_path_factory.mktemp("house")
    policies = tmp_path_factory.mktemp("policies")
    (policies / "selfish.cedar").write_text(POLICY, "utf-8")
    standing = build(Settings(folder=str(home), policies=str(policies)), "owning-tests")
    made = Neighbours(standing)
    yield made
    made.front.close()
    standing.stop()


def test_a_list_holds_own_things_only_and_counts_no_others(neighbours: Neighbours) -> None:
    for face in neighbours.faces():
        for name, other in (("ada", "bob"), ("bob", "ada")):
            answer = neighbours.send(name, "GET", face.path)
            assert answer.status_code == 200, answer.text
            found = {each["id"] for each in answer.json()}
            assert neighbours.things[name, face.resource.name] in found, face.path
            assert neighbours.things[other, face.resource.name] not in found, face.path
            assert answer.headers["x-total-count"] == str(len(found))
            paged = neighbours.send(name, "GET", f"{face.path}?limit=0")
            assert paged.headers["x-total-count"] == str(len(found))


def test_no_filter_finds_what_is_somebody_elses(neighbours: Neighbours) -> None:
    for face in neighbours.faces():
        foreign = neighbours.things["bob", face.resource.name]
        owner = face.place(face.resource.owners[0])
        for query in (
            f"id={foreign}",
            "name=bob",
            *(f"{owner}={each}" for each in neighbours.ids["bob"].values()),
        ):
            answer = neighbours.send("ada", "GET", f"{face.path}?{query}")
            assert answer.json() == [], f"{face.path}?{query}"
            assert answer.headers["x-total-count"] == "0"


def test_what_is_somebody_elses_is_not_there(neighbours: Neighbours) -> None:
    for face in neighbours.faces():
        foreign = f"{face.path}/{neighbours.things['bob', face.resource.name]}"
        own = f"{face.path}/{neighbours.things['ada', face.resource.name]}"
        absent = f"{face.path}/none"
        assert neighbours.send("ada", "GET", own).status_code == 200
        sent: dict[str, dict[str, Any]] = {
            "GET": {},
            "PATCH": {"json": {"name": "mine"}},
            "DELETE": {"headers": {"if-match": '"7"'}},
        }
        for method, parts in sent.items():
            offered = {"GET": "G", "PATCH": "U", "DELETE": "D"}[method] in face.operations
            answer = neighbours.send("ada", method, foreign, **parts)
            assert answer.status_code == (404 if offered else 405), f"{method} {foreign}"
            assert _unnamed(answer) == _unnamed(neighbours.send("ada", method, absent, **parts))
        assert neighbours.front.send("GET", foreign).status_code == 200
        assert neighbours.front.send("GET", foreign).json().get("name") in ("bob", None)


def _unnamed(answer: httpx.Response) -> str:
    """An answer without the id it was asked for."""
    said: Document = answer.json()
    return f"{answer.status_code} {said['code']} {said['reason'].partition(chr(39))[0]}"


def test_only_what_is_told_apart_is_reached_at_all(neighbours: Neighbours) -> None:
    front = neighbours.standing.front(neighbours.front.tokens)
    served = find_served(
        neighbours.standing.app(neighbours.front.tokens).routes, addresses_of(front)
    )
    owned = {(row.api, row.name) for row in neighbours.rows}
    for place, letters in served.items():
        for method, path in (way for ways in letters.values() for way in ways):
            status = neighbours.send("ada", method, path).status_code
            if place in owned and "/bulk/" not in path:
                assert status != 403, f"{method} {path}"
                below = neighbours.send("ada", method, f"{path}/more/below").status_code
                assert below == 403, f"{method} {path}/more/below"
            elif place[1] != "openapi.json":
                assert status == 403, f"{method} {path}"


def order_for(ids: dict[str, str], **changes: Any) -> Document:
    """An order of somebody for somebody."""
    customer = {"@type": "PartyRoleRef", "id": ids["customer"], "@referredType": "Customer"}
    return {
        "@type": "ProductOrder",
        "relatedParty": [{"role": "customer", "partyOrPartyRole": customer}],
        "billingAccount": {"@type": "BillingAccountRef", "id": ids["account"]},
        "productOrderItem": [
            {
                "@type": "ProductOrderItem", "id": "1", "action": "add",
                "productOffering": {"@type": "ProductOfferingRef", "id": "none"},
            }
        ],
        **changes,
    }  # fmt: skip


def test_nobody_makes_anything_for_somebody_else(neighbours: Neighbours) -> None:
    ada, bob = neighbours.ids["ada"], neighbours.ids["bob"]
    own = neighbours.send("ada", "POST", ORDERS, json=order_for(ada))
    assert own.status_code == 422, "all that is wrong with it is the offering"
    assert own.json()["code"] == "unknownOffering"
    item = order_for(ada)["productOrderItem"][0]
    account = {"@type": "BillingAccountRef", "id": bob["account"]}
    both = [*order_for(ada)["relatedParty"], *order_for(bob)["relatedParty"]]
    product = {"@type": "ProductRef", "id": neighbours.things["bob", "product"]}
    wrong = {
        "relatedParty.0.partyOrPartyRole.id": order_for(bob),
        "billingAccount.id": order_for(ada, billingAccount=account),
        "relatedParty.1.partyOrPartyRole.id": order_for(ada, relatedParty=both),
        "productOrderItem.0.billingAccount.id": order_for(
            ada, productOrderItem=[{**item, "billingAccount": account}]
        ),
        "productOrderItem.0.product.id": order_for(
            ada, productOrderItem=[{**item, "product": product}]
        ),
    }
    for path, body in wrong.items():
        answer = neighbours.send("ada", "POST", ORDERS, json=body)
        assert answer.status_code == 403, path
        assert path in [each["path"] for each in answer.json()["findings"]]
    nobodys = neighbours.send("ada", "POST", ORDERS, json=order_for(ada, relatedParty=[]))
    assert nobodys.status_code == 403


def test_of_ones_own_one_changes_only_what_the_row_lets_go(neighbours: Neighbours) -> None:
    path = f"/tmf-api/partyManagement/v5/individual/{neighbours.ids['ada']['person']}"
    medium = [{"@type": "EmailContactMedium", "emailAddress": "ada@example.org"}]
    changed = neighbours.send("ada", "PATCH", path, "subscriber", json={"contactMedium": medium})
    assert changed.status_code == 200, changed.text
    for body in ({"status": "validated"}, {"familyName": "Rich"}, {"vendorScore": 9}):
        answer = neighbours.send("ada", "PATCH", path, "subscriber", json=body)
        assert answer.status_code == 403
        assert answer.json()["findings"][0]["path"] == next(iter(body))
    account = f"/tmf-api/accountManagement/v4/billingAccount/{neighbours.ids['ada']['account']}"
    given = neighbours.send("ada", "PATCH", account, json={"name": "x"})
    assert given.status_code == 403


def test_what_stopped_being_ones_own_is_gone_at_once(neighbours: Neighbours) -> None:
    customer = neighbours.ids["bob"]["customer"]
    orders = f"{ORDERS}/{neighbours.things['bob', 'productOrder']}"
    assert neighbours.send("bob", "GET", orders).status_code == 200
    path = f"/tmf-api/customer/v5/customer/{customer}"
    person = {"@type": "PartyRef", "id": neighbours.ids["ada"]["person"]}
    moved = neighbours.front.send("PATCH", path, json={"engagedParty": person})
    assert moved.status_code == 200, moved.text
    assert neighbours.send("bob", "GET", orders).status_code == 404
    assert neighbours.send("ada", "GET", orders).status_code == 200


def test_who_speaks_for_no_party_has_nothing(neighbours: Neighbours) -> None:
    token = neighbours.front.tokens.add(Holder("default", "nobody", ("subscriber",)))
    headers = {"authorization": f"Bearer {token}"}
    assert neighbours.front.http.send("GET", ORDERS, headers=headers).json() == []
