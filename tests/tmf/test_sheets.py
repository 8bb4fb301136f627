"""CSV: whatever a document holds, its row gives it back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banyan.kernel.words.codec import to_json
from banyan.kernel.words.errors import Refused
from banyan.tmf.bulk.lines import read_csv, read_ndjson
from banyan.tmf.bulk.sheets import Sheet, flattened, read_path, write_row
from banyan.tmf.bulk.texts import text_paths
from banyan.tmf.faces import faces_of
from tests.tmf.lab import INDIVIDUAL

_texts = st.one_of(
    st.text(max_size=6),
    st.sampled_from(
        ["1", "01", "true", "null", "", " ", "{}", "[1", '"', "a,b", "x\ny", "\r", "-"]
    ),
)
_names = st.one_of(st.text(max_size=4), st.sampled_from(["a.b", "0", "12", "\\", "@type", ""]))
_scalars = st.one_of(
    _texts,
    st.booleans(),
    st.none(),
    st.integers(-(2**53), 2**53),
    st.decimals(-1000, 1000, places=2).filter(lambda d: d != d.to_integral_value()),
)
_values = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=10,
)
_documents = st.dictionaries(_names, _values, min_size=1, max_size=4)


def _sheet(documents: list[dict[str, Any]]) -> bytes:
    rows = [flattened(document) for document in documents]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return write_row(columns) + b"".join(
        write_row([row.get(name, "") for name in columns]) for row in rows
    )


@given(st.lists(_documents, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_a_row_gives_its_document_back(documents: list[dict[str, Any]]) -> None:
    chunk = read_csv(_sheet(documents), 2, lambda path: False)
    assert [line.refusal for line in chunk.lines] == [None] * len(documents)
    assert [line.body for line in chunk.lines] == documents
    assert [line.number for line in chunk.lines] == [2 + i for i in range(len(documents))]


@given(st.lists(st.one_of(_names, st.integers(0, 30)), min_size=1, max_size=4))
def test_a_column_names_one_path(path: list[Any]) -> None:
    document: Any = "x"
    for part in reversed(path):
        document = {part: document} if isinstance(part, str) else [None] * part + [document]
    if isinstance(path[0], str) and all(isinstance(p, str) or p < 20 for p in path):
        column = next(name for name, cell in flattened(document).items() if cell == "x")
        assert read_path(column) == tuple(path)


def test_people_write_texts_as_they_are() -> None:
    (face,) = [face for face in faces_of(INDIVIDUAL) if face.generation == 5]
    is_text = text_paths(face)
    rows = (
        "familyName,contactMedium.0.@type,contactMedium.0.postCode,skill.0.skillCode,x\n"
        "1984,GeographicAddressContactMedium,01067,12,12\n"
        "true,GeographicAddressContactMedium,10115,,\n"
    )
    first, second = (line.body for line in read_csv(rows.encode(), 2, is_text).lines)
    medium = {"@type": "GeographicAddressContactMedium", "postCode": "01067"}
    skill = [{"skillCode": "12"}]
    assert first == {"familyName": "1984", "contactMedium": [medium], "skill": skill, "x": 12}
    assert second["contactMedium"][0]["postCode"] == "10115"
    assert second["familyName"] == "true"


@pytest.mark.parametrize(
    ("header", "row", "path"),
    [
        ("a,a.b", "1,2", "a.b"),
        ("a.b,a.0", "1,2", "a.0"),
        ("a.1", "x", "a"),
        ("a", "x,y", ""),
        ("a.0.b,a.0", '1,"{""c"":1}"', "a.0"),
        ("a", '"{""b"":1,""b"":2}"', "a"),
    ],
)
def test_columns_that_contradict_each_other_are_told_with_their_line(
    header: str, row: str, path: str
) -> None:
    lines = read_csv(f"{header}\n{row}\n".encode(), 7, lambda path: False).lines
    assert lines[0].number == 7
    assert lines[0].refusal is not None
    assert [found.path for found in lines[0].refusal.findings] == [path]


@pytest.mark.parametrize("raw", [b"", b"a,a\n1,2\n", b"0\nx\n", b"\xff\n", b"a\n" + b"1\n" * 5001])
def test_a_sheet_without_a_sound_header_is_refused(raw: bytes) -> None:
    with pytest.raises(Refused):
        read_csv(raw, 2, lambda path: False)


def test_rows_over_several_lines_keep_their_numbers() -> None:
    raw = b'a,b\n"x\ny",1\n\nz,2\n"open\nw,3\n'
    chunk = read_csv(raw, 2, lambda path: False)
    assert [(line.number, line.body) for line in chunk.lines[:2]] == [
        (2, {"a": "x\ny", "b": 1}),
        (5, {"a": "z", "b": 2}),
    ]
    assert chunk.lines[2].number == 6
    assert chunk.lines[2].refusal is not None
    assert chunk.lines[3].body == {"a": "w", "b": 3}
    assert chunk.following == 8


def test_ndjson_counts_blank_lines_and_goes_on_behind_bad_ones() -> None:
    raw = b'\xef\xbb\xbf{"a":1.10}\n\n{"a":1,"a":2}\n[\n' + b"[" * 70 + b"]" * 70 + b"\n1"
    chunk = read_ndjson(raw, 1)
    assert [line.number for line in chunk.lines] == [1, 3, 4, 5, 6]
    assert chunk.lines[0].body == {"a": Decimal("1.10")}
    codes = [line.refusal and line.refusal.findings[0].code for line in chunk.lines]
    assert codes == [None, "duplicateKey", "json", "too_deep", None]
    assert chunk.following == 7


def test_a_long_list_is_one_cell() -> None:
    document = {"a": list(range(50))}
    assert flattened(document) == {"a": to_json(document["a"]).decode()}
    assert Sheet(["a"]).read([flattened(document)["a"]]) == (document, [])
