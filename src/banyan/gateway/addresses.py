"""What a path is the address of: an API, a noun of it, and how much stands behind; pure.

The path is read as it came, undecoded, exactly as the standards kit looks it up: what is decoded
here and not there, or the other way round, would be let in as one thing and answered as another.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

from banyan.gateway.access import DOCS, HUB
from banyan.tmf.apis import API
from banyan.tmf.bulk.lines import BULK
from banyan.tmf.faces import bases_of


@dataclass(frozen=True, slots=True)
class Address:
    """An API and a noun of it, empty if it has none of this name.

    ``depth`` counts what stands behind the noun: 0 for the whole, 1 for one of it, more for parts.
    Many of a noun at once (``bulk/{noun}``) count as parts: own ones are not told apart there.
    """

    api: str
    noun: str
    depth: int


class AddressBook:
    """Every address of the APIs served here. ``own`` are bases that are not the kit's, with nouns.

    Aliases of a base are the same address.
    """

    def __init__(self, apis: Set[str], own: Mapping[str, tuple[str, tuple[str, ...]]]) -> None:
        self._bases: dict[str, tuple[str, dict[str, str]]] = {}
        for base, (api, own_nouns) in own.items():
            self._bases[base] = api, {noun: noun for noun in own_nouns}
        for name in apis:
            api_facts = API[name]
            for generation in api_facts.generations:
                served = api_facts.resources_in(generation)
                nouns = {each.name_in(generation): each.name for each in served}
                nouns |= {HUB: HUB, DOCS: DOCS}
                for base in bases_of(name, generation):
                    self._bases[base] = name, nouns
        self._depths = sorted({base.count("/") for base in self._bases}, reverse=True)

    def find(self, path: str) -> Address | None:
        """What ``path`` is the address of; None if of nothing that is served here."""
        parts = path.split("/")
        for depth in self._depths:
            found = self._bases.get("/".join(parts[: depth + 1]))
            if found is not None:
                api, nouns = found
                behind = parts[depth + 1 :]
                while behind and not behind[-1]:
                    behind.pop()
                noun = nouns.get(behind[0], "") if behind else ""
                if behind[:1] == [BULK]:
                    noun = nouns.get(behind[1], "") if len(behind) > 1 else ""
                    return Address(api, noun, len(behind))
                return Address(api, noun, max(len(behind) - 1, 0))
        return None
