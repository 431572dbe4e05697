"""The pages of those who lead, in a real browser: by the words on them, and without a complaint in any language."""

import shutil
from typing import Any

import pytest

from router import inputs as i
from router.contact import Connected
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


async def signed_in(house: Reception, open_desk: Any, path: str = "/desk?language=en") -> DeskPage:
    hire(house, "lars", "supervisor")
    desk: DeskPage = await open_desk(path)
    await desk.sign_in("lars")
    await desk.reads("Växeln")
    return desk


async def look(desk: DeskPage, name: str) -> None:
    await picture(desk, name)
    assert await desk.complaints() == []


async def test_a_supervisor_listens_whispers_and_joins(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.press("Talks")
    await desk.reads("guide01")
    await desk.type("My phone, which is to ring", "desk7")
    await desk.press("Listen: guide01")

    def listener() -> Any:
        talk = house.state.contacts[contact]
        assert isinstance(talk, Connected)
        return talk.listener

    await house.until(lambda: listener() is not None)
    await house.put(i.PickedUp(leg=listener().leg))
    await desk.press("Whisper to the agent: guide01")
    await house.until(lambda: listener().mode == "whisper")
    await look(desk, "talks")
    await desk.press("Join the talk: guide01")
    await house.until(lambda: listener().mode == "barge")
    await desk.press("Stop listening: guide01")
    await house.until(lambda: listener() is None)


async def test_a_supervisor_puts_one_first_and_gives_another_to_somebody(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await house.put(i.Pause("guide01", "lunch"))
    contact = await house.waits()
    await desk.press("Waiting contacts")
    await desk.press(f"Urgency: {contact}")
    await desk.type("Reason", "Larm om gaslukt")
    await look(desk, "urgency")
    await desk.press("Confirm")
    await house.until(lambda: house.state.contacts[contact].spot.first)  # type: ignore[union-attr]
    await desk.reads("first in line")
    await desk.press(f"Urgency: {contact}")
    await desk.choose("Or give it next to", "guide01")
    await house.until(lambda: house.state.contacts[contact].spot.preferred == "guide01")  # type: ignore[union-attr]


async def test_a_supervisor_moves_an_agent_and_back(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await desk.press("Agents")
    await desk.press("Queues and skills: guide01")
    await desk.reads("For how long")
    await look(desk, "assign")
    await desk.press("Apply for now")
    await house.until(lambda: "guide01" in house.state.assignments)
    await desk.reads("moved for now")
    await desk.press("Queues and skills: guide01")
    await desk.press("As configured")
    await house.until(lambda: not house.state.assignments)


async def test_a_supervisor_closes_a_queue_for_today(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await desk.press("Queues")
    await desk.press("Close: Växeln")
    await desk.type("Reason", "Brandövning")
    await desk.press("Confirm")
    await desk.reads("Brandövning")
    (today,) = house.state.today.values()
    assert not today.open
    await look(desk, "queues")
    await desk.press("As configured: Växeln")
    await house.until(lambda: not house.state.today)


async def test_what_all_are_told_stands_on_the_desks_until_it_is_read(house: Reception, open_desk: Any) -> None:
    hire(house, "gunn", "guide", "guide01")
    desk = await signed_in(house, open_desk)
    await desk.press("Notices")
    await desk.type("Message", "Telefonin startas om <b>klockan 14</b>.")
    await desk.press("Send")
    await desk.reads("<b>klockan 14</b>")
    await look(desk, "notices")
    await desk.press("Sign out")
    await desk.sign_in("gunn")
    await desk.reads("<b>klockan 14</b>")
    await look(desk, "notice-on-a-desk")
    await desk.press("I have read it")
    await house.until(lambda: next(iter(house.state.bulletins.values())).readers == ("guide01",))


async def test_a_supervisor_leads_through_a_crisis(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await desk.press("Crises")
    await desk.type("Name, one word", "strom")
    await desk.type("Svenska", "Strömavbrott i Husie.")
    await desk.press("Begin a crisis")
    await desk.reads("in force")
    await desk.press("Change")
    await desk.tick("Växeln")
    await desk.choose("Everybody goes first to", "Växeln")
    await look(desk, "crises")
    await desk.press("Confirm")

    def measures() -> Any:
        return house.state.running[0].measures

    await house.until(lambda: (measures().queues, measures().triage) == (("vaxel",), "vaxel"))
    await desk.press("End the crisis")
    await house.until(lambda: not house.state.running)


async def test_an_alarm_stands_above_every_page_and_is_said_once(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await house.put(i.QueueAlarm(queue="kontakt", alarm="waiting", raised=True))
    await desk.reads("many are waiting")
    await look(desk, "alarm")
    await house.put(i.QueueAlarm(queue="kontakt", alarm="waiting", raised=False))
    await desk.browser.until("!document.body.innerText.includes('many are waiting')")


async def tab_to(desk: DeskPage, name: str) -> None:
    """Go to a control as somebody without a mouse does."""
    here = """(() => {
        const one = document.activeElement;
        return (one.getAttribute("aria-label") ?? one.textContent).trim();
    })()"""
    for _ in range(120):
        await desk.key("Tab")
        if await desk.browser.evaluate(here) == name:
            return
    raise AssertionError(f"the keyboard does not lead to {name}")


async def test_a_queue_is_closed_by_keyboard_alone(house: Reception, open_desk: Any) -> None:
    desk = await signed_in(house, open_desk)
    await desk.browser.evaluate("location.hash = 'queues'")  # as a bookmark does
    await desk.browser.until("document.querySelector('[aria-label^=Close]') !== null")
    await tab_to(desk, "Close: Växeln")
    await desk.key("Enter")
    await desk.reads("For the rest of today")
    await desk.browser.until("document.activeElement.tagName === 'INPUT'")
    await desk.browser.command("Input.insertText", text="Brandövning")
    await tab_to(desk, "Confirm")
    await desk.key("Enter")
    await desk.reads("Brandövning")
    assert not house.state.today["vaxel"].open
