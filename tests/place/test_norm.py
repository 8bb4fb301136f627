"""Spellings that are equal, for any address (pure)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from banyan.components.place.model.norm import compute_norm, find_country, find_keys, fold
from banyan.components.place.policy.matching import match_addresses

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
ADDRESS = st.dictionaries(
    st.sampled_from(["streetName", "streetNr", "postcode", "city", "country", "streetNrLast"]),
    TEXT,
)


@given(ADDRESS)
def test_any_address_has_a_form_that_upper_case_and_blanks_do_not_change(
    address: dict[str, str],
) -> None:
    plain = compute_norm(address)
    folded = {name: f" {value} " for name, value in address.items() if name != "country"}
    if "country" in address:
        folded["country"] = address["country"]
    assert compute_norm(folded) == plain
    assert find_keys(address) == find_keys(folded)


@given(TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ADDRESS, st.lists(ADDRESS, max_size=4))
def test_what_is_found_contradicts_nothing_and_one_answer_is_given(
    wanted: dict[str, str], others: list[dict[str, str]]
) -> None:
    candidates = [{"id": str(at), **each} for at, each in enumerate(others)]
    match = match_addresses(wanted, candidates, 3)
    assert (match.verdict == "success") == (match.found is not None)
    assert len(match.alternatives) <= 3
    if match.verdict != "partial":
        assert match.alternatives == ()


def test_a_country_is_known_by_code_and_name() -> None:
    assert {find_country(text) for text in ("DE", "deu", "Germany", " germany ")} == {"DE"}
    assert find_country("Atlantis") == "atlantis"
