"""When phones are rung, of what the router has decided."""

from typing import Any
from unittest.mock import Mock

from adapters.sip.difference import LegNow
from adapters.sip.fleet import Fleet
from adapters.sip.protocol import SILENCE, Dial
from adapters.sip.reaching import Reaching
from adapters.sip.voice import Voice
from tests.core.city import City, agent, queue
from tests.sip.test_fleet import Line
from tests.sip.test_plan import GATE, SOUNDS


class Worker(Line):
    """A connection that notes what goes over it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.told: list[Any] = []

    def command(self, command: Any) -> None:
        self.told.append(command)


def voice_of(city: City, *workers: Worker) -> Voice:
    """Return what commands these workers, all of which have told what is."""
    voice = Voice(
        state=lambda: city.state,
        submit=Mock(),
        look=Mock(),
        tell=Mock(),
        sounds=SOUNDS,
        reaching=Reaching(GATE, 1, "192.0.2.9:5060"),
        fleet=Fleet(),
        telephones=Mock(callers={}),
        words=Mock(),
        lines=Mock(shows=lambda _contact, _shown: []),
    )
    for worker in workers:
        voice.add(worker)
        voice.workers[worker.name].trust()
    return voice


def decide(voice: Voice, city: City, facts: Any) -> None:
    """Let the workers do what follows from facts that are kept by now."""
    release = voice.decided(facts, city.state)
    if release is not None:
        release()


def test_an_agent_is_rung_for_who_is_there():
    city, worker = City(queues=[queue()], agents=[agent("anna")]), Worker("w1")
    city.ready("anna")
    voice = voice_of(city, worker)
    voice.workers["w1"].believe("w1-g-1", LegNow("dialling", SILENCE), "w1-g-1")
    decide(voice, city, city.call("w1-g-1", leg="w1-g-1"))
    assert [one.permit.leg for one in worker.told if isinstance(one, Dial)] == ["w1-g-1.1"]


def test_no_agent_is_rung_for_who_is_gone_though_the_router_has_yet_to_hear_of_it():
    """After a power cut, the first worker's news frees an agent before the second has told that its caller is gone."""
    city, worker = City(queues=[queue()], agents=[agent("anna")]), Worker("w1")
    city.ready("anna")
    voice = voice_of(city, worker)
    decide(voice, city, city.call("w1-g-1", leg="w1-g-1"))
    assert city.offers == {"anna": "w1-g-1"}
    assert not [one for one in worker.told if isinstance(one, Dial)]
