"""Screens in places that people visit, asked without a browser: their pages, their token, what they may not do."""

import re

from tests.web.house import NOON, Reception
from web import tokens
from web.citizen import LANGUAGES, worn
from web.screens import NEEDS
from web.screenwords import WORDS

BOARD = "/public/v1/places/stadshuset/board"
KIOSK = "/public/v1/places/stadshuset/kiosk"


def test_screens_have_the_same_words_in_all_languages() -> None:
    assert WORDS.keys() == LANGUAGES.keys()
    assert len({frozenset(words) for words in WORDS.values()}) == 1
    for name, written in WORDS["en"].items():
        values = set(re.findall(r"{\w+}", written))
        assert all(set(re.findall(r"{\w+}", words[name])) == values for words in WORDS.values()), name


def test_a_page_runs_nothing_but_its_own_script() -> None:
    for parts in (("there", "board"), ("there", "kiosk"), ("now", "again"), ("ticket", "again")):
        wears = worn(parts)
        assert re.fullmatch(
            r"default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+'; connect-src 'self'; "
            r"img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            wears.policy,
        )
        assert "</script" not in wears.script
        assert "innerHTML" not in wears.script, "what comes from elsewhere is text, never HTML"
    assert "script-src" not in worn(()).policy


async def test_the_pages_tell_nothing_without_a_token() -> None:
    async with Reception.open() as house:
        await house.post("/places/stadshuset/tickets", json={"service": "vagledning"})
        for path in (BOARD, KIOSK):
            told = await house.send("GET", f"{path}?language=en", role=None)
            assert told.status == 200
            assert "A101" not in told.body.decode()
            assert 'type="password"' in told.body.decode()
        for path in ("/public/v1/places/none/board", "/public/v1/places/none/kiosk"):
            assert (await house.send("GET", path, role=None)).status == 404


async def test_a_screen_can_tell_what_its_token_is_for() -> None:
    async with Reception.open() as house:
        assert (await house.get("/me", role="kiosk")).json == {
            "token": "kiosk", "role": "kiosk", "agent": "", "departments": [],
        }  # fmt: skip


async def test_services_are_named_in_each_language() -> None:
    async with Reception.open() as house:
        text = (await house.send("GET", f"{KIOSK}?language=fi", role=None)).body.decode()
        assert "<h1>Kaupungintalo, yhteyskeskus</h1>" in text
        assert '"fi":"Neuvonta"' in text
        assert '"sv":"Vägledning"' in text


async def test_what_a_visitor_needs_goes_with_the_number_and_with_nobody() -> None:
    async with Reception.open() as house:
        asked = {"service": "vagledning", "language": "en", "needs": ["sign_language", "mobility"]}
        told = await house.post("/places/stadshuset/tickets", json=asked, role="kiosk")
        visit = told.json["visit"]
        assert house.state.contacts[visit].card.needs == ("mobility", "sign_language")
        assert "needs" not in told.json
        assert house.state.persons.snapshot() == []
        asked["needs"] = ["money"]
        assert (await house.post("/places/stadshuset/tickets", json=asked, role="kiosk")).status == 400
        assert set(NEEDS) <= {one["need"] for one in (await house.get("/needs")).json["needs"]}


async def test_a_number_can_be_followed_on_a_telephone() -> None:
    async with Reception.open() as house:
        told = await house.post("/places/stadshuset/tickets", json={"service": "vagledning"}, role="kiosk")
        path = f"/public/v1/visits/{told.json['visit']}/code.svg"
        code = await house.send("GET", path, role=None)
        assert (code.status, code.headers["Content-Type"]) == (200, "image/svg+xml")
        assert code.body.startswith(b"<svg")
        assert b"script" not in code.body
        assert (await house.send("GET", "/public/v1/visits/v1/code.svg", role=None)).status == 404


async def test_a_token_that_ends_shows_nothing_any_more() -> None:
    async with Reception.open() as house:
        shown, token = tokens.make("wall", "kiosk", "", NOON)
        house.reception.tokens.keep(token)
        headers = {"Authorization": f"Bearer {shown}"}
        path = "/places/stadshuset/board"
        assert (await house.get(path, headers=headers)).status == 200
        _, ended = tokens.make("wall", "kiosk", "", NOON, expires=NOON)
        house.reception.tokens.keep(ended)
        assert (await house.get(path, headers=headers)).status == 401
