"""How a test starts, abandons and ends each journey: one entry per journey, or the laws fail."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from banyan.journeys import order_to_active
from banyan.kernel.words.codec import Document
from tests.journeys.lab import Lab
from tests.journeys.shop import Shop, open_shop


@dataclass(frozen=True)
class Start:
    """How it is done.

    ``begin`` starts one in a lab and returns its subject, ``begin_wide`` one with several branches;
    ``abandon`` asks, as a customer or clerk would, to have it undone. ``record`` is the room that
    keeps the story itself: its rows stay. ``params`` are the plan's.
    """

    record: str
    open: Callable[[Lab], Shop]
    begin: Callable[[Shop], str]
    begin_wide: Callable[[Shop], str]
    abandon: Callable[[Shop, str], None]
    params: Callable[[str], Document]


def _order(shop: Shop) -> str:
    return shop.order(("fibre-100", "olt-1"))


def _order_two(shop: Shop) -> str:
    return shop.order(("fibre-100", "olt-1"), ("fibre-1000", "olt-2"))


def _cancel(shop: Shop, order_id: str) -> None:
    shop.cancel(order_id)


STARTS: Mapping[str, Start] = {
    order_to_active.NAME: Start(
        record="ordering",
        open=open_shop,
        begin=_order,
        begin_wide=_order_two,
        abandon=_cancel,
        params=order_to_active.compute_params,
    ),
}
