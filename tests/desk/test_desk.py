"""The desk in a real browser: signing in, an offer, a contact, its wrap-up; and what a page of ours may not do."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from router import inputs as i
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")


def test_pages_know_what_the_api_answers_with() -> None:
    done = subprocess.run([sys.executable, ROOT / "desk" / "make_types.py", "--check"], check=False)
    assert done.returncode == 0, "run: python desk/make_types.py"


async def test_a_guide_signs_in_and_takes_a_pause(house: Reception, open_desk: Any) -> None:
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.reads("Password")
    await picture(desk, "sign-in")
    assert await desk.complaints() == []
    await desk.type("Name", "anna")
    await desk.type("Password", "something-else")
    await desk.press("Sign in")
    await desk.reads("Name or password is wrong.")
    await desk.sign_in("anna")
    await desk.reads("You are ready; the next contact comes by itself.")
    await house.put(i.Pause("guide01", "lunch"))
    await desk.reads("Lunch")
    await desk.press("Ready for contacts")
    await house.until(lambda: type(house.state.agents["guide01"]).__name__ == "Ready")
    await desk.press("Sign out")
    await desk.reads("Password")


HOLD_BACK = """(() => {
    const sent = window.fetch;
    window.held = [];
    window.holds = true;
    window.fetch = (url, how) => how.method === "GET" && window.holds
        ? new Promise((answered) => window.held.push(() => {
            const answer = sent(url, {...how, credentials: "omit"});
            answered(answer);
            return answer;
        }))
        : sent(url, how);
})()"""
"""Requests wait, and leave without the cookie that has been taken away meanwhile."""


async def test_late_answers_to_who_was_here_before_send_nobody_away(house: Reception, open_desk: Any) -> None:
    hire(house, "lars", "supervisor")
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("lars")
    await desk.reads("Växeln")
    await desk.browser.evaluate(HOLD_BACK)
    await desk.press("Agents")
    await desk.browser.until("window.held.length > 0")
    await desk.press("Sign out")
    await desk.reads("Password")
    await desk.browser.evaluate("window.holds = false")
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    await desk.browser.evaluate("Promise.all(window.held.map((go) => go())).then(() => { window.late = true; })")
    await desk.browser.until("window.late")
    await house.put(i.Pause("guide01", "lunch"))
    await desk.reads("Lunch")


async def test_a_call_is_offered_talked_and_wrapped_up(house: Reception, open_desk: Any) -> None:
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001"}
    await desk.reads("New contact: Call")
    await desk.reads("+46700000001")
    await desk.reads("You can do what is needed")
    await desk.reads("Svenska")
    await desk.browser.until("document.title === '● Call'")
    await picture(desk, "desk-offer")
    assert await desk.complaints() == []
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.reads("Talking")
    await desk.reads("Busy")
    await desk.browser.until("!document.title.includes('●')")
    await picture(desk, "desk-call")
    assert await desk.complaints() == []
    await picture(desk, "desk-call-dark", dark=True)
    assert await desk.complaints() == []
    await desk.press("Hold")
    await desk.reads("On hold")
    await desk.press("Resume")
    await desk.press("Hang up")
    await desk.reads("Wrap-up")
    await picture(desk, "desk-wrap-up")
    await desk.press("Done")
    await desk.reads("You are ready")


async def test_the_page_runs_nothing_but_itself(house: Reception, open_desk: Any) -> None:
    async with house.session.get(house.url("/desk")) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
    async with house.session.get(house.url("/desk/assets/../../accounts.json")) as answer:
        assert answer.status == 404


async def test_needs_are_noted_and_an_interpreter_can_be_asked(house: Reception, open_desk: Any) -> None:
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    contact = await house.waits()
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await desk.press("Note needs and language")
    await desk.tick("Plain language")
    await picture(desk, "desk-needs")
    assert await desk.complaints() == []
    await desk.press("Save needs")
    await house.until(lambda: house.state.contacts[contact].card.needs == ("plain_language",))
