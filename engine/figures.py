"""The figures of one engine, with the health of its parts, for the API and for Prometheus."""

from collections import Counter
from typing import Final

from msgspec import structs

from adapters.edge.client import EdgeClient
from adapters.sip.fleet import Worker
from engine.house import House
from metrics import live
from metrics.exposition import Reading, Timings
from metrics.health import EdgeHealth, Health, JournalHealth, WorkerHealth

ENTRIES: Final = ("appended", "reappended", "dropped", "lost", "refused")
"""What the journal counts of entries."""
REFUSED: Final = "refused_"
"""What the edge's counts of refused requests begin with; the rest is the reason."""


def of(house: House) -> live.Live:
    """Return the figures of this moment; the house is open."""
    now = house.clock.now()
    return live.make(house.spine.router.state, house.projection, _health(house), now)


def reading(house: House, timings: Timings) -> Reading:
    """Return what Prometheus is told."""
    present, counted = of(house), house.projection
    return Reading(present, counted.since_start(present.at), counted.facts_by_tag(), timings)


def _health(house: House) -> Health:
    journal = house.journal
    return Health(
        epoch=house.epoch,
        bugs=house.spine.bugs,
        doubled=house.spine.doubled,
        journal=JournalHealth(
            degraded=journal.degraded,
            buffered=journal.pending,
            buffered_bytes=journal.pending_bytes,
            entries={what: getattr(journal, what) for what in ENTRIES},
            troubles=journal.troubles,
            facts_to_replay=house.facts_to_replay,
        ),
        voice=structs.asdict(house.voice.counters),
        workers={name: _worker(worker) for name, worker in house.voice.workers.items()},
        edge=_edge(house.edge) if house.edge is not None else None,
        dial_refused=_dial_refused(house),
        trunks={name: trunk.registered for name, trunk in house.enlisting.trunks.items()},
    )


def _dial_refused(house: House) -> dict[str, int]:
    return dict(Counter(house.dialplan.refused) + Counter(house.spine.router.state.dialled.refused))


def _edge(edge: EdgeClient) -> EdgeHealth:
    refused = {name.removeprefix(REFUSED): number for name, number in edge.counts.items() if name.startswith(REFUSED)}
    return EdgeHealth(edge.up, len(edge.phones), edge.ended, edge.counts.get("bans", 0), refused)


def _worker(worker: Worker) -> WorkerHealth:
    beat = worker.client.last_beat
    if beat is None or not worker.client.connected:
        return WorkerHealth(up=False)
    return WorkerHealth(worker.trusted, beat.legs, beat.admitted, beat.rejected, beat.cpu, beat.text_dropped)
