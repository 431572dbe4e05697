"""From the directory to the telephone: whom operators, phones and programs send a caller to."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.directory.directory import Directory
from adapters.directory.fake import MemoryStore
from adapters.directory.record import Absence
from adapters.directory.resolving import Candidate
from adapters.directory.settings import DirectorySettings
from adapters.sip.wishes import Meaning
from engine.dialplan import Dialplan
from engine.lines import AgentLines
from engine.people import People
from engine.pool import Pool
from router import facts as f
from router import inputs as i
from router.dialling import Destination
from tests.directory.conftest import ZONE, Clock, here, person
from tests.web.house import NOON, Reception, Told
from tests.web.test_api_talk import AGENT, facts, talks

LUNCH = Absence(reason="lunch", since=NOON - 60, until=NOON + 3600)
PEOPLE = (
    person(1, "Anna", "Berg", extension="4411", phone="desk1", deputy="p2"),
    person(2, "Bo", "Ek", extension="4412", phone="desk2", absences=(LUNCH,)),
    person(3, "Cy", "Alm", extension="4413", direct="+4640341000"),
    person(4, "Dia", "Dal", extension="4414"),
    person(5, "Eva", "Elm", extension="4415", direct="+12025550123"),
)


class House:
    """A reception whose directory is at work."""

    def __init__(self, reception: Reception, people: People) -> None:
        self.reception = reception
        self.people = people
        reception.house.people = people
        reception.spine.followers.append(people)

    async def send_on(self, to: dict[str, Any], **more: Any) -> tuple[Told, str]:
        contact = await talks(self.reception)
        told = await self.reception.post(f"/contacts/{contact}/forward", json={"to": to, **more}, **AGENT)  # type: ignore[arg-type]
        return told, contact

    def destination(self) -> Destination:
        (forwarded,) = facts(self.reception, f.ContactForwarded)
        assert isinstance(forwarded, f.ContactForwarded)
        return forwarded.destination


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = Clock()
    clock.time = NOON
    directory = Directory(MemoryStore(PEOPLE), DirectorySettings(), ZONE.key, clock, here)
    await directory.load()
    async with Reception.open() as reception:
        yield House(reception, People(directory, AgentLines(lambda: reception.state), Pool()))


async def test_a_person_is_rung_at_the_desk(house: House) -> None:
    told, _ = await house.send_on({"person": "p1"})
    assert told.status == 204, told
    assert house.destination() == Destination("phone:desk1", person="p1")


async def test_an_extension_does_as_well(house: House) -> None:
    assert (await house.send_on({"person": "4413"}))[0].status == 204
    destination = house.destination()
    assert (destination.person, destination.country, destination.outside) == ("p3", "SE", True)
    assert "341000" not in destination.address


async def test_who_is_away_is_not_rung_unless_it_is_meant(house: House) -> None:
    told, contact = await house.send_on({"person": "p2"})
    assert told.error == "not_reachable"
    assert told.json["detail"] == "nothing can be rung for this record: absent"
    told = await house.reception.post(
        f"/contacts/{contact}/forward",
        json={"to": {"person": "p2", "anyway": True}},
        **AGENT,  # type: ignore[arg-type]
    )
    assert told.status == 204
    assert house.destination() == Destination("phone:desk2", person="p2")


@pytest.mark.parametrize(
    ("to", "error_id"),
    [
        ({"person": "p4"}, "not_reachable"),
        ({"person": "p5"}, "number_country"),
        ({"person": "p77"}, "unknown_record"),
        ({"person": "nobody"}, "unknown_destination"),
        ({"person": "p1", "agent": "guide02"}, "bad_request"),
        ({}, "bad_request"),
    ],
)
async def test_refusals(house: House, to: dict[str, Any], error_id: str) -> None:
    assert (await house.send_on(to))[0].error == error_id


async def test_a_busy_phone_is_waited_for_or_passed_over(house: House) -> None:
    await house.reception.put(i.LogIn("guide03", "phone:desk1"))
    await house.reception.put(i.GoReady("guide03"))
    await house.reception.put(i.Pause("guide01", "lunch"))
    other = await house.reception.waits()
    await house.reception.put(i.PickedUp(leg=f"{other}.1"))
    await house.reception.put(i.GoReady("guide01"))
    contact = await house.reception.waits()
    await house.reception.put(i.PickedUp(leg=f"{contact}.1"))
    assert house.people.lines.busy("desk1")
    path = f"/contacts/{contact}/forward"
    told = await house.reception.post(path, json={"to": {"person": "p1"}}, **AGENT)  # type: ignore[arg-type]
    assert told.json["detail"] == "nothing can be rung for this record: busy, absent"
    told = await house.reception.post(path, json={"to": {"person": "p1"}, "camp": True}, **AGENT)  # type: ignore[arg-type]
    assert told.status == 204
    assert house.destination() == Destination("phone:desk1", person="p1")


async def test_whom_callers_are_sent_to_is_found_earlier(house: House) -> None:
    def order() -> list[str]:
        return [found.record.id for found in house.people.directory.search("44", protected=False, most=9)]

    assert order() == ["p3", "p1", "p4", "p5", "p2"]
    await house.send_on({"person": "p1"})
    assert order()[0] == "p1"


# ---- what a phone dials ------------------------------------------------------------------------------------------


async def test_extensions_at_a_phone_of_the_house(house: House) -> None:
    core = house.reception.loaded.core
    dialplan = Dialplan(lambda: core, ("desk1",), lambda number: f"x{len(number)}", house.people.extension)
    assert dialplan("4411") == Meaning(destination=Destination("phone:desk1", person="p1"))
    assert dialplan("4412") == Meaning(destination=Destination("phone:desk2", person="p2")), "away, but dialled"
    outside = dialplan("4413")
    assert outside.destination == Destination("number:x11", person="p3", country="SE")
    assert outside.number is not None
    assert outside.number.dialled == "+4640341000"
    assert dialplan("4415").refused
    assert dialplan("4499").refused
    assert dialplan("p1").refused, "ids are for flows"
    house.people.directory.ready = False
    assert dialplan("4411").refused


async def test_a_number_that_is_dialled_is_known_as_its_only_owners(house: House) -> None:
    core, people = house.reception.loaded.core, house.people
    dialplan = Dialplan(lambda: core, (), lambda number: f"x{len(number)}", listed=people.listed)
    assert dialplan("040-34 10 00").destination == Destination("number:x11", person="p3", country="SE")
    assert dialplan.candidate(Candidate(way="number", number="040-34 10 00")) == dialplan("040-34 10 00")
    assert dialplan("040-34 10 01").destination == Destination("number:x11", country="SE")
    shared = MemoryStore((*PEOPLE, person(6, "Åke", "Ek", direct="+4640341000")))
    people.directory = Directory(shared, DirectorySettings(), ZONE.key, Clock(), here)
    assert dialplan("040-34 10 00").destination == Destination("number:x11", country="SE"), "it is not read yet"
    await people.directory.load()
    assert dialplan("040-34 10 00").destination == Destination("number:x11", country="SE"), "it is two people's"


async def test_whom_a_flow_means(house: House) -> None:
    """By id or extension; it rings nobody who is away, and hears that a phone is busy."""
    core, people = house.reception.loaded.core, house.people
    dialplan = Dialplan(lambda: core, (), lambda number: f"x{len(number)}", people.extension, people.record)
    desk = Meaning(destination=Destination("phone:desk1", person="p1"))
    assert dialplan.asked_for("person", "p1") == desk
    assert dialplan.asked_for("extension", "4411") == desk
    for key in ("p2", "p4", "p5", "p77", "nobody"):
        assert dialplan.asked_for("person", key).refused, key
    await house.send_on({"person": "p1"})
    assert people.lines.busy("desk1")
    assert dialplan.asked_for("person", "p1") == desk
    assert dialplan("4411") == desk
    await house.reception.put(i.PhoneGone(phone="phone:desk1"))
    assert dialplan("4411") == desk, "so that whoever rings it hears that it is gone"
    house.people.directory.ready = False
    assert dialplan.asked_for("person", "p1").refused
