"""The page to try a chat with, in a real browser."""

import asyncio
import shutil
from pathlib import Path

import pytest

from adapters.chat.page import WORDS, render
from adapters.chat.settings import Page
from bench import browser


def test_the_page_may_be_shown_where_it_is_said_and_runs_nothing_but_itself():
    data, policy = render(
        Page(title="<b>Hej</b>", languages=("sv", "en"), embedded_by=("https://malmo.example",)), "en"
    )
    text = data.decode()
    assert "<h1>&lt;b&gt;Hej&lt;/b&gt;</h1>" in text
    assert '<html lang="en" dir="ltr">' in text
    assert "frame-ancestors https://malmo.example" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in render(Page(languages=("sv",)), "")[1]


def test_the_page_speaks_its_languages_and_runs_as_they_do():
    assert len({frozenset(words) for words in WORDS.values()}) == 1
    page = Page(languages=("sv", "fi", "ar", "so"))
    for language, direction, write in (
        ("ar", "rtl", "اكتب هنا"),
        ("fi", "ltr", "Kirjoita tähän"),
        ("so", "ltr", "Write"),
    ):
        text = render(page, language)[0].decode()
        assert f'<html lang="{language}" dir="{direction}">' in text
        assert f'id="write">{write}' in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_a_citizen_chats_in_a_browser_reloads_it_and_keeps_a_transcript(make_town, browse, tmp_path):
    town = await asyncio.to_thread(make_town)
    page = await browse(town.url().removesuffix("/socket"))
    await page.until_reads("What is it about?")
    await page.evaluate("[...document.querySelectorAll('#choices button')].find(b => b.textContent === 'Bins').click()")
    await page.until_reads("Your customer number, six digits")
    await page.evaluate("$('text').value = '123456'; $('form').requestSubmit()")
    await page.until_reads("You: 123456")
    (contact,) = await asyncio.to_thread(town.contacts, channel="chat")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    await asyncio.to_thread(town.write, contact["id"], "<b>Good</b> morning", agent)
    await page.until_reads("Agent: <b>Good</b> morning")
    await page.reload()
    await page.until_reads("You: 123456")
    await page.until_reads("Agent: <b>Good</b> morning")
    assert await page.evaluate("document.querySelectorAll('#log li').length") == 6
    await page.evaluate("socket.close(); $('leave').click()")  # at a moment when nobody hears it
    await page.until_reads("This chat has ended.")
    transcript = await saved(page, tmp_path / "saved")
    assert [line.partition("  ")[2] for line in transcript.splitlines()] == [
        "Vaxel: Hello!",
        "Vaxel: What is it about?",
        "You: Bins",
        "Vaxel: Your customer number, six digits",
        "You: 123456",
        "Agent: <b>Good</b> morning",
    ]


async def saved(page: browser.Page, folder: Path) -> str:
    """Press the button that saves the conversation; return what lies in the downloads then."""
    await asyncio.to_thread(folder.mkdir)
    await page.command("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    await page.evaluate("$('save').click()")
    file = folder / "chat.txt"
    async with asyncio.timeout(20):
        while not file.exists():  # noqa: ASYNC110 - a browser tells nothing by itself
            await asyncio.sleep(0.05)
    return file.read_text()
