"""The log: an object a line that says whose request it belongs to, and nothing secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from banyan.cli.run import log_to_stderr
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import HttpSettings, Settings
from banyan.wiring import build
from tests.gateway.lab import FrontDoor

PARTY = "/tmf-api/partyManagement/v5/individual"


@pytest.fixture(autouse=True)
def logging() -> Iterator[None]:
    """Whatever a test does to logging ends with it."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


def test_a_line_says_whose_request_it_is_and_no_secret(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log_to_stderr("json")
    http = HttpSettings(log_requests=True)
    standing = build(Settings(folder=str(tmp_path), http=http), "log-tests")
    front = FrontDoor(standing, TokenBook(tmp_path))
    headers = {"x-request-id": "shop-17"}
    body = {"@type": "Individual", "givenName": "Grace", "familyName": "Hopper"}
    front.send("POST", PARTY, "sales", "north", headers=headers, json=body)
    front.send("GET", PARTY, "")
    said = capsys.readouterr().err
    lines = [json.loads(line) for line in said.splitlines()]
    (made,) = [line for line in lines if line.get("method") == "POST"]
    assert made["event"] == "http"
    assert made["level"] == "info"
    assert (made["status"], made["request_id"]) == (201, "shop-17")
    assert (made["tenant"], made["actor"]) == ("north", "sales of north")
    (nobody,) = [line for line in lines if line.get("method") == "GET"]
    assert "tenant" not in nobody
    for secret in (front.token("sales", "north"), "Grace", "Hopper"):
        assert secret not in said
    front.close()
    standing.stop()
