"""What a resource of ``@type`` ResourcePool says of its pool."""

from __future__ import annotations

import msgspec

from banyan.components.inventory.model import Span
from banyan.components.inventory.model.numbering import KINDS, VALUE_MAX, Numbering
from banyan.components.inventory.wire.resources import check_facts, find_characteristic, is_pool
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding

TERMS = ("low", "high", "kind", "network", "prefixLength", "prefix", "digits", "quarantineDays")
"""Characteristics the pool is made of; all others are traits it may be picked by."""

DIGITS_MAX = 18
DAYS_MAX = 36_500
TEXT_MAX = 200
_WHERE = "resourceCharacteristic"


class PoolTerms(msgspec.Struct, frozen=True):
    """What a pool is: its name, the form of its values, its range, what happens to values after."""

    name: str
    numbering: Numbering
    span: Span
    quarantine_days: int
    traits: dict[str, str]


def check_resource(document: Document) -> list[Finding]:
    """What is wrong with a resource beyond its shape: with a pool's terms, too."""
    findings = check_facts(document)
    return findings + (read_terms(document)[1] if is_pool(document) else [])


def need_terms(document: Document) -> PoolTerms:
    """The terms of a pool that :func:`check_resource` had nothing against."""
    terms, findings = read_terms(document)
    assert terms is not None, findings
    return terms


def read_terms(document: Document) -> tuple[PoolTerms | None, list[Finding]]:
    """The terms of a pool's document, or everything that is wrong with them (``poolRange`` …)."""
    findings: list[Finding] = []
    kind = find_characteristic(document, "kind")
    if kind is not None and kind not in KINDS:
        reason = f"the kind of a pool is one of {', '.join(KINDS)}"
        return None, [Finding("poolKind", reason, _WHERE)]
    numbers = {
        name: _whole(document, name, most, findings)
        for name, most in (("prefixLength", 128), ("digits", DIGITS_MAX),
                           ("quarantineDays", DAYS_MAX))
    }  # fmt: skip
    texts = {name: _text(document, name, findings) for name in ("network", "prefix")}
    form = Numbering(
        str(kind or "number"), texts["prefix"], numbers["digits"], texts["network"],
        numbers["prefixLength"],
    )  # fmt: skip
    if form.kind.startswith("ip") != bool(form.network):
        reason = "a pool of addresses or prefixes, and no other, has the characteristic network"
        findings.append(Finding("poolRange", reason, _WHERE))
    if findings:
        return None, findings
    if form.kind == "iccid":  # low and high say how long the numbers of this pool are
        form = msgspec.structs.replace(form, digits=len(str(find_characteristic(document, "low"))))
    span = _read_span(document, form, findings)
    if span is None:
        return None, findings
    traits = {
        str(each.get("name")): str(each.get("value"))
        for each in document.get(_WHERE, ())
        if each.get("name") not in TERMS
    }
    name = str(document.get("name") or "")
    return PoolTerms(name, form, span, numbers["quarantineDays"], traits), []


def _read_span(document: Document, form: Numbering, findings: list[Finding]) -> Span | None:
    """The range: of addresses the whole of the network, where low or high is not given."""
    ends: dict[str, int] = {}
    try:
        if form.network:
            ends["low"], ends["high"] = form.whole()
    except ValueError as error:
        findings.append(Finding("poolRange", str(error), _WHERE))
        return None
    for name in ("low", "high"):
        value = find_characteristic(document, name)
        if value is None and name in ends:
            continue
        try:
            if form.is_plain and not isinstance(value, int):
                raise ValueError("is a whole number of at most 63 bits")
            number = form.read(value)
            if name in ends and not ends["low"] <= number <= ends["high"]:
                raise ValueError(f"{value} is not for use in {form.network}")
            ends[name] = number
        except ValueError as error:
            findings.append(Finding("poolRange", f"the pool's {name}: {error}", _WHERE))
    if not findings and ends["low"] > ends["high"]:
        reason = f"low ({form.show(ends['low'])}) is above high ({form.show(ends['high'])})"
        findings.append(Finding("poolRange", reason, _WHERE))
    if not findings and ends["high"] - ends["low"] >= VALUE_MAX:
        reason = f"a pool holds at most {VALUE_MAX} values"
        findings.append(Finding("poolRange", reason, _WHERE))
    return None if findings else Span(ends["low"], ends["high"])


def _whole(document: Document, name: str, most: int, findings: list[Finding]) -> int:
    value = find_characteristic(document, name)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        reason = f"the characteristic {name} is a whole number from 0 to {most}"
        findings.append(Finding("poolFacts", reason, _WHERE))
        return 0
    return value


def _text(document: Document, name: str, findings: list[Finding]) -> str:
    value = find_characteristic(document, name)
    if value is not None and (not isinstance(value, str) or len(value) > TEXT_MAX):
        reason = f"the characteristic {name} is a text of at most {TEXT_MAX} characters"
        findings.append(Finding("poolFacts", reason, _WHERE))
        return ""
    return str(value or "")
