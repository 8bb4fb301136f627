"""What installed drivers can do, as the catalogue needs to know it. Pure."""

from __future__ import annotations

from typing import Final

import msgspec


class Ability(msgspec.Struct, frozen=True, kw_only=True):
    """One installed driver: the technologies it speaks and the operations it offers."""

    driver: str
    technologies: tuple[str, ...]
    operations: tuple[str, ...]


Abilities = tuple[Ability, ...]

NEEDED: Final = ("configure", "read", "remove")
"""What an order does with a configured resource: sets it, reads it back, and takes it away."""
