"""Public pages in a real browser: what is open now, the board, the kiosk, a ticket on a telephone."""

import shutil
from typing import Any

import pytest

from bench.browser import Page
from router import inputs as i
from tests.desk.conftest import DeskPage
from tests.desk.looking import SPOKEN, picture
from tests.web.house import NOON, Reception
from tests.web.test_citizen_pages import at_the_desk, fair, hidden, narrow, send
from web import tokens
from web.callpage import WORDS as OF_CALLS
from web.citizen import AWAY
from web.nowpage import WORDS as OF_NOW
from web.screenwords import WORDS
from web.visitpage import WORDS as OF_VISITS

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
PLACE = "/public/v1/places/stadshuset"
LOOK = "document.dispatchEvent(new Event('visibilitychange'))"
"""What a browser says when somebody comes back to a page: it looks again at once."""


async def show(page: Page, *, dark: bool, width: int = 1000, height: int = 900) -> DeskPage:
    """Let a page be seen in a window of that size."""
    scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
    await page.command("Emulation.setEmulatedMedia", features=scheme)
    await page.command(
        "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
    )
    await page.until(f"window.innerWidth === {width}")
    return DeskPage(page)


async def ticket(house: Reception, service: str = "vagledning") -> str:
    """Give somebody a number; return the visit."""
    told = await house.post("/places/stadshuset/tickets", json={"service": service}, role="kiosk")
    return str(told.json["visit"])


async def call(house: Reception, visit: str) -> None:
    """Let the guide at desk 2 call a number."""
    await house.until(lambda: house.state.contacts[visit].offer)
    await house.put(i.AcceptOffer(house.state.contacts[visit].offer))


async def offline(page: Page, *, gone: bool) -> None:
    await page.command("Network.enable")
    await page.command(
        "Network.emulateNetworkConditions", offline=gone, latency=0, downloadThroughput=-1, uploadThroughput=-1
    )


# ---- what is open now --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SPOKEN)
async def test_what_is_open_is_read_by_everybody(house: Reception, browse: Any, language: str) -> None:
    texts = {"sv": "Vattnet i Hyllie ska kokas till klockan fem.", "en": "Boil the water in Hyllie until five."}
    await house.post("/crises", json={"name": "flood", "messages": texts, "all": True})
    page = await browse(house.url(f"/public/v1/now?language={language}"))
    await page.until_reads(OF_NOW[language]["title"])
    for dark in (False, True):
        desk = await show(page, dark=dark, width=700)
        await page.evaluate("document.querySelector('details').open = true")
        assert await desk.complaints() == []
        await picture(desk, f"now-{language}{'-dark' if dark else ''}", width=700, height=900, dark=dark)
    await narrow(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= 320")
    assert await fair(page) == []


async def test_the_page_renews_itself_and_leaves_the_reader_alone(house: Reception, browse: Any) -> None:
    page = await browse(house.url("/public/v1/now?language=en"))
    await page.until_reads("Nobody is waiting.")
    await page.evaluate("document.querySelectorAll('details')[1].open = true; document.querySelector('main a').focus()")
    await page.evaluate("window.focused = document.activeElement; window.same = document.querySelector('h1')")
    for _ in range(3):
        await house.waits()
    house.clock.time += 60
    await page.evaluate(LOOK)
    await page.until_reads("At most 5 are waiting.")
    assert await page.evaluate("document.querySelectorAll('details')[1].open")
    assert await page.evaluate("document.activeElement === focused && document.querySelector('h1') === same")
    await offline(page, gone=True)
    await page.evaluate(LOOK)
    await page.until_reads(AWAY["en"])
    await offline(page, gone=False)
    await page.until(f"!document.body.innerText.includes({AWAY['en']!r})")


# ---- screens -----------------------------------------------------------------------------------------------------


async def sign_in(page: Page, house: Reception, token: str = "") -> None:
    """Type the token of a screen, as staff does once."""
    await page.until("!document.querySelector('#there').hidden")
    await page.evaluate("document.querySelector('#token').focus()")
    await page.command("Input.insertText", text=token or house.token("kiosk"))
    await page.evaluate("document.querySelector('#there').requestSubmit()")


async def test_a_board_shows_who_is_called_first_and_says_it_once(house: Reception, browse: Any) -> None:
    await at_the_desk(house)
    page = await browse(house.url(f"{PLACE}/board?language=en"))
    await sign_in(page, house, "not-a-token")
    await page.until_reads(WORDS["en"]["bad_token"])
    await page.evaluate("document.querySelector('#token').value = ''")
    await sign_in(page, house, house.token("admin"))
    await page.until_reads(WORDS["en"]["wrong_role"])
    assert await page.evaluate("sessionStorage.length") == 0
    await page.evaluate("document.querySelector('#token').value = ''")
    await sign_in(page, house)
    await page.until_reads(WORDS["en"]["nobody"])
    assert await page.evaluate("document.cookie + location.search") == "?language=en"
    first, second = await ticket(house), await ticket(house)
    await ticket(house, "bygglov")
    await page.until_reads("A102")
    await page.until_reads("B101")
    await house.put(i.GoReady("guide01"))
    await call(house, first)
    await page.until("document.querySelector('#calls li.new')?.innerText.includes('A101')")
    assert await page.evaluate("document.querySelector('#said').textContent") == "Number A101, go to desk 2"
    await house.post(f"/contacts/{first}/call-again", json={})
    house.clock.time += 5
    await house.put(i.Finish(first))
    await house.put(i.EndWrapUp(first))
    await call(house, second)
    await page.until("document.querySelector('#calls li')?.innerText.includes('A102')")
    assert await page.evaluate("document.querySelector('#said').textContent") == "Number A102, go to desk 2"
    await page.reload()
    await page.until("document.querySelector('#calls li')?.innerText.includes('A102')")
    assert await page.evaluate("document.querySelector('#said').textContent") == "", "it was called before"
    _, ended = tokens.make("kiosk", "kiosk", "", NOON, expires=NOON)
    house.reception.tokens.keep(ended)
    await page.until_reads(WORDS["en"]["bad_token"])
    shown, token = tokens.make("wall", "kiosk", "", NOON)
    house.reception.tokens.keep(token)
    await sign_in(page, house, shown)
    await page.until("document.querySelector('#calls li')?.innerText.includes('A102')")
    assert await page.evaluate("location.search") == "?language=en"


@pytest.mark.soak
async def test_a_board_is_calm_while_the_engine_starts_anew(house: Reception, browse: Any) -> None:
    await at_the_desk(house)
    await ticket(house)
    page = await browse(house.url(f"{PLACE}/board?language=sv"))
    await sign_in(page, house)
    await page.until_reads("A101")
    house.house.opened = False
    await page.until_reads(AWAY["sv"])
    assert await page.evaluate("document.querySelector('#waiting').innerText.includes('A101')"), "what was known stays"
    house.house.opened = True
    await page.until(f"!document.body.innerText.includes({AWAY['sv']!r})")
    _, ended = tokens.make("kiosk", "kiosk", "", NOON, expires=NOON)
    house.reception.tokens.keep(ended)
    await page.until_reads(WORDS["sv"]["bad_token"])
    assert await page.evaluate("document.querySelector('#screen').hidden && sessionStorage.length === 0")


@pytest.mark.parametrize("language", SPOKEN)
async def test_a_board_is_read_across_the_room(house: Reception, browse: Any, language: str) -> None:
    await at_the_desk(house)
    texts = {"sv": "Vattnet i Hyllie ska kokas till klockan fem.", "en": "Boil the water in Hyllie until five."}
    await house.post("/crises", json={"name": "flood", "messages": texts, "all": True})
    visits = [await ticket(house, "bygglov" if n % 4 == 3 else "vagledning") for n in range(30)]
    await house.put(i.GoReady("guide01"))
    await call(house, visits[0])
    page = await browse(house.url(f"{PLACE}/board?language={language}"))
    await sign_in(page, house)
    await page.until_reads("A101")
    for dark, width, height in ((False, 1920, 1080), (True, 1920, 1080), (False, 1080, 1920)):
        desk = await show(page, dark=dark, width=width, height=height)
        assert await desk.complaints() == []
        await picture(desk, f"board-{language}-{width}{'-dark' if dark else ''}", width=width, height=height, dark=dark)
        small = "[...document.querySelectorAll('#screen :is(li, p, strong, span, b):not(#said)')].filter(one =>"
        small += " one.offsetParent && parseFloat(getComputedStyle(one).fontSize) < 45).length"
        assert await page.evaluate(small) == 0, "23 mm high on a 43 inch screen: read from five metres"
        assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "nobody turns a wheel there"


HURRY = """
const slow = setInterval;
window.setInterval = (call, ms) => {
    let ticks = 0;
    return slow(() => { if (window.hurry || ++ticks % 50 === 0) call(); }, ms / 50);
};
"""
"""Lets a page's seconds pass in a fiftieth, once `hurry` is set."""


@pytest.mark.parametrize("language", SPOKEN)
async def test_a_kiosk_gives_a_number_and_begins_again(house: Reception, browse: Any, language: str) -> None:
    await at_the_desk(house)
    page = await browse("about:blank")
    await page.command("Page.enable")
    await page.command("Page.addScriptToEvaluateOnNewDocument", source=HURRY)
    await page.command("Page.navigate", url=house.url(f"{PLACE}/kiosk?language=sv"))
    await sign_in(page, house)
    await page.until("document.querySelectorAll('#services button').length === 2")
    await page.evaluate(f"document.querySelector('#tongues [lang={language}]').click()")
    words = WORDS[language]
    await page.until_reads(words["what"])
    await page.evaluate("document.querySelector('#needs').open = true")
    await page.evaluate("document.querySelector('#needs [value=hearing]').click()")
    for dark in (False, True):
        desk = await show(page, dark=dark, width=1080, height=1500)
        assert await desk.complaints() == []
        await picture(desk, f"kiosk-{language}{'-dark' if dark else ''}", width=1080, height=1500, dark=dark)
    small = "[...document.querySelectorAll('#screen button, #needs label, summary')].filter(one => one.offsetParent &&"
    assert await page.evaluate(f"{small} one.getBoundingClientRect().height < 60).length") == 0
    await narrow(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= 320")
    await page.evaluate("document.querySelector('#services button').click()")
    await page.until_reads("A101")
    (visit,) = house.state.contacts
    card = house.state.contacts[visit].card
    assert (card.language, card.needs) == (language, ("hearing",))
    await page.until("document.querySelector('#code img').naturalWidth > 0")
    assert await page.evaluate("document.activeElement.id") == "yours"
    desk = await show(page, dark=False, width=1080, height=1500)
    assert await desk.complaints() == []
    await picture(desk, f"kiosk-ticket-{language}", width=1080, height=1500)
    await page.evaluate("window.hurry = true")
    await page.until("!document.querySelector('#start').hidden")
    assert await page.evaluate("document.documentElement.lang") == "sv"
    assert await page.evaluate("document.querySelectorAll('#needs input:checked').length") == 0
    assert not await page.evaluate("document.body.textContent.includes('A101')"), "nothing of it is left"


async def test_a_kiosk_is_used_by_keyboard_alone_and_gives_one_number(house: Reception, browse: Any) -> None:
    await at_the_desk(house)
    page = await browse(house.url(f"{PLACE}/kiosk?language=en"))
    await sign_in(page, house)
    await page.until("document.querySelectorAll('#services button').length === 2")
    desk = DeskPage(page)
    for _ in range(12):
        await desk.key("Tab")
        if await page.evaluate("document.activeElement.innerText.startsWith('Guidance')"):
            break
    house.house.opened = False  # an engine that starts anew: the kiosk asks again, with the same key
    await desk.key("Enter")
    await page.until_reads(WORDS["en"]["busy"])
    await desk.key("Enter")
    house.house.opened = True
    await page.until_reads("A101")
    assert len(house.state.contacts) == 1
    await desk.key("Tab")
    assert await page.evaluate("document.activeElement.id") == "done"
    await desk.key("Enter")
    await page.until_reads(WORDS["en"]["what"])


async def test_a_kiosk_says_why_it_gives_no_number(house: Reception, browse: Any) -> None:
    page = await browse(house.url(f"{PLACE}/kiosk?language=en"))
    await sign_in(page, house)
    await page.until("document.querySelectorAll('#services button').length === 2")
    await house.wait(40 * 60)  # five minutes before closing
    await page.evaluate("document.querySelector('#services button').click()")
    await page.until_reads(WORDS["en"]["place_closing"])
    assert await DeskPage(page).complaints() == []
    await picture(DeskPage(page), "kiosk-sorry", width=1080, height=1500)
    await house.wait(600)
    await page.evaluate("document.querySelector('#back').click()")
    await page.until_reads(WORDS["en"]["shut"])
    assert await page.evaluate("document.querySelector('#services button').disabled")


async def test_what_is_printed_is_the_number_alone(house: Reception, browse: Any) -> None:
    await at_the_desk(house)
    page = await browse(house.url(f"{PLACE}/kiosk?language=en"))
    await sign_in(page, house)
    await page.until("document.querySelectorAll('#services button').length === 2")
    await page.evaluate("window.print = () => { window.printed = true; }")
    await page.evaluate("document.querySelector('#services button').click()")
    await page.until_reads("A101")
    await page.evaluate("document.querySelector('#print').click()")
    assert await page.evaluate("window.printed")
    await page.command("Emulation.setEmulatedMedia", media="print")
    read = await page.evaluate("document.body.innerText")
    assert "A101" in read
    assert "Guidance" in read
    assert "City hall" in read
    for button in ("done", "print", "more_time"):
        assert WORDS["en"][button] not in read.splitlines()


# ---- a ticket on a telephone -------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SPOKEN)
async def test_a_ticket_says_when_it_is_ones_turn(house: Reception, browse: Any, language: str) -> None:
    await at_the_desk(house)
    words = OF_VISITS[language]
    first, visit = await ticket(house), await ticket(house)
    page = await browse(house.url(f"/public/v1/visits/{visit}?language={language}"))
    await page.until_reads(words["before"].format(number=1))
    assert await page.evaluate("document.title") == words["head_wait"].format(ticket="A102", number=1)
    await page.evaluate("navigator.vibrate = pattern => { window.shaken = pattern; }")
    await page.evaluate("[...document.querySelectorAll('button')].at(-1).click()")
    await page.until("!!document.querySelector('[aria-pressed=true]')")
    for dark in (False, True):
        desk = await show(page, dark=dark, width=412, height=800)
        assert await desk.complaints() == []
        await picture(desk, f"ticket-{language}{'-dark' if dark else ''}", width=412, height=800, dark=dark)
    await house.put(i.LeaveVisit(first))
    await page.evaluate(LOOK)
    await page.until_reads(words["next"])
    assert not await page.evaluate("window.shaken")
    await house.put(i.GoReady("guide01"))
    await call(house, visit)
    await page.until_reads(
        words["go"].format(desk=words["numbered"].format(desk="2"))
    )  # by itself: it looks often when it is soon
    assert await page.evaluate("document.title") == words["head_go"].format(ticket="A102")
    assert len(await page.evaluate("JSON.stringify(window.shaken)")) > 5
    desk = await show(page, dark=False, width=412, height=800)
    assert await desk.complaints() == []
    await picture(desk, f"ticket-called-{language}", width=412, height=800)


async def test_a_ticket_of_the_page_is_given_back(house: Reception, browse: Any) -> None:
    await at_the_desk(house)
    page = await browse(house.url(f"{PLACE}?language=en"))
    await page.until_reads(OF_VISITS["en"]["what"])
    await page.evaluate("document.querySelector('button[value=ticket]').click()")
    await page.until_reads("Ticket A101")
    assert "/visits/v" in await page.evaluate("location.pathname"), "a page to come back to"
    await page.evaluate("document.querySelector('button[value=leave]').click()")
    await page.until_reads(OF_VISITS["en"]["left"])
    assert house.state.contacts == {}
    assert await page.evaluate("document.querySelector('main').dataset.again") is None


# ---- forms for citizens ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", SPOKEN)
async def test_who_asks_to_be_called_finds_nothing_in_the_way(house: Reception, browse: Any, language: str) -> None:
    words = OF_CALLS[language]
    calls = "/public/v1/callbacks/kontakt"
    page = await browse(house.url(f"{calls}?language={language}"))
    await page.until_reads(words["number"])
    for dark in (False, True):
        desk = await show(page, dark=dark, width=700)
        assert await desk.complaints() == []
        await picture(desk, f"callback-{language}{'-dark' if dark else ''}", width=700, height=900, dark=dark)
    await page.evaluate("document.querySelector('#number').value = '112'")
    await page.evaluate("document.querySelector('button').click()")
    await page.until_reads(words["bad_number"])
    assert await desk.complaints() == []
    await picture(desk, f"callback-wrong-{language}", width=700, height=900, dark=True)


@pytest.mark.soak
async def test_places_and_refusals_have_nothing_in_the_way(house: Reception, browse: Any) -> None:
    _, text = await send(house, PLACE, language="ar", service="bygglov", step="times")
    assert hidden(text)["service"] == "bygglov"
    for name, path in (("places", "/public/v1/places?language=fi"), ("place", f"{PLACE}?language=fi"),
                       ("gone", "/public/v1/places/none?language=ar")):  # fmt: skip
        page = await browse(house.url(path))
        await page.until("document.readyState === 'complete' && !!document.querySelector('h1')")
        for dark in (False, True):
            desk = await show(page, dark=dark, width=700)
            assert await desk.complaints() == []
            await picture(desk, f"{name}{'-dark' if dark else ''}", width=700, height=900, dark=dark)
    assert await page.evaluate("document.documentElement.dir") == "rtl"
