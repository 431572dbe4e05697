"""Whom somebody wants to reach, what is rung for that, and why nothing else."""

from typing import Any

import pytest
from msgspec import structs

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.record import Absence, Record
from adapters.directory.resolving import Resolution, Resolver
from adapters.directory.settings import DirectorySettings
from router.inputs import Refused
from tests.directory.conftest import NOW, ZONE, Clock, at, function, here, person

LUNCH = Absence(reason="lunch", since=NOW - 60, until=NOW + 60)
DESK = person(1, "Anna", "Berg", extension="4411", direct="+46406280411", phone="desk1", mobile="+46701740605")
OUTSIDE = person(2, "Bo", "Ek", extension="4412", direct="+46406280412", mobile="+46701740606", mobile_use="connect")


class Telephones:
    """The port `Lines`."""

    def __init__(self, *, busy: str = "", gone: str = "", **agents: str) -> None:
        self._busy = busy.split()
        self._gone = gone.split()
        self._agents = agents

    def busy(self, phone: str) -> bool:
        return phone in self._busy

    def registered(self, phone: str) -> bool:
        return phone not in self._gone

    def phone_of(self, agent: str) -> str:
        return self._agents.get(agent, "")


async def resolver(*records: Record, lines: Telephones | None = None, moment: str = "", **settings: Any) -> Resolver:
    clock = Clock()
    clock.time = at(moment) if moment else NOW
    directory = Directory(MemoryStore(records), DirectorySettings(**settings), ZONE.key, clock, here)
    await directory.load()
    return Resolver(directory, lines or Telephones())


def told(found: Resolution) -> tuple[list[str], list[str]]:
    rung = [f"{one.record} {one.way} {one.phone or one.number}" for one in found.candidates]
    return rung, [f"{one.record} {one.way} {one.why}" for one in found.passed_over]


async def test_a_desk_phone_and_a_mobile_that_nobody_may_be_connected_to() -> None:
    found = (await resolver(DESK)).record("p1")
    assert told(found) == (["p1 desk desk1"], ["p1 mobile not_allowed"])


async def test_without_a_phone_of_ours_the_number_then_the_mobile() -> None:
    assert told((await resolver(OUTSIDE)).record("p2"))[0] == ["p2 direct +46406280412", "p2 mobile +46701740606"]


async def test_an_extension_in_full() -> None:
    only = person(1, extension="4411")
    assert told((await resolver(only)).record("p1")) == ([], [])
    assert told((await resolver(only, extension_prefix="+4640628")).record("p1"))[0] == ["p1 direct +46406284411"]


async def test_an_agent_is_rung_where_the_agent_is() -> None:
    anna = structs.replace(DESK, agent="guide01")
    assert told((await resolver(anna, lines=Telephones(guide01="home7"))).record("p1"))[0] == [
        "p1 agent home7",
        "p1 desk desk1",
    ]
    assert told((await resolver(anna, lines=Telephones(guide01="desk1"))).record("p1"))[0] == ["p1 agent desk1"]
    assert told((await resolver(anna)).record("p1"))[0] == ["p1 desk desk1"]


async def test_busy_and_gone_phones() -> None:
    allowed = structs.replace(DESK, mobile_use="connect")
    found = (await resolver(allowed, lines=Telephones(busy="desk1"))).record("p1")
    assert told(found) == (["p1 mobile +46701740605"], ["p1 desk busy"])
    assert found.busy_at == "desk1"
    found = (await resolver(DESK, lines=Telephones(gone="desk1"))).record("p1")
    assert told(found) == ([], ["p1 desk unreachable", "p1 mobile not_allowed"])
    assert (found.busy_at, found.gone_at) == ("", "desk1")


async def test_who_is_away_is_passed_over_for_those_who_stand_in() -> None:
    anna = structs.replace(DESK, absences=(structs.replace(LUNCH, refer="p4"),), secretary="p2", deputy="p3")
    others = (OUTSIDE, person(3, direct="+46406280413", absences=(LUNCH,), deputy="p5"), person(4, phone="desk4"))
    fifth = person(5, phone="desk5", deputy="p6")
    found = (await resolver(anna, *others, fifth, person(6, phone="desk6"))).record("p1")
    assert told(found) == (
        ["p4 desk desk4", "p2 direct +46406280412", "p2 mobile +46701740606", "p5 desk desk5"],
        ["p1 desk absent", "p1 mobile absent", "p3 direct absent"],
    )
    assert found.absence == structs.replace(LUNCH, refer="p4")


async def test_rung_anyway() -> None:
    anna = structs.replace(DESK, absences=(LUNCH,), hours="sun 10:00-11:00")
    house = await resolver(anna)
    assert told(house.record("p1"))[1] == ["p1 desk absent", "p1 mobile absent"]
    assert told(house.record("p1", anyway=True)) == (["p1 desk desk1"], ["p1 mobile not_allowed"])


async def test_working_hours() -> None:
    anna = structs.replace(DESK, hours="mon-fri 08:00-16:30", deputy="p2")
    assert told((await resolver(anna, OUTSIDE, moment="2026-11-25T16:30")).record("p1"))[1][0] == "p1 desk off_hours"
    assert told((await resolver(anna, moment="2026-11-25T16:29")).record("p1"))[0] == ["p1 desk desk1"]


async def test_who_works_elsewhere_is_reached_on_the_mobile() -> None:
    elsewhere = Absence(reason="elsewhere", since=NOW)
    anna = structs.replace(DESK, mobile_use="connect", absences=(elsewhere,))
    found = (await resolver(anna)).record("p1")
    assert told(found) == (["p1 mobile +46701740605"], ["p1 desk elsewhere"])
    found = (await resolver(structs.replace(anna, absences=(elsewhere, LUNCH)))).record("p1")
    assert told(found) == ([], ["p1 desk absent", "p1 mobile absent"])


async def test_nobody_is_followed_in_circles() -> None:
    ring = [person(n, absences=(LUNCH,), deputy=f"p{n % 3 + 1}", phone=f"desk{n}") for n in (1, 2, 3)]
    assert told((await resolver(*ring)).record("p1")) == ([], ["p1 desk absent", "p2 desk absent", "p3 desk absent"])


async def test_a_shared_telephone_is_rung_once() -> None:
    anna = structs.replace(DESK, deputy="p2")
    bo = person(2, phone="desk1", mobile="+46701740606", mobile_use="give")
    assert told((await resolver(anna, bo)).record("p1"))[0] == ["p1 desk desk1", "p2 mobile +46701740606"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("p1", "p1 desk desk1"),
        ("4411", "p1 desk desk1"),
        ("44-12", "p2 direct +46406280412"),
        ("040-628 04 11", "p1 desk desk1"),  # ours: not out by the trunk and in again
        ("+46406280412", "p2 direct +46406280412"),
        ("070-174 06 05", " number +46701740605"),
        ("040-628 04 99", " number +46406280499"),
        ("112", " number 112"),
        ("4499", " number 4499"),
        ("5001", "f1 desk hall"),
    ],
)
async def test_what_is_typed(typed: str, found: str) -> None:
    hall = (function(1, "Receptionen", extension="5001", phone="hall"), person(3, extension="5001", phone="hall"))
    assert told((await resolver(DESK, OUTSIDE, *hall)).typed(typed))[0][0] == found


async def test_of_those_who_share_an_extension_one_who_is_there() -> None:
    away = function(1, "Receptionen", extension="5001", phone="hall", absences=(LUNCH,))
    there = person(3, extension="5001", phone="hall")
    assert told((await resolver(away, there)).typed("5001"))[0] == ["p3 desk hall"]


@pytest.mark.parametrize(
    ("typed", "error_id"), [("p9", "unknown_record"), ("anna", "unknown_destination"), ("", "unknown_destination")]
)
async def test_nobody_and_nothing(typed: str, error_id: str) -> None:
    with pytest.raises(Refused) as caught:
        (await resolver(DESK)).typed(typed)
    assert caught.value.error_id == error_id


async def test_handed_to_the_trunk() -> None:
    found = (await resolver(structs.replace(OUTSIDE, by_refer=True))).record("p2")
    assert [one.by_refer for one in found.candidates] == [True, True]
