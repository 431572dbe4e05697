"""What a guide has beside the work over HTTP: the own day, words to a colleague, where to read on, a follow-up."""

from typing import Any

from msgspec import structs

from engine.installation import Link
from router import facts as f
from router import inputs as i
from tests.desk.conftest import hire
from tests.web.house import Reception, malmo
from tests.web.test_api_talk import facts
from web.events import FORMS, NOWHERE, Happening, Position
from web.notes import NOTE_MAX, NOTES_AT_ONCE
from web.stream import Wanted

MINE: dict[str, Any] = {"role": "agent", "agent": "guide01"}
OTHER: dict[str, Any] = {"role": "agent", "agent": "guide02"}
LEAD: dict[str, Any] = {"role": "supervisor"}


async def test_an_agent_sees_the_own_day_and_nobody_elses(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await house.wait(100.0)
    await house.post(f"/contacts/{contact}/finish", **MINE)
    desk = "/agents/guide01/desk"
    told = (await house.get(desk, **MINE)).json["today"]
    assert told["channels"] == {"call": {"answered": 1, "mean_talk": 100.0}}
    assert told["times"]["ready"] == 100.0
    assert (await house.get(desk, **LEAD)).json["today"]["channels"] == told["channels"]
    assert (await house.get(desk, **OTHER)).error == "not_yours"
    assert (await house.get(desk, role="operator", agent="guide02")).json["today"] is None
    assert (await house.get(desk, role="reader")).json["today"] is None


async def test_what_one_writes_to_another_is_read_by_that_one_alone(house: Reception) -> None:
    hire(house, "anna", "guide", "guide01", "Anna L.")
    told = await house.post("/agents/guide02/notices", json={"text": " Tar du lunchen först? "}, **MINE)
    assert told.status == 201
    (seen,) = (await house.get("/notices", **OTHER)).json["notices"]
    assert (seen["text"], seen["by"], seen["writer"]) == ("Tar du lunchen först?", "guide01", "Anna L.")
    for who in (MINE, LEAD, {"role": "reader"}, {"role": "agent", "agent": "guide03"}):
        assert (await house.get("/notices", **who)).json["notices"] == []
    assert (await house.post(f"/notices/{seen['notice']}/read", **MINE)).error == "unknown_notice"
    assert (await house.post(f"/notices/{seen['notice']}/read", **OTHER)).status == 204
    assert house.state.bulletins == {}
    assert "lunch" not in repr(facts(house, f.BulletinPosted))


async def test_who_leads_may_tell_one_agent_too(house: Reception) -> None:
    assert (await house.post("/agents/guide02/notices", json={"text": "Kom förbi."}, **LEAD)).status == 201
    (seen,) = (await house.get("/notices", **OTHER)).json["notices"]
    assert (seen["text"], seen.get("by"), seen.get("writer")) == ("Kom förbi.", None, None)


async def test_words_to_a_colleague_are_short_and_not_too_many(house: Reception) -> None:
    path = "/agents/guide02/notices"
    assert (await house.post(path, json={"text": "x" * (NOTE_MAX + 1)}, **MINE)).status == 400
    assert (await house.post(path, json={"text": " \n "}, **MINE)).status == 400
    assert (await house.post("/agents/guide01/notices", json={"text": "?"}, **MINE)).error == "not_yours"
    assert (await house.post(path, json={"text": "?"}, role="admin")).error == "not_allowed"
    assert (await house.post("/agents/nobody/notices", json={"text": "?"}, **MINE)).error == "unknown_agent"
    for number in range(NOTES_AT_ONCE - 1):
        assert (await house.post(path, json={"text": f"{number}"}, **MINE)).status == 201
    refused = await house.post(path, json={"text": "one more"}, **MINE)
    assert (refused.status, refused.error, refused.json["retryable"]) == (429, "too_many_messages", True)
    assert (await house.post("/agents/guide01/notices", json={"text": "another's"}, **OTHER)).status == 201
    house.clock.time += 10.0
    assert (await house.post(path, json={"text": "later"}, **MINE)).status == 201


async def test_only_the_desk_of_whoever_is_written_to_looks_again(house: Reception) -> None:
    heard: dict[str, list[str]] = {}
    await house.post("/agents/guide02/notices", json={"text": "?"}, **MINE)
    await house.post("/notices", json={"text": "till alla"}, **LEAD)
    posted = facts(house, f.BulletinPosted)
    for agent in ("guide02", "guide03"):
        wanted = Wanted(agents=frozenset({agent}))
        heard[agent] = [one.bulletin for one in posted if wanted.takes(happening(one))]
    assert heard == {"guide02": [one.bulletin for one in posted], "guide03": [posted[1].bulletin]}


def happening(fact: f.BulletinPosted) -> Happening:
    return Happening(Position(1, 1, 0), fact, FORMS[type(fact)], NOWHERE)


async def test_colleagues_are_told_by_name_and_whether_they_are_at_work(house: Reception) -> None:
    hire(house, "bo", "guide", "guide02", "Bo B.")
    await house.put(i.LogIn("guide02"))
    told = (await house.get("/colleagues", **MINE)).json["colleagues"]
    known = {one["agent"]: one for one in told}
    assert known["guide02"] == {"agent": "guide02", "name": "Bo B.", "at_work": True}
    assert known["guide03"] == {"agent": "guide03", "name": "guide03", "at_work": False}
    assert "guide01" not in known
    assert (await house.get("/colleagues", role="reader")).error == "not_allowed"


async def test_where_to_read_on_is_told_by_queue() -> None:
    loaded = malmo()
    links = {"vaxel": (Link({"sv": "Kunskap"}, "https://intranet.malmo.example/?q=vaxel"),)}
    loaded = structs.replace(loaded, installation=structs.replace(loaded.installation, links=links))
    async with Reception.open(loaded) as house:
        told = (await house.get("/links", **MINE)).json["queues"]
        assert told == {"vaxel": [{"title": {"sv": "Kunskap"}, "url": "https://intranet.malmo.example/?q=vaxel"}]}


async def test_a_follow_up_is_left_while_wrapping_up(house: Reception) -> None:
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await house.put(i.CitizenGone(contact=contact, cause="hung_up"))
    (choice,) = (await house.get(f"/contacts/{contact}/queues?queue=skola", **MINE)).json["queues"]
    assert choice["queue"] == "skola"
    told = await house.post(f"/contacts/{contact}/leave", json={"queue": "skola", "text": "Ring upp."}, **MINE)
    left = house.state.contacts[told.json["contact"]]
    assert (left.spot.queue, left.card.about) == ("skola", contact)
