"""How a journey is written: steps as data, with undo, policy and references to earlier answers.

Pure. A step is one command. Its arguments may refer to the plan's parameters (:func:`param`) and
to answers of steps it needs (:func:`answer`); both are looked up when the step runs, so amending
the parameters changes the future and never the past.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

import msgspec

from banyan.kernel.words.codec import Document, from_plain, to_plain
from banyan.kernel.words.messages import Command, message_name

ANSWER = "$answer"
PARAM = "$param"
OTHERWISE = "$otherwise"
NAME_MAX = 160
"""Characters of a step's name; with the plan's id it must fit an idempotency key."""


class Wish(msgspec.Struct, frozen=True):
    """A command to be: its wire name and its arguments, which may hold references."""

    command: str
    arguments: Document


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What happens when a step fails.

    ``refused`` and ``never`` say what an expected "no" and a hopeless outage lead to; an outage
    that passes is tried again ``retries`` times with doubling waits (seconds), then held.
    """

    refused: Literal["hold", "unwind", "skip"] = "hold"
    never: Literal["hold", "unwind"] = "hold"
    retries: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a plan.

    ``undo`` takes back what ``do`` did, and bears that nothing or only half was done; without it
    ``why_no_undo`` says why none is needed or possible. After a step that ``is_crossing`` nothing
    is undone any more. ``then`` names the journey's expansion that makes further steps of its
    answer.
    ``due_us`` is the earliest instant on the business clock (microseconds since 1970).

    Two fields are the kernel's own: ``again`` counts how often the step was begun anew with other
    arguments, ``voids`` names the attempt that this step takes back.
    """

    name: str
    do: Wish
    needs: tuple[str, ...] = ()
    undo: Wish | None = None
    why_no_undo: str = ""
    policy: Policy = Policy()
    is_crossing: bool = False
    then: str = ""
    due_us: int = 0
    again: int = 0
    voids: str = ""

    @property
    def keyed(self) -> str:
        """The step's name in idempotency keys: another one each time it is begun anew."""
        return f"{self.name}@{self.again}" if self.again else self.name


_NOTHING: Any = object()


def param(*path: str | int, otherwise: Any = _NOTHING) -> Document:
    """A reference to the plan's parameters, looked up when the step runs.

    ``otherwise`` is what it stands for while there is no such parameter; it may be a reference.
    """
    if otherwise is _NOTHING:
        return {PARAM: list(path)}
    return {PARAM: list(path), OTHERWISE: otherwise}


def answer(step: str, *path: str | int) -> Document:
    """A reference to the answer of an earlier step (one this step needs, directly or not)."""
    return {ANSWER: [step, *path]}


def wish(command: type[Command[Any]], **arguments: Any) -> Wish:
    """``command`` with arguments that may be references; wrong or missing names are bugs."""
    known, needed = _fields(command)
    unknown = arguments.keys() - known
    missing = needed - arguments.keys()
    assert not unknown, f"{command.__name__} has no {sorted(unknown)}"
    assert not missing, f"{command.__name__} needs {sorted(missing)}"
    return Wish(message_name(command), to_plain(arguments))


@lru_cache(1024)
def _fields(command: type[Command[Any]]) -> tuple[frozenset[str], frozenset[str]]:
    fields = msgspec.structs.fields(command)
    return frozenset(f.name for f in fields), frozenset(f.name for f in fields if f.required)


class LostReference(LookupError):
    """A reference leads to nothing: what it needs was skipped, or the journey has a bug."""


class UnfitArguments(Exception):
    """A wish can't become its command: arguments that don't fit the contract, a lost reference."""


def resolve(value: Any, params: Document, answers: Mapping[str, Any]) -> Any:
    """``value`` with every reference replaced by what it refers to."""
    if isinstance(value, dict):
        if len(value) == 1:
            if ANSWER in value:
                step, *path = value[ANSWER]
                if step not in answers:
                    raise LostReference(f"no answer of {step} yet")
                return _at(answers[step], path)
            if PARAM in value:
                return _at(params, value[PARAM])
        if len(value) == 2 and PARAM in value and OTHERWISE in value:
            try:
                return _at(params, value[PARAM])
            except LostReference:
                return resolve(value[OTHERWISE], params, answers)
        return {name: resolve(item, params, answers) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, params, answers) for item in value]
    return value


def _at(value: Any, path: list[str | int]) -> Any:
    for part in path:
        try:
            value = value[part]
        except (LookupError, TypeError) as error:
            raise LostReference(f"nothing at {path}") from error
    return value


def make_command(
    own: Wish, kind: type[Command[Any]], params: Document, answers: Mapping[str, Any]
) -> Command[Any]:
    """The command of a wish, checked against the contract as it is today.

    Raises :class:`UnfitArguments`, naming the command and what is wrong.
    """
    try:
        return from_plain(resolve(own.arguments, params, answers), kind)
    except (msgspec.ValidationError, LostReference) as error:
        raise UnfitArguments(f"{own.command} can't be asked: {error}") from error


Expansion = Callable[[Document, Mapping[str, Any]], tuple[Step, ...]]
"""(parameters, answers so far) → further steps; pure."""


@dataclass(frozen=True)
class Held:
    """A step that waits for somebody: where, why, and what kind of obstacle.

    ``obstacle``: ``refused``, ``needsPerson``, ``never``, ``retriesExhausted`` or ``bug``;
    ``is_undo`` when it was the undoing that failed.
    """

    step: str
    reason: str
    obstacle: str
    is_undo: bool = False


def _tell_nobody(params: Document, about: Any) -> Wish | None:
    return None


@dataclass(frozen=True)
class Journey:
    """A journey in one version: its first steps, expansions, and whom it tells what.

    The ``tell`` functions turn what happened into a command for the room that owns the story;
    they are pure and see the plan's parameters and what there is to tell.
    """

    name: str
    version: int
    begin: Callable[[Document], tuple[Step, ...]]
    expansions: Mapping[str, Expansion] = field(default_factory=dict)
    tell_held: Callable[[Document, Held], Wish | None] = _tell_nobody
    tell_resumed: Callable[[Document, str], Wish | None] = _tell_nobody
    tell_unwinding: Callable[[Document, str], Wish | None] = _tell_nobody
    tell_unwound: Callable[[Document, str], Wish | None] = _tell_nobody
    tell_unwind_refused: Callable[[Document, str], Wish | None] = _tell_nobody


class Journeys:
    """All journeys this release can run, by name and version."""

    def __init__(self, journeys: tuple[Journey, ...]) -> None:
        self._known = {(journey.name, journey.version): journey for journey in journeys}
        assert len(self._known) == len(journeys), "a journey version is there twice"
        self._newest = {j.name: j for j in sorted(journeys, key=lambda j: j.version)}

    def newest(self, name: str) -> Journey:
        """The version new plans start with."""
        return self._newest[name]

    def find(self, name: str, version: int) -> Journey | None:
        """One version, or nothing if this release has forgotten it."""
        return self._known.get((name, version))

    def all(self) -> tuple[Journey, ...]:
        """Every version."""
        return tuple(self._known.values())


def find_flaw(steps: tuple[Step, ...], known: frozenset[str]) -> str:
    """Why these steps can't join a plan that has the steps ``known``; nothing if they can."""
    names = set(known)
    for step in steps:
        lost = set(step.needs) - names
        if lost:
            return f"{step.name} needs {sorted(lost)}, which nobody does before it"
        if step.name in names:
            return f"two steps named {step.name}"
        if len(step.name) > NAME_MAX:
            return f"{step.name} is too long a name"
        if not step.undo and not step.why_no_undo:
            return f"{step.name} has no undo and does not say why"
        names.add(step.name)
    return ""
