"""What the engine believes of its workers."""

from dataclasses import dataclass

from adapters.sip.difference import LegNow
from adapters.sip.fleet import Fleet
from adapters.sip.protocol import SILENCE
from router import inputs as i
from tests.core.city import City, agent, queue

ANNA, BO = "sip:anna@desk", "sip:bo@desk"


@dataclass
class Line:
    """A connection that is there."""

    name: str
    connected: bool = True
    life: str | None = "g"


def two() -> Fleet:
    """Return two workers that have told what is."""
    fleet = Fleet()
    for name in ("w1", "w2"):
        fleet.add(Line(name))
        fleet.workers[name].trust()
    return fleet


def promised() -> tuple[City, str]:
    """Return a city that has promised to call somebody who rang w2, and the callback."""
    city = City(queues=[queue()], agents=[agent("anna")])
    city.put(i.Pause("anna", "away"))
    city.call("w2-g-1", person="p1")
    city.put(i.RegisterCallback("w2-g-1"))
    return city, "w2-g-1.callback2"


def test_a_phone_is_rung_again_only_when_no_other_worker_has_a_leg_to_end_there():
    fleet = two()
    first, second = fleet.workers.values()
    first.believe("w1-g-1.1", LegNow("dialling", SILENCE, target=ANNA), "w1-g-1")
    assert fleet.may_ring(second, ANNA), "whether a phone that rings may be rung is not for voice to say"
    first.hang_up("w1-g-1.1")
    assert not fleet.may_ring(second, ANNA)
    assert fleet.may_ring(second, BO)
    assert fleet.may_ring(first, ANNA), "what one worker sends arrives in order"
    first.leaving.pop("w1-g-1.1")
    assert fleet.may_ring(second, ANNA)


def test_nothing_waits_for_a_worker_that_is_gone():
    fleet = two()
    first, second = fleet.workers.values()
    first.trusted = False
    assert not fleet.may_ring(second, ANNA), "it has yet to tell what rings"
    first.client.connected = False
    assert fleet.may_ring(second, ANNA)


def test_a_worker_that_nobody_has_heard_of_yet_may_have_what_another_lacks():
    """An engine that takes over hears of one worker after the other."""
    city, callback = promised()
    fleet = Fleet()
    for name in ("w1", "w2"):
        fleet.add(Line(name, connected=name == "w1", life="g" if name == "w1" else None))
    first, second = fleet.workers.values()
    first.trust()
    assert fleet.home(callback, city.state) is None
    assert not fleet.may_ring(first, ANNA)
    second.client.life = ""
    assert fleet.may_ring(first, ANNA), "nobody listens there: its process is gone"
    second.client.life = None
    second.lose()
    assert fleet.may_ring(first, ANNA), "it did not answer: a worker that hangs holds up nobody"
    assert fleet.home(callback, city.state) is first


def test_a_leg_that_rang_us_has_no_phone_to_wait_for():
    fleet = two()
    first, _ = fleet.workers.values()
    first.believe("w1-g-1", LegNow("answered", SILENCE), "w1-g-1")
    first.hang_up("w1-g-1")
    assert not first.leaving
    assert not first.legs


def test_the_legs_of_a_callback_end_where_they_were_dialled_though_it_is_named_after_another_worker():
    city, callback = promised()
    fleet = two()
    first, second = fleet.workers.values()
    second.believe("w2-g-9", LegNow("answered", SILENCE), "w2-g-9")
    assert fleet.home(callback, city.state) is first, "where there is most room"
    city.put(i.CancelCallback(callback))
    assert fleet.home(callback, city.state) is first
    assert fleet.home("w2-g-1", city.state) is second
