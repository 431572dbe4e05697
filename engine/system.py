"""An engine over HTTP for who runs the machine: workers, edge, trunks, journal; and replacing a worker."""

from msgspec import Struct
from msgspec.structs import replace

from adapters.sip.client import WorkerClient
from adapters.sip.enlisting import TrunkNow
from adapters.sip.protocol import VERSION
from engine.house import House
from router.api import LEADS, WATCHERS, Asked, Caller, Example, Id, Route, route, routes_of
from router.inputs import Refused


class OneWorker(Asked, frozen=True, kw_only=True):
    """A worker."""

    worker: Id
    anyway: bool = False
    """Also the last one that takes calls: nobody can ring in until it has started anew."""


class WorkerView(Struct, frozen=True, kw_only=True):
    """A SIP worker."""

    name: str
    up: bool
    """Connected, and what it says fits what should be."""
    generation: str
    """Names its life."""
    room: bool
    """Another caller would be let in."""
    draining: bool
    """It lets nobody in any more, and starts anew once its calls are over."""
    current: bool
    """It speaks the same protocol as the engine: it was started by this version, or one like it."""
    legs: int
    legs_max: int
    admitted: int
    rejected: int


class EdgeView(Struct, frozen=True, kw_only=True):
    """The edge."""

    up: bool
    phones: int
    """Registered."""


class TrunkView(Struct, frozen=True, kw_only=True):
    """A trunk at which we register."""

    name: str
    registered: bool
    code: int
    """The registrar's last answer; 408 for none, 0 before the first."""


class CertificateView(Struct, frozen=True, kw_only=True):
    """A certificate that is shown to who connects."""

    field: str
    """Where the configuration names it."""
    refused: str
    """Why the pair in its files is not shown, but the one before; empty when it is."""


class JournalView(Struct, frozen=True, kw_only=True):
    """The journal; entries since this engine started."""

    degraded: bool
    buffered: int
    dropped: int
    lost: int
    facts_to_replay: int
    """After the last snapshot."""


class SystemView(Struct, frozen=True, kw_only=True):
    """All of it."""

    at: float
    """The engine's time, UTC seconds."""
    epoch: int
    configured: bool
    """The configuration of the files is in force."""
    fingerprint: str
    """Of the files as the engine read them at its start."""
    workers: tuple[WorkerView, ...]
    edge: EdgeView | None
    """None without an edge."""
    trunks: tuple[TrunkView, ...]
    journal: JournalView
    certificates: tuple[CertificateView, ...] = ()


class SystemRoutes:
    """Carries out what is asked."""

    def __init__(self, house: House) -> None:
        self._house = house

    @route("GET", "/system", roles=WATCHERS, examples=(Example(summary="All parts", asked=Asked()),))
    async def system(self, _: Caller, asked: Asked) -> SystemView:
        """Show workers, edge, trunks and journal, for who runs the machine."""
        house = self._open()
        edge, journal = house.edge, house.journal
        return SystemView(
            at=house.clock.now(),
            epoch=house.epoch,
            configured=house.configured,
            fingerprint=house.loaded.fingerprint,
            workers=tuple(_worker(house, client) for client in house.clients.values()),
            edge=EdgeView(up=edge.up, phones=len(edge.phones)) if edge is not None else None,
            trunks=tuple(_trunk(name, now) for name, now in house.enlisting.trunks.items()),
            journal=JournalView(
                degraded=journal.degraded,
                buffered=journal.pending,
                dropped=journal.dropped,
                lost=journal.lost,
                facts_to_replay=house.facts_to_replay,
            ),
            certificates=tuple(CertificateView(field=one.field, refused=one.refused) for one in house.renewing.pairs),
        )

    @route(
        "POST",
        "/workers/{worker}/drain",
        roles=LEADS,
        refusals=("unknown_worker", "worker_away", "last_worker"),
        examples=(Example(summary="Before it is replaced", asked=OneWorker(worker="w1")),),
    )
    async def drain(self, _: Caller, asked: OneWorker) -> WorkerView:
        """Let a worker's calls come to their end and admit no others to it; then it starts anew.

        Its callers who wait stay, and are served there. Trunks that it registered go to another worker.
        """
        house = self._open()
        client = house.clients.get(asked.worker)
        if client is None:
            raise Refused("unknown_worker", f"there is no worker {asked.worker}; there are {', '.join(house.clients)}")
        if not client.connected:
            raise Refused("worker_away", f"worker {asked.worker} does not run", retryable=True)
        others = [one for one in house.clients.values() if one is not client and one.connected and not one.draining]
        if not others and not asked.anyway:
            raise Refused("last_worker", "no other worker takes calls: nobody could ring in until it has started anew")
        house.drain(asked.worker)
        # It has been told, and will say so itself in a moment.
        return replace(_worker(house, client), draining=True)

    def _open(self) -> House:
        if not self._house.opened:
            raise Refused("not_ready", "the engine is still starting", retryable=True)
        return self._house


def routes(house: House) -> list[Route]:
    """Return what can be asked for."""
    return routes_of(SystemRoutes(house), "system")


def _worker(house: House, client: WorkerClient) -> WorkerView:
    beat = client.last_beat if client.connected else None
    return WorkerView(
        name=client.name,
        up=client.connected and house.voice.workers[client.name].trusted,
        generation=client.generation if client.connected else "",
        room=beat is not None and beat.room,
        draining=client.connected and client.draining,
        current=client.protocol == VERSION,
        legs=beat.legs if beat is not None else 0,
        legs_max=house.loaded.installation.sip.max_legs,
        admitted=beat.admitted if beat is not None else 0,
        rejected=beat.rejected if beat is not None else 0,
    )


def _trunk(name: str, now: TrunkNow) -> TrunkView:
    return TrunkView(name=name, registered=now.registered, code=now.code)
