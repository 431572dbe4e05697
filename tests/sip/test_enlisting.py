"""Which worker registers a trunk; and how it passes from one to another without two of them at once."""

from adapters.sip.enlisting import Enlisting
from adapters.sip.protocol import Attached, Enlist, Trunk, TrunkState


class Client:
    def __init__(self, name):
        self.name = name
        self.life = "life"
        self.draining = False
        self.told = []

    def command(self, command):
        assert isinstance(command, Enlist)
        self.told.append(command.active)


def house():
    clients = [Client("w1"), Client("w2")]
    return Enlisting(["op"], clients), *clients


def picture(client, *trunks):
    legs = (Trunk(name, True, 200) for name in trunks)
    return Attached(client.name, client.life, (), 0, 0, 0, tuple(legs), client.draining)


def look(enlisting, *seen):
    for client, trunks in seen:
        client.told.clear()
        enlisting.pictured(client.name, picture(client, *trunks))


def test_one_registers_it():
    enlisting, first, second = house()
    look(enlisting, (second, ()), (first, ()))
    assert (first.told, second.told) == ([True], [])
    look(enlisting, (second, ()), (first, ("op",)))
    assert (first.told, second.told) == ([], [])
    assert enlisting.trunks["op"].registered


def test_another_does_when_that_one_is_gone():
    enlisting, first, second = house()
    look(enlisting, (first, ("op",)))
    first.life = None  # nobody knows: it may well be registered
    look(enlisting, (second, ()))
    assert second.told == []
    first.life = ""
    look(enlisting, (second, ()))
    assert second.told == [True]


def test_it_passes_on_when_that_one_drains():
    enlisting, first, second = house()
    look(enlisting, (first, ("op",)), (second, ()))
    first.draining = True
    look(enlisting, (second, ()), (first, ("op",)))
    assert (first.told, second.told) == ([], []), "the worker takes it back by itself; meanwhile nobody else registers"
    enlisting.changed(TrunkState(1, 0.0, "op", False, 200))
    look(enlisting, (second, ()), (first, ()))
    assert (first.told, second.told) == ([], [True])
    look(enlisting, (second, ("op",)), (first, ()))
    assert (first.told, second.told) == ([], [])


def test_two_are_one_too_many():
    enlisting, first, second = house()
    look(enlisting, (second, ("op",)), (first, ()))
    assert (first.told, second.told) == ([], [False]), "first the one, then the other"
    look(enlisting, (second, ()), (first, ()))
    assert (first.told, second.told) == ([True], [])
