"""The fields parameter shows what was asked for, and always who it is."""

from __future__ import annotations

from typing import Any

import pytest

from banyan.tmf.projection import project

ORDER = {
    "id": "1",
    "href": "/1",
    "@type": "ProductOrder",
    "state": "held",
    "note": [{"@type": "Note", "text": "a", "author": "b"}, 7],
    "billingAccount": {"@type": "BillingAccountRef", "id": "9", "name": "n"},
}
WHO_V4 = {"id": "1", "href": "/1"}
WHO = {**WHO_V4, "@type": "ProductOrder"}


@pytest.mark.parametrize(
    ("fields", "generation", "shown"),
    [
        (None, 5, ORDER),
        ([], 4, ORDER),
        (["none"], 4, WHO_V4),
        (["none"], 5, WHO),
        (["state"], 4, {**WHO_V4, "state": "held"}),
        (["state,unknown"], 5, {**WHO, "state": "held"}),
        (["note.text"], 4, {**WHO_V4, "note": [{"text": "a"}]}),
        (["note.text"], 5, {**WHO, "note": [{"@type": "Note", "text": "a"}]}),
        (["note", "note.text"], 5, {**WHO, "note": ORDER["note"]}),
        (["note.text", "note"], 5, {**WHO, "note": ORDER["note"]}),
        (["billingAccount.id"], 4, {**WHO_V4, "billingAccount": {"id": "9"}}),
        (["state.deeper"], 4, WHO_V4),
        (["@type"], 4, WHO),
        ([".."], 4, WHO_V4),
    ],
)
def test_only_the_chosen_attributes_are_shown(fields: Any, generation: int, shown: Any) -> None:
    assert project(ORDER, fields, generation) == shown


def test_the_document_itself_never_changes() -> None:
    before = repr(ORDER)
    project(ORDER, ["note.text", "billingAccount.id"], 5)
    assert repr(ORDER) == before
