"""What others may ask of place, and the room's own commands behind its APIs."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import GeographicAddressId, GeographicSiteId
from banyan.kernel.words.messages import Command, Query

ALTERNATIVES_MAX = 5
"""Addresses offered where the submitted one is not in the gazetteer."""

Verdict = Literal["success", "partial", "fail"]
"""``success``: the gazetteer has exactly this address. ``partial``: it has the street or the place,
not the number, or something like it. ``fail``: it has nothing like it."""


class AddressFound(msgspec.Struct, frozen=True, kw_only=True):
    """An address of the gazetteer: the whole TMF673 document, and its one line for people."""

    id: GeographicAddressId
    line: str
    address: Document


class AddressChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What the gazetteer says to an address: how well it fits, which one it is, what is like it."""

    verdict: Verdict
    found: AddressFound | None
    alternatives: tuple[AddressFound, ...]
    differences: tuple[str, ...] = ()


class SiteFound(msgspec.Struct, frozen=True, kw_only=True):
    """A site: its name and state, and the addresses it stands at.

    ``status`` is one of ``planned``, ``underConstruction``, ``active``, ``inactive``, ``former``,
    ``cancelled``.
    """

    id: GeographicSiteId
    name: str
    status: str
    address_ids: tuple[str, ...]


class FindAddress(Query[AddressFound | None], frozen=True, kw_only=True):
    """The address of this id, or nothing."""

    id: GeographicAddressId


class FindSite(Query[SiteFound | None], frozen=True, kw_only=True):
    """The site of this id, or nothing."""

    id: GeographicSiteId


class CheckAddress(Query[AddressChecked], frozen=True, kw_only=True):
    """Whether the gazetteer has an address (a TMF673 document, complete or not); keeps nothing."""

    address: Document
    alternatives_max: int = ALTERNATIVES_MAX


class RecordAddress(Command[Document], frozen=True, kw_only=True):
    """File an address in the gazetteer; answers the stored document.

    Refused (``rule``) without a street or a locality, or without a city or a postcode; and
    (``conflict``) when the gazetteer has the same address already.
    """

    document: Document


class ChangeAddress(Command[Document], frozen=True, kw_only=True):
    """Replace an address by its whole new form, made from revision ``rev``.

    Refused like :class:`RecordAddress`.
    """

    id: GeographicAddressId
    document: Document
    rev: int


class ValidateAddress(Command[Document], frozen=True, kw_only=True):
    """Compare a submitted address with the gazetteer and keep what came of it (TMF673).

    Answers the task, done. A repeat with the same key answers the same task.
    """

    document: Document


class CreateSite(Command[Document], frozen=True, kw_only=True):
    """File a new TMF674 site; answers the stored document.

    Refused (``rule``, ``unknownReference``) when a place or site it names is not there.
    """

    document: Document


class ChangeSite(Command[Document], frozen=True, kw_only=True):
    """Replace a site by its whole new form, made from revision ``rev``.

    Refused like :class:`CreateSite`, and (``conflict``) for a step its lifecycle doesn't know.
    """

    id: GeographicSiteId
    document: Document
    rev: int
