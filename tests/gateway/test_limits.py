"""Too much at once: a bounded part is worked on, a bounded part waits, the rest is told when."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from banyan.gateway.app import make_app
from banyan.gateway.claims import Holder
from banyan.gateway.limits import KNOWN_MAX, Busy, Gate, Shares
from banyan.gateway.tokens import TokenBook
from banyan.kernel.engine.settings import LimitSettings, Settings
from banyan.tmf.errors import Answer
from banyan.tmf.surface import Action, Endpoint, RestSettings, Surface
from banyan.tmf.surface import Request as TmfRequest
from banyan.wiring import Standing, build
from tests.gateway.serving import served
from tests.tmf.lab import Caller, Http

PARTY = "/tmf-api/partyManagement/v5/individual"
SECOND_US = 1_000_000


def test_nobody_overtakes_whoever_waits() -> None:
    gate, order = Gate(1, 10, 5), list[int]()

    async def visit(number: int) -> None:
        await gate.enter()
        order.append(number)
        await asyncio.sleep(0)
        gate.leave()

    async def visits() -> None:
        await asyncio.gather(*(visit(number) for number in range(8)))

    asyncio.run(visits())
    assert order == list(range(8))
    assert (gate.inside, gate.waiting) == (0, 0)


def test_who_finds_the_house_and_the_bench_full_is_turned_away_at_once() -> None:
    gate = Gate(1, 1, 30)

    async def visits() -> None:
        await gate.enter()
        waiting = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await gate.enter()
        gate.leave()
        await waiting
        gate.leave()

    asyncio.run(visits())
    assert gate.inside == 0


def test_who_has_waited_long_enough_is_turned_away_and_who_leaves_is_forgotten() -> None:
    gate = Gate(1, 5, 0.02)

    async def visits() -> None:
        await gate.enter()
        with pytest.raises(Busy):
            await gate.enter()
        gone = asyncio.create_task(gate.enter())
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        gate.leave()
        assert (gate.inside, gate.waiting) == (0, 0)
        await gate.enter()

    asyncio.run(visits())


@given(
    steps=st.lists(st.integers(0, 3 * SECOND_US), max_size=60),
    per_s=st.integers(1, 20),
    burst=st.integers(1, 20),
)
@settings(max_examples=60, deadline=None)
def test_a_share_is_never_exceeded_and_never_withheld(
    steps: list[int], per_s: int, burst: int
) -> None:
    shares, now_us, taken = Shares(per_s, burst), 0, 0
    for step_us in steps:
        now_us += step_us
        got = shares.take(("one",), now_us)
        taken += got.is_allowed
        assert taken <= burst + now_us * per_s / SECOND_US + 1e-6
        if not got.is_allowed:
            later_us = now_us + got.wait_s * SECOND_US
            assert Shares.take(shares, ("one",), later_us).is_allowed
            taken, now_us = taken + 1, later_us


def test_the_shares_of_the_many_are_bounded() -> None:
    shares = Shares(1, 1)
    for number in range(KNOWN_MAX + 10):
        shares.take((str(number),), 0)
    assert len(shares._shares) == KNOWN_MAX


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A house that lets little in."""
    limits = LimitSettings(
        in_flight_max=4, waiting_max=4, wait_s=0.3, actor_per_s=0.2, actor_burst=3,
        tenant_per_s=0.2, tenant_burst=7,
    )  # fmt: skip
    home = tmp_path_factory.mktemp("narrow")
    standing = build(Settings(folder=str(home), limits=limits), "limits-tests")
    yield standing
    standing.stop()


def test_an_actor_who_asks_too_much_is_told_when_to_come_back(narrow: Standing) -> None:
    tokens = TokenBook(Path(narrow.settings.folder))
    http = Http(narrow.app(tokens))

    def ask(actor: str, tenant: str = "default") -> httpx.Response:
        token = tokens.add(Holder(tenant, actor, ("auditor",)))
        return http.send("GET", PARTY, headers={"authorization": f"Bearer {token}"})

    found = [ask("eve") for _ in range(5)]
    assert [each.status_code for each in found[:3]] == [200, 200, 200]
    assert [each.headers["ratelimit-remaining"] for each in found[:3]] == ["2", "1", "0"]
    refused = next(each for each in found if each.status_code == 429)
    assert refused.json()["code"] == "tooManyRequests"
    (wait_s,) = refused.headers.get_list("retry-after")
    assert 1 <= int(wait_s) <= 5
    assert refused.headers["ratelimit-limit"] == "3"
    assert ask("ada").status_code == 200, "another actor has a share of his own"
    assert {ask(f"actor {number}").status_code for number in range(8)} == {200, 429}, "a tenant's"
    assert ask("eve", "north").status_code == 200, "another tenant has a share of its own"
    assert http.send("GET", "/healthz").status_code == 200
    http.close()


def _slow_app(standing: Standing, tokens: TokenBook, seconds: float) -> Any:
    """The house's door, and behind it a room that takes its time."""

    def slow(request: Request) -> Response:
        threading.Event().wait(seconds)
        return Response("[]", media_type="application/json")

    limits = msgspec.structs.replace(standing.settings.limits, actor_per_s=0, tenant_per_s=0)
    front = standing.front(tokens)
    return make_app(replace(front, routes=[Route(PARTY, slow), *front.routes], limits=limits))


def test_a_crowd_is_served_in_time_or_sent_away_and_the_house_can_still_be_asked_how_it_is(
    narrow: Standing,
) -> None:
    """Forty at once for a house of four: whoever is let in waits for the bench before him at most,
    whoever is not hears it at once."""
    tokens = TokenBook(Path(narrow.settings.folder))
    token = tokens.add(Holder("default", "eve", ("admin",)))
    headers = {"authorization": f"Bearer {token}"}
    app = _slow_app(narrow, tokens, 0.05)
    with served(app, narrow.settings) as address, ThreadPoolExecutor(40) as pool:

        def ask(number: int) -> list[tuple[int, float, str]]:
            with httpx.Client(base_url=address.url, timeout=20, trust_env=False) as client:
                answers = [client.get(PARTY, headers=headers) for _ in range(6)]
            return [
                (
                    each.status_code,
                    each.elapsed.total_seconds(),
                    each.headers.get("retry-after", ""),
                )
                for each in answers
            ]

        crowd = [pool.submit(ask, number) for number in range(40)]
        with httpx.Client(base_url=address.url, timeout=20, trust_env=False) as client:
            health = [client.get("/healthz") for _ in range(5)]
            told = client.get("/metrics", headers=headers)
        found = [each for one in crowd for each in one.result()]
        with httpx.Client(base_url=address.url, timeout=20, trust_env=False) as client:
            after = client.get(PARTY, headers=headers)
    assert {status for status, _, _ in found} == {200, 503}
    assert all(retry == "1" for status, _, retry in found if status == 503)
    times = sorted(seconds for status, seconds, _ in found if status == 200)
    assert len(times) >= 20
    assert times[len(times) * 9 // 10] < 2.0, "the bench is short: nobody let in waits long"
    assert all(each.status_code == 200 for each in health)
    assert told.status_code in (200, 503)
    assert after.status_code == 200, "the crowd has gone, and nothing is left behind"


def test_an_answer_that_takes_too_long_is_not_waited_for() -> None:
    done = threading.Event()

    def slow(request: TmfRequest) -> Answer:
        done.wait(5)
        return Answer(200)

    path = "/tmf-api/slow"
    surface = Surface(
        {path: Endpoint({"GET": Action(slow)})}, {}, ("/tmf-api",), RestSettings(request_s=0.05)
    )
    http = Http(Caller(Starlette(routes=[surface])))
    answer = http.send("GET", path)
    done.set()
    assert answer.status_code == 503
    assert answer.json()["code"] == "busy"
    assert answer.headers["retry-after"] == "5"
    assert http.send("GET", path).status_code == 200
    http.close()
