"""Pages for citizens: calls, tickets and times, asked for without scripts, in a browser, and by who means no good."""

import json
import re
import shutil
from typing import Any

import aiohttp
import pytest

from router import inputs as i
from tests.web.house import Reception
from web.callpage import LOOK, PROMISES, WORDS, contact_of
from web.citizen import LANGUAGES
from web.refusal import WORDS as REFUSED
from web.surveypage import WORDS as OF_SURVEYS
from web.visitpage import WORDS as OF_VISITS

CALLS = "/public/v1/callbacks/kontakt"
PLACE = "/public/v1/places/stadshuset"
NUMBER = "0701234567"
CHROMIUM = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as one:
        yield one


async def look(house: Reception, path: str) -> tuple[int, str]:
    async with house.session.get(house.url(path)) as answer:
        assert "Set-Cookie" not in answer.headers
        return answer.status, await answer.text()


async def send(house: Reception, path: str, **fields: str) -> tuple[int, str]:
    async with house.session.post(house.url(path), data=fields) as answer:
        return answer.status, await answer.text()


def hidden(text: str) -> dict[str, str]:
    """Return the fields that a page keeps unseen."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))


async def promise(house: Reception, number: str = NUMBER, when: str = "turn") -> str:
    """Ask for a call as a browser would; return the last page."""
    _, text = await send(house, CALLS, number=number, when=when, language="en")
    status, text = await send(house, CALLS, **hidden(text), step="yes")
    assert status == 200
    return text


def test_all_pages_have_the_same_words_in_all_languages():
    for words in (WORDS, OF_VISITS, REFUSED, OF_SURVEYS):
        assert words.keys() == LANGUAGES.keys()
        assert len({frozenset(one) for one in words.values()}) == 1


async def test_number_and_time_are_read_back_before_anything_is_promised():
    async with Reception.open() as house:
        status, text = await look(house, f"{CALLS}?language=en")
        assert (status, '<html lang="en" dir="ltr">' in text, 'autocomplete="tel"' in text) == (200, True, True)
        start = re.findall(r'name="when" value="(\d+)"', text)[0]
        _, text = await send(house, CALLS, number=NUMBER, when=start, language="en")
        assert "We will call 070-123 45 67." in text
        assert "Time: Monday 21/9 at 16:30." in text
        assert house.state.callbacks == {}
        _, text = await send(house, CALLS, **hidden(text), step="yes")
        (callback,) = house.state.callbacks
        assert house.state.contacts[callback].card.due == float(start)
        (link,) = re.findall(r'href="([^"]+/callbacks/kontakt/[^"]+)"', text)
        assert NUMBER[1:] not in link
        status, text = await look(house, link.replace("&amp;", "&"))
        assert "Time: Monday 21/9 at 16:30." in text
        _, text = await send(house, link.partition("?")[0], language="en")
        assert "The call is cancelled." in text
        assert house.state.callbacks == {}


async def test_a_page_that_is_sent_twice_promises_once():
    async with Reception.open() as house:
        _, text = await send(house, CALLS, number=NUMBER, when="turn", language="sv")
        kept = hidden(text)
        for _ in range(2):
            _, text = await send(house, CALLS, **kept, step="yes")
            assert "Vi ringer dig" in text
        assert len(house.state.callbacks) == 1
        assert next(iter(house.state.callbacks)).startswith(contact_of(kept["token"]))


@pytest.mark.parametrize("number", ["", "112", "hej", "0900123456", "+12125550100", "'\"><script>", "1" * 400])
async def test_what_cannot_be_called_is_said_beside_the_field(number):
    async with Reception.open() as house:
        status, text = await send(house, CALLS, number=number, when="turn", language="en")
        assert status == 200
        assert 'role="alert"' in text
        assert 'aria-invalid="true"' in text
        assert "<script" not in text


async def test_nobody_learns_whether_a_number_waits_for_a_call_already():
    async with Reception.open() as house:
        first, second = await promise(house), await promise(house)
        without_link = re.compile(r'href="[^"]+"')
        assert without_link.sub("", first) == without_link.sub("", second)
        assert len(house.state.callbacks) == 1


async def test_a_number_is_not_called_again_and_again_because_a_page_asked_for_it():
    async with Reception.open() as house:
        for _ in range(3):
            await promise(house)
            (callback,) = house.state.callbacks
            await house.put(i.GoReady("guide01"))
            await house.put(i.PickedUp(leg=house.state.contacts[callback].offer))
            await house.put(i.PickedUp(leg=f"{callback}.c"))
            await house.put(i.Finish(callback))
            await house.put(i.EndWrapUp(callback))
        assert "has been called several times" in await promise(house)
        assert house.state.callbacks == {}


async def test_one_source_cannot_fill_the_line():
    async with Reception.open() as house:
        told = [await promise(house, f"07012345{n:02}") for n in range(int(PROMISES.burst) + 1)]
        assert "many requests from here" in told[-1]
        assert len(house.state.callbacks) == PROMISES.burst


@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_who_asks_too_often_reads_why_in_the_pages_language(language):
    async with Reception.open() as house:
        asked = [await look(house, f"{CALLS}?language={language}") for _ in range(int(LOOK.burst) + 1)]
        status, text = asked[-1]
        assert (status, asked[0][0]) == (429, 200)
        assert REFUSED[language]["often"] in text
        assert f'<html lang="{language}"' in text
        assert "<code" in text
        headers = {"Accept": "application/json"}
        async with house.session.get(house.url(CALLS), headers=headers) as answer:
            assert (answer.status, answer.content_type) == (429, "application/problem+json")
            assert (await answer.json())["error_id"] == "too_many_requests"
        headers = {"Accept": "text/html,*/*;q=0.8", "Accept-Language": f"{language}-XX,de;q=0.5"}
        async with house.session.get(house.url(CALLS), headers=headers) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
            assert REFUSED[language]["often"] in await answer.text()
        assert house.metric("vaxel_public_refused_total", error_id="too_many_requests") == 3


async def test_there_is_no_page_for_a_queue_or_place_that_wants_none():
    async with Reception.open() as house:
        for path in ("/public/v1/callbacks/miljo", "/public/v1/callbacks/none", "/public/v1/places/rosengard"):
            assert (await look(house, path))[0] == 404
        sent = {"number": NUMBER, "when": "turn", "step": "yes", "token": "a" * 32}
        status, _ = await send(house, "/public/v1/callbacks/miljo", **sent)
        assert status == 404


async def at_the_desk(house: Reception) -> None:
    """Let somebody work where people come to."""
    await house.put(i.LogOut("guide01"))
    await house.put(i.LogIn("guide01", "desk:stadshuset/2"))


async def test_a_ticket_from_the_web_shows_the_number_and_the_desk_it_is_called_to():
    async with Reception.open() as house:
        await at_the_desk(house)
        _, text = await look(house, f"{PLACE}?language=en")
        assert "Open now." in text
        kept = hidden(text)
        _, text = await send(house, PLACE, **kept, service="vagledning", step="ticket")
        assert "Ticket A101" in text
        assert "You are next." in text
        _, again = await send(house, PLACE, **kept, service="vagledning", step="ticket")
        assert "Ticket A101" in again, "sent twice it is the same one"
        (visit,) = re.findall(r"/public/v1/visits/(\w+)\?language=en", text)[:1]
        await house.put(i.GoReady("guide01"))
        await house.put(i.AcceptOffer(house.state.contacts[visit].offer))
        _, text = await look(house, f"/public/v1/visits/{visit}?language=en")
        assert "It is your turn. Go to desk 2." in text


async def test_a_time_is_booked_checked_in_and_given_up():
    async with Reception.open() as house:
        _, text = await send(house, PLACE, language="en", service="bygglov", step="times")
        first, *_, last = re.findall(r'name="start" value="(\d+)"', text)
        _, text = await send(house, PLACE, **hidden(text), start=last)
        assert "Booked time: Wednesday 23/9 at " in text
        assert first in (await send(house, PLACE, language="en", service="bygglov", step="times"))[1]
        (visit,) = re.findall(r"/public/v1/visits/(\w+)\?language=en", text)[:1]
        _, text = await send(house, f"/public/v1/visits/{visit}", language="en", step="here")
        assert "The time is on another day." in text
        _, text = await send(house, f"/public/v1/visits/{visit}", language="en", step="leave")
        assert "The visit is cancelled." in text
        assert visit not in house.state.contacts


async def test_tickets_from_the_web_are_bounded():
    async with Reception.open() as house:
        for _ in range(12):
            _, text = await look(house, f"{PLACE}?language=en")
            _, text = await send(house, PLACE, **hidden(text), service="vagledning", step="ticket")
        assert "many requests from here" in text
        visits = [one for one in house.state.contacts.values() if one.card.visit is not None]
        assert len(visits) == 10


@CHROMIUM
@pytest.mark.parametrize("language", [*LANGUAGES])
async def test_a_citizen_asks_in_a_browser_on_a_small_screen(browse, language):
    async with Reception.open() as house:
        words = WORDS[language]
        page = await browse(house.url(f"{CALLS}?language={language}"))
        await page.until_reads(words["number"])
        await narrow(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= 320")
        assert await fair(page) == []
        await page.evaluate(f"document.querySelector('#number').value = '{NUMBER}'")
        await page.evaluate("document.querySelectorAll('input[name=when]')[1].click()")
        await page.evaluate("document.querySelector('button').click()")
        await page.until_reads(words["check"])
        await page.until_reads("070-123 45 67")
        assert await fair(page) == []
        await page.evaluate("document.querySelector('button[value=yes]').click()")
        await page.until_reads(words["done"])
        assert await fair(page) == []
        (callback,) = house.state.callbacks
        assert house.state.contacts[callback].card.language == language
        await page.evaluate("document.querySelector('main a').click()")
        await page.until_reads(words["mine"])
        await page.evaluate("document.querySelector('button').click()")
        await page.until_reads(words["cancelled"])
        assert house.state.callbacks == {}


@CHROMIUM
async def test_a_visitor_takes_a_ticket_in_a_browser(browse):
    async with Reception.open() as house:
        await at_the_desk(house)
        page = await browse(house.url("/public/v1/places?language=fi"))
        await page.until_reads("Kaupungintalo")
        await page.evaluate("document.querySelector('main a').click()")
        await page.until_reads(OF_VISITS["fi"]["what"])
        await narrow(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= 320")
        assert await fair(page) == []
        await page.evaluate("document.querySelector('button[value=ticket]').click()")
        await page.until_reads("Vuoronumero A101")
        assert await fair(page) == []


async def narrow(page: Any) -> None:
    """Let the window be as wide as the smallest telephone (WCAG 2.2, 1.4.10)."""
    await page.command("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=2, mobile=True)
    await page.until("window.innerWidth === 320")


FAIR = """
(() => {
  const wrong = [];
  if (!document.documentElement.lang) wrong.push('no language');
  if (!document.title) wrong.push('no title');
  if (document.querySelectorAll('h1').length !== 1) wrong.push('headings');
  if (!document.querySelector('main')) wrong.push('no main');
  for (const field of document.querySelectorAll('input:not([type=hidden])')) {
    if (!field.labels.length) wrong.push('no label: ' + field.name);
    if (field.type === 'radio' && !field.closest('fieldset').querySelector('legend')) wrong.push('no legend');
  }
  for (const one of document.querySelectorAll('button, input[type=radio], nav a')) {
    const box = one.getBoundingClientRect();
    if (box.width < 24 || box.height < 24) wrong.push('small: ' + one.outerHTML);
  }
  const ids = [...document.querySelectorAll('[id]')].map(one => one.id);
  if (new Set(ids).size !== ids.length) wrong.push('ids twice');
  return JSON.stringify(wrong);
})()
"""


async def fair(page: Any) -> list[str]:
    """Return what keeps somebody from using a page: names, labels, sizes of targets (WCAG 2.2, 2.4, 2.5.8, 3.3.2)."""
    found: list[str] = json.loads(await page.evaluate(FAIR))
    return found
