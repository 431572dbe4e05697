"""Crises over HTTP: what leads asks for, and what everybody may read."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from router.crisis import KIND
from tests.web.house import NOON, Reception

TEXTS = {"sv": "Koka vattnet.", "en": "Boil the water."}


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    async with Reception.open() as opened:
        yield opened


async def start(house: Reception, **more: object) -> dict[str, object]:
    told = await house.post("/crises", json={"name": "flood", "messages": TEXTS, "all": True, **more})
    assert told.status == 200, told
    found: dict[str, object] = told.json
    return found


async def test_one_command_is_enough_with_a_plan(house: Reception) -> None:
    told = (await house.post("/crises", json={"name": "vatten"})).json
    assert told["title"] == "Vattnet"
    assert told["measures"]["places"] == ["rosengard"]
    assert told["measures"]["until"] == pytest.approx(house.clock.now() + 12 * 3600, abs=60)
    assert told["messages"][0]["texts"]["en"].startswith("Important message")
    assert told["without"] == ["ar", "fi"]
    listed = (await house.get("/crises")).json
    assert [one["name"] for one in listed["crises"]] == ["vatten"]
    assert {one["name"] for one in listed["plans"]} == {"vatten", "avbrott"}
    assert listed["speaking"] == 0


async def test_its_words_stand_in_the_vault_and_not_in_facts(house: Reception) -> None:
    crisis = (await start(house))["crisis"]
    await house.post("/crises/flood/say", json={"messages": {"sv": "Nu är det bra."}})
    kept = house.journal.store.secrets
    assert json.loads(kept[f"announcement.{crisis}.1", KIND]) == TEXTS
    assert "Nu är" in kept[f"announcement.{crisis}.2", KIND]
    assert "Koka" not in str(house.state.snapshot())


async def test_it_is_amended_and_ended_by_its_name(house: Reception) -> None:
    await start(house)
    told = (await house.post("/crises/flood/amend", json={"areas": ["teknik"], "callback_only": True})).json
    assert told["measures"] == {"queues": ["gata", "miljo"], "callback_only": True}
    told = (await house.post("/crises/flood/end", json={})).json
    assert not told["running"]
    assert (await house.post("/crises/flood/end", json={})).error == "unknown_crisis"


async def test_a_time_is_one_of_the_houses_clocks(house: Reception) -> None:
    here = house.house.spine.router.local(NOON)
    later = here + timedelta(hours=1)
    told = await start(house, until=f"{later:%H:%M}")
    assert told["measures"]["until"] == pytest.approx(NOON + 3600, abs=60)  # type: ignore[index]
    earlier = here - timedelta(hours=1)
    told = (await house.post("/crises/flood/amend", json={"until": f"{earlier:%H:%M}"})).json
    assert told["measures"]["until"] == pytest.approx(NOON + 23 * 3600, abs=60)
    assert (await house.post("/crises/flood/amend", json={"until": "25:00"})).error == "bad_time"
    assert "until" not in (await house.post("/crises/flood/amend", json={"until": ""})).json["measures"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"name": "flood", "messages": TEXTS}, "nothing_chosen"),
        ({"name": "flood", "messages": {"en": "Boil."}, "all": True}, "not_said"),
        ({"name": "flood", "messages": {"sv": "Koka {x}."}, "all": True}, "bad_request"),
        ({"name": "flood", "messages": {"sv": "  "}, "all": True}, "bad_request"),
        ({"name": "flood", "messages": {"sv": "Koka.", "tlh": "tlhIngan"}, "all": True}, "not_spoken"),
        ({"name": "flood", "areas": ["nix"]}, "unknown_area"),
        ({"name": "flood", "queues": ["nix"]}, "unknown_queue"),
        ({"name": "flood", "all": True, "triage": "nix"}, "unknown_queue"),
        ({"name": "flood", "all": True, "places": ["nix"]}, "unknown_place"),
        ({"name": "a flood", "all": True}, "bad_request"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_changes(
    house: Reception, asked: dict[str, object], error: str
) -> None:
    assert (await house.post("/crises", json=asked)).error == error
    assert house.state.crises == {}


async def test_agents_may_see_it_but_not_begin_it(house: Reception) -> None:
    asked = {"name": "flood", "all": True}
    assert (await house.post("/crises", json=asked, role="agent", agent="guide01")).error == "not_allowed"
    assert (await house.get("/crises", role="agent", agent="guide01")).status == 200


async def test_a_board_shows_what_is_said_there(house: Reception) -> None:
    await start(house)
    board = (await house.get("/places/stadshuset/board")).json
    said = board["announcements"][0]["messages"]
    assert {one["language"]: one["text"] for one in said} == TEXTS
    await house.post("/crises/flood/amend", json={"queues": ["skola"]})
    assert (await house.get("/places/stadshuset/board")).json["announcements"] == []
    await house.post("/crises/flood/amend", json={"places": ["stadshuset"]})
    assert (await house.get("/places/stadshuset/board")).json["announcements"] != []


async def test_everybody_may_read_it_with_what_was_said_before(house: Reception) -> None:
    await start(house)
    await house.post("/crises/flood/say", json={"messages": {"sv": "Nu är det bra."}})
    where = "/public/v1/announcements?language=en"
    told = await house.get(where, role=None)
    said = told.json["announcements"][0]["messages"]
    assert [(one["language"], one["text"]) for one in said] == [("sv", "Nu är det bra."), ("en", "Boil the water.")]
    again = await house.get(where, role=None, headers={"If-None-Match": told.headers["Etag"]})
    assert again.status == 304
    assert again.body == b""
    await house.post("/crises/flood/end", json={})
    over = await house.get(where, role=None, headers={"If-None-Match": told.headers["Etag"]})
    assert over.json["announcements"][0]["running"] is False
    elsewhere = (await house.get("/public/v1/announcements?queue=skola", role=None)).json
    assert elsewhere["announcements"] != []


async def test_a_code_is_given_to_who_is_invited_and_kept_nowhere_as_it_is(house: Reception) -> None:
    await start(house, helpers=["beredskap"])
    headers = {"Idempotency-Key": "one"}
    given = await house.post("/crises/flood/invite", json={"agent": "guide03"}, headers=headers)
    assert given.status == 200
    again = await house.post("/crises/flood/invite", json={"agent": "guide03"}, headers=headers)
    assert again.json["code"] != given.json["code"], "an answer that holds a secret is not kept for repeats"
    assert given.json["code"] not in str(house.store.kept)
    assert given.json["code"] not in str(house.vault.values)
    assert (await house.post("/crises/flood/invite", json={"agent": "guide01"})).error == "not_invited"
    asked = await house.post("/crises/flood/invite", json={"agent": "guide03"}, role="agent", agent="guide03")
    assert asked.error == "not_allowed"
