"""Between the edge and the router: who can be rung, and who takes calls."""

from types import SimpleNamespace

import pytest

from adapters.edge.client import WorkerNow
from engine.edge import EdgeDesk
from router.inputs import PhoneGone, PhoneSeen


class Told:
    """A router that only knows which phones are lost."""

    def __init__(self, *lost: str) -> None:
        self.lost = set(lost)
        self.heard: list[PhoneSeen | PhoneGone] = []

    def submit(self, report: PhoneSeen | PhoneGone) -> None:
        self.heard.append(report)
        if isinstance(report, PhoneSeen):
            self.lost.discard(report.phone)
        else:
            self.lost.add(report.phone)


def desk(told: Told, *clients: SimpleNamespace) -> EdgeDesk:
    return EdgeDesk(clients, ["a", "b", "mobile"], frozenset({"mobile"}), lambda: told, told.submit)  # type: ignore[arg-type]


def test_a_number_outside_is_there_although_it_never_registers() -> None:
    told = Told("phone:mobile")
    edge = desk(told)
    edge.registered(frozenset({"a", "b"}))
    edge.registered(frozenset({"b"}))
    assert told.heard == [PhoneSeen(phone="phone:mobile"), PhoneGone(phone="phone:a")]


def test_the_router_hears_of_changes_only() -> None:
    told = Told()
    edge = desk(told)
    edge.registered(frozenset({"a"}))
    assert told.heard == [PhoneGone(phone="phone:b")]
    edge.registered(frozenset({"a"}))
    edge.registered(frozenset({"a", "b"}))
    edge.registered(frozenset())
    assert told.heard[1:] == [PhoneSeen(phone="phone:b"), PhoneGone(phone="phone:a"), PhoneGone(phone="phone:b")]


def test_after_a_restart_it_is_compared_with_what_the_router_knows() -> None:
    told = Told("phone:a")
    desk(told).registered(frozenset({"a", "b"}))
    assert told.heard == [PhoneSeen(phone="phone:a")]


def test_a_phone_that_is_none_of_ours_is_nothing_to_the_router() -> None:
    told = Told()
    desk(told).registered(frozenset({"a", "b", "removed-from-phones-yaml"}))
    assert not told.heard


@pytest.mark.parametrize(
    ("life", "room", "now"),
    [
        ("abc", True, WorkerNow(room=True, generation="abc")),
        ("abc", False, WorkerNow(room=False, generation="abc")),
        ("abc", None, WorkerNow(room=True, generation="abc")),
        ("", True, WorkerNow(room=False, generation="")),
        (None, True, WorkerNow(room=None, generation=None)),
    ],
)
def test_what_the_edge_learns_of_a_worker(life: str | None, room: bool | None, now: WorkerNow) -> None:
    beat = SimpleNamespace(room=room) if room is not None else None
    worker = SimpleNamespace(name="w1", life=life, connected=bool(life), last_beat=beat)
    assert desk(Told(), worker).workers() == {"w1": now}
