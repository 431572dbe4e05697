"""What others see of the engine: health, metrics, loop lag. It follows the spine and serves the web port."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from adapters.directory import routes as directory
from adapters.directory.meters import Meters as DirectoryMeters
from adapters.redis.once import OnceInRedis
from engine.api import Reception
from engine.house import House
from engine.lines import AgentLines
from metrics.projection import Known, Stage
from metrics.registry import Metrics
from router.contact import Away, Connected, Contact, Leaving, Offered, Waiting, WrappingUp
from router.facts import AnyFact
from router.state import State
from web.app import Serving, make, serve
from web.health import Health, Part

LAG_EVERY: Final = 0.1
"""Seconds between looks at how late the loop is."""

STAGES: Final[dict[type[Contact], Stage]] = {
    Waiting: "waiting",
    Offered: "offered",
    Connected: "connected",
    WrappingUp: "wrap_up",
    Leaving: "leaving",
    Away: "away",
}


class Watching:
    """Metrics and the web port of one engine."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self._registry)
        self.metrics = Metrics(self._registry)
        self._directory_meters = DirectoryMeters(self._registry)
        self._serving: Serving | None = None
        self._doubled = 0

    async def open(self) -> None:
        """Listen on the web port. Raises ServeError."""
        parts = {
            "journal": self._journal,
            "workers": self._workers,
            "configuration": self._configuration,
            "directory": self._directory,
        }
        health = Health(parts, self._house.folder.mark)
        installation = self._house.loaded.installation
        app = make(health, self._registry, city=installation.city, refresh=self._refresh)
        house = self._house
        lines = AgentLines(lambda: house.spine.router.state, lambda: house.spine.seq)
        people = directory.routes(house.people.directory, lines)
        once = OnceInRedis(house.client)
        self.reception = Reception(house, health, self._registry, once, people, directory.STATUSES)
        self.reception.api.mount(app)
        self._serving = await serve(app, installation.web.address, installation.web.port)

    def follow(self) -> None:
        """Begin to count; contacts that live already are taken over. Call once the house is open."""
        spine = self._house.spine
        for contact in spine.router.state.contacts.values():
            self.metrics.projection.adopt(contact.card.id, _known(contact))
        spine.on_decision = self.metrics.decision.observe
        spine.followers.append(self)
        self.reception.follow()
        _ = self._house.tasks.spawn("lag", self._measure_lag())

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Count facts once they are kept."""
        return lambda: self._observe(facts)

    def _observe(self, facts: Iterable[AnyFact]) -> None:
        for fact in facts:
            self.metrics.observe(fact)

    async def close(self) -> None:
        """Stop listening."""
        self.reception.stream.close()
        if self._serving is not None:
            await self._serving.stop()

    async def _measure_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + LAG_EVERY
            await asyncio.sleep(LAG_EVERY)
            self.metrics.loop_lag.observe(max(0.0, loop.time() - due))

    # ---- gauges and health -------------------------------------------------------------------------------------

    def _refresh(self) -> None:
        house, metrics = self._house, self.metrics
        if not house.opened:
            return
        metrics.refresh()
        self._directory_meters.show(house.people.directory)
        self.reception.refresh()
        metrics.journal_degraded.set(house.journal.degraded)
        metrics.journal_buffered.set(house.journal.pending)
        metrics.reports_doubled.inc(house.spine.doubled - self._doubled)
        self._doubled = house.spine.doubled
        for name, worker in house.voice.workers.items():
            metrics.worker_up.labels(name).set(worker.client.connected)
            beat = worker.client.last_beat
            metrics.worker_legs.labels(name).set(beat.legs if beat is not None and worker.client.connected else 0)

    def _journal(self) -> Part:
        if not self._house.opened:
            return Part(False, "The journal is being read.")
        if self._house.journal.degraded:
            return Part(False, "Redis does not answer; calls go on, facts are buffered.")
        return Part(True, "The journal is written.")

    def _workers(self) -> Part:
        workers = self._house.voice.workers if self._house.opened else {}
        up = sum(1 for worker in workers.values() if worker.trusted)
        text = f"{up} of {len(workers)} SIP workers are connected."
        return Part(0 < up == len(workers), text)

    def _directory(self) -> Part:
        kept = self._house.people.directory
        # Calls are served without it, so it is no reason to send them elsewhere.
        held = f"holds {len(kept.records)} records" if kept.ready else "is being read"
        return Part(True, f"The directory {held}.")

    def _configuration(self) -> Part:
        if not self._house.configured:
            return Part(False, "The configuration is not in force yet.")
        return Part(True, "The configuration is in force.")


def _known(contact: Contact) -> Known:
    """Return what the projection would know of a contact if it had heard all its facts."""
    known = Known(channel=contact.card.channel, stage=STAGES.get(type(contact), "arrived"))
    spot = getattr(contact, "spot", None)
    if spot is not None:
        known.queue, known.queued_at = spot.queue, spot.queued
    if isinstance(contact, Connected):
        known.answered = True
        known.talks_since = None if contact.aside else contact.since
    if isinstance(contact, WrappingUp):
        known.answered = True
    return known
