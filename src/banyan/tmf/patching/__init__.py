"""What a PATCH body does to a document: merge patch, JSON Patch, and JSON Patch with queries.

``steps`` is RFC 6902 to the letter, ``places`` finds what the paths of TMF630 part 5 mean.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import refused
from banyan.tmf.bodies import check_depth
from banyan.tmf.patching.places import find_steps
from banyan.tmf.patching.steps import Draft, read_step

PatchForm = Literal["merge", "json", "query"]

MERGE_FORMS: Final[dict[str, PatchForm]] = {
    "": "merge",
    "application/json": "merge",
    "application/merge-patch+json": "merge",
}
"""What a PATCH body may be in any generation, by media type."""

PATCH_FORMS: Final[dict[str, PatchForm]] = {
    **MERGE_FORMS,
    "application/json-patch+json": "json",
    "application/json-patch-query+json": "query",
}
"""What it may be in v5."""

STEPS_MAX: Final = 500
"""Operations of one JSON Patch."""
QUERIES_MAX: Final = 50
"""Operations of one query patch: each may look at the whole document."""


class Patch(msgspec.Struct, frozen=True):
    """A PATCH body as it was sent; ``href`` is what the caller knows the document by."""

    body: Any
    form: PatchForm = "merge"
    href: str = ""


def run_patch(patch: Patch, shown: Document) -> Document:
    """``shown`` after the operations of a patch that is no merge patch; all of them or none.

    Refused, each finding at the number of its operation: what is no operation (``malformed``), a
    path that leads nowhere (``malformed``), a ``test`` that fails (``conflict``), a document that
    grows too large (``too_large``). ``shown`` stays as it is.
    """
    is_query = patch.form == "query"
    operations = patch.body
    if is_query and isinstance(operations, dict):  # TM Forum's examples leave the list out
        operations = [operations]
    most = QUERIES_MAX if is_query else STEPS_MAX
    if not isinstance(operations, list):
        raise refused("malformed", "wrong_type", "a JSON Patch is a list of operations")
    if len(operations) > most:
        raise refused("malformed", "tooMany", f"at most {most} operations, not {len(operations)}")
    draft = Draft(shown)
    for number, operation in enumerate(operations):
        if is_query:
            for step in find_steps(draft.document, operation, number):
                draft.run(step)
        else:
            draft.run(read_step(operation, number))
    result = draft.document
    if not isinstance(result, dict):
        raise refused("malformed", "wrong_type", "the patched document is no JSON object")
    check_depth(result)
    return result
