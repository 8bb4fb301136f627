"""The resource rows of errands: jobs of a catalogue API, monitors of an activation API."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from banyan.kernel.engine.clock import to_wire
from banyan.kernel.words.codec import Document
from banyan.kernel.words.ids import ExportJobId, ImportJobId, MonitorId
from banyan.tmf.resource import Errand, Resource

_STATES: Final = ("Not Started", "Running", "Succeeded", "Failed")
"""TMF620, 633, 634 JobStateType."""
IMPORT: Final = Errand("import", *_STATES)
EXPORT: Final = Errand("export", *_STATES)
MONITOR: Final = Errand("create", "InProgress", "InProgress", "Completed", "InError")

JOB_OWNED: Final = ("status", "creationDate", "completionDate", "errorLog", "progress")
"""What a job says of itself; ``progress`` (lines, created, refused) is ours."""


def fill_job(document: Document, now: datetime) -> Document:
    """A new job's date."""
    return {**document, "creationDate": to_wire(now)}


def import_job(api: str, room: str, apart: str) -> Resource:
    """The ``importJob`` of an API: reads ``url`` and posts each line to the resource ``path``."""
    return Resource(
        api=api, name="importJob", shape="ImportJob", room=room, id_type=ImportJobId,
        operations="GCD", state="status", indexed=("url",), server_owned=JOB_OWNED,
        fill=fill_job, errand=IMPORT, apart=apart,
    )  # fmt: skip


def export_job(api: str, room: str, apart: str) -> Resource:
    """The ``exportJob`` of an API: writes every document of the resource ``path`` to ``url``."""
    return Resource(
        api=api, name="exportJob", shape="ExportJob", room=room, id_type=ExportJobId,
        operations="GCD", state="status", indexed=("url",), server_owned=JOB_OWNED,
        fill=fill_job, errand=EXPORT, apart=apart,
    )  # fmt: skip


def monitor(api: str, room: str) -> Resource:
    """The ``monitor`` of an API, for resources whose create is answered with 202."""
    return Resource(
        api=api, name="monitor", shape="Monitor", room=room, id_type=MonitorId,
        operations="G", state="state", errand=MONITOR,
    )  # fmt: skip
