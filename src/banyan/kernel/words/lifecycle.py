"""A lifecycle is a table ``(state, verb) -> state``: what a thing may become, and by which verb.

State words are exactly the standard's (``inProgress``, ``In study``); verbs are ours. There are no
substates: what a state can't say belongs in another attribute.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from banyan.kernel.words.errors import refused

_STATE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-][A-Za-z0-9]+)*")
_VERB_WORD = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_MERMAID_WORDS = frozenset(
    {"as", "class", "classdef", "default", "direction", "end", "note", "state"}
)


class Lifecycle(msgspec.Struct, frozen=True):
    """The legal steps of one kind of thing.

    Construction asserts that every state can be reached from an initial one, that no two state
    words differ by case or blanks only, and that states and verbs are plain words.
    """

    name: str
    initial: tuple[str, ...]
    table: Mapping[tuple[str, str], str]

    def __post_init__(self) -> None:
        assert self.initial, f"{self.name} has no initial state"
        assert len(set(self.initial)) == len(self.initial), f"{self.name}: an initial state twice"
        for state in self.states:
            assert _STATE_WORD.fullmatch(state), f"{self.name}: {state!r} is no state word"
        for _, verb in self.table:
            assert _VERB_WORD.fullmatch(verb), f"{self.name}: {verb!r} is no verb"
        shapes = {_shape(state) for state in self.states}
        assert len(shapes) == len(self.states), f"{self.name}: two spellings of one state"
        lost = [state for state in self.states if state not in self._reachable()]
        assert not lost, f"{self.name}: no way leads to {', '.join(lost)}"

    def _reachable(self) -> set[str]:
        reached, ahead = set(self.initial), list(self.initial)
        while ahead:
            here = ahead.pop()
            for (state, _), target in self.table.items():
                if state == here and target not in reached:
                    reached.add(target)
                    ahead.append(target)
        return reached

    @property
    def states(self) -> tuple[str, ...]:
        """Every state, the initial ones first, then in the table's order."""
        rows = [word for (state, _), target in self.table.items() for word in (state, target)]
        return tuple(dict.fromkeys([*self.initial, *rows]))

    @property
    def terminal(self) -> tuple[str, ...]:
        """The states no verb leads out of."""
        return tuple(state for state in self.states if not self.legal(state))

    def legal(self, state: str) -> tuple[str, ...]:
        """The verbs that ``state`` allows, in the table's order; none for an unknown state."""
        return tuple(verb for (source, verb) in self.table if source == state)

    def can(self, state: str, verb: str) -> bool:
        """Whether ``verb`` is legal in ``state``."""
        return (state, verb) in self.table

    def step(self, state: str, verb: str) -> str:
        """The state that ``verb`` leads to; refuses (``conflict``) with the legal verbs.

        A state the table doesn't know is a bug.
        """
        assert state in self.states, f"{self.name} has no state {state!r}"
        target = self.table.get((state, verb))
        if target is None:
            allowed = ", ".join(self.legal(state))
            advice = f"it allows {allowed}" if allowed else "it is final"
            reason = f"a {self.name} in state {state} does not allow {verb}: {advice}"
            raise refused("conflict", "lifecycle", reason)
        return target

    def verb_for(self, state: str, target: str) -> str:
        """The verb that leads in one step from ``state`` to ``target``: for "set state" requests.

        Of several the table's first. Refuses (``conflict``) with the states within one step; the
        state it is in already is none of them, unless a verb leads there.
        """
        assert state in self.states, f"{self.name} has no state {state!r}"
        for (source, verb), reached in self.table.items():
            if source == state and reached == target:
                return verb
        ahead = dict.fromkeys(to for (source, _), to in self.table.items() if source == state)
        advice = f"only {', '.join(ahead)}" if ahead else "it is final"
        reason = f"a {self.name} in state {state} can't become {target}: {advice}"
        raise refused("conflict", "lifecycle", reason)

    def diagram(self) -> str:
        """The lifecycle as a Mermaid ``stateDiagram-v2``, for the docs."""
        lines = ["stateDiagram-v2"]
        for state in self.states:
            if _drawn(state) != state:
                lines.append(f'    state "{state}" as {_drawn(state)}')
        lines += [f"    [*] --> {_drawn(state)}" for state in self.initial]
        for (state, verb), target in self.table.items():
            lines.append(f"    {_drawn(state)} --> {_drawn(target)}: {verb}")
        lines += [f"    {_drawn(state)} --> [*]" for state in self.terminal]
        return "\n".join(lines) + "\n"


def _shape(state: str) -> str:
    return re.sub(r"[ _-]", "", state).lower()


def _drawn(state: str) -> str:
    """A Mermaid id: state words with blanks, and Mermaid's own words, need another."""
    plain = re.sub(r"[ -]", "_", state)
    return f"{plain}_" if plain.lower() in _MERMAID_WORDS else plain
