"""A crisis on a page in a browser: read before a chat, and in one that waits, once; not while somebody answers."""

import asyncio
import base64
import json
import shutil
from typing import Any

import pytest

TEXT = "The water has to be boiled before you drink it."
NEWS = "The water is good again."
CHOOSE = "[...document.querySelectorAll('#choices button')].find(b => b.textContent === {!r}).click()"


async def lines(page: Any) -> list[str]:
    """Return what the page shows, line by line."""
    told = await page.evaluate("JSON.stringify([...document.querySelectorAll('#log li')].map(one => one.innerText))")
    return [line.partition(": ")[2] or line for line in json.loads(told)]


async def picture(page: Any, path: Any) -> None:
    """Keep how the page looks."""
    shot = await page.command("Page.captureScreenshot")
    path.write_bytes(base64.b64decode(shot["data"]))


@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
async def test_it_is_read_before_a_chat_and_in_one_that_waits(make_town, browse, tmp_path):
    town = await asyncio.to_thread(make_town)
    where = town.url().removesuffix("/socket")

    async def ask(path: str, body: Any = None) -> Any:
        return await asyncio.to_thread(town.ask, "POST", path, body)

    served = await browse(where)
    await served.until_reads("What is it about?")
    await served.evaluate(CHOOSE.format("Somebody to talk to"))
    (contact,) = await asyncio.to_thread(town.contacts, channel="chat")
    agent = await asyncio.to_thread(town.accept, contact["id"])
    await ask(f"/agents/{agent}/pause", {"reason": "lunch"})
    waiting = await browse(where)
    await waiting.until_reads("What is it about?")
    await waiting.evaluate(CHOOSE.format("Somebody to talk to"))
    await waiting.until("!document.querySelector('#choices button')")
    await ask("/crises", {"name": "water", "all": True, "messages": {"en": TEXT}})
    await waiting.until_reads(TEXT)
    await picture(waiting, tmp_path / "waiting.png")
    await waiting.reload()
    await waiting.until_reads(TEXT)
    assert (await lines(waiting)).count(TEXT) == 1
    await ask("/crises/water/say", {"messages": {"en": NEWS}})
    await waiting.until_reads(NEWS)
    assert TEXT not in await lines(served)
    new = await browse(where)
    await new.until_reads("What is it about?")
    said = await lines(new)
    assert said.index(NEWS) < said.index("What is it about?")
    assert TEXT not in said, "what was said before is not said any more"
    await picture(new, tmp_path / "before.png")
