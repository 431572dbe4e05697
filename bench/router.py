"""The pure router: `python -m bench.router [--quick] [--seed N]`. JSON on stdout, a table on stderr.

One decision is the whole `Router.handle` for an input that leads to one, facts and reasons included, in a house of
1,000 agents, 10,000 waiting contacts, 50 queues and 20 skills:

- *arrival, all busy*: a caller comes and joins a line;
- *agent freed*: a talk ends, and the agent is offered the most urgent of those waiting;
- *arrival, agents free*: a caller comes and one of about 500 free agents is chosen, scarce skills spared.

`router.decide_us` pools the three in equal parts. Agents come in 60 teams (queues, skills); `all_different` is the same
house with no two agents alike. Growth is the ratio of medians, measured in turns in the same run. What keeps the house
as it was between two decisions (hanging up, answering) is not counted.

`router.bytes_per_contact` counts what 10,000 waiting contacts take of the heap (tracemalloc), as they arrive and as
they are read back from a journal, the larger of the two. `router.replay_per_s` counts facts, with the decoding of the
journal's entries.
"""

import argparse
import gc
import json
import random
import statistics
import sys
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from ivr.flow import Enter, Flow
from queues.queue import Queue, Target
from queues.skills import Need, Step
from router import inputs as i
from router import journal
from router.configuration import AgentSettings, Configuration, Entry
from router.contact import Connected, Offered, Waiting
from router.facts import AnyFact, OfferMade
from router.router import Router

AGENTS: Final = 1000
WAITING: Final = 10_000
QUEUES: Final = 50
SKILLS: Final = 20
TEAMS: Final = 60
NEEDS_PER_QUEUE: Final = 4
REPEATS: Final = 5
ROUNDS: Final = 600
"""Decisions of each kind in a repetition."""
REACH: Final = {
    "router.decide_us.p50": 25.0,
    "router.decide_us.p99": 100.0,
    "router.growth.waiting": 1.3,
    "router.growth.agents": 1.3,
    "router.bytes_per_contact": 2048.0,
    "router.replay_per_s": 50_000.0,
}


class Figure(NamedTuple):
    """The median of the repetitions, and the lowest and highest of them."""

    median: float
    low: float
    high: float


def local(now: float) -> datetime:
    """Return local time: here UTC."""
    return datetime.fromtimestamp(now, UTC).replace(tzinfo=None)


# ---- a house ---------------------------------------------------------------------------------------------------


def make_configuration(agents: int, teams: int, chance: random.Random) -> Configuration:
    """Return a city: the first half of the queues is served by the first half of the teams, and so on."""
    skills = [f"skill{number:02}" for number in range(SKILLS)]
    queues = {
        f"q{number:02}": Queue(
            name=f"q{number:02}",
            target=Target(wait=chance.choice([30.0, 60.0, 120.0])),
            weight=chance.choice([0.5, 1.0, 2.0]),
            wrap_up=0.0,
            requirement=(Step((Need(chance.choice(skills), 2),)), Step((), after=600.0)),
            max_wait=3600.0,
        )
        for number in range(QUEUES)
    }
    names = list(queues)
    halves = names[: QUEUES // 2], names[QUEUES // 2 :]
    kinds = []
    for team in range(teams):
        served = chance.sample(halves[team % 2], k=8)
        known = chance.sample(skills, k=8)
        kinds.append((dict.fromkeys(served, 0), {skill: chance.randint(2, 5) for skill in known}))
    people = {}
    for number in range(agents):
        served_by, known_by = kinds[number % teams]
        id_ = f"agent{number:04}"
        people[id_] = AgentSettings(id=id_, queues=served_by, skills=known_by, signed_in=True)
    flows, entries = {}, []
    for name in names:
        for variant in range(NEEDS_PER_QUEUE):
            needs = (Need(chance.choice(skills), 1),) if variant else ()
            flow = Flow(name=f"{name}-{variant}", nodes={"start": Enter(queue=name, needs=needs)})
            flows[flow.name] = flow
            entries.append(Entry(channel="call", address=flow.name, flow=flow.name))
    return Configuration(revision="bench", queues=queues, agents=people, flows=flows, entries=tuple(entries))


class House:
    """A router with all agents of the first half of the queues in calls and contacts waiting there."""

    def __init__(self, agents: int, waiting: int, teams: int = TEAMS, seed: int = 1) -> None:
        self.chance = random.Random(seed)
        self.router = Router(local)
        self.now = 1_790_000_000.0
        self.facts: list[AnyFact] = []
        self._number = 0
        self.talks: list[str] = []
        configuration = make_configuration(agents, min(agents, teams), self.chance)
        self._keep(self.router.handle(i.ApplyConfiguration(configuration), self.now))
        entries = [entry.address for entry in configuration.entries]
        half = len(entries) // 2
        self.busy = [entry for entry in entries[:half] if self._fill(entry)]
        self.calm = [entry for entry in entries[half:] if self._is_served(entry)]
        for _ in range(waiting):
            self.now += 0.01
            self.put(self.arrival(self.busy))

    def _fill(self, entry: str) -> bool:
        """Bring callers until nobody is free for them; tell whether they can wait."""
        while True:
            arrival = self.arrival([entry])
            self.put(arrival)
            contact = self.router.state.contacts[arrival.contact]
            if not isinstance(contact, Offered):
                self.put(i.CitizenGone(contact=arrival.contact, cause="hung_up"))
                return isinstance(contact, Waiting)
            self.answer(contact.offer, arrival.contact)

    def _is_served(self, entry: str) -> bool:
        """Tell whether somebody is free for callers at an entry."""
        arrival = self.arrival([entry])
        self.put(arrival)
        contact = self.router.state.contacts[arrival.contact]
        self.put(i.CitizenGone(contact=arrival.contact, cause="hung_up"))
        return isinstance(contact, Offered)

    def arrival(self, entries: list[str]) -> i.Arrived:
        """Return a new caller at one of `entries`."""
        self._number += 1
        return i.Arrived(contact=f"w1-7-{self._number}", channel="call", entry=self.chance.choice(entries), leg="leg")

    def put(self, input_: i.Input) -> list[AnyFact]:
        """Let the router handle an input."""
        self._keep(facts := self.router.handle(input_, self.now))
        return facts

    def _keep(self, facts: list[AnyFact]) -> None:
        self.facts += facts

    # ---- decisions, each of which leaves the house as it was ----

    def arrival_all_busy(self) -> float:
        """Return the seconds that an arrival into a busy house takes."""
        arrival = self.arrival(self.busy)
        seconds, facts = timed(self.router, arrival, self.now)
        assert not any(isinstance(fact, OfferMade) for fact in facts)
        self.put(i.CitizenGone(contact=arrival.contact, cause="hung_up"))
        return seconds

    def agent_freed(self) -> float:
        """Return the seconds it takes to end a talk and to offer the agent the next contact."""
        seconds, facts = timed(self.router, i.Finish(self.talk_to_end()), self.now)
        assert isinstance(facts[-1], OfferMade)
        self.answer(facts[-1].offer, facts[-1].contact)
        self.put(self.arrival(self.busy))
        return seconds

    def answer(self, offer: str, contact: str) -> None:
        """Let the agent answer."""
        self.put(i.PickedUp(leg=offer))
        self.talks.append(contact)

    def talk_to_end(self) -> str:
        """Return a talk whose agent can serve somebody who waits."""
        state = self.router.state
        while True:
            index = self.chance.randrange(len(self.talks))
            talk = state.contacts[self.talks[index]]
            assert isinstance(talk, Connected)
            if state.crew.profile_of[talk.agent].lines & state.lines.occupied:
                self.talks[index] = self.talks[-1]
                self.talks.pop()
                return talk.card.id

    def arrival_agents_free(self) -> float:
        """Return the seconds that an arrival takes for which an agent is chosen from many."""
        arrival = self.arrival(self.calm)
        seconds, facts = timed(self.router, arrival, self.now)
        assert isinstance(facts[-1], OfferMade)
        self.put(i.CitizenGone(contact=arrival.contact, cause="hung_up"))
        return seconds

    def decisions(self, rounds: int) -> dict[str, list[float]]:
        """Return the seconds of `rounds` decisions of each kind."""
        kinds: dict[str, Callable[[], float]] = {
            "arrival_all_busy": self.arrival_all_busy,
            "agent_freed": self.agent_freed,
            "arrival_agents_free": self.arrival_agents_free,
        }
        taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            self.now += 0.05
            for kind, decide in kinds.items():
                taken[kind].append(decide())
        return taken


def timed(router: Router, input_: i.Input, now: float) -> tuple[float, list[AnyFact]]:
    """Return the seconds that a whole `handle` takes, and its facts."""
    begun = perf_counter()
    facts = router.handle(input_, now)
    return perf_counter() - begun, facts


# ---- measurements ----------------------------------------------------------------------------------------------


def percentile(values: list[float], share: float) -> float:
    """Return the value below which `share` of them lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def figure(values: list[float]) -> Figure:
    """Return median and spread of repetitions."""
    return Figure(statistics.median(values), min(values), max(values))


def measure_decisions(rounds: int, repeats: int, seed: int) -> dict[str, Figure]:
    """Return decision times in µs and their growth."""
    houses = {
        "full": House(AGENTS, WAITING, seed=seed),
        "few_waiting": House(AGENTS, 10, seed=seed),
        "few_agents": House(10, WAITING, seed=seed),
        "all_different": House(AGENTS, WAITING, teams=AGENTS, seed=seed),
    }
    for house in houses.values():
        house.decisions(rounds // 10)
    gc.collect()
    rows: dict[str, list[float]] = {}
    for _ in range(repeats):
        # In small portions, one house after the other, so that the machine's other work falls on all alike.
        taken: dict[str, dict[str, list[float]]] = {name: {} for name in houses}
        for _ in range(10):
            for name, house in houses.items():
                for kind, seconds in house.decisions(max(1, rounds // 10)).items():
                    taken[name].setdefault(kind, []).extend(seconds)
        medians = {}
        for name, kinds in taken.items():
            pooled = [one * 1e6 for seconds in kinds.values() for one in seconds]
            medians[name] = percentile(pooled, 0.5)
            if name in ("full", "all_different"):
                prefix = "router.decide_us" if name == "full" else "router.decide_us.all_different"
                rows.setdefault(f"{prefix}.p50", []).append(medians[name])
                rows.setdefault(f"{prefix}.p99", []).append(percentile(pooled, 0.99))
            if name == "full":
                for kind, seconds in kinds.items():
                    rows.setdefault(f"router.{kind}_us.p50", []).append(percentile(seconds, 0.5) * 1e6)
                    rows.setdefault(f"router.{kind}_us.p99", []).append(percentile(seconds, 0.99) * 1e6)
        rows.setdefault("router.growth.waiting", []).append(medians["full"] / medians["few_waiting"])
        rows.setdefault("router.growth.agents", []).append(medians["full"] / medians["few_agents"])
    return {name: figure(values) for name, values in rows.items()}


def measure_memory(repeats: int, seed: int) -> Figure:
    """Return the bytes of the heap per waiting contact, arrived or read back, whichever is more."""

    def growth(work: Callable[[], object]) -> float:
        gc.collect()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        kept = work()
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        tracemalloc.stop()
        del kept
        return grown / WAITING

    values = []
    for repeat in range(repeats):
        house = House(AGENTS, 0, seed=seed + repeat)
        before = [journal.encode(journal.Entry(journal.FORMAT, 0, tuple(house.facts), {}))]
        entries: list[bytes] = []

        def arrive(house: House = house, entries: list[bytes] = entries) -> None:
            for number in range(WAITING):
                facts = house.router.handle(house.arrival(house.busy), house.now)
                if not number % 100:
                    house.now += 1
                entries.append(journal.encode(journal.Entry(journal.FORMAT, number, tuple(facts), {})))

        arrived = growth(arrive) - sum(sys.getsizeof(entry) + 8 for entry in entries) / WAITING
        replayed = Router(local)
        replay(replayed, before)
        values.append(max(arrived, growth(lambda: replay(replayed, entries))))  # noqa: B023 - called at once
    return figure(values)


def replay(router: Router, entries: list[bytes]) -> int:
    """Apply the facts of encoded entries; return how many."""
    facts = 0
    for data in entries:
        entry = journal.decode(data)
        for fact in entry.facts:
            router.apply(fact)
        facts += len(entry.facts)
    return facts


def measure_replay(rounds: int, repeats: int, seed: int) -> Figure:
    """Return the facts per second of replaying a busy day: arrivals, offers, answers and ends, an entry for each."""
    house = House(AGENTS, WAITING, seed=seed)
    entries = [journal.encode(journal.Entry(journal.FORMAT, 1, tuple(house.facts), {}))]
    house.facts.clear()
    for number in range(rounds * 5):
        house.now += 0.05
        facts = house.put(i.Finish(house.talk_to_end()))
        assert isinstance(facts[-1], OfferMade)
        house.answer(facts[-1].offer, facts[-1].contact)
        house.put(house.arrival(house.busy))
        entries.append(journal.encode(journal.Entry(journal.FORMAT, number, tuple(house.facts), {"w1": number})))
        house.facts.clear()
    values = []
    for _ in range(repeats):
        router = Router(local)
        begun = perf_counter()
        facts = replay(router, entries)
        values.append(facts / (perf_counter() - begun))
        assert router.state.snapshot() == house.router.state.snapshot()
    return figure(values)


def measure(rounds: int = ROUNDS, repeats: int = REPEATS, seed: int = 1) -> dict[str, Figure]:
    """Return all rows."""
    rows = measure_decisions(rounds, repeats, seed)
    rows["router.bytes_per_contact"] = measure_memory(min(repeats, 3), seed)
    rows["router.replay_per_s"] = measure_replay(rounds, repeats, seed)
    return rows


def table(rows: dict[str, Figure]) -> Table:
    """Return the rows for people."""
    made = Table(title="Router (pure core, one process, no I/O)", title_justify="left")
    for name in ("row", "median", "lowest", "highest", "reach"):
        made.add_column(name, justify="left" if name == "row" else "right")
    for name, row in rows.items():
        reach = REACH.get(name)
        style = "" if reach is None else "green" if reached(name, row.median) else "red"
        cells = [f"{value:,.2f}" if value < 100 else f"{value:,.0f}" for value in row]
        sign = "≥" if name.endswith("_per_s") else "≤"
        made.add_row(name, *cells, f"{sign} {reach:,g}" if reach is not None else "", style=style)
    return made


def reached(name: str, value: float) -> bool:
    """Tell whether a figure is good enough."""
    return value >= REACH[name] if name.endswith("_per_s") else value <= REACH[name]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description="Benchmark of the pure router.")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rows = measure(ROUNDS // 10 if options.quick else ROUNDS, 3 if options.quick else REPEATS, options.seed)
    Console(stderr=True).print(table(rows))
    document: dict[str, Any] = {name: row._asdict() for name, row in rows.items()}
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
