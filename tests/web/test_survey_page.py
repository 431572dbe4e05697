"""The question how it was, on its page: after a mail, after a visit, and at the desk."""

import re

import msgspec
import pytest

from queues.queue import Survey
from router import facts as f
from router import inputs as i
from router.inviting import AT_DESK
from router.journal import decode
from tests.web.house import NOON, Reception, malmo
from tests.web.test_citizen_pages import (  # noqa: F401 - with a fixture
    CHROMIUM,
    PLACE,
    at_the_desk,
    fair,
    hidden,
    look,
    narrow,
    send,
    session,
)
from web.surveypage import WORDS, address

DAY = 86_400.0


def asking(**survey: object):
    """Return the example city, whose contact centre asks everybody."""
    loaded = malmo()
    asks = Survey(prompt="survey", **{"mail": "how_was_it", "visits": True, **survey})
    kontakt = msgspec.structs.replace(loaded.core.queues["kontakt"], survey=asks)
    core = msgspec.structs.replace(loaded.core, queues={**loaded.core.queues, "kontakt": kontakt})
    return msgspec.structs.replace(loaded, core=core)


async def mailed(house: Reception, language: str = "") -> str:
    """Let a mail be answered and closed; return the path that its question leads to."""
    await house.put(i.Arrived(contact="m1", channel="mail", entry="kontakt", person="p1", written=True))
    if language:
        await house.put(i.NoteNeeds("m1", (), language, keep=False))
    await house.put(i.LogIn("guide02", "desk:stadshuset/1"))
    await house.put(i.GoReady("guide02"))
    offered = house.state.contacts["m1"]
    await house.put(i.AcceptOffer(offered.offer))
    await house.put(i.SendMessage("m1", offered.agent))
    await house.put(i.Finish("m1"))
    await house.put(i.EndWrapUp("m1"))
    asked = house.state.invitations.of("m1", house.clock.now())
    return address(house.house.seal.make("m1", asked.until))


def answers(house: Reception) -> list[tuple[str, int]]:
    facts = (fact for _, data in house.journal.store.entries for fact in decode(data).facts)
    return [(one.channel, one.answer) for one in facts if isinstance(one, f.SurveyAnswered)]


async def test_to_look_answers_nothing_and_the_first_answer_counts():
    async with Reception.open(asking()) as house:
        path = await mailed(house)
        for _ in range(3):  # as programs do that examine mails
            status, text = await look(house, f"{path}?language=en")
            assert (status, WORDS["en"]["how"] in text, "<script" in text) == (200, True, False)
        assert answers(house) == []
        assert "checked" not in text
        _, text = await send(house, path, **hidden(text), answer="4")
        assert WORDS["en"]["thanks"] in text
        for again in (await send(house, path, language="en", answer="1"), await look(house, f"{path}?language=en")):
            assert again[0] == 200
            assert WORDS["en"]["before"] in again[1]
        assert answers(house) == [("mail", 4)]


async def test_it_is_asked_in_the_language_of_the_contact():
    async with Reception.open(asking(scale=2)) as house:
        path = await mailed(house, language="ar")
        _, text = await look(house, path)
        assert '<html lang="ar" dir="rtl">' in text
        assert WORDS["ar"]["got"] in text
        _, text = await send(house, path, language="ar", answer="5")
        assert WORDS["ar"]["choose"] in text
        assert answers(house) == []


@pytest.mark.parametrize("answer", ["", "0", "6", "44", "x", "\u0664"])
async def test_what_is_no_answer_is_said_kindly(answer):
    async with Reception.open(asking()) as house:
        path = await mailed(house)
        status, text = await send(house, path, language="en", answer=answer)
        assert (status, WORDS["en"]["choose"] in text) == (200, True)
        assert answers(house) == []


async def test_a_question_closes():
    async with Reception.open(asking()) as house:
        path = await mailed(house)
        await house.wait(14 * DAY)
        assert WORDS["en"]["late"] in (await look(house, f"{path}?language=en"))[1]
        assert WORDS["en"]["late"] in (await send(house, path, language="en", answer="4"))[1]
        assert answers(house) == []


async def test_a_token_cannot_be_made_up():
    async with Reception.open(asking()) as house:
        path = await mailed(house)
        closes, tag, contact = path.rpartition("/")[2].split("-", 2)
        assert float(int(closes, 16)) == NOON + 14 * DAY
        for token in (f"{closes}-{tag}-m2", f"{int(closes, 16) + 1:x}-{tag}-{contact}", f"{closes}-{'0' * 32}-m1", "x"):
            status, text = await look(house, address(token))
            assert (status, "<html" in text) == (404, True)


async def test_a_visitor_is_asked_on_the_page_of_the_ticket():
    async with Reception.open(asking()) as house:
        visit = await served(house)
        _, text = await look(house, f"/public/v1/visits/{visit}?language=en")
        assert "This visit is over." in text
        assert WORDS["en"]["how"] in text
        (path,) = re.findall(r'action="([^"]+/survey/[^"]+)"', text)
        assert WORDS["en"]["thanks"] in (await send(house, path, **hidden(text), answer="5"))[1]
        assert answers(house) == [("visit", 5)]
        assert WORDS["en"]["how"] not in (await look(house, f"/public/v1/visits/{visit}?language=en"))[1]


async def served(house: Reception) -> str:
    """Let somebody take a ticket on the page, and be served; return the visit."""
    await at_the_desk(house)
    _, text = await look(house, f"{PLACE}?language=en")
    _, text = await send(house, PLACE, **hidden(text), service="vagledning", step="ticket")
    visit = str(re.findall(r"/public/v1/visits/(\w+)\?language=en", text)[0])
    await house.put(i.GoReady("guide01"))
    await house.put(i.AcceptOffer(house.state.contacts[visit].offer))
    await house.put(i.Finish(visit))
    return visit


async def test_a_tablet_asks_for_a_moment_until_the_next_visitor_is_there():
    async with Reception.open(asking()) as house:
        desk = "/places/stadshuset/desks/2/survey"

        async def asked() -> dict[str, object]:
            return (await house.get(desk, role="kiosk")).json

        assert await asked() == {"asked": False}
        visit = await served(house)
        assert await asked() == {"asked": True, "scale": 5, "language": "en", "until": NOON + AT_DESK}
        assert (await house.get("/places/stadshuset/desks/1/survey")).json == {"asked": False}
        await house.put(i.EndWrapUp(visit))
        await house.put(i.TakeTicket("v2", "stadshuset", "vagledning"))
        await house.put(i.AcceptOffer("v2.1"))
        assert await asked() == {"asked": False}
        await house.put(i.Finish("v2"))
        assert (await house.post(desk, role="kiosk", json={"answer": 3})).status == 204
        assert (await house.post(desk, role="kiosk", json={"answer": 3})).error == "not_asked"
        assert answers(house) == [("visit", 3)]


async def test_a_tablet_asks_nobody_any_more_after_a_while():
    async with Reception.open(asking()) as house:
        await served(house)
        await house.wait(AT_DESK)
        assert (await house.get("/places/stadshuset/desks/2/survey")).json == {"asked": False}
        for path, cause in (("none/desks/2", "unknown_place"), ("stadshuset/desks/9", "unknown_desk")):
            assert (await house.get(f"/places/{path}/survey")).error == cause


@CHROMIUM
@pytest.mark.parametrize("language", ["fi", "ar"])
async def test_a_citizen_answers_in_a_browser_on_a_small_screen(browse, language):
    async with Reception.open(asking()) as house:
        path = await mailed(house)
        page = await browse(house.url(f"{path}?language={language}"))
        await page.until_reads(WORDS[language]["how"])
        await narrow(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= 320")
        assert await fair(page) == []
        await page.evaluate("document.querySelector('button').click()")
        await page.until_reads(WORDS[language]["choose"])
        await page.evaluate("document.querySelectorAll('input[type=radio]')[1].click()")
        await page.evaluate("document.querySelector('button').click()")
        await page.until_reads(WORDS[language]["counted"])
        assert await fair(page) == []
        assert answers(house) == [("mail", 2)]
