"""One house with a catalogue, a network and a customer, for all tests that only ask it things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from banyan.demo.visitor import Visitor
from banyan.kernel.words.codec import Document
from tests.cli.running import RunningHouse, banyan, running
from tests.cli.shop import CATALOG, ORDERS, make_customer, make_network, order_body


@dataclass
class Shop:
    """A running house and somebody who buys there."""

    house: RunningHouse
    visitor: Visitor
    buyer: Document

    def order(self, node: str) -> str:
        """Place an order; its id."""
        return str(self.visitor.post(ORDERS, order_body(self.buyer, node))["id"])


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The house, its catalogue loaded by the command line."""
    with running(tmp_path_factory.mktemp("shop")) as house:
        loaded = banyan("catalog", "load", CATALOG, BANYAN_DATA=str(house.folder))
        assert loaded.stdout == "Succeeded: 10 created, 0 changed, 0 unchanged\n", loaded.stderr
        visitor = house.visitor()
        make_network(visitor)
        yield Shop(house, visitor, make_customer(visitor))
        visitor.close()
        assert house.stop() == 0, house.log.read_text("utf-8")
