"""What others may ask of catalog, and the room's own command behind TMF620 importJob."""

from __future__ import annotations

from typing import Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ProductOfferingId
from banyan.kernel.words.messages import Command, Query
from banyan.kernel.words.price import PriceTerms

Layer = Literal["product", "customerFacing", "resourceFacing", "resource"]


class SpecNode(msgspec.Struct, frozen=True, kw_only=True):
    """One specification with what it is made of, one layer below the other.

    A product specification's services are customer-facing, services of services resource-facing
    (unless their ``@type`` says otherwise). What is named twice stands here twice.
    ``characteristics`` are CharacteristicSpecification documents (TMF v5 form). ``takes`` maps a
    characteristic of this node to the characteristic of the node above that supplies it; one of the
    same name is supplied without being listed. ``schema_type`` is the ``@type`` of the inventory
    item it becomes.
    """

    id: str
    name: str
    version: str
    layer: Layer
    schema_type: str
    characteristics: tuple[Document, ...] = ()
    takes: dict[str, str] = {}
    parts: tuple[SpecNode, ...] = ()


class OfferingTerms(msgspec.Struct, frozen=True, kw_only=True):
    """An offering as it can be sold now: what an order keeps a snapshot of.

    ``why_not_sellable`` says everything that is in the way, and is empty when it can be sold.
    ``specification`` is a bare node when it is missing; ``prices`` are those valid now.
    ``specification`` holds the characteristics as the offering narrows them: one it fixes is not
    configurable and has its value as default.
    """

    id: ProductOfferingId
    name: str
    version: str
    lifecycle_status: str
    is_sellable: bool
    why_not_sellable: str
    specification: SpecNode
    prices: tuple[PriceTerms, ...]


class FindOfferings(Query[tuple[OfferingTerms, ...]], frozen=True, kw_only=True):
    """The terms of those of ``ids`` that exist, with their whole specification trees."""

    ids: tuple[str, ...]


class CatalogItem(msgspec.Struct, frozen=True, kw_only=True):
    """One document of a catalogue to load: which resource it is and its inner form with its id."""

    resource: str
    document: Document


class CatalogLoaded(msgspec.Struct, frozen=True, kw_only=True):
    """How many documents were new, changed, and already the same."""

    created: int
    changed: int
    unchanged: int


class LoadCatalog(Command[CatalogLoaded], frozen=True, kw_only=True):
    """Load a whole catalogue in one transaction: all of it, or a refusal with every finding.

    ``resource`` is one of ``productSpecification``, ``productOffering``, ``productOfferingPrice``,
    ``serviceSpecification``, ``resourceSpecification``. Refused (``rule``; paths
    ``items.<position>.document.…``): malformed documents, ids named twice, references to nothing,
    specifications made of themselves, prices that can't be charged, characteristics that
    contradict themselves or nobody supplies. Documents that are not among ``items`` stay as they
    are; one that is among them is replaced whole. Loading the same again changes nothing.
    """

    items: tuple[CatalogItem, ...]


class ImportCatalog(Command[Document], frozen=True, kw_only=True):
    """Take a TMF620 importJob in whose ``catalogFile`` holds YAML texts; answers the stored job.

    ``document`` is an ImportJob with ``catalogFile: [{name, text}]`` (an attribute of ours; the
    ``url`` is not fetched). The job is done when it is answered (status ``Succeeded``, with the
    counts of :class:`CatalogLoaded` in ``loaded``), or refused (``malformed``) with every finding,
    its path being ``file:line:column``; then nothing was loaded and no job is kept.
    """

    document: Document


class ExportCatalog(Command[Document], frozen=True, kw_only=True):
    """The whole catalogue, every version of everything, as catalogue files.

    Answers ``document`` (a CatalogExport) with ``catalogFile``: what is loaded from these files is
    the same catalogue again. Nothing is stored. Refused (``rule``, ``notWritable``) where a
    document has no form in a file.
    """

    document: Document


class CompareCatalog(Command[Document], frozen=True, kw_only=True):
    """What differs between catalogue files and the catalogue, or between two versions of a thing.

    ``document`` is a CatalogComparison with ``catalogFile``, or with ``entity`` (its id and
    ``@referredType``), ``fromVersion`` and ``toVersion``. Answers it with ``difference``; nothing
    is stored. Refused (``malformed``) with every mistake of the files, or (``rule``) for an unknown
    thing or version.
    """

    document: Document


class ChangeCatalog(Command[Document], frozen=True, kw_only=True):
    """Move a version through the lifecycle, with the parts it is made of: somebody's decision.

    ``document`` is a CatalogChange: ``action`` (``submit``, ``publish``, ``retire``, ``rollback``),
    ``entity`` (its id, ``@referredType``, and a ``version``, without which the newest draft is
    meant, or for ``retire`` the version in force), ``reason``. ``submit`` and ``publish`` take the
    drafts that the version is made of along; ``rollback`` retires the version in force and brings
    ``version`` back. Answers the stored document with what changed. Refused: ``unknownReference``,
    ``lifecycle`` (``conflict``), and what forbids a publication (``rule``).
    """

    document: Document


class ReadSliceTemplate(Command[Document], frozen=True, kw_only=True):
    """Turn a GSMA Generic Slice Template (JSON) into a service specification in a catalogue file.

    ``document`` is a SliceTemplate: ``template`` (the JSON), ``specificationId`` (from its name if
    left out). Answers it with ``catalogFile``, which holds the specification as a draft, and
    ``defect``: everything that is wrong with the template, each with its path in it. The same
    template gives the same file. Nothing is stored. Refused (``malformed``): what is no template.
    """

    document: Document
