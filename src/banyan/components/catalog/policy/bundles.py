"""Whether bundles are sound: how many of each part, and prices that are made of prices. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from banyan.components.catalog.model import PRODUCT_OFFERING, PRODUCT_OFFERING_PRICE
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

_OPTION = "bundledProductOfferingOption"
_LOW, _HIGH, _USUAL = (
    "numberRelOfferLowerLimit", "numberRelOfferUpperLimit", "numberRelOfferDefault",
)  # fmt: skip


def check_bundle(resource: str, document: Document) -> Iterator[Finding]:
    """What is wrong with a bundle of offerings or prices (TMF620 bundledProductOffering)."""
    attribute = {
        PRODUCT_OFFERING: "bundledProductOffering",
        PRODUCT_OFFERING_PRICE: "bundledPopRelationship",
    }.get(resource)
    if attribute is None:
        return
    parts = document.get(attribute) or []
    if document.get("isBundle") and not parts:
        yield Finding("bundle", f"a bundle names what it is made of ({attribute})", attribute)
    if parts and document.get("isBundle") is False:
        yield Finding("bundle", "it is made of others, and says it is no bundle", "isBundle")
    for at, part in enumerate(parts):
        if isinstance(part, dict) and isinstance(part.get(_OPTION), dict):
            for found in _check_option(part[_OPTION]):
                yield found.below(f"{attribute}.{at}.{_OPTION}")


def _check_option(option: Document) -> Iterator[Finding]:
    counts: dict[str, Any] = {name: option.get(name) for name in (_LOW, _HIGH, _USUAL)}
    for name, count in counts.items():
        if count is not None and (type(count) is not int or count < 0):
            yield Finding("bundle", f"{count!r} is no number of parts", name)
            return
    low, high, usual = counts[_LOW] or 0, counts[_HIGH], counts[_USUAL]
    if high is not None and high < low:
        yield Finding("bundle", f"at most {high} is less than at least {low}", _HIGH)
    elif usual is not None and not low <= usual <= (usual if high is None else high):
        yield Finding("bundle", f"usually {usual} is not between {low} and {high}", _USUAL)
