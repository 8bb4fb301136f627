"""What is found by index is what reading everything finds, in every generation and database."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from banyan.kernel.engine.work import Look, Work
from banyan.kernel.words.codec import Document
from banyan.kernel.words.messages import Call
from banyan.tmf import documents, search
from banyan.tmf.documents import Page, Search
from banyan.tmf.faces import Face, faces_of
from banyan.tmf.filters import Condition, Operator, Sort
from banyan.tmf.values import VALUE_MAX, key_of, values_at
from tests.tmf.lab import INDIVIDUAL, ORDER, Lab

FACES = [face for resource in (INDIVIDUAL, ORDER) for face in faces_of(resource)]
TENANTS = (f"tenant-{number}" for number in itertools.count())
LONG = "x" * (VALUE_MAX + 5)

scalars = st.one_of(
    st.sampled_from(["", "a", "b", "ab", "\x00", "\x01a", "1", "1.0", "true", LONG, LONG + "y"]),
    st.sampled_from(
        ["2026-01-31", "2026-01-31T00:00:00Z", "2026-01-31T01:00:00+01:00", "2026-02-01T00:00:00Z"]
    ),
    st.integers(-3, 12),
    st.booleans(),
    st.none(),
    st.decimals(-2, 2, places=1),
)
values = st.one_of(scalars, scalars, st.lists(scalars, max_size=3))

people = st.fixed_dictionaries(
    {},
    optional={
        "familyName": values,
        "birthDate": values,
        "shoe": values,
        "status": st.sampled_from(["initialized", "validated", "deceased"]),
        "relatedParty": st.lists(
            st.builds(lambda own: {"partyOrPartyRole": {"id": own}}, scalars), max_size=2
        ),
    },
)
orders = st.fixed_dictionaries(
    {},
    optional={
        "creationDate": values,
        "orderDate": values,
        "note": values,
        "state": st.sampled_from(["acknowledged", "draft", "inProgress", "inProgress.accepted"]),
        "relatedParty": st.lists(
            st.builds(lambda own: {"partyOrPartyRole": {"id": own}}, scalars), max_size=2
        ),
    },
)
PATHS = {
    "individual": ["familyName", "birthDate", "shoe", "status", "id", "@type", "nothing"],
    "productOrder": ["creationDate", "orderDate", "note", "state", "@type"],
}
PARTY = ["relatedParty.partyOrPartyRole.id", "relatedParty.id"]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _conditions(face: Face) -> st.SearchStrategy[Condition]:
    operators: list[Operator] = ["eq", "eq", "gt", "gte", "lt", "lte"]
    one = st.one_of(
        st.builds(
            lambda path, wanted, sign: Condition(path, tuple(map(_text, wanted)), sign),
            st.sampled_from([*PATHS[face.resource.name], *PARTY]),
            st.lists(scalars, min_size=1, max_size=3),
            st.sampled_from(operators),
        ),
        st.builds(
            lambda path, pattern: Condition(path, (pattern,), "regex"),
            st.sampled_from([*PATHS[face.resource.name], *PARTY]),
            st.sampled_from(["a", "^b?$", "^2026", "^[0-9]+$"]),
        ),
    )
    return st.builds(
        lambda first, others: replace(first, alternatives=tuple(others)),
        one,
        st.lists(one, max_size=1),
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[Face, list[Document], list[Condition], list[Sort]]:
    """A face, documents, conditions on them and an order."""
    face = draw(st.sampled_from(FACES))
    kind = people if face.resource is INDIVIDUAL else orders
    paths = [*PATHS[face.resource.name], *PARTY]
    return (
        face,
        draw(st.lists(kind, max_size=6)),
        draw(st.lists(_conditions(face), max_size=3)),
        draw(st.lists(st.builds(Sort, st.sampled_from(paths), st.booleans()), max_size=2)),
    )


class Shelf:
    """Documents of one tenant in the lab's database."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._call = Call(next(TENANTS), "tester")

    def file(self, face: Face, found: list[Document]) -> list[Document]:
        """File documents; what they became, oldest first."""
        kind = face.resource.shape
        now, mints = self._lab.clock.now(), self._lab.room.mints

        def create(work: Work) -> list[Document]:
            return [
                documents.create(work, face.resource, {"@type": kind, **each}) for each in found
            ]

        return self._lab.database.write(
            lambda tx: create(Work(tx, self._call, now, "key", mints, {}))
        )

    def search(self, face: Face, wanted: Search) -> Page:
        """What is found."""
        with self._lab.database.read() as tx:
            look = Look(tx, self._call, self._lab.clock.now())
            return documents.search(look, face.resource, wanted)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def shelf(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Shelf]]:
    """Makes empty shelves, in one database for many examples."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('desk')}"
    else:
        url = request.getfixturevalue("postgres_url")
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    lab = Lab(url)
    yield lambda: Shelf(lab)
    lab.close()


def _key(face: Face, sort: Sort, document: Document) -> tuple[bool, str]:
    """Where a document stands, told again from the rule alone."""
    keys = [key_of(value) for value in values_at(document, sort.path.split("."))]
    if sort.path in ("id", "@type", face.resource.state):
        keys = [f"t{value}" for value in values_at(document, [sort.path])]
    found = [key[:VALUE_MAX] for key in keys if key is not None]
    if not found:
        return (False, "")
    return (True, max(found) if sort.is_descending else min(found))


def _naive(
    face: Face, filed: list[Document], conditions: list[Condition], order: list[Sort]
) -> list[str]:
    """Ids of what matches, by looking at everything."""
    shown = [face.outward(document) for document in filed]
    found = [each for each in shown if all(one.matches(each) for one in conditions)]
    for sort in reversed(order):
        places: dict[tuple[bool, str], list[Document]] = {}
        for each in found:
            places.setdefault(_key(face, sort, each), []).append(each)
        missing = places.pop((False, ""), [])
        ordered = [places[key] for key in sorted(places, reverse=sort.is_descending)]
        found = [each for place in [*ordered, missing] for each in place]
    return [each["id"] for each in found]


@pytest.mark.parametrize("limits", [(10_000, 20_000), (0, 2)], ids=["gathering", "walking"])
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=questions(), offset=st.integers(0, 3), limit=st.integers(0, 3))
def test_pages_are_those_of_reading_everything(
    shelf: Callable[[], Shelf],
    limits: tuple[int, int],
    question: tuple[Face, list[Document], list[Condition], list[Sort]],
    offset: int,
    limit: int,
) -> None:
    face, found, conditions, order = question
    own = shelf()
    filed = own.file(face, found)
    note(f"{face.path} {filed} {conditions} {order}")
    expected = _naive(face, filed, conditions, order)
    wanted = face.search(conditions, order)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "PROBE_MAX", limits[0])
        patch.setattr(search, "RANKED_MAX", limits[1])
        page = own.search(face, replace(wanted, offset=offset, limit=limit))
        assert [each.document["id"] for each in page.found] == expected[offset : offset + limit]
        assert page.total == len(expected)
        assert _walked(own, face, replace(wanted, limit=2), "after") == expected
        assert _walked(own, face, replace(wanted, limit=2), "before") == expected


def _walked(own: Shelf, face: Face, wanted: Search, way: str) -> list[str]:
    """Ids found page by page over cursors, from the first page on or from the last back."""
    ids: list[str] = []
    page = own.search(face, wanted)
    if way == "before" and page.found:
        whole = own.search(face, replace(wanted, limit=None))
        page = own.search(face, replace(wanted, before=whole.last))
        ids = [whole.found[-1].document["id"]]
    while page.found:
        found = [each.document["id"] for each in page.found]
        ids = ids + found if way == "after" else found + ids
        if way == "after":
            page = own.search(face, replace(wanted, after=page.last))
        else:
            page = own.search(face, replace(wanted, before=page.first))
    return ids
