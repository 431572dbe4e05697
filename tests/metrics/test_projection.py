"""Figures from facts."""

from collections.abc import Iterable

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from metrics.projection import Figures, Known, Measured, Projection, Talked, Waited
from metrics.registry import Metrics
from queues.line import Place
from queues.queue import WayOut
from queues.skills import ANYBODY
from router import facts as f


def arrived(at: float, contact: str = "c", channel: str = "call") -> f.AnyFact:
    return f.ContactArrived(at, contact, channel, "0401", "leg", 1, None)


def queued(at: float, contact: str = "c", queue: str = "q") -> f.AnyFact:
    return f.ContactQueued(at, contact, queue, Place(at, 1), ANYBODY, 0, 1.0)


def offered(at: float, contact: str = "c") -> f.AnyFact:
    return f.OfferMade(at, "o", contact, "a", at + 20, "longest-idle", 0, f.PassedOver())


def accepted(at: float, contact: str = "c") -> f.AnyFact:
    return f.OfferAccepted(at, "o", contact, "a")


def feed(projection: Projection, facts: Iterable[f.AnyFact]) -> list[Measured]:
    return [measured for fact in facts for measured in projection.apply(fact)]


def present(projection: Projection) -> dict[tuple[str, str, str], int]:
    return {place: number for place, number in projection.present.items() if number}


SERVED: list[f.AnyFact] = [
    arrived(0),
    queued(3),
    offered(10),
    f.OfferMissed(30, "o", "c", "a", "no_answer", 60),
    offered(30),
    accepted(33),
    f.WrapUpStarted(93, "c", "a", 123),
    f.ContactEnded(110, "c", "served"),
]


def test_served() -> None:
    projection = Projection()
    assert feed(projection, SERVED) == [Waited("q", "call", 30), Talked("q", "call", 60)]
    assert projection.figures == {("q", "call"): Figures(arrived=1, answered=1, wait_s=30, talk_s=60)}
    assert present(projection) == {}


def test_where_contacts_are() -> None:
    projection = Projection()
    stages = []
    for fact in SERVED:
        feed(projection, [fact])
        stages += list(present(projection))
    assert stages == [
        ("arrived", "", "call"),
        ("waiting", "q", "call"),
        ("offered", "q", "call"),
        ("waiting", "q", "call"),
        ("offered", "q", "call"),
        ("connected", "q", "call"),
        ("wrap_up", "q", "call"),
    ]


@pytest.mark.parametrize(("left", "short"), [(4.9, 1), (5.0, 0), (100.0, 0)])
def test_abandoned(left: float, short: int) -> None:
    projection = Projection()
    facts = [arrived(0), queued(0), f.CitizenLeft(left, "c", "hung_up", left + 300)]
    feed(projection, [*facts, f.ContactEnded(left + 300, "c", "abandoned")])
    figures = projection.figures["q", "call"]
    assert (figures.abandoned, figures.short_abandoned, figures.abandoned_wait_s) == (1, short, left)
    assert (figures.answered, figures.wait_s) == (0, 0)


def test_abandoned_while_the_agent_rings() -> None:
    projection = Projection()
    withdrawn = f.OfferWithdrawn(12, "o", "c", "a", "citizen_left")
    left = f.CitizenLeft(12, "c", "hung_up", 12)
    feed(projection, [arrived(0), queued(2), offered(9), withdrawn, left, f.ContactEnded(12, "c", "abandoned")])
    assert projection.figures["q", "call"] == Figures(arrived=1, abandoned=1, abandoned_wait_s=10)


def test_left_before_asking_for_a_queue() -> None:
    projection = Projection()
    feed(projection, [arrived(0), f.ContactEnded(2, "c", "abandoned")])
    assert projection.figures == {}
    assert present(projection) == {}


def test_back_in_time() -> None:
    projection = Projection()
    facts = [arrived(0), queued(0), f.CitizenLeft(10, "c", "cut_off", 310), arrived(40, "d"), queued(40, "d")]
    feed(projection, [*facts, f.ContactEnded(40, "c", "resumed", "d")])
    assert projection.figures["q", "call"] == Figures(arrived=2, resumed=1)
    assert present(projection) == {("waiting", "q", "call"): 1}


def test_way_out_to_another_queue() -> None:
    projection = Projection()
    out = f.WayOutTaken(5, "c", "q", "full", WayOut(to="queue", name="r"))
    facts = [arrived(0), out, queued(5, queue="r"), offered(6), accepted(8)]
    feed(projection, [*facts, f.ContactEnded(20, "c", "served")])
    assert projection.figures == {
        ("q", "call"): Figures(arrived=1, turned_away=1),
        ("r", "call"): Figures(arrived=1, answered=1, wait_s=3, talk_s=12),
    }


def test_turned_away_after_waiting() -> None:
    projection = Projection()
    out = f.WayOutTaken(605, "c", "q", "too_long", WayOut(to="announcement", name="sorry"))
    feed(projection, [arrived(0), queued(5), out, f.ContactEnded(610, "c", "turned_away")])
    assert projection.figures == {("q", "call"): Figures(arrived=1, turned_away=1)}
    assert present(projection) == {}


def test_agent_lost_and_another_found() -> None:
    projection = Projection()
    returned = f.ContactReturned(30, "c", "a", "leg_lost")
    facts = [arrived(0), queued(0), offered(5), accepted(10), returned, offered(31), accepted(40)]
    assert feed(projection, [*facts, f.ContactEnded(100, "c", "served")]) == [
        Waited("q", "call", 10),
        Talked("q", "call", 20),
        Talked("q", "call", 60),
    ]
    assert projection.figures["q", "call"] == Figures(arrived=1, answered=1, wait_s=10, talk_s=80)


def test_time_set_aside_is_no_talk() -> None:
    projection = Projection()
    facts = [arrived(0, channel="mail"), queued(0), offered(1), accepted(1)]
    aside: list[f.AnyFact] = [
        f.WorkSetAside(11, "c", "a"),
        f.WorkTakenUp(100, "c", "a"),
        f.ContactEnded(105, "c", "served"),
    ]
    feed(projection, facts + aside)
    assert projection.figures["q", "mail"].talk_s == 15


def test_callback_is_a_contact_of_its_own() -> None:
    projection = Projection()
    promised = f.CallbackRegistered(9, "c.callback", "c", "p", "q", 2)
    feed(projection, [arrived(0), queued(0), promised, queued(9, "c.callback")])
    assert projection.figures["q", "callback"].arrived == 1


def test_unknown_contacts_are_passed_over() -> None:
    projection = Projection()
    assert feed(projection, SERVED[1:]) == []
    assert projection.figures == {}
    feed(projection, [f.ContactRefused(0, "x", "call", "unknown_entry"), f.LeaderChanged(0, 1)])
    assert projection.refused == 1


def test_adopted_from_a_snapshot() -> None:
    projection = Projection()
    projection.adopt("c", Known(channel="call", stage="waiting", queue="q", queued_at=3))
    assert present(projection) == {("waiting", "q", "call"): 1}
    assert feed(projection, SERVED[2:])[0] == Waited("q", "call", 30)


def test_every_fact_is_taken() -> None:
    tags = {kind.__struct_config__.tag for kind in f.AnyFact.__args__}
    assert len(tags) == len(f.AnyFact.__args__)


def metrics_text(metrics: Metrics, registry: CollectorRegistry) -> list[str]:
    metrics.refresh()
    return [line for line in generate_latest(registry).decode().splitlines() if not line.startswith("#")]


def test_registry() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    for fact in [*SERVED, arrived(200, "d"), queued(201, "d")]:
        metrics.observe(fact)
    metrics.worker_up.labels("w1").set(1)
    lines = metrics_text(metrics, registry)
    assert 'vaxel_facts_total{fact="contact_arrived"} 2.0' in lines
    assert 'vaxel_offers_total{outcome="made"} 2.0' in lines
    assert 'vaxel_offers_total{outcome="no_answer"} 1.0' in lines
    assert 'vaxel_offers_total{outcome="accepted"} 1.0' in lines
    assert 'vaxel_contacts{channel="call",queue="q",state="waiting"} 1.0' in lines
    assert 'vaxel_contacts{channel="call",queue="q",state="connected"} 0.0' in lines
    assert 'vaxel_queue_contacts_total{channel="call",queue="q",what="arrived"} 2.0' in lines
    assert 'vaxel_wait_seconds_sum{channel="call",queue="q"} 30.0' in lines
    assert 'vaxel_talk_seconds_sum{channel="call",queue="q"} 60.0' in lines
    assert 'vaxel_worker_up{worker="w1"} 1.0' in lines
    assert lines == metrics_text(metrics, registry)


def test_no_personal_values() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry)
    metrics.observe(f.ContactArrived(0, "secret-contact", "call", "0401", "secret-leg", 1, "secret-person"))
    metrics.observe(queued(1, "secret-contact"))
    assert not [line for line in metrics_text(metrics, registry) if "secret" in line]
