"""What devices were told, over HTTP: read-only."""

from __future__ import annotations

from banyan.components.activation.contract import Configure, RestoreConfiguration
from tests.activation.lab import Network

BASE = "/tmf-api/ResourceActivationAndConfiguration/v4/resource"


def test_what_is_configured_is_read_and_not_written(network: Network) -> None:
    network.add_device("olt-1", "null")
    http = network.serve()
    try:
        told = {"device": "olt-1", "service": "access"}
        network.put(Configure(**told, configuration={"vlan": 101}))
        (shown,) = http.get(f"{BASE}?name=access").json()
        assert shown["resourceRelationship"][0]["resource"]["name"] == "olt-1"
        assert shown["resourceCharacteristic"][0]["value"] == {"vlan": 101}
        where = f"{BASE}/{shown['id']}"
        assert http.get(where).json() == shown
        for answer in (
            http.post(BASE, json={"name": "x"}),
            http.patch(where, json={"name": "x"}),
            http.delete(where),
        ):
            assert answer.status_code == 405
        network.put(RestoreConfiguration(**told))
        assert http.get(where).status_code == 404
        assert http.get(BASE).json() == []
    finally:
        http.close()
