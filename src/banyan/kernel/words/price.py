"""A price as it is published, sold and charged: the one form it travels in between rooms."""

from __future__ import annotations

from typing import Literal

import msgspec


class PriceTerms(msgspec.Struct, frozen=True, kw_only=True):
    """A published price as it was sold: exact micro-units of the currency, net of tax.

    ``period`` is ``month`` (``period_length`` of them) for a recurring price, empty for a one-time
    one. ``tax_rate_ppm`` is parts per million (19 % = 190,000).
    """

    id: str
    name: str
    kind: Literal["oneTime", "recurring"]
    currency: str
    amount_micros: int
    period: str = ""
    period_length: int = 0
    tax_rate_ppm: int = 0
    tax_category: str = ""
