"""Typed characteristics: what a specification allows, and whether given values keep to it.

Read from the TMF v5 form (``CharacteristicSpecification``), checked all at once, filled with
defaults. Values are what JSON gives: text, booleans, exact numbers, objects, lists of these. Where
values have a unit, everything a specification holds is in its one unit, and a value given in
another (attribute ``unitOfMeasure``) is converted exactly before it is compared.
"""

from banyan.kernel.words.characteristics.check import (
    characteristic_type,
    check_characteristics,
    fill_characteristics,
)
from banyan.kernel.words.characteristics.pattern import ValuePattern, compile_pattern
from banyan.kernel.words.characteristics.spec import CharacteristicSpec, ValueRange, ValueType

__all__ = [
    "CharacteristicSpec",
    "ValuePattern",
    "ValueRange",
    "ValueType",
    "characteristic_type",
    "check_characteristics",
    "compile_pattern",
    "fill_characteristics",
]
