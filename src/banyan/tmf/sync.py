"""Keeps copies in step with another server: a first comparison, its events, and comparisons after.

Events only say which document to look at again: what is kept is what the server answers then, so a
late, doubled or forged event does no harm. What no event told (the house was down, the server was
restored from a backup) the next comparison of all finds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog

from banyan.kernel.engine.clock import Clock, RealClock, to_us
from banyan.kernel.engine.dispatch import Fact, redeliver
from banyan.kernel.engine.mint import draw_secret
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.rounds import Rounds
from banyan.kernel.engine.settings import RemoteSettings
from banyan.kernel.words.codec import Document, from_json
from banyan.kernel.words.errors import Later, NeedsPerson, Never, Outage, Refused
from banyan.tmf import copies, documents
from banyan.tmf.copies import Copied, Subscribed
from banyan.tmf.remote import Remote
from banyan.tmf.swap import TARGET

LISTENER: Final = "/banyan-api/remoteListener/v1"
"""Where other servers' events come to: the API and a secret follow."""
AT_ONCE: Final = 200
LOOK_S: Final = 1.0
"""How soon an outage that others met is noticed, and the end of one."""
PERSON_S: Final = 30.0
"""How soon it is tried again what only a person can mend."""
SECRET_BYTES: Final = 24

_log = structlog.get_logger()


class Sync:
    """One API's copies on their way through time; ``origin`` is how others reach this house."""

    def __init__(
        self,
        remote: Remote,
        room: Room,
        origin: str,
        settings: RemoteSettings,
        clock: Clock | None = None,
    ) -> None:
        self.remote = remote
        self.room_name = room.name
        self._room = room
        self._origin = origin.rstrip("/")
        self._sweep_s = settings.sweep_s
        self._replaces_local = settings.replaces_local
        self._clock = clock or RealClock()
        self.state = "starting"
        self._reason = ""
        self._hears_events = False
        self._is_fresh = True
        self._swept_at: datetime | None = None
        self._is_asked = False
        self._rounds = Rounds(f"remote-{remote.api}", self._turn)

    def start(self) -> None:
        """Begin with a comparison of all."""
        self._rounds.start()

    def stop(self) -> None:
        """Come to the end of what is under way."""
        self._rounds.stop()

    def health(self) -> dict[str, Any]:
        """``state``: starting, inStep, away, needsPerson; how long ago all was last compared."""
        told: dict[str, Any] = {"state": self.state, "hearsEvents": self._hears_events}
        if self.state == "inStep" and self.remote.client.line.outage is not None:
            told["state"] = "away"
        if self._swept_at is not None:
            told["comparedSecondsAgo"] = int((self._clock.now() - self._swept_at).total_seconds())
        return told

    def ask_sweep(self) -> None:
        """Compare all soon: something was told that says nothing of what it is about."""
        self._is_asked = True
        self._rounds.hurry()

    def _turn(self) -> float:
        """One round; how long until the next."""
        try:
            if self._is_due():
                self._is_asked = False
                self.subscribe()
                self.sweep()
        except Later as outage:
            self._say("away", outage.reason)
            self._is_fresh = True
            return max(outage.seconds, 0.2)
        except (NeedsPerson, Never, Refused) as error:
            self._say("needsPerson", str(error))
            self._is_fresh = True
            return PERSON_S
        return min(LOOK_S, self._sweep_s)

    def _is_due(self) -> bool:
        if self.remote.client.line.outage is not None:
            self._is_fresh = True
        if self._is_fresh or self._is_asked or self._swept_at is None:
            return True
        return (self._clock.now() - self._swept_at).total_seconds() >= self._sweep_s

    def _say(self, state: str, reason: str = "") -> None:
        if (state, reason) != (self.state, self._reason):
            tell = _log.info if state == "inStep" else _log.warning
            tell("remote.state", api=self.remote.api, state=state, reason=reason)
        self.state, self._reason = state, reason

    def subscribe(self) -> None:
        """See to it that the server tells us; what it holds of ours from earlier is ended.

        A server without a hub is only compared with, now and then.
        """
        client, known = self.remote.client, self._known()
        base = f"{self._origin}{LISTENER}/{self.remote.api}/"
        if not self._origin:
            return
        is_ours = known.url == client.server.url and known.callback.startswith(base)
        listed = client.subscriptions()
        if is_ours and known.hub_id:
            is_there = listed is None or any(each == known.hub_id for each, _ in listed)
            if is_there:
                self._hears_events = True
                return
        for hub_id, callback in listed or ():
            if callback.startswith(base):
                client.unsubscribe(hub_id)
        secret = draw_secret(SECRET_BYTES).hex()
        swept_us = known.swept_us if known.url == client.server.url else 0
        made = Subscribed(client.server.url, secret, f"{base}{secret}", "", swept_us)
        self._keep_known(made)  # first: an event may be faster than the answer
        try:
            hub_id = client.subscribe(made.callback)
        except (Refused, Never, NeedsPerson) as error:
            self._hears_events = False
            _log.warning("remote.noEvents", api=self.remote.api, reason=str(error))
            return
        self._keep_known(Subscribed(made.url, secret, made.callback, hub_id, swept_us))
        self._hears_events = True

    def sweep(self) -> int:
        """Compare all there is and let the copies follow; how many had to.

        On an address that was never compared before, documents of our own that the server does not
        have are not taken away without leave (``NeedsPerson``).
        """
        changed = 0
        is_first = self._known().swept_us == 0
        gone: list[tuple[str, str]] = []
        for resource, row in self.remote.rows.items():
            if "G" not in row.operations:
                continue
            there: set[str] = set()
            for chunk in _chunks(iter(self.remote.client.each(resource)), AT_ONCE):
                if self._rounds.is_stopping:
                    return changed
                there.update(document["id"] for document in chunk)
                changed += self._follow(resource, chunk)
            with self.remote.look() as look:
                here = [each for each in copies.ids_of(look, row) if each not in there]
            gone += [(resource, each) for each in here]
        if is_first and gone and not self._replaces_local:
            reason = (
                f"{len(gone)} documents of {self.remote.api} are kept here and not there (like "
                f"{gone[0][0]} {gone[0][1]}): take them there, or set replaces_local"
            )
            raise NeedsPerson(reason)
        changed += sum(self.remote.refresh(*each) for each in gone)
        self._conclude(changed)
        return changed

    def _follow(self, resource: str, chunk: Sequence[Document]) -> int:
        """Copy what is new at once; what differs is looked at again, it may have moved on."""
        row = self.remote.rows[resource]
        ids = [document["id"] for document in chunk]
        with self.remote.look() as look:
            found = documents.find(look, row, {"id": ids}).found
        here = {stored.document["id"]: stored.document for stored in found}
        new = [
            Copied(resource, document["id"], 0, document)
            for document in chunk
            if document["id"] not in here and self.remote.is_fit(resource, document)
        ]
        changed = len(new)
        if new:
            self.remote.follow(new)
        for document in chunk:
            if document["id"] in here and here[document["id"]] != document:
                changed += self.remote.refresh(resource, document["id"])
        return changed

    def _conclude(self, changed: int) -> None:
        now = self._clock.now()
        known = self._known()
        self._keep_known(
            Subscribed(known.url, known.secret, known.callback, known.hub_id, to_us(now))
        )
        missed_events = changed > 0 and not self._is_fresh and self._hears_events
        self._is_fresh = False
        if changed:
            _log.info("remote.followed", api=self.remote.api, changes=changed)
        if missed_events:  # it should have told: subscribe anew, and compare once more after that
            _log.warning("remote.untold", api=self.remote.api, changes=changed)
            self.remote.client.unsubscribe(known.hub_id)
            self._keep_known(Subscribed(known.url, swept_us=to_us(now)))
            self._is_fresh = True
        redeliver(self._room, f"{TARGET}{self.remote.api}")
        self._swept_at = now
        self._say("inStep")

    def _known(self) -> Subscribed:
        with self._room.database.read() as tx:
            found = copies.find_subscribed(tx, self.remote.tenant, self.remote.api)
        return found or Subscribed(self.remote.client.server.url)

    def _keep_known(self, known: Subscribed) -> None:
        where = (self.remote.tenant, self.remote.api)
        self._room.upkeep(lambda tx: copies.put_subscribed(tx, *where, known))


def _chunks(found: Iterator[Document], size: int) -> Iterator[list[Document]]:
    while chunk := list(islice(found, size)):
        yield chunk


class RemoteTeller:
    """Acts on what other servers told: looks at the document again. A dispatcher's teller."""

    def __init__(self, remotes: Sequence[Remote]) -> None:
        self._remotes = {remote.api: remote for remote in remotes}

    def __call__(self, facts: Sequence[Fact]) -> Sequence[Exception | None]:
        """Each in turn; with the server away, the rest is not tried."""
        outcomes: list[Exception | None] = []
        lost: dict[str, Outage] = {}
        for fact in facts:
            api = fact.target.removeprefix(TARGET)
            told = from_json(fact.body)
            remote = self._remotes.get(api)
            outcome: Exception | None = lost.get(api)
            if outcome is None and remote is not None and told["resource"] in remote.rows:
                try:
                    remote.refresh(told["resource"], told["id"])
                except Outage as error:
                    outcome = lost[api] = error
                except Refused as error:
                    outcome = error
            outcomes.append(outcome)
        return outcomes
