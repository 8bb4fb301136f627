"""Whether a set of catalogue documents is sound: all that is wrong with it, at once."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence, Set

import msgspec

from banyan.components.catalog.contract import CatalogItem
from banyan.components.catalog.model import (
    CHARACTERISTICS,
    DEPTH_MAX,
    ID_TYPES,
    PRODUCT_OFFERING,
    PRODUCT_OFFERING_PRICE,
    PRODUCT_SPECIFICATION,
    Flaw,
    Key,
    Link,
    find_characteristics,
    find_key,
    find_links,
    find_unit,
    is_embedded_price,
    split_address,
)
from banyan.components.catalog.policy.bundles import check_bundle
from banyan.components.catalog.policy.charges import (
    DISCOUNT,
    USAGE,
    check_extras,
    read_alteration,
)
from banyan.components.catalog.policy.prices import compute_price
from banyan.kernel.words.characteristics import CharacteristicSpec, check_characteristics
from banyan.kernel.words.codec import Document
from banyan.kernel.words.errors import Finding, Refused
from banyan.kernel.words.ids import WrongKind

ID_LENGTH_MAX = 128


def check_catalog(
    items: Sequence[CatalogItem],
    stored: Mapping[Key, Document],
    broken: Set[Key] = frozenset(),
) -> list[Flaw]:
    """Every flaw of ``items`` among each other and with the documents ``stored`` around them.

    Of documents that are already known to be ``broken`` only the references are looked at, and
    nothing is said about what depends on their content.
    """
    flaws = list(_check_keys(items))
    shelf = Shelf(items, stored)
    given = shelf.given
    specs: dict[Key, _Characteristics] = {}
    for key, document in {**stored, **given}.items():
        if key[0] in CHARACTERISTICS and key not in broken:
            specs[key] = _Characteristics(key, document, flaws, key in given)
    for key, document in given.items():
        for link in shelf.links(key):
            if link.target not in shelf.known and link.target not in broken:
                flaws.append(_missing(key, link, shelf.known))
        if key not in broken:
            flaws += _check_document(key, document)
            flaws += _check_supply(key, shelf.links(key), specs)
            flaws += _check_uses(key, document, shelf, specs)
    flaws += _check_cycles(shelf)
    return flaws


class Shelf:
    """Documents to be loaded (by version) among those that are stored already.

    A reference that names no version leads to the newest given version, if there is one.
    """

    def __init__(self, items: Sequence[CatalogItem], stored: Mapping[Key, Document]) -> None:
        self.given = {find_key(item.resource, item.document): item.document for item in items}
        self.known: dict[Key, Document] = {**stored, **self.given}
        self.newest = {
            (kind, split_address(address)[0]): (kind, address) for kind, address in self.given
        }
        self._links: dict[Key, list[Link]] = {}

    def links(self, key: Key) -> list[Link]:
        """The references of a document, each to the version it leads to."""
        found = self._links.get(key)
        if found is None:
            found = [
                msgspec.structs.replace(link, target=self.newest[link.target])
                if link.target in self.newest
                else link
                for link in find_links(key[0], self.known[key])
            ]
            self._links[key] = found
        return found


def _check_keys(items: Sequence[CatalogItem]) -> Iterator[Flaw]:
    seen: set[Key] = set()
    for item in items:
        named = item.document.get("id")
        key = find_key(item.resource, item.document)
        if item.resource not in ID_TYPES:
            reason = f"a catalogue has no {item.resource}, only {', '.join(ID_TYPES)}"
            yield Flaw(key, "resource", "unknownResource", reason)
        elif not isinstance(named, str) or not 0 < len(named) <= ID_LENGTH_MAX:
            reason = f"a document of a catalogue has an id of 1 to {ID_LENGTH_MAX} characters"
            yield Flaw(key, "id", "missing", reason)
        elif key in seen:
            reason = f"{item.resource} {named} is there twice in the same version"
            yield Flaw(key, "id", "duplicate", reason)
        else:
            seen.add(key)
            try:
                ID_TYPES[item.resource](named)
            except WrongKind as wrong:
                yield Flaw(key, "id", "wrongKind", str(wrong))


def _missing(key: Key, link: Link, known: Mapping[Key, Document]) -> Flaw:
    resource, wanted = link.target
    base, version = split_address(wanted)
    names = {split_address(named)[0] for kind, named in known if kind == resource}
    near = ", ".join(difflib.get_close_matches(base[:100], sorted(names - {base}), n=3))
    advice = f"; near it: {near}" if near else ""
    reason = f"there is no {resource} {base!r}{f' in version {version}' if version else advice}"
    return Flaw(key, link.path, "unknownReference", reason)


def _check_document(key: Key, document: Document) -> Iterator[Flaw]:
    for found in check_bundle(key[0], document):
        yield Flaw(key, found.path, found.code, found.reason)
    if key[0] == PRODUCT_OFFERING_PRICE:
        yield from _check_price(key, document, "")
    if key[0] != PRODUCT_OFFERING:
        return
    is_bundle = bool(document.get("isBundle") or document.get("bundledProductOffering"))
    if not is_bundle and not isinstance(document.get("productSpecification"), dict):
        reason = "an offering names the product specification it sells"
        yield Flaw(key, "productSpecification", "missing", reason)
    for at, entry in enumerate(document.get("productOfferingPrice") or []):
        if isinstance(entry, dict) and is_embedded_price(entry):
            yield from _check_price(key, entry, f"productOfferingPrice.{at}.")


def _check_price(key: Key, document: Document, prefix: str) -> Iterator[Flaw]:
    for found in find_price_flaws(document, key[1]):
        yield Flaw(key, f"{prefix}{found.path}", found.code, found.reason)


def find_price_flaws(document: Document, price_id: str) -> list[Finding]:
    """What is wrong with a price of any kind: flat, of usage, in tiers, a discount, a bundle."""
    if document.get("isBundle") or document.get("bundledPopRelationship"):
        return []
    if str(document.get("priceType") or "").lower() == DISCOUNT:
        read = read_alteration(document, price_id)
        return read if isinstance(read, list) else []
    is_more = any(document.get(name) is not None for name in ("tier", "allowance"))
    if is_more or str(document.get("priceType") or "").lower() == USAGE:
        return list(check_extras(document))
    priced = compute_price(document, price_id)
    return priced if isinstance(priced, list) else []


class _Characteristics:
    """The characteristics of one specification, read once; what can't be read is noted."""

    def __init__(self, key: Key, document: Document, flaws: list[Flaw], is_judged: bool) -> None:
        self.by_name: dict[str, CharacteristicSpec] = {}
        self.units: dict[str, str] = {}
        self.names: set[str] = set()
        for at, entry in enumerate(find_characteristics(key[0], document)):
            path = f"{CHARACTERISTICS[key[0]]}.{at}"
            name = entry["name"]
            if name in self.names and is_judged:
                flaws.append(Flaw(key, path, "duplicate", f"{name} is there twice"))
            self.names.add(name)
            self.units[name] = find_unit(entry)
            try:
                self.by_name[name] = CharacteristicSpec.from_tmf(entry)
            except Refused as no:
                if is_judged:
                    flaws += [_below(key, path, each) for each in no.refusal.findings]

    def lacks_value(self, name: str) -> bool:
        """Whether the characteristic must have a value and has none of its own."""
        spec = self.by_name.get(name)
        return spec is not None and spec.min_cardinality > 0 and not spec.defaults


def _below(key: Key, path: str, finding: Finding) -> Flaw:
    return Flaw(key, finding.below(path).path, finding.code, finding.reason)


def _check_supply(
    key: Key, links: Sequence[Link], specs: Mapping[Key, _Characteristics]
) -> Iterator[Flaw]:
    """What a part needs, it has, or this specification supplies."""
    above = specs.get(key)
    if above is None:
        return
    names = {each: split_address(each[1])[0] for each in (key, *(link.target for link in links))}
    for link in links:
        below = specs.get(link.target)
        if below is None or not link.is_part:
            continue
        for lower, upper in link.takes.items():
            if lower not in below.names:
                reason = f"{names[link.target]} has no characteristic {lower}"
                yield Flaw(key, link.path, "characteristicUnknown", reason)
            if upper not in above.names:
                reason = f"{names[key]} has no characteristic {upper} to take {lower} from"
                yield Flaw(key, link.path, "characteristicUnknown", reason)
        for name in sorted(below.names - above.names - set(link.takes)):
            if below.lacks_value(name):
                low, high = names[link.target], names[key]
                reason = f"{low} needs {name}, and {high} has nothing to supply it"
                yield Flaw(key, link.path, "notSupplied", reason)


def _check_uses(
    key: Key, document: Document, shelf: Shelf, specs: Mapping[Key, _Characteristics]
) -> Iterator[Flaw]:
    """The values an offering allows are values its product specification allows."""
    sold = document.get("productSpecification")
    uses = document.get("prodSpecCharValueUse")
    if key[0] != PRODUCT_OFFERING or not isinstance(sold, dict) or not isinstance(uses, list):
        return
    target = next((k.target for k in shelf.links(key) if k.target[0] == PRODUCT_SPECIFICATION), key)
    specification = specs.get(target)
    if specification is None:
        return
    product = split_address(target[1])[0]
    for at, use in enumerate(uses):
        path = f"prodSpecCharValueUse.{at}"
        name = use.get("name") if isinstance(use, dict) else None
        if name not in specification.names:
            reason = f"{product} has no characteristic {name}"
            yield Flaw(key, path, "characteristicUnknown", reason)
        elif name in specification.by_name:
            for value in use.get("productSpecCharacteristicValue") or []:
                if not isinstance(value, dict) or value.get("value") is None:
                    continue
                one = {"name": name, "value": value["value"]}
                if value.get("unitOfMeasure"):
                    one["unitOfMeasure"] = value["unitOfMeasure"]
                for found in check_characteristics([specification.by_name[name]], [one], ""):
                    yield Flaw(key, path, found.code, found.reason)


def _check_cycles(shelf: Shelf) -> Iterator[Flaw]:
    """No document is made of itself, and none is made of more levels than are ever walked."""
    depths: dict[Key, int] = {}

    def parts_of(key: Key) -> list[Link]:
        return [link for link in shelf.links(key) if link.is_part]

    for start in shelf.given:
        yield from _walk(start, depths, parts_of, shelf.given, shelf.known)
        if depths.get(start, 0) > DEPTH_MAX and start[0] in CHARACTERISTICS:
            reason = f"it is made of more than {DEPTH_MAX} levels"
            yield Flaw(start, "", "tooDeep", reason)


def _walk(
    start: Key,
    depths: dict[Key, int],
    parts_of: Callable[[Key], list[Link]],
    given: Mapping[Key, Document],
    known: Mapping[Key, Document],
) -> Iterator[Flaw]:
    """Depth first without recursion; every link that closes a circle is told once.

    It is told of the last given document in the circle; a circle of stored ones only is none of
    the given documents' doing.
    """
    if start in depths:
        return
    trail: list[Key] = [start]
    taken: list[Link] = []
    ahead: list[list[Link]] = [parts_of(start)]
    deepest = [0]
    while trail:
        if ahead[-1]:
            link = ahead[-1].pop(0)
            target = link.target
            if target in trail:
                since = trail.index(target)
                circle = [*trail[since:], target]
                way = " → ".join(split_address(named)[0] for _, named in circle)
                reason = f"it is made of itself: {way}"
                steps = zip(trail[since:], [*taken[since:], link], strict=True)
                for key, path in [(k, step.path) for k, step in steps if k in given][-1:]:
                    yield Flaw(key, path, "circle", reason)
            elif target in depths:
                deepest[-1] = max(deepest[-1], depths[target])
            elif target in known:
                trail.append(target)
                taken.append(link)
                ahead.append(parts_of(target))
                deepest.append(0)
            continue
        depth = deepest.pop() + 1
        depths[trail.pop()] = depth
        ahead.pop()
        if deepest:
            taken.pop()
            deepest[-1] = max(deepest[-1], depth)
