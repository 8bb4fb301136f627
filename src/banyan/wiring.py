"""The one place that knows every room: builds them, connects them, starts and stops the house."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
import structlog
from starlette.applications import Starlette

import banyan.kernel.engine.migrations
import banyan.kernel.engine.plans.migrations
import banyan.tmf.migrations
from banyan.components.activation import component as activation
from banyan.components.activation.contract import CompareDevices
from banyan.components.billing import component as billing
from banyan.components.billing.contract import ListCharged
from banyan.components.catalog import component as catalog
from banyan.components.inventory import component as inventory
from banyan.components.inventory.contract import ListRecorded
from banyan.components.ordering import component as ordering
from banyan.components.ordering.contract import ListSold
from banyan.components.party import component as party
from banyan.components.place import component as place
from banyan.gateway.access import Access
from banyan.gateway.app import Front, make_app
from banyan.gateway.claims import Holder
from banyan.gateway.oidc import ForeignIssuer
from banyan.gateway.tokens import TokenBook
from banyan.journeys import JOURNEYS, REACTIONS
from banyan.journeys.comparison import Comparison, find_differences
from banyan.kernel.engine.clock import Clock, RealClock
from banyan.kernel.engine.component import RoomParts
from banyan.kernel.engine.db import Database
from banyan.kernel.engine.dispatch import Dispatcher, Reactions
from banyan.kernel.engine.handlers import Handler
from banyan.kernel.engine.house import House
from banyan.kernel.engine.measures import Measure, check_room, measure_room
from banyan.kernel.engine.migrate import Migration, find_migrations, migrate
from banyan.kernel.engine.mint import Mint
from banyan.kernel.engine.plans.contract import FindPlan, ListOpen, PlanSeen
from banyan.kernel.engine.plans.journey import Journeys
from banyan.kernel.engine.plans.runner import Pace, Runner
from banyan.kernel.engine.plans.service import Adopter, plan_handlers
from banyan.kernel.engine.plans.store import count_states, open_ids
from banyan.kernel.engine.purge import Purger
from banyan.kernel.engine.room import Room
from banyan.kernel.engine.settings import Settings
from banyan.kernel.engine.vault import Vault, WrongMasterKey
from banyan.kernel.words.errors import Outage, refused
from banyan.kernel.words.messages import Call
from banyan.tmf.auditing import audit_routes
from banyan.tmf.client import TmfClient, find_server
from banyan.tmf.copies import forget_others, has_others
from banyan.tmf.errands.places import Places
from banyan.tmf.errands.runner import ErrandTeller
from banyan.tmf.filing import file_again
from banyan.tmf.filters import Condition
from banyan.tmf.hub import HubTeller
from banyan.tmf.line import Manners
from banyan.tmf.listener import Listener
from banyan.tmf.parking import delivery_routes
from banyan.tmf.remote import Remote
from banyan.tmf.rest import mount
from banyan.tmf.service import ERRAND, kit_messages
from banyan.tmf.surface import RestSettings
from banyan.tmf.swap import SWAPPABLE, TARGET, Swap
from banyan.tmf.sync import LISTENER, RemoteTeller, Sync


def _build_catalog(settings: Settings) -> RoomParts:
    """Catalog learns here what activation's drivers can do: the rooms need not ask for it."""
    abilities = tuple(
        catalog.Ability(driver=name, technologies=can.technologies, operations=can.operations)
        for name, can in activation.find_abilities().items()
    )
    return catalog.build(settings, abilities)


BUILDERS: Mapping[str, Callable[[Settings], RoomParts]] = {
    "party": party.build,
    "place": place.build,
    "catalog": _build_catalog,
    "ordering": ordering.build,
    "inventory": inventory.build,
    "activation": activation.build,
    "billing": billing.build,
}
"""Every room of the house."""

JOURNEYS_TARGET = "journeys"
PLANS = "plans"

REACHES: Final = (
    ("party", "customer", "engagedParty.id"),
    ("party", "partyRole", "engagedParty.id"),
    ("party", "billingAccount", "relatedParty.partyOrPartyRole.id"),
)
"""Room, resource, path: whoever stands at the path is the resource too, when it is asked whose
something is. In this order, since accounts are those of customers."""

_log = structlog.get_logger()


@dataclass
class Standing:
    """A house that stands: its rooms, and the threads that work in it.

    ``swaps`` hold each room's resources, with those that another server keeps ruled there.

    ``served`` are the rooms whose APIs this process mounts and whose hubs and reactions it works
    for; plans are walked by processes that serve all rooms, or the room ``ordering``.
    """

    settings: Settings
    clock: Clock
    house: House
    parts: Mapping[str, RoomParts]
    swaps: Mapping[str, Swap]
    served: frozenset[str]
    runner: Runner | None
    dispatchers: list[Dispatcher]
    teller: HubTeller
    errands: ErrandTeller
    syncs: list[Sync]
    purger: Purger
    is_started: bool = False

    def start(self) -> None:
        """Begin to walk plans and to tell facts."""
        if self.runner is not None:
            self.runner.start()
        for dispatcher in self.dispatchers:
            dispatcher.start()
        self.purger.start()
        for sync in self.syncs:
            sync.start()
        self.is_started = True

    def stop(self) -> None:
        """Finish what is under way, give leases and connections back."""
        was_started, self.is_started = self.is_started, False
        if was_started:
            self.purger.stop()
            for sync in self.syncs:
                sync.stop()
            for dispatcher in self.dispatchers:
                dispatcher.stop()
            if self.runner is not None:
                self.runner.stop()
        self.errands.close()
        self.teller.close()
        for swap in self.swaps.values():
            swap.close()
        for room in self.house.rooms.values():
            room.database.close()

    def tokens(self) -> TokenBook:
        """The tokens that open this house: its own, and a foreign issuer's if it trusts one."""
        own, identity = self.settings.tokens, self.settings.identity
        foreign = ForeignIssuer(identity, self.clock) if identity.issuer else None
        return TokenBook(Path(self.settings.folder), self.clock, own.issuer, own.audience, foreign)

    def app(self, tokens: TokenBook) -> Starlette:
        """The HTTP front of the rooms served here."""
        return make_app(self.front(tokens))

    def front(self, tokens: TokenBook) -> Front:
        """What the front door opens onto."""
        http, hub = self.settings.http, self.settings.hub
        rest = RestSettings(
            public_url=http.public_url,
            body_bytes_max=http.body_bytes_max,
            page_max=http.page_max,
            body_s=self.settings.limits.body_s,
            request_s=self.settings.limits.request_s,
            allow_private_callbacks=hub.allow_private_callbacks,
        )
        rows = [row for name in sorted(self.served) for row in self.swaps[name].resources]
        owned = {(row.api, row.name) for row in rows if row.owners}
        heard = [(sync, self.house.rooms[sync.room_name]) for sync in self.syncs]
        return Front(
            routes=[
                *mount(self.house, rows, rest),
                *audit_routes(self.house.rooms.values(), rest),
                *delivery_routes(self.house.rooms.values(), rest),
                *Listener(heard, http.body_bytes_max).routes(),
            ],
            apis={row.api for row in rows},
            tokens=tokens,
            access=Access(self.settings.policies_folder, owned),
            clock=self.clock,
            mints=Mint(self.clock),
            health=self.health,
            readiness=self.readiness,
            measure=self.measure,
            limits=self.settings.limits,
            metrics_for=self.settings.metrics.access,
            find_plan=self.find_plan,
            compare=self.compare,
            find_own=self.find_own,
            hosts=http.hosts,
            log_requests=http.log_requests,
            open_below=f"{LISTENER}/",
        )

    def find_plan(self, call: Call, journey: str, subject: str) -> PlanSeen | None:
        """A plan as its rows stand, or nothing."""
        return self.house.query(call, FindPlan(journey=journey, subject=subject))

    def find_own(self, holder: Holder) -> tuple[str, ...]:
        """Every id that stands for a holder's parties: theirs, their roles', their accounts'.

        Asked for every request of somebody who has own things only, so that nobody keeps what
        stopped being his.
        """
        call, owns = Call(holder.tenant, holder.actor, holder.roles), holder.parties
        for room, resource, path in REACHES:
            if owns and resource in self._names(room):
                found = kit_messages(room).listed(
                    resource=resource, generation=5, conditions=(Condition(path, owns),)
                )
                page = self.house.query(call, found)
                owns = (*owns, *(str(each.document["id"]) for each in page.found))
        return owns

    def _names(self, room: str) -> set[str]:
        return {row.name for row in self.parts[room].resources} if room in self.parts else set()

    def compare(self, call: Call) -> Comparison:
        """Everything the rooms and the devices do not agree on, as they stand.

        What is under way is asked first and last: an order that was so at either time is left out.
        """
        busy = set(self.house.query(call, ListOpen()))
        sold = self.house.query(call, ListSold())
        recorded = self.house.query(call, ListRecorded())
        charged = self.house.query(call, ListCharged())
        devices = self.house.command(call, CompareDevices(), "")
        busy.update(self.house.query(call, ListOpen()))
        return find_differences(sold, recorded, charged, devices, busy)

    def health(self) -> dict[str, Any]:
        """That it lives, and how it stands with the servers it keeps copies of; no database is
        asked: one that is away would not be helped by a restart."""
        remotes = {sync.remote.api: sync.health() for sync in self.syncs}
        return {"status": "ok"} | ({"remotes": remotes} if remotes else {})

    def readiness(self) -> dict[str, str]:
        """What keeps the house from its work, by part: a database that does not answer, a thread
        that has ended. Nothing if all is well."""
        wrong = {}
        for name, room in self.house.rooms.items():
            try:
                check_room(room)
            except Outage:
                wrong[f"database of {name}"] = "does not answer"
        if self.is_started:
            if self.runner is not None and not self.runner.is_alive:
                wrong["runner"] = "has ended"
            if not all(each.is_alive for each in self.dispatchers):
                wrong["dispatcher"] = "has ended"
        else:
            wrong["house"] = "has not started, or is about to end"
        return wrong

    def measure(self) -> Iterator[Measure]:
        """The rooms in numbers; of one whose database is away, that it is."""
        for name, room in self.house.rooms.items():
            try:
                yield from measure_room(room)
                is_up = True
            except Outage:
                is_up = False
            yield Measure("banyan_db_up", "Whether the database answers.", (("room", name),), is_up)
        try:
            with self.house.rooms[PLANS].database.read() as tx:
                counted = count_states(tx)
        except Outage:
            return
        for journey, state, count in counted:
            labels = (("journey", journey), ("state", state))
            yield Measure("banyan_plans", "Plans by journey and state.", labels, count)


def build(
    settings: Settings,
    owner: str,
    clock: Clock | None = None,
    journeys: Journeys = JOURNEYS,
    builders: Mapping[str, Callable[[Settings], RoomParts]] = BUILDERS,
    origin: str = "",
) -> Standing:
    """Build the house that ``settings`` describe; ``owner`` names this process in leases.

    ``origin`` is what links in events begin with where the settings name no public URL: an event
    has no request to take it from.

    Databases are brought to today's schema. Refused when ``components`` names an unknown room.
    """
    clock = clock or RealClock()
    parts = {name: make(settings) for name, make in builders.items()}
    served = _served(settings, frozenset(parts))
    house, mints, adopter = House(), Mint(clock), Adopter()
    vault = Vault(settings.master_key())
    origin = settings.http.public_url or origin
    swaps = {part.name: _swap(settings, part, origin) for part in parts.values()}
    _check_remotes(settings, swaps)
    for part in parts.values():
        handlers = (*part.handlers, *swaps[part.name].handlers)
        room = _open_room(settings, part.name, handlers, mints, vault)
        rows = [row for row in part.resources if row.room == part.name]
        filed = file_again(room.database, rows, vault)
        if filed:
            _log.debug("wiring.filed", room=part.name, paths=filed)
        house.add(room)
        _attach(swaps[part.name], room)
    plans = plan_handlers(journeys, RealClock(), adopter)
    house.add(_open_room(settings, PLANS, plans, mints, vault))
    reactions = _connect(house, parts)
    teller = HubTeller(
        [house.rooms[name] for name in parts],
        [row for part in parts.values() for row in part.resources],
        origin,
        settings.hub.allow_private_callbacks,
    )
    errands = ErrandTeller(
        [house.rooms[name] for name in parts],
        [row for part in parts.values() for row in part.resources],
        Places(settings.exchange_folder, settings.exchange.hosts),
    )
    keep = timedelta(days=settings.retention.answer_days)
    purger = Purger(house, partial(_open_plans, house), keep, clock)
    syncs = [
        Sync(remote, house.rooms[name], origin, settings.remotes[remote.api])
        for name in sorted(served)
        for remote in swaps[name].remotes.values()
    ]
    standing = Standing(
        settings, clock, house, parts, swaps, served, None, [], teller, errands, syncs, purger
    )
    standing.dispatchers += _dispatchers(standing, reactions)
    if "ordering" in served:
        pace = Pace(settings.runner.lease_s, settings.runner.poll_s, settings.runner.flush_s)
        standing.runner = Runner(house, journeys, adopter, owner, RealClock(), pace)
    return standing


def _dispatchers(standing: Standing, reactions: Reactions) -> list[Dispatcher]:
    """Who tells the facts: to rooms and journeys, to hubs, to other servers, to errands."""
    house, served = standing.house, standing.served
    hearers = served | ({JOURNEYS_TARGET} if "ordering" in served else frozenset())
    own = [house.rooms[name] for name in sorted(served)]
    made = [
        Dispatcher(list(house.rooms.values()), reactions.tell, hearers),
        Dispatcher(own, standing.teller, "hub:"),
        Dispatcher(own, standing.errands, f"{ERRAND}:"),
    ]
    if standing.syncs:
        copying = [room for room in own if standing.swaps[room.name].remotes]
        told = RemoteTeller([sync.remote for sync in standing.syncs])
        made.append(Dispatcher(copying, told, TARGET))
    return made


def _open_plans(house: House) -> set[str]:
    with house.rooms[PLANS].database.read() as tx:
        return open_ids(tx)


def _swap(settings: Settings, part: RoomParts, origin: str) -> Swap:
    """The room's resources, with the APIs that another server keeps in its hands."""
    remotes = []
    for api, given in settings.remotes.items():
        if any(row.api == api for row in part.resources):
            server = find_server(api, given.url, given.generation)
            manners = Manners(given.token, given.timeout_s, given.attempts, given.repeats_posts)
            client = TmfClient(server, manners, home=origin)
            remotes.append(Remote(client, part.resources, given.tenant, given.filters))
    return Swap(part.name, part.resources, remotes)


def _check_remotes(settings: Settings, swaps: Mapping[str, Swap]) -> None:
    swapped = {api for swap in swaps.values() for api in swap.remotes}
    for api in sorted(set(settings.remotes)):
        if api not in SWAPPABLE or api not in swapped:
            reason = f"only {', '.join(sorted(SWAPPABLE))} can be kept by another server"
            raise refused("malformed", "settings", reason, f"remote.{api}")


def _attach(swap: Swap, room: Room) -> None:
    """Let a room know its copies; what no setting names any more is its own from now on."""
    swap.attach(room)
    kept = {(remote.tenant, remote.api) for remote in swap.remotes.values()}
    with room.database.read() as tx:
        is_known = has_others(tx, kept)
    if is_known:
        gone = room.upkeep(lambda tx: forget_others(tx, kept))
        _log.info("wiring.remote_left", room=room.name, apis=gone)


def _served(settings: Settings, known: frozenset[str]) -> frozenset[str]:
    unknown = set(settings.components) - known
    if unknown:
        reason = f"no room is named {', '.join(sorted(unknown))}; there are {sorted(known)}"
        raise refused("malformed", "unknownComponent", reason, "components")
    return frozenset(settings.components) or known


def _connect(house: House, parts: Mapping[str, RoomParts]) -> Reactions:
    """Let everyone ask and hear what their component.yaml says, and the journeys what they do."""
    reactions = Reactions(house)
    for part in parts.values():
        house.rooms[part.name].asking = house.limited(part.name, part.manifest.asks)
        for event, reaction in part.reactions:
            reactions.add(part.name, event, reaction)
    for event, reaction in REACTIONS:
        reactions.add(JOURNEYS_TARGET, event, reaction)
    for room in house.rooms.values():
        room.listeners = reactions.listeners()
    return reactions


def room_migrations(name: str, settings: Settings) -> list[Migration]:
    """Everything that makes up the schema of a room: the kernel's, the kit's, its own."""
    found = find_migrations("kernel", banyan.kernel.engine.migrations)
    if name == PLANS:
        return found + find_migrations("plans", banyan.kernel.engine.plans.migrations)
    found += find_migrations("tmf", banyan.tmf.migrations)
    own = BUILDERS[name](settings).migrations if name in BUILDERS else None
    return found + (find_migrations(name, own) if own is not None else [])


def known_rooms() -> tuple[str, ...]:
    """Everything that has a database of its own: the rooms, and the plans of the journeys."""
    return (*BUILDERS, PLANS)


@contextmanager
def open_databases(settings: Settings) -> Iterator[dict[str, Database]]:
    """The databases of all rooms that are there, as they are: nothing is made or migrated.

    For those who look at an installation from beside its house, which may run or not.
    """
    opened: dict[str, Database] = {}
    url = settings.database_url
    try:
        for name in known_rooms():
            is_file = url.startswith("sqlite:")
            if is_file and not Path(url.removeprefix("sqlite:///"), f"{name}.db").exists():
                continue
            database = opened[name] = Database(name, url)
            with database.read() as tx:
                if not sa.inspect(tx).has_table("migration", schema=None if is_file else name):
                    del opened[name]
                    database.close()
        yield opened
    finally:
        for database in opened.values():
            database.close()


def _open_room(
    settings: Settings, name: str, handlers: tuple[Handler, ...], mints: Mint, vault: Vault
) -> Room:
    database = Database(name, settings.database_url)
    ran = migrate(database, mints.clock, room_migrations(name, settings))
    if ran:
        _log.debug("wiring.migrated", room=name, steps=[m.name for m in ran])
    with database.read() as tx:
        try:
            vault.check_master(tx)
        except WrongMasterKey as error:
            reason = f"the keys in room {name} are {error}"
            raise refused("rule", "masterKey", reason, "vault.master_key") from error
    return Room(name, database, mints.clock, mints, handlers, vault)
