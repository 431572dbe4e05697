"""A chat whose line is long, or closed, offers a call instead: by buttons, read back, and made."""

import asyncio

import pytest
import yaml

from router import facts as f
from tests.chat.town import WORDS, Page, Town
from tests.system.test_callback_flows import TEXTS

BACK = {"start": {"callback": "bench", "next": "hang_up", "otherwise": "hang_up"}}
TITLES = {
    "callback_title_turn": "When it is my turn",
    "callback_title_time": "{day} at {time}",
    "callback_title_later": "Other times",
    "callback_title_wait": "Wait",
    "callback_title_keep": "Call me",
    "callback_title_cancel": "Cancel",
    "wait_key_back": "Call me back instead",
    "wait_not_now": "Not now",
}


@pytest.mark.parametrize("why", ["long", "closed"])
@pytest.mark.parametrize("killed", [False, True])
async def test_a_chat_offers_a_call_and_reads_back_what_was_promised(make_house, session, why, killed):
    house = make_house(1, edge=False)
    bench = {"callbacks": {"bookable": 3, "window": "30 min"}}
    if why == "long":
        bench["keys"] = {"1": {"report": "back"}}
    else:
        bench["ways_out"] = {"nobody": {"report": "back"}}
    house.change("queues", {"queues": {"bench": bench}})
    house.change("agents", {"agents": {"agent0001": {"signed_in": why == "long"}}})
    (house.config / "flows" / "back.yaml").write_text(yaml.safe_dump(BACK))
    (house.config / "prompts.yaml").write_text(yaml.safe_dump({"en": TEXTS | TITLES}))
    town = await asyncio.to_thread(Town, house, words={"en": WORDS["en"] | TITLES})
    await asyncio.to_thread(house.start)
    if why == "long":
        await asyncio.to_thread(town.ask, "POST", "/agents/agent0001/pause", {"reason": "break"})
    page = Page(session, town.url("straight"))
    try:
        if why == "long":
            await page.until(lambda one: any(c["title"] == "Call me back instead" for c in buttons(one)), "the key")
            await page.choose("1")
        await page.until(lambda one: [c["key"] for c in buttons(one)][:5] == ["1", "2", "3", "4", "9"], "times")
        assert buttons(page)[0]["title"] == "When it is my turn"
        chosen = buttons(page)[1]["title"]
        await page.choose("2")
        await page.until(lambda one: one.status.get("asks") == "digits", "the number")
        if killed:
            await asyncio.to_thread(house.kill, "engine")
            await asyncio.to_thread(house.until_serving)
        await page.say("070-765 43 21")
        await page.until_state("ended")
        assert page.texts[-1].startswith("We will call 0707654321 "), page.texts
        assert chosen.replace(" at", "").lower() in page.texts[-1].lower(), "the time that was chosen"
        (callback,) = (await asyncio.to_thread(town.ask, "GET", "/callbacks"))["callbacks"]
        assert callback["due"] % 1800 == 0
        again = Page(session, town.url("straight"), page.secret)
        await again.until_state("ended")
        assert again.texts == page.texts, "it stands there for whoever comes back"
        await again.close()
        record = await asyncio.to_thread(house.check)
        assert len(record.of(f.CallbackRegistered)) == 1
        assert "7654321" not in repr(record.facts)
    finally:
        await page.close()


def buttons(page: Page) -> list[dict[str, str]]:
    return list(page.status.get("choices", ()))
