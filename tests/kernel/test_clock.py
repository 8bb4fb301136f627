"""Clocks: the real one never goes back, the driven one moves when told and wakes who waits."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banyan.kernel.engine.clock import DrivenClock, RealClock, from_us, to_us, to_wire

START = datetime(2026, 1, 31, 12, tzinfo=UTC)
SHORT_S = 0.05
LONG_S = 20.0


def test_a_driven_clock_stands_still_until_it_is_told() -> None:
    clock = DrivenClock(START)
    assert clock.now() == clock.now() == START
    clock.advance(timedelta(days=31))
    assert clock.now() == datetime(2026, 3, 3, 12, tzinfo=UTC)


def test_a_driven_clock_never_goes_back() -> None:
    clock = DrivenClock(START)
    with pytest.raises(AssertionError, match="never goes back"):
        clock.advance(timedelta(microseconds=-1))
    assert clock.now() == START


def test_a_driven_clock_speaks_utc_whatever_zone_it_was_started_in() -> None:
    clock = DrivenClock(START.astimezone(timezone(timedelta(hours=9))))
    assert clock.now() == START
    assert clock.now().utcoffset() == timedelta(0)


def test_advancing_wakes_everyone_who_waits() -> None:
    clock = DrivenClock(START)
    until = START + timedelta(hours=1)
    seen: list[datetime] = []

    def wait() -> None:
        bell = threading.Event()
        while clock.now() < until:
            clock.wait(bell, until, LONG_S)
        seen.append(clock.now())

    waiting = [threading.Thread(target=wait) for _ in range(5)]
    for thread in waiting:
        thread.start()
    began = time.monotonic()
    clock.advance(timedelta(minutes=30))
    clock.advance(timedelta(minutes=30))
    for thread in waiting:
        thread.join()
    assert seen == [until] * 5
    assert time.monotonic() - began < LONG_S / 2


def test_who_waits_for_an_instant_that_has_come_waits_no_longer() -> None:
    clock = DrivenClock(START)
    began = time.monotonic()
    clock.wait(threading.Event(), START, LONG_S)
    RealClock().wait(threading.Event(), RealClock().now(), LONG_S)
    assert time.monotonic() - began < LONG_S / 2


@pytest.mark.parametrize("clock", [DrivenClock(START), RealClock()], ids=["driven", "real"])
def test_a_wait_ends_by_the_bell_or_in_real_time_and_leaves_the_bell_silent(
    clock: DrivenClock | RealClock,
) -> None:
    bell = threading.Event()
    bell.set()
    far = clock.now() + timedelta(days=1)
    began = time.monotonic()
    clock.wait(bell, far, LONG_S)
    assert not bell.is_set()
    clock.wait(bell, far, SHORT_S)
    clock.wait(bell, None, SHORT_S)
    assert 2 * SHORT_S * 0.9 <= time.monotonic() - began < LONG_S / 2


def test_the_real_clock_never_goes_back_for_any_thread() -> None:
    clock = RealClock()
    backward: list[tuple[datetime, datetime]] = []

    def look() -> None:
        last = clock.now()
        for _ in range(5_000):
            now = clock.now()
            if now < last:
                backward.append((last, now))
            last = now

    looking = [threading.Thread(target=look) for _ in range(4)]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join()
    assert backward == []


def test_threads_that_look_at_the_real_clock_do_not_push_it_ahead() -> None:
    clock = RealClock()
    looking = [
        threading.Thread(target=lambda: [clock.now() for _ in range(20_000)]) for _ in range(8)
    ]
    for thread in looking:
        thread.start()
    for thread in looking:
        thread.join()
    ahead = clock.now() - datetime.now(UTC)
    assert ahead < timedelta(milliseconds=1)


@given(st.datetimes(timezones=st.timezones(), allow_imaginary=False))
def test_microseconds_and_instants_are_the_same_thing(instant: datetime) -> None:
    assert from_us(to_us(instant)) == instant.astimezone(UTC)


def test_the_wire_form_is_utc_with_milliseconds() -> None:
    instant = datetime(2026, 7, 1, 1, 2, 3, 4999, tzinfo=timezone(timedelta(hours=2)))
    assert to_wire(instant) == "2026-06-30T23:02:03.004Z"
