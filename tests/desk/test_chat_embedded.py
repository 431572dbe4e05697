"""The chat on another site's page: by one script tag, under a strict policy, by keyboard alone."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from adapters.chat.page import BUTTON, WORDS
from tests.chat.conftest import make_town as make_town
from tests.chat.town import WORDS as SPOKEN
from tests.desk.conftest import DeskPage
from tests.desk.looking import picture
from tests.desk.site import open_site
from tests.sip.conftest import free_port
from tests.system.conftest import make_house as make_house
from tests.system.house import until

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
INSIDE = "document.querySelector('body > div:last-of-type').shadowRoot"
FOCUSED = f"{INSIDE}.activeElement?.id"
OPEN = f"{INSIDE}.querySelector('dialog').open"
OUTSIDE = """
window.broken = [];
window.errors = [];
document.addEventListener("securitypolicyviolation", event => broken.push(event.violatedDirective));
console.error = text => errors.push(text);
"""


@pytest.fixture
async def show_site() -> AsyncIterator[Callable[..., Any]]:
    """Return a function that serves a city's own page, which allows Vaxel nothing but a script and a frame."""
    async with contextlib.AsyncExitStack() as sites:

        async def serve(port: int, vaxel: str, language: str = "en", scheme: str = "light", **chosen: str) -> str:
            data = "".join(f' data-{name}="{value}"' for name, value in chosen.items())
            text = (
                f'<!doctype html><html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"><head>'
                f'<title>City</title><meta name="color-scheme" content="{scheme}">'
                '<script src="/own.js"></script></head>'
                "<body><main><h1>City</h1><p>Bins are emptied on Mondays.</p></main>"
                f'<script src="{vaxel}/public/v1/chat/straight/embed.js"{data}></script></body></html>'
            )
            policy = (
                f"default-src 'none'; script-src 'self' {vaxel}; frame-src {vaxel}; require-trusted-types-for 'script'"
            )
            return await sites.enter_async_context(open_site(port, text, policy, OUTSIDE))

        yield serve


def pages(*sites: str) -> dict[str, Any]:
    """Return the pages of chat.yaml: one that these sites may show."""
    languages = ["en", "sv", "fi", "ar"]
    page = {"queue": "bench", "title": "Chat with the city", "languages": languages, "embedded_by": list(sites)}
    spoken = {"flow": "chat", "languages": ["en"]}
    return {"pages": {"straight": page, "page": spoken}, "words": dict.fromkeys(languages, SPOKEN["en"])}


def test_the_button_speaks_every_language_of_the_page() -> None:
    assert BUTTON.keys() == WORDS.keys()
    assert len({frozenset(words) for words in BUTTON.values()}) == 1


async def test_a_city_has_the_chat_by_one_script_tag(make_town: Any, browse: Any, show_site: Any) -> None:
    port = free_port("127.0.0.1")
    town = await asyncio.to_thread(make_town, **pages(f"http://localhost:{port}"))
    vaxel = f"http://127.0.0.1:{town.house.web[1]}"
    page = DeskPage(await browse(await show_site(port, vaxel, background="#5b2a86", color="javascript:1")))
    see = page.browser.evaluate
    await page.browser.until(f"{INSIDE}?.querySelector('#open').textContent === 'Chat with us'")
    assert await see(f"getComputedStyle({INSIDE}.querySelector('#open')).backgroundColor") == "rgb(91, 42, 134)"
    assert await page.complaints() == []
    await page.key("Tab")
    assert await see(FOCUSED) == "open"
    await page.key("Enter")
    await page.browser.until(OPEN)
    (contact,) = await asyncio.to_thread(until, lambda: town.contacts(channel="chat"), what="a chat")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    assert await see(f"{INSIDE}.activeElement.tagName") == "IFRAME"
    await picture(page, "embedded-chat")
    assert await page.complaints() == []

    # DevTools brings no key to a frame of another site; the test of the keyboard has one of another origin alone.
    await see(f"{INSIDE}.querySelector('header button').click()")
    await page.browser.until(f"!{OPEN}")
    assert await see(FOCUSED) == "open"
    await page.browser.until(f"{INSIDE}.querySelector('#open').textContent === 'Back to the chat'")
    await asyncio.to_thread(town.write, contact["id"], "It comes on Monday.", agent)
    await page.browser.until(f"{INSIDE}.querySelector('[role=status]').textContent === 'New message'")
    await page.browser.reload()  # or another page of the site: the chat goes on
    await page.browser.until(f"{INSIDE}?.querySelector('#open').textContent === 'Back to the chat'")
    await page.browser.until(f"!!{INSIDE}.querySelector('iframe')")
    asked = "performance.getEntriesByType('resource').map(one => new URL(one.name).origin).join()"
    assert set((await see(asked)).split(",")) == {vaxel, f"http://localhost:{port}"}
    assert (await see("document.cookie"), await see("broken.join()"), await see("errors.join()")) == ("", "", "")
    assert len(await asyncio.to_thread(town.contacts, channel="chat")) == 1


async def test_a_citizen_writes_and_closes_by_keyboard_alone(
    make_town: Any,
    browse: Any,
    show_site: Any,
) -> None:
    port = free_port("127.0.0.1")
    site = f"http://127.0.0.1:{port}"
    town = await asyncio.to_thread(make_town, **pages(site))
    await show_site(port, f"http://127.0.0.1:{town.house.web[1]}")
    page = DeskPage(await browse(site))
    await page.browser.until(f"!!{INSIDE}?.querySelector('#open')")
    await page.key("Tab")
    await page.key("Enter")
    await page.browser.until(OPEN)
    (contact,) = await asyncio.to_thread(until, lambda: town.contacts(channel="chat"), what="a chat")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    await page.key("Tab")
    await page.browser.command("Input.insertText", text="Where is my bin?")
    await page.key("Enter")
    await asyncio.to_thread(until, lambda: said(town, contact["id"], agent, "Where is my bin?"), what="the question")
    await page.key("Escape")  # within the frame, which tells the page around it
    await page.browser.until(f"!{OPEN}")
    assert await page.browser.evaluate(FOCUSED) == "open"


def said(town: Any, contact: str, agent: str, text: str) -> bool:
    """Tell whether a text is in the conversation."""
    found = town.ask("GET", f"/contacts/{contact}/messages", by=agent)
    return any(one.get("text") == text for one in found["messages"])


async def test_a_site_that_is_not_named_is_told_so(make_town: Any, browse: Any, show_site: Any) -> None:
    port = free_port("127.0.0.1")
    town = await asyncio.to_thread(make_town, **pages("https://malmo.example"))
    page = await browse(await show_site(port, f"http://127.0.0.1:{town.house.web[1]}"))
    await page.until("errors.length > 0")
    told = await page.evaluate("errors.join()")
    assert told.startswith(f"Vaxel: http://localhost:{port} may not show this chat.")
    assert "embedded_by" in told
    assert await page.evaluate("document.querySelectorAll('iframe, button, body > div').length") == 0


@pytest.mark.parametrize("language", ["sv", "fi", "ar"])
async def test_the_button_runs_as_its_language_does(
    make_town: Any,
    browse: Any,
    show_site: Any,
    language: str,
) -> None:
    port = free_port("127.0.0.1")
    town = await asyncio.to_thread(make_town, **pages(f"http://localhost:{port}"))
    site = await show_site(port, f"http://127.0.0.1:{town.house.web[1]}", language, "dark")
    page = DeskPage(await browse(site))
    await page.browser.until(f"{INSIDE}?.querySelector('#open').textContent === {BUTTON[language]['open']!r}")
    left = await page.browser.evaluate(f"{INSIDE}.querySelector('#open').getBoundingClientRect().left < 100")
    assert left == (language == "ar")
    await page.browser.evaluate(f"{INSIDE}.querySelector('#open').click()")
    await asyncio.to_thread(until, lambda: town.contacts(channel="chat"), what="a chat")
    await picture(page, f"embedded-chat-{language}", width=420, height=760, dark=True)
    assert await page.complaints() == []
