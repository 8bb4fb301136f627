"""JSON Patch and its queries on plain documents: exact, bounded, and never half done."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonpath import JSONPatch
from jsonpath.exceptions import JSONPatchError, JSONPointerError

from banyan.kernel.words.errors import Refused
from banyan.tmf.patching import Patch, PatchForm, run_patch

NOTES: dict[str, Any] = {
    "name": "n",
    "note": [
        {"author": "Jane", "text": "a", "tag": [{"key": "x", "value": 1}, {"key": "y"}]},
        {"author": "John", "text": "b", "date": "2026-01-31T12:00:00Z"},
        {"author": "Jane", "text": "c"},
    ],
    "relatedParty": [
        {"role": "vendor", "partyOrPartyRole": {"id": "1"}},
        {"role": "owner", "partyOrPartyRole": {"id": "2"}},
    ],
}


def patched(form: PatchForm, *operations: Any, document: Any = NOTES) -> Any:
    """What the operations make of a document, which itself must stay as it is."""
    before = copy.deepcopy(document)
    after = run_patch(Patch(list(operations), form), document)
    assert document == before
    return after


def refusal(form: PatchForm, *operations: Any, document: Any = NOTES) -> tuple[str, str, str]:
    """Kind, code and path of what is refused."""
    with pytest.raises(Refused) as caught:
        patched(form, *operations, document=document)
    found = caught.value.refusal.findings[0]
    return caught.value.refusal.kind, found.code, found.path


def texts(document: Any) -> list[Any]:
    return [note.get("text") for note in document["note"]]


_names = st.sampled_from(["a", "b", "c", "0", "1", "m/n", "t~u"])
_scalars = st.one_of(st.text("xyz", max_size=2), st.integers(2, 9), st.none())
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=8,
)
_documents = st.dictionaries(_names, _values, max_size=4)


def _pointers(value: Any, at: str = "") -> list[str]:
    found = [at]
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
        found.append(f"{at}/new")
    elif isinstance(value, list):
        inner = list(enumerate(value))
        found += [f"{at}/-", f"{at}/{len(value)}", f"{at}/{len(value) + 1}"]
    for key, held in inner:
        found += _pointers(held, f"{at}/{str(key).replace('~', '~0').replace('/', '~1')}")
    return found


@st.composite
def _patches(draw: st.DrawFn) -> tuple[Any, list[dict[str, Any]]]:
    document = draw(_documents)
    pointers = st.sampled_from([each for each in _pointers(document) if each])
    if len(_pointers(document)) == 1:
        pointers = st.just("/new")
    operations = []
    for word in draw(st.lists(st.sampled_from(_WORDS), min_size=1, max_size=4)):
        made: dict[str, Any] = {"op": word, "path": draw(pointers)}
        if word in ("move", "copy"):
            made["from"] = draw(pointers)
        if word in ("add", "replace", "test"):
            made["value"] = draw(_values)
        operations.append(made)
    return document, operations


_WORDS = ["add", "remove", "replace", "move", "copy", "test"]


@given(_patches())
@settings(max_examples=300, deadline=None)
def test_json_patch_does_what_another_implementation_does(made: tuple[Any, Any]) -> None:
    document, operations = made
    try:
        own = copy.deepcopy(operations)  # it changes the patch along with the document
        theirs = JSONPatch(own, unicode_escape=False).apply(copy.deepcopy(document))
    except (JSONPatchError, JSONPointerError, IndexError, TypeError, ValueError):
        theirs = None
    try:
        ours = patched("json", *operations, document=document)
    except Refused:
        ours = None
    assert ours == theirs


@pytest.mark.parametrize(
    ("operation", "code"),
    [
        ({"op": "test", "path": "/n", "value": True}, "testFailed"),
        ({"op": "test", "path": "/n", "value": "1"}, "testFailed"),
        ({"op": "test", "path": "/gone", "value": 1}, "noSuchPath"),
        ({"op": "replace", "path": "/list/01", "value": 0}, "noSuchPath"),
        ({"op": "replace", "path": "/list/-1", "value": 0}, "noSuchPath"),
        ({"op": "replace", "path": "/list/+1", "value": 0}, "noSuchPath"),
        ({"op": "remove", "path": "/list/-"}, "noSuchPath"),
        ({"op": "add", "path": "/list/4", "value": 0}, "noSuchPath"),
        ({"op": "add", "path": "/n/x", "value": 0}, "noSuchPath"),
        ({"op": "remove", "path": ""}, "whole"),
        ({"op": "remove", "path": "n"}, "pointer"),
        ({"op": "remove", "path": "/n~2"}, "pointer"),
        ({"op": "move", "path": "/obj/in", "from": "/obj"}, "intoItself"),
        ({"op": "move", "path": "/obj"}, "missing"),
        ({"op": "add", "path": "/x"}, "missing"),
        ({"op": "addne", "path": "/x", "value": 1}, "operation"),
        ("add", "operation"),
    ],
)
def test_what_json_patch_does_not_say_is_refused_with_its_number(operation: Any, code: str) -> None:
    document = {"n": 1, "list": [1, 2, 3], "obj": {"in": 1}}
    fine = {"op": "test", "path": "/n", "value": Decimal("1.0")}
    kind, found, path = refusal("json", fine, operation, document=document)
    assert found == code
    assert kind == ("conflict" if code == "testFailed" else "malformed")
    assert path.partition(".")[0] == "1"


def test_copies_cant_grow_without_end() -> None:
    double = [{"op": "copy", "from": "/a", "path": "/a/-"} for _ in range(40)]
    kind, code, _ = refusal("json", *double, document={"a": ["x" * 1_000]})
    assert (kind, code) == ("too_large", "copySize")
    deeper = [{"op": "copy", "from": "/a", "path": "/a/b"} for _ in range(70)]
    assert refusal("json", *deeper, document={"a": {}})[1] == "too_deep"
    assert refusal("json", *[{"op": "add", "path": "/b", "value": 1}] * 501)[1] == "tooMany"


@pytest.mark.parametrize(
    "path",
    [
        "/note/text?note.author=Jane",
        "/note?note.author=Jane/text",
        "/note?author=Jane/text",
        '/note?note.author="Jane"/text',
        "/note/text?/note/author=Jane",
        "note[?(@.author=='Jane')].text",
        "$.note[?@.author=='Jane'].text",
        "$['note'][?@.author=='Jane']['text']",
    ],
)
def test_a_query_picks_array_items_by_what_they_hold(path: str) -> None:
    after = patched("query", {"op": "replace", "path": path, "value": "new"})
    assert texts(after) == ["new", "b", "new"]


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("/relatedParty?role=vendor", ["owner"]),
        ("/relatedParty?/relatedParty.partyOrPartyRole.id=2", ["vendor"]),
        ("/relatedParty?relatedParty.partyOrPartyRole.id=2&relatedParty.role=owner", ["vendor"]),
        ("$.relatedParty[?@.partyOrPartyRole.id=='2']", ["vendor"]),
        ("/relatedParty/0", ["owner"]),
        ("$.relatedParty[*]", []),
    ],
)
def test_a_query_removes_every_item_it_picks(path: str, left: list[str]) -> None:
    after = patched("query", {"op": "remove", "path": path})
    assert [party["role"] for party in after["relatedParty"]] == left


def test_conditions_hold_along_one_way_down() -> None:
    path = "/note/tag/value?note.author=Jane&note.tag.key=x"
    after = patched("query", {"op": "replace", "path": path, "value": 5})
    assert after["note"][0]["tag"] == [{"key": "x", "value": 5}, {"key": "y"}]
    other = "/note/text?note.tag.key=y"
    assert texts(patched("query", {"op": "replace", "path": other, "value": "z"})) == [
        "z", "b", "c",
    ]  # fmt: skip
    at = "/note?note.date=2026-01-31T13:00:00%2B01:00/text"
    assert texts(patched("query", {"op": "replace", "path": at, "value": "z"})) == ["a", "z", "c"]


def test_a_query_adds_attributes_and_items() -> None:
    item = {"author": "Eve", "text": "e"}
    for path in ("/note", "/note/-", "$.note"):
        after = patched("query", {"op": "add", "path": path, "value": item})
        assert after["note"] == [*NOTES["note"], item]
    for path in ("/note/seen?note.author=John", "$.note[?@.author=='John'].seen"):
        after = patched("query", {"op": "add", "path": path, "value": True})
        assert [note.get("seen") for note in after["note"]] == [None, True, None]
    alone = run_patch(Patch({"op": "add", "path": "/size", "value": 3}, "query"), NOTES)
    assert alone["size"] == 3


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/note?note.author=Nobody/text", "noSuchPath"),
        ("$.note[?@.author=='Nobody'].text", "noSuchPath"),
        ("/gone/text", "noSuchPath"),
        ("/note?author", "pathSyntax"),
        ("/note?=x", "pathSyntax"),
        ('/note?author="x', "pathSyntax"),
        ("$.note[", "pathSyntax"),
        ("$.note[?match(@.author, '(a+)+b')]", "pathSyntax"),
        ("$.note[?search(@.author, 'J')]", "pathSyntax"),
        ("$..note[?@..author]", "pathSyntax"),
        ("$.note[?@.author==$.name]", "pathSyntax"),
        ("$" + "[?@.a]" * 5, "pathSyntax"),
        ("/" + "a" * 600, "tooLong"),
        ("$.a | $.b", "pathSyntax"),
    ],
)
def test_a_query_that_leads_nowhere_or_costs_too_much_is_refused(path: str, code: str) -> None:
    kind, found, where = refusal("query", {"op": "remove", "path": path})
    assert (kind, found, where) == ("malformed", code, "0.path")


def test_a_move_comes_from_one_place() -> None:
    move = {"op": "move", "from": "$.note[?@.author=='John']", "path": "/moved"}
    after = patched("query", move)
    assert (texts(after), after["moved"]["text"]) == (["a", "c"], "b")
    several = {**move, "from": "$.note[?@.author=='Jane']"}
    assert refusal("query", several) == ("malformed", "ambiguous", "0.from")


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_path_or_a_refusal(path: str) -> None:
    forms: tuple[PatchForm, ...] = ("json", "query")
    for form in forms:
        for word in ("remove", "add"):
            try:
                after = patched(form, {"op": word, "path": path, "value": 1})
            except Refused:
                continue
            assert after != NOTES or word == "add"
