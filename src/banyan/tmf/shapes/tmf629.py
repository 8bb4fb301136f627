"""TMF629 Customer, v5 form unless said otherwise."""

from __future__ import annotations

SHAPES: dict[str, str] = {
    "Customer": "(PartyRole)",
}

ENUMS: dict[str, str] = {}

UNIONS: dict[str, str] = {}
