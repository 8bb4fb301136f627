"""One handler per command and query of catalog."""

from __future__ import annotations

from banyan.components.catalog.contract import (
    ChangeCatalog,
    CompareCatalog,
    ExportCatalog,
    FindOfferings,
    ImportCatalog,
    LoadCatalog,
    ReadSliceTemplate,
)
from banyan.components.catalog.model import Abilities
from banyan.components.catalog.service.changing import change_catalog
from banyan.components.catalog.service.loading import import_catalog, load_catalog, read_files
from banyan.components.catalog.service.offers import find_offerings
from banyan.components.catalog.service.publishing import make_resources
from banyan.components.catalog.service.reading import (
    answer_read,
    compare_catalog,
    export_catalog,
    read_slice_template,
)
from banyan.kernel.engine.handlers import Handler, answers, asks, decides

__all__ = ["handlers", "make_resources"]


def handlers(abilities: Abilities) -> tuple[Handler, ...]:
    """What the room answers in a house with these drivers."""
    return (
        answers(FindOfferings, find_offerings(abilities)),
        decides(LoadCatalog, load_catalog(abilities)),
        asks(ImportCatalog, read_files, import_catalog(abilities)),
        decides(ChangeCatalog, change_catalog(abilities)),
        asks(CompareCatalog, compare_catalog(abilities), answer_read),
        asks(ExportCatalog, export_catalog, answer_read),
        asks(ReadSliceTemplate, read_slice_template, answer_read),
    )
