"""Who a citizen is and what that one needs, as an agent's desk asks and tells."""

import pytest

from adapters.sip.wishes import Meaning
from engine.installation import Rung
from engine.interpreters import on_duty
from engine.persons import Citizens
from router import facts as f
from router import inputs as i
from router.dialling import Destination
from router.journal import decode
from router.state import State
from tests.web.house import Reception
from web.people import Chapter

MINE = {"role": "agent", "agent": "guide01"}


async def talking(house: Reception, person: str | None = "p1") -> str:
    contact = await house.waits(person=person)
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    return contact


async def test_needs_are_noted_in_one_request_and_known_the_next_time(house: Reception) -> None:
    contact = await talking(house)
    said = {"needs": ["sight", "plain_language"], "language": "fi", "keep": True}
    assert (await house.post(f"/contacts/{contact}/needs", json=said, **MINE)).status == 204
    await house.post(f"/contacts/{contact}/finish", **MINE)
    await house.post(f"/contacts/{contact}/end-wrap-up", **MINE)
    again = await talking(house)
    told = (await house.get(f"/contacts/{again}/person", **MINE)).json
    assert (told["needs"], told["language"], told["known"]) == (["plain_language", "sight"], "fi", True)
    assert told["kept_until"] > house.clock.now()
    assert (await house.post(f"/contacts/{again}/forget-needs", **MINE)).status == 204
    assert "kept_until" not in (await house.get(f"/contacts/{again}/person", **MINE)).json


async def test_what_is_no_need_and_whose_it_is_not(house: Reception) -> None:
    contact = await talking(house, person=None)
    path = f"/contacts/{contact}/needs"
    assert (await house.post(path, json={"needs": ["height"]}, **MINE)).status == 400
    assert (await house.post(path, json={"needs": ["sight"], "keep": True}, **MINE)).error == "nobody_known"
    other = {"role": "agent", "agent": "guide02"}
    assert (await house.post(path, json={"needs": []}, **other)).error == "not_yours"
    assert (await house.get(f"/contacts/{contact}/person", **other)).error == "not_yours"


async def test_a_citizen_is_known_by_number_and_address(house: Reception) -> None:
    contact = await talking(house)
    join = f"/contacts/{contact}/join"
    assert (await house.post(join, json={"address": "Kim@example.se"}, **MINE)).status == 204
    assert (await house.post(join, json={"number": "040-34 10 01"}, **MINE)).status == 204
    assert (await house.get(f"/contacts/{contact}/person", **MINE)).json["addresses"] == 3
    assert (await house.post(join, json={"address": "kim@"}, **MINE)).error == "bad_address"
    assert (await house.post(join, json={"number": "1"}, **MINE)).error == "number_bad"
    assert (await house.post(join, json={}, **MINE)).error == "bad_request"
    assert (await house.post(f"/contacts/{contact}/part", **MINE)).status == 204
    assert (await house.get(f"/contacts/{contact}/person", **MINE)).json["addresses"] == 1


async def test_a_number_read_from_a_letter_joins_the_matter(house: Reception) -> None:
    contact = await talking(house)
    house.house.post.matters["7XK42-M9PQR"] = "m0"
    join = f"/contacts/{contact}/join"
    assert (await house.post(join, json={"reference": "7XK42-M9PQR"}, **MINE)).status == 204
    assert house.state.contacts[contact].card.matter == "m0"
    assert (await house.post(join, json={"reference": "00000-00000"}, **MINE)).error == "unknown_reference"


async def test_the_story_is_told_whatever_the_channel(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    contact = await talking(house)
    await house.put(i.Arrived(contact="k1", channel="mail", entry="bibliotek", person="mail14", written=True))
    await house.put(i.Arrived(contact="k2", channel="mail", entry="bibliotek", person="p9", written=True))
    await house.post(f"/contacts/{contact}/join", json={"address": "kim@example.se"}, **MINE)
    asked: list[tuple[set[str], str]] = []

    async def past(_: Citizens, persons: tuple[str, ...], matter: str) -> list[Chapter] | None:
        asked.append((set(persons), matter))
        return [Chapter(contact="w0", channel="call", began=1.0, ended=2.0, outcome="served", same="person")]

    monkeypatch.setattr(Citizens, "past", past)
    story = (await house.get(f"/contacts/{contact}/story", **MINE)).json
    assert [one["contact"] for one in story["contacts"]] in ([contact, "k1", "w0"], ["k1", contact, "w0"])
    assert asked == [({"p1", "mail14"}, contact)]
    assert (story["complete"], story["person"]["addresses"]) == (True, 2)
    looks = [line for line in house.house.access.read() if line.kind == "looked"]
    assert [line.what["kinds"] for line in looks] == [["story"]]
    other = {"role": "agent", "agent": "guide02"}
    assert (await house.get(f"/contacts/{contact}/story", **other)).error == "not_yours"


async def test_a_protected_identity_is_masked_in_every_contact_of_the_person(house: Reception) -> None:
    contact = await talking(house)
    house.vault.values[contact] = {"number": "+46700000001"}
    assert (await house.post(f"/contacts/{contact}/mark", json={"protected": True}, **MINE)).status == 204
    for path in ("citizen", "story", "person"):
        assert (await house.get(f"/contacts/{contact}/{path}", role="operator")).error == "secret"
        assert (await house.get(f"/contacts/{contact}/{path}", **MINE)).status == 200
    lift = {"protected": False}
    assert (await house.post(f"/contacts/{contact}/mark", json=lift, **MINE)).error == "not_yours"
    again = await house.waits()
    assert (await house.get(f"/contacts/{again}/citizen", role="operator")).error == "secret"
    assert (await house.post(f"/contacts/{contact}/mark", json=lift, role="supervisor")).status == 204
    assert (await house.get(f"/contacts/{again}/citizen", role="operator")).status == 200


async def test_protection_comes_from_a_register_too(house: Reception) -> None:
    many = {"persons": ["kim@example.se", "040-34 10 00"]}
    assert (await house.post("/persons/mark", json=many, role="supervisor")).json == {"persons": 2}
    assert house.state.persons.of("mail14").protected
    assert (await house.post("/persons/mark", json={"persons": ["kim@example.se", "no"]})).error == "number_bad"
    assert (await house.post("/persons/mark", json=many, **MINE)).status == 403


async def test_an_interpreter_is_rung_by_one_action(house: Reception) -> None:
    contact = await talking(house)
    path = f"/contacts/{contact}/interpreter"
    assert (await house.post(path, json={"language": "so"}, **MINE)).error == "no_interpreters"
    assert (await house.post(path, json={"language": "fi"}, **MINE)).error == "nobody_on_duty"
    assert (await house.post(path, json={"language": "ar"}, **MINE)).status == 204
    (party,) = (await house.get(f"/contacts/{contact}", **MINE)).json["parties"]
    assert (party["interprets"], party["state"]) == ("ar", "ringing")
    assert (await house.post(path, json={"language": "ar"}, **MINE)).error == "has_interpreter"
    shown = (await house.get("/interpreters")).json["languages"]
    assert [one["language"] for one in shown] == ["ar", "fi"]


def test_who_cannot_be_rung_is_passed_over() -> None:
    rung = {"a": Rung(agent="nobody"), "b": Rung(number="1"), "c": Rung(phone="desk7"), "d": Rung(number="2")}
    meanings = {"1": Meaning(refused=True), "2": Meaning(destination=Destination("number:p2"))}
    found = on_duty(rung, lambda number: meanings[number], State())
    assert [(one.id, one.destination.address) for one, _ in found] == [("c", "phone:desk7"), ("d", "number:p2")]


async def test_contacts_are_described_in_words_of_the_department_while_wrapping_up(house: Reception) -> None:
    departments = (await house.get("/reasons", role="reader")).json["departments"]
    miljo = next(one for one in departments if one["department"] == "miljo")
    assert "miljo.status" in [one["reason"] for one in miljo["reasons"]]
    contact = await talking(house)
    await house.put(i.CitizenGone(contact=contact, cause="hung_up"))
    said = {"reason": "miljo.status", "avoidable": True, "gap": "no_answer", "follow_up": True}
    assert (await house.post(f"/contacts/{contact}/describe", json=said, **MINE)).status == 204
    facts = [fact for _, data in house.journal.store.entries for fact in decode(data).facts]
    (fact,) = [fact for fact in facts if isinstance(fact, f.ContactDescribed)]
    assert (fact.reason, fact.avoidable, fact.gap, fact.agent) == ("miljo.status", True, "no_answer", "guide01")
    strange = {"reason": "miljo.whim"}
    assert (await house.post(f"/contacts/{contact}/describe", json=strange, **MINE)).error == "unknown_reason"


async def test_needs_have_names_and_meanings(house: Reception) -> None:
    told = (await house.get("/needs", role="reader")).json
    assert told["needs"][0]["need"] == "plain_language"
    assert told["needs"][0]["title"]["fi"] == "Selkokieli"
    assert set(told["languages"]) == {"fi", "ar"}
