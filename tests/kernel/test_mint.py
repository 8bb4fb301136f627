"""Minted ids: unique over threads and mints, sorted in the order of minting, of their kind."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from banyan.kernel.engine.clock import DrivenClock, RealClock
from banyan.kernel.engine.mint import Mint
from banyan.kernel.words.ids import KINDS

START = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_ids_of_many_threads_and_many_mints_are_unique_and_sorted_per_thread() -> None:
    shared = Mint(RealClock())
    found: list[list[str]] = [[] for _ in range(8)]

    def mint(into: list[str], own: Mint) -> None:
        into.extend(own.text() for _ in range(3_000))

    threads = [
        threading.Thread(target=mint, args=(into, shared if i < 6 else Mint(RealClock())))
        for i, into in enumerate(found)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({text for texts in found for text in texts}) == 8 * 3_000
    assert all(a < b for texts in found for a, b in pairwise(texts))


def test_ids_sort_by_the_order_of_minting_even_while_the_clock_stands_still() -> None:
    clock = DrivenClock(START)
    mint = Mint(clock)
    texts = [mint.text() for _ in range(1_000)]
    clock.advance(timedelta(milliseconds=1))
    texts += [mint.text() for _ in range(1_000)]
    clock.advance(timedelta(days=400))
    texts.append(mint.text())
    assert texts == sorted(set(texts))
    assert {len(text) for text in texts} == {26}


def test_two_mints_at_the_same_instant_mint_different_ids() -> None:
    clock = DrivenClock(START)
    assert Mint(clock).text() != Mint(clock).text()


def test_the_first_ten_characters_are_the_time_and_the_rest_is_chance() -> None:
    clock = DrivenClock(START)
    ones = Mint(clock, lambda bits: (1 << bits) - 1).text()
    noughts = Mint(clock, lambda bits: 0).text()
    assert ones[:10] == noughts[:10]
    assert noughts[10:] == "0" * 16
    assert ones[10:] != noughts[10:]


def test_a_minted_id_reads_as_its_kind() -> None:
    mint = Mint(RealClock())
    for kind in KINDS.values():
        minted = mint.mint(kind)
        assert type(minted) is kind
        assert minted.startswith(f"{kind.kind}-")
        assert kind(str(minted)) == minted
