"""How refusals, outages and bugs look over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from banyan.kernel.engine.clock import DrivenClock
from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.errors import (
    Finding,
    Later,
    NeedsPerson,
    Never,
    Refusal,
    RefusalKind,
    Refused,
    refused,
)
from banyan.tmf.errors import STATUS, answer_error, answer_refusal, exception_handlers
from tests.tmf.lab import Http

FAILURES: dict[str, Exception] = {
    "refused": refused("forbidden", "notYours", "belongs to somebody else", "owner"),
    "later": Later(7.2, "database at 10.1.2.3 is away"),
    "person": NeedsPerson("device 10.1.2.3 is locked"),
    "never": Never("10.1.2.3 does not know the plan"),
    "bug": KeyError("the secret word"),
    "framework": HTTPException(413),
}


def _fail(request: Request) -> Response:
    raise FAILURES[request.path_params["what"]]


@pytest.fixture
def http() -> Iterator[Http]:
    """An app whose endpoints do nothing but fail."""
    mints = Mint(DrivenClock(datetime(2026, 1, 31, tzinfo=UTC)))
    app = Starlette(
        routes=[Route("/{what}", _fail)], exception_handlers=dict(exception_handlers(mints))
    )
    opened = Http(app)
    yield opened
    opened.close()


def test_every_kind_of_refusal_has_a_status_of_its_own() -> None:
    kinds: tuple[Any, ...] = get_args(RefusalKind)
    assert set(STATUS) == set(kinds)
    assert len(set(STATUS.values())) == len(kinds)


def test_an_error_body_names_every_finding() -> None:
    findings = (Finding("missing", "is missing", "name"), Finding("wrong_type", "is text", "a.0.b"))
    answer = answer_refusal(Refusal("malformed", findings))
    assert answer.status == 400
    assert b'"status":"400"' in answer.body
    assert b'"@type":"Error"' in answer.body
    assert b'"code":"missing"' in answer.body
    assert b"name: is missing; a.0.b: is text" in answer.body
    assert b'{"code":"wrong_type","reason":"is text","path":"a.0.b"}' in answer.body


def test_paths_are_shown_where_the_caller_has_them() -> None:
    error = Refused(Refusal("rule", (Finding("late", "lies ahead", "creationDate"),)))
    answer = answer_error(error, lambda path: path.replace("creationDate", "orderDate"))
    assert b'"path":"orderDate"' in answer.body
    assert b"creationDate" not in answer.body


def test_a_refusal_that_goes_up_is_answered(http: Http) -> None:
    answer = http.get("/refused")
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    body = answer.json()
    assert (body["code"], body["reason"]) == ("notYours", "belongs to somebody else")
    assert body["message"] == "owner: belongs to somebody else"


@pytest.mark.parametrize("what", ["later", "person", "never"])
def test_an_outage_is_503_and_does_not_tell_where(http: Http, what: str) -> None:
    with capture_logs() as logged:
        answer = http.get(f"/{what}")
    assert answer.status_code == 503
    assert "10.1.2.3" not in answer.text
    assert answer.headers.get("retry-after") == ("8" if what == "later" else None)
    assert any("10.1.2.3" in each.get("reason", "") for each in logged)


def test_a_bug_is_500_with_a_reference_to_the_log_and_no_word_of_it(http: Http) -> None:
    with capture_logs() as logged:
        answer = http.get("/bug")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    reference = answer.json()["reference"]
    assert [each["reference"] for each in logged if each["event"] == "http.bug"] == [reference]
    assert logged[0]["error"] == "KeyError"
    assert "_fail" in logged[0]["trace"]


def test_what_the_framework_refuses_looks_the_same(http: Http) -> None:
    answer = http.get("/framework")
    assert (answer.status_code, answer.json()["status"]) == (413, "413")
    assert http.get("/no/such").json()["@type"] == "Error"
