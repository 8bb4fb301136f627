"""What billing counts: open lines in whole minor units, and what a bill makes of them."""

from __future__ import annotations

import msgspec

from banyan.kernel.words.ids import AppliedRateId
from banyan.kernel.words.lifecycle import Lifecycle
from banyan.kernel.words.money import Rounding

ROUNDING = Rounding.HALF_UP
"""The one rounding of this room: to the nearest minor unit, the exact half away from zero."""

BILL_LIFE = Lifecycle(
    "customerBill",
    ("new",),
    {
        ("new", "hold"): "onHold",
        ("new", "validate"): "validated",
        ("onHold", "release"): "new",
        ("onHold", "validate"): "validated",
        ("validated", "hold"): "onHold",
        ("validated", "send"): "sent",
        ("sent", "pay_part"): "partiallyPaid",
        ("sent", "settle"): "settled",
        ("partiallyPaid", "settle"): "settled",
    },
)
"""TMF678 ``CustomerBill.state``."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One charge of one product: net in whole minor units of the currency, and its tax.

    ``residue_micros`` is what rounding the price left behind (micro-units, negative if it went
    up). ``start_us`` to ``end_us`` (exclusive; equal for a one-time price) is what it covers.
    ``bill_id`` is empty as long as it is open.
    """

    id: AppliedRateId
    currency: str
    net_minor: int
    residue_micros: int
    tax_rate_ppm: int
    tax_category: str
    start_us: int
    end_us: int
    bill_id: str = ""


class TaxSum(msgspec.Struct, frozen=True, kw_only=True):
    """The tax of one category and rate on the sum of its net lines, in minor units."""

    category: str
    rate_ppm: int
    net_minor: int
    tax_minor: int


class BillSum(msgspec.Struct, frozen=True, kw_only=True):
    """What a bill amounts to, in minor units, and the time it covers (end exclusive)."""

    currency: str
    net_minor: int
    gross_minor: int
    taxes: tuple[TaxSum, ...]
    start_us: int
    end_us: int
