"""What an event at a telephone means to the router."""

import pytest

from adapters.sip.fleet import Fleet
from adapters.sip.protocol import LegEnded, MediaSilent, TransferAsked
from adapters.sip.reaching import Reaching
from adapters.sip.telephones import TRANSFER_MEANT, Telephones
from adapters.sip.wishes import Meaning, Wishes
from router import inputs as i
from router.dialling import Destination, Gate
from tests.core.test_talking import LIBRARY, OUTSIDE, talking

BEGUN = 100.0


class Dialplan:
    """Everything that is dialled is the library."""

    def __call__(self, _dialled):
        return Meaning(destination=LIBRARY)


class Line:
    """A connection to a worker."""

    name, connected = "w1", True

    def __init__(self):
        self.commands = []

    def command(self, command):
        self.commands.append(command)


@pytest.fixture
def asked():
    """Return what has been asked of the router."""
    return []


@pytest.fixture
def telephones(asked):
    fleet = Fleet()
    fleet.add(Line())
    submit = lambda told, _secrets, _answer: asked.append(told)  # noqa: E731
    return Telephones(submit, fleet, Reaching(Gate(bytes(32)), 1), str, None, Wishes(Dialplan()), None)


def told_of_end(telephones, leg, after):
    told, _ = telephones.ended("w1-g", LegEnded(2, BEGUN + after, leg, 200, "far", answered=True, rang=True))
    return told.cause


@pytest.mark.parametrize(("after", "cause"), [(0.5, "cut_off"), (TRANSFER_MEANT + 1, "hung_up")])
def test_a_phone_that_hangs_up_with_its_transfer_does_not_end_the_talk(telephones, asked, after, cause):
    city = talking()
    worker = telephones._fleet.workers["w1"]
    telephones.transfer(worker, TransferAsked(1, BEGUN, "c1.1", "sip:4001@edge"), city.state)
    assert asked == [i.Forward("c1", LIBRARY)]
    assert told_of_end(telephones, "c1.1", after) == cause
    assert told_of_end(telephones, "c1.1", after) == "hung_up", "of another leg of that name nothing is known"


def silence(telephones, city, leg):
    told, _ = telephones.silent("w1-g", MediaSilent(3, BEGUN, leg, alive=False), city.state)
    return isinstance(told, i.HungUp)


def test_of_those_who_fall_silent_only_phones_of_the_house_are_lost(telephones):
    city = talking()
    assert silence(telephones, city, "c1.1")
    assert not silence(telephones, city, "c1"), "the citizen may just be silent"
    city.put(i.Forward("c1", LIBRARY))
    city.put(i.PickedUp(leg="c1.2"))
    assert silence(telephones, city, "c1.2")
    assert not silence(telephones, city, "c1.1")


@pytest.mark.parametrize(("to", "lost"), [(LIBRARY, True), (OUTSIDE, False), (Destination("phone:lobby"), True)])
def test_of_those_who_are_consulted_too(telephones, to, lost):
    city = talking()
    city.put(i.Consult("c1", to))
    city.put(i.PickedUp(leg="c1.2"))
    assert silence(telephones, city, "c1.2") == lost
