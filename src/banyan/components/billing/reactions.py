"""What billing does when it hears of others."""

from __future__ import annotations

from banyan.components.billing.contract import ForgetNames
from banyan.components.party.events import RecordsErased
from banyan.kernel.engine.dispatch import Reaction
from banyan.kernel.words.messages import Event


def on_records_erased(event: RecordsErased) -> ForgetNames | None:
    """Bills are records of tax: they keep their names until those need not be kept any more."""
    return ForgetNames(ids=event.ids) if event.record_class == "taxRelevant" else None


REACTIONS: tuple[tuple[type[Event], Reaction], ...] = ((RecordsErased, on_records_erased),)
