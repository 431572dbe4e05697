"""Which worker registers a trunk."""

import pytest

from adapters.sip.enlisting import Enlisting, TrunkNow
from adapters.sip.protocol import Attached, Enlist, Trunk, TrunkState


class Worker:
    """Has a life, and notes what it is told; `trunks` are enlisted there."""

    def __init__(self, name):
        self.name = name
        self.life = None
        self.draining = False
        self.trunks = {}
        self.told = []

    def command(self, command):
        assert isinstance(command, Enlist)
        self.told.append((command.network, command.active))

    def tell(self, enlisting):
        """Say what is."""
        trunks = tuple(Trunk(*trunk) for trunk in self.trunks.values())
        enlisting.pictured(self.name, Attached(self.name, self.life, (), 0, 0, trunks=trunks))

    def enlist(self, registered=True, code=200):
        """Do what was told."""
        for network, active in self.told:
            assert active
            self.trunks[network] = (network, registered, code)
        self.told.clear()


@pytest.fixture
def workers():
    return Worker("w1"), Worker("w2")


@pytest.fixture
def enlisting(workers):
    return Enlisting(["operator"], workers)


def test_the_first_one_registers_once_all_have_told(workers, enlisting):
    first, second = workers
    first.life = "a"
    first.tell(enlisting)
    assert not first.told, "the second may register already"
    second.life = "b"
    second.tell(enlisting)
    assert first.told == [("operator", True)]
    assert not second.told
    first.enlist()
    first.tell(enlisting)
    assert enlisting.trunks == {"operator": TrunkNow(True, 200)}
    assert not first.told


def test_nobody_waits_for_the_dead(workers, enlisting):
    first, second = workers
    first.life, second.life = "", "b"
    second.tell(enlisting)
    assert second.told == [("operator", True)]


def test_a_new_engine_leaves_it_where_it_is(workers, enlisting):
    first, second = workers
    first.life, second.life = "a", "b"
    second.trunks["operator"] = ("operator", True, 200)
    first.tell(enlisting)
    second.tell(enlisting)
    assert not first.told
    assert not second.told
    assert enlisting.trunks["operator"].registered


def test_another_takes_over_and_keeps_it(workers, enlisting):
    first, second = workers
    first.life, second.life = "a", "b"
    first.tell(enlisting)
    second.tell(enlisting)
    first.enlist()
    first.tell(enlisting)
    first.life, first.trunks = "", {}
    second.tell(enlisting)
    second.enlist()
    second.tell(enlisting)
    first.life = "c"
    first.tell(enlisting)
    assert not first.told
    assert not second.told


def test_one_that_drains_gives_it_back_before_another_gets_it(workers, enlisting):
    first, second = workers
    first.life, second.life = "a", "b"
    first.trunks["operator"] = ("operator", True, 200)
    first.tell(enlisting)
    second.tell(enlisting)
    first.draining = True
    first.tell(enlisting)
    second.tell(enlisting)
    assert not first.told
    assert not second.told, "both would register the same Contact"
    first.trunks.clear()
    first.tell(enlisting)
    assert not first.told
    assert second.told == [("operator", True)]


def test_the_last_one_gets_it_again_once_it_has_started_anew(workers, enlisting):
    first, second = workers
    first.life, first.draining, second.life = "a", True, ""
    first.tell(enlisting)
    assert not first.told
    first.life, first.draining = "c", False
    first.tell(enlisting)
    assert first.told == [("operator", True)]


def test_one_that_cannot_be_asked_keeps_it(workers, enlisting):
    first, second = workers
    first.life, second.life = "a", "b"
    first.trunks["operator"] = ("operator", True, 200)
    first.tell(enlisting)
    first.life = None
    second.tell(enlisting)
    assert not second.told


def test_what_the_registrar_says_is_known(workers, enlisting):
    enlisting.changed(TrunkState(1, 0.0, "operator", False, 403))
    assert enlisting.trunks["operator"] == TrunkNow(False, 403)
    enlisting.changed(TrunkState(2, 0.0, "of another time", True, 200))
    assert list(enlisting.trunks) == ["operator"]


def test_without_trunks_nobody_is_told_anything(workers):
    enlisting = Enlisting([], workers)
    for worker in workers:
        worker.life = "a"
        worker.tell(enlisting)
        assert not worker.told
