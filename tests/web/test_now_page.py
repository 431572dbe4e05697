"""What is open and how long it takes now: the public page and its JSON, asked without a browser."""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import pytest

from engine.config import Loaded
from engine.frontdoor import led_to, services
from ivr.flow import Enter, Flow, Run
from queues.hours import Hours
from router import inputs as i
from tests.web.house import NOON, Reception, malmo
from web import opening, waits
from web.citizen import LANGUAGES
from web.frontdoor import Service, Way
from web.nowpage import FRESH_S, WATCH, WORDS

NOW = "/public/v1/now"


async def look(house: Reception, language: str = "en") -> dict[str, Any]:
    """Return the JSON, by services."""
    told = await house.send("GET", f"{NOW}.json?language={language}", role=None)
    assert told.status == 200
    return {one["service"]: one for one in told.json["services"]}


async def page(house: Reception, query: str = "?language=en", **headers: str) -> str:
    told = await house.send("GET", NOW + query, role=None, headers=headers)
    assert told.status == 200
    return told.body.decode()


def test_the_page_has_the_same_words_in_all_languages() -> None:
    for words in (WORDS, waits.WORDS):
        assert words.keys() == LANGUAGES.keys()
        assert len({frozenset(one) for one in words.values()}) == 1


# ---- what is told of ---------------------------------------------------------------------------------------------


def test_all_that_citizens_are_led_to_is_told_and_nothing_else() -> None:
    loaded = malmo()
    listed = {one.queue for one in services(loaded)}
    assert listed == set(loaded.core.queues) - {"bygglov"}
    hidden = msgspec.structs.replace(loaded.installation, unlisted=frozenset({"kontakt"}))
    assert {one.queue for one in services(Loaded(loaded.core, hidden))} == listed - {"kontakt"}


def test_a_flow_leads_where_those_lead_that_it_runs() -> None:
    flows = {
        "a": Flow(name="a", nodes={"start": Run(flow="b", next="more"), "more": Run(flow="a", next="start")}),
        "b": Flow(name="b", nodes={"start": Enter(queue="tax"), "person": Enter(queue="desk")}, person="desk"),
    }
    assert led_to(flows, "a") == {"tax"}
    assert led_to(flows, "none") == frozenset()


def test_somebody_is_shown_the_straightest_way_in_the_own_language() -> None:
    def call(title: str, language: str, reach: int) -> Way:
        return Way(kind="telephone", titles={"": title}, languages=(language,), reach=reach)

    chat = Way(kind="chat", titles={"": "Chatt"}, languages=("sv",))
    service = Service(queue="tax", ways=(call("1", "sv", 9), call("2", "sv", 1), call("3", "fi", 9), chat))
    assert [way.title("sv") for way in service.nearest("sv", "sv")] == ["2", "Chatt"]
    assert [way.title("fi") for way in service.nearest("fi", "sv")] == ["3", "Chatt"]
    assert [way.title("ar") for way in service.nearest("ar", "sv")] == ["2", "Chatt"]
    strange = Service(queue="tax", ways=(call("3", "fi", 9), chat))
    assert [way.title("sv") for way in strange.nearest("sv", "sv")] == ["Chatt"], "nobody is sent to a Finnish number"


async def test_who_asks_for_the_switchboard_is_told_the_main_number() -> None:
    async with Reception.open() as house:
        vaxel = (await look(house, "sv"))["vaxel"]
        assert [way["url"] for way in vaxel["ways"] if way["kind"] == "telephone"] == ["tel:0403410999"]
        rung = [way["url"] for one in (await look(house)).values() for way in one["ways"] if way["kind"] == "webcall"]
        assert "/public/v1/call/malmo?language=en" in rung
        loaded = malmo()
        (switchboard,) = (one for one in services(loaded) if one.queue == "vaxel")
        assert next(way.title("sv") for way in switchboard.nearest("sv", "sv")) == "040-341 00 00"


# ---- how it stands -----------------------------------------------------------------------------------------------


async def test_what_is_open_and_until_when_is_told_with_the_ways_there() -> None:
    async with Reception.open() as house:
        kontakt = (await look(house))["kontakt"]
        assert (kontakt["title"], kontakt["open"]) == ("Contact centre", True)
        assert house.house.spine.router.local(kontakt["changes"]).isoformat() == "2026-09-21T17:00:00"
        assert kontakt["week"]["5"] == [["08:00", "16:00"]]
        ways = {way["kind"]: way for way in kontakt["ways"]}
        assert ways["telephone"] == {"kind": "telephone", "title": "040-341 03 00", "url": "tel:0403410300"}
        assert ways["callback"]["url"] == "/public/v1/callbacks/kontakt?language=en"
        assert ways["chat"]["url"] == "/public/v1/chat/malmo?language=en"
        assert ways["mail"]["url"] == "mailto:kontakt@malmo.example"
        text = await page(house)
        assert "Open now, closes at 17:00." in text
        assert "Nobody is waiting." in text
        assert 'href="tel:0403410300"' in text
        assert "Open day and night." in text
        assert "<noscript><meta http-equiv=" in text


async def test_closed_tells_when_it_opens_next() -> None:
    async with Reception.open() as house:
        await house.wait(4 * 3600)
        kontakt = (await look(house))["kontakt"]
        assert not kontakt["open"]
        assert "waiting" not in kontakt
        assert "Closed now, opens Tuesday 22/9 at 08:00." in await page(house)


async def test_who_leads_may_close_for_today() -> None:
    async with Reception.open() as house:
        await house.put(i.SetToday("kontakt", open=False, until=NOON + 1800))
        kontakt = (await look(house))["kontakt"]
        assert (kontakt["open"], kontakt["changes"]) == (False, NOON + 1800)
        await house.wait(1800)
        assert (await look(house))["kontakt"]["open"]


async def test_how_many_wait_is_told_roughly_and_a_few_seconds_late() -> None:
    async with Reception.open() as house:
        assert (await look(house))["vaxel"]["waiting"] == 0
        for _ in range(7):
            await house.waits()
        assert (await look(house))["vaxel"]["waiting"] == 0
        house.clock.time += FRESH_S
        assert (await look(house))["vaxel"]["waiting"] == 10
        assert "At most 10 are waiting." in await page(house)


async def test_the_wait_is_told_as_callers_are_told_it() -> None:
    async with Reception.open() as house:
        await house.put(i.GoReady("guide01"))
        vaxel = (await look(house))["vaxel"]
        assert "least" not in vaxel, "nothing is known yet of how fast it goes"
        assert "The waiting time cannot be told now." in await page(house)
    assert waits.said((0, 1), "sv") == "högst en minut"
    assert waits.said((5, 10), "fi") == "5-10 minuuttia"


async def test_special_days_are_told_before_they_come() -> None:
    async with Reception.open() as house:
        house.clock.time += 80 * 86_400.0  # 10 December
        await house.put(i.TimePassed())
        kontakt = (await look(house))["kontakt"]
        assert kontakt["special"]["2026-12-24"] == []
        assert "2026-12-25" in kontakt["special"]
        text = await page(house, "?language=sv")
        assert re.search(r"<dt>tors 24/12</dt><dd><bdi>stängt</bdi>", text)


def test_hours_are_told_in_few_words() -> None:
    office = ((time(8), time(17)),)
    week = {**dict.fromkeys(range(1, 5), office), 5: ((time(8), time(12)), (time(13), time.max))}
    hours = Hours(week=week, special={date(2026, 9, 23): (), date(2026, 9, 24): office, date(2027, 1, 1): ()})
    found = list(opening.rows(hours, date(2026, 9, 21), "en", "closed"))
    assert found == [
        ("Mon–Thu", "08:00–17:00"),  # noqa: RUF001 - as people write it
        ("Fri", "08:00–12:00, 13:00–24:00"),  # noqa: RUF001
        ("Sat–Sun", "closed"),  # noqa: RUF001
        ("Wed 23/9", "closed"),
    ]
    assert list(opening.rows(Hours(always=True), date(2026, 9, 21), "en", "closed")) == []


def test_clocks_are_put_back_between_now_and_the_next_opening() -> None:
    began = datetime.fromisoformat("2026-10-25")

    def local(at: float) -> datetime:  # back by an hour at 3
        return began + timedelta(seconds=at - (3600 if at >= 3 * 3600 else 0))

    assert opening._after(0.0, 8 * 3600, local) == 9 * 3600


# ---- for everybody -----------------------------------------------------------------------------------------------


async def test_it_is_read_in_ones_own_language() -> None:
    async with Reception.open() as house:
        assert '<html lang="fi" dir="ltr">' in await page(house, "", **{"Accept-Language": "fi-FI,sv;q=0.5"})
        assert '<html lang="sv" dir="ltr">' in await page(house, "", **{"Accept-Language": "de"})
        text = await page(house, "?language=ar")
        assert '<html lang="ar" dir="rtl">' in text
        assert "مركز الاتصال" in text
        assert 'href="tel:0403410500"' in text


async def test_it_tells_of_crises_and_only_while_they_last() -> None:
    async with Reception.open() as house:
        texts = {"sv": "Koka vattnet.", "en": "Boil <b>the</b> water."}
        await house.post("/crises", json={"name": "flood", "messages": texts, "all": True})
        assert '<p lang="en" dir="auto">Boil &lt;b&gt;the&lt;/b&gt; water.</p>' in await page(house)
        assert '<p lang="sv" dir="auto">Koka vattnet.</p>' in await page(house, "?language=fi")
        await house.post("/crises/flood/end", json={})
        assert "Koka" not in await page(house, "?language=fi")


async def test_it_tells_nothing_of_anybody() -> None:
    async with Reception.open() as house:
        contact = await house.waits()
        told = (await house.send("GET", f"{NOW}.json", role=None)).body.decode() + await page(house)
        for private in (contact, "guide0", "operator", "sip:", 'p1"'):
            assert private not in told


async def test_who_has_it_already_is_told_so_and_who_asks_too_often_waits() -> None:
    async with Reception.open() as house:
        told = await house.send("GET", f"{NOW}.json", role=None)
        same = await house.send("GET", f"{NOW}.json", role=None, headers={"If-None-Match": told.headers["Etag"]})
        assert (told.status, same.status, same.body) == (200, 304, b"")
        for _ in range(int(WATCH.burst) - 2):
            await house.send("GET", f"{NOW}.json", role=None)
        assert (await house.send("GET", f"{NOW}.json", role=None)).status == 429


@pytest.mark.parametrize("query", ["?language=" + "x" * 17, "?nothing=1"])
async def test_what_was_not_meant_is_refused(query: str) -> None:
    async with Reception.open() as house:
        told = await house.send("GET", f"{NOW}.json{query}", role=None)
        assert (told.status, told.error) == (400, "bad_request")
