"""The page of a form in a real browser, filled in by keyboard alone."""

import asyncio
import base64
import shutil

import pytest

from adapters.forms.page import Page
from adapters.forms.serving import Again
from adapters.forms.settings import FieldWords, Form
from bench import browser
from ivr.forms import Field, Mistake
from router.api import Content
from tests.desk.conftest import DeskPage
from tests.desk.looking import SPOKEN, picture
from tests.forms.town import OLD_S
from tests.web.house import malmo

UNLABELLED = (
    "[...document.querySelectorAll('input:not([type=hidden]), textarea')].filter(one => !one.labels.length).length"
)


def test_nothing_from_outside_becomes_markup():
    form = Form(
        name="fault",
        title={"sv": "<b>Fel</b>"},
        languages=("sv",),
        fields=(Field(name="what"),),
        words={"what": FieldWords(label={"sv": "{head} & <i>"})},
        queue="q",
    )
    page = Page(form, "sv").asking(Again({"what": '"><script>{content}'}, token="x"))
    text = page.data.decode()
    assert "<script" not in text
    assert "<b>" not in text
    assert "{head} &amp; &lt;i&gt;" in text
    assert "{content}" in text
    assert "unsafe" not in page.policy
    assert "default-src 'none'" in page.policy


def shown(language: str, again: Again) -> Content:
    """Return the page of the example city's form, in the kinds of fields that there are."""
    form = malmo().installation.forms.forms["fault"]
    return Page(form, language).asking(again)


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
@pytest.mark.parametrize("language", SPOKEN)
async def test_nobody_finds_anything_in_the_way(browse, language):
    mistakes = tuple(Mistake(field, "missing") for field in ("what", "where", "details"))
    pages = {
        "": shown(language, Again({}, token="x")),
        "-wrong": shown(language, Again({"where": "Storgatan 1"}, mistakes, token="x")),
        "-sent": Page(malmo().installation.forms.forms["fault"], language).sent("7XK42-M9PQR", "waiting"),
    }
    for name, content in pages.items():
        page = await browse("about:blank")
        data = base64.b64encode(content.data).decode()
        await page.command("Page.navigate", url=f"data:text/html;charset=utf-8;base64,{data}")
        await page.until("document.readyState === 'complete' && !!document.querySelector('h1')")
        for dark in (False, True):
            scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
            await page.command("Emulation.setEmulatedMedia", features=scheme)
            assert await DeskPage(page).complaints() == []
            kind = f"form{name}-{language}{'-dark' if dark else ''}"
            await picture(DeskPage(page), kind, width=700, height=900, dark=dark)


async def press(page: browser.Page, *keys: str) -> None:
    """Press keys, one after the other."""
    for key in keys:
        code = {"Tab": 9, "Enter": 13, " ": 32, "ArrowDown": 40}[key]
        event = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": code}
        text = {"Enter": "\r", " ": " "}.get(key)
        down = {"type": "keyDown", **event, **({"text": text} if text else {})}
        for params in (down, {"type": "keyUp", **event}):
            await page.command("Input.dispatchKeyEvent", **params)


async def tab_to(page: browser.Page, selector: str) -> None:
    """Go on by the tabulator until an element has the focus."""
    for _ in range(40):
        if await page.evaluate(f"document.activeElement.matches({selector!r})"):
            return
        await press(page, "Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


@pytest.mark.system
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_a_citizen_fills_it_in_by_keyboard(make_town, browse):
    town = await asyncio.to_thread(make_town)
    page = await browse(f"http://127.0.0.1:{town.house.web[1]}/public/v1/forms/fault")
    await page.until_reads("Report a fault")
    assert await page.evaluate(UNLABELLED) == 0
    await page.command("Emulation.setDeviceMetricsOverride", width=320, height=640, deviceScaleFactor=1, mobile=False)
    await page.until("innerWidth === 320")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320

    await asyncio.sleep(OLD_S)  # a program would be faster
    await tab_to(page, "#f-where")
    await page.command("Input.insertText", text="Storgatan 1")
    await tab_to(page, "form button")
    await press(page, "Enter")
    await page.until("document.title.startsWith('Error')")
    await page.until("document.activeElement.id === 'summary'")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await tab_to(page, "#summary a")
    await press(page, "Enter")  # to the field that is to be mended
    assert await page.evaluate("document.querySelector('#f-where').value") == "Storgatan 1"
    await page.until("location.hash === '#f-what-1'")
    await tab_to(page, "#f-what-1")
    await press(page, " ")
    await tab_to(page, "form button")
    await press(page, "Enter")
    await page.until_reads("Thank you, we have received it")
    await page.reload()  # which sends nothing once more
    await page.until_reads("It waits to be handled.")
    found = await asyncio.to_thread(town.contacts, channel="form")
    assert len(found) == 1
