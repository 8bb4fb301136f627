"""Place served over HTTP on a database of its own."""

from __future__ import annotations

from typing import Any

import httpx

from banyan.components.place import api, migrations, service
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call, Query
from tests.served import Served

GAZETTEER = "/banyan-api/gazetteerManagement/v1/gazetteerAddress"
ADDRESS = "/tmf-api/geographicAddressManagement/v4/geographicAddress"
VALIDATION = f"{ADDRESS}Validation"
SITE = "/tmf-api/geographicSiteManagement/v4/geographicSite"
LOCATION = "/tmf-api/geographicLocation/v4/geographicLocation"


class Place(Served):
    """The room with short ways to ask it."""

    def __init__(self, url: str) -> None:
        super().__init__("place", url, api.RESOURCES, service.HANDLERS, migrations)

    def record(self, **address: Any) -> Document:
        """File an address in the gazetteer."""
        return made(self.http.post(GAZETTEER, json={"@type": "GeographicAddress", **address}))

    def validate(self, **address: Any) -> Document:
        """What a validation of this address comes to, with alternatives."""
        return self.validated(address, True)

    def validated(self, address: Document, alternatives: bool) -> Document:
        """What a validation of this address comes to."""
        body = {"submittedGeographicAddress": address, "provideAlternative": alternatives}
        return made(self.http.post(VALIDATION, json=body))

    def ask(self, query: Query[Any]) -> Any:
        """Answer a query."""
        return self.room.ask(Call("north", "tester"), query)


def made(answer: httpx.Response) -> Document:
    """The document of a 201."""
    assert answer.status_code == 201, answer.text
    document: Document = answer.json()
    return document


def findings(answer: httpx.Response) -> set[tuple[str, str]]:
    """Code and path of everything that was refused."""
    return {(each["code"], each["path"]) for each in answer.json()["findings"]}
