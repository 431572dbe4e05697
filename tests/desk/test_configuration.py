"""The pages of the configuration, in a real browser: files, versions, memberships, pictures of flows."""

import shutil
from typing import Any

import pytest

from router import inputs as i
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.desk.test_admin import opened
from tests.web.house import Reception

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")

FLOW = "flows/english.yaml"


async def write(desk: DeskPage, file: str, text: str) -> None:
    """Choose a file, and type over what stands in it."""
    button = f"[...document.querySelectorAll('.files nav button')].find((one) => one.innerText.startsWith('{file}'))"
    await desk.browser.until(f"!!{button}")
    await desk.browser.evaluate(f"{button}.click()")
    found = f"""(() => {{
        const area = document.querySelector(`textarea[aria-label="{file}"]`);
        area?.focus();
        area?.select();
        return !!area;
    }})()"""
    await desk.browser.until(found)
    await desk.browser.command("Input.insertText", text=text)


async def test_a_flow_is_changed_published_and_taken_back(house: Reception, open_desk: Any) -> None:
    first = house.configure()
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#configuration")
    await desk.reads("What was published")
    await picture(desk, "configuration")
    assert await desk.complaints() == []
    await write(desk, FLOW, "start:\n  say: welcom\n  next: line\nline: {queue: kontakt}\n")
    await desk.press("Look at the change")
    await desk.reads('did you mean "welcome"?')
    await picture(desk, "configuration-mistakes")
    assert await desk.complaints() == []
    await desk.press(f"{FLOW}:2")
    await desk.browser.until(f"document.activeElement.getAttribute('aria-label') === '{FLOW}'")
    selected = "((one) => one.value.slice(one.selectionStart, one.selectionEnd))(document.activeElement)"
    assert await desk.browser.evaluate(selected) == "  say: welcom"
    await write(desk, FLOW, "start: {queue: kontakt, needs: {english: 3}}\n")
    await desk.press("Look at the change")
    await desk.reads("No mistakes found.")
    await desk.reads("Flow english: changed")
    await picture(desk, "configuration-review", dark=True)
    assert await desk.complaints() == []
    await desk.type("Why this change? (No names of citizens.)", "The welcome is too long.")
    await desk.press("Publish")
    await desk.reads("The welcome is too long.")
    second = house.version
    assert (house.versions.folder / FLOW).read_text() == "start: {queue: kontakt, needs: {english: 3}}\n"
    assert second != first
    back = "[...document.querySelectorAll('button')].find((one) => one.innerText === 'Go back to this')"
    await desk.browser.until(f"!!{back}")
    await desk.browser.evaluate(f"{back}.click()")
    await desk.reads("No mistakes found.")
    await desk.type("Why this change? (No names of citizens.)", "Callers missed it.")
    await desk.press("Publish")
    await desk.reads("Callers missed it.")
    assert (house.version, house.reloads) == (first, 2)
    await picture(desk, "configuration-versions")


async def test_somebody_else_publishes_meanwhile(house: Reception, open_desk: Any) -> None:
    house.configure()
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#configuration")
    await desk.reads("What was published")
    await write(desk, FLOW, "start: {queue: kontakt}\n")
    (house.versions.folder / FLOW).write_text("start: {queue: vaxel}\n")
    await desk.press("Look at the change")
    await desk.type("Why this change? (No names of citizens.)", "Mine.")
    await desk.press("Publish")
    await desk.reads("Somebody else has changed the configuration meanwhile.")
    assert house.reloads == 0


async def test_a_new_flow_by_keyboard_alone(house: Reception, open_desk: Any) -> None:
    house.configure()
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#configuration")
    await desk.reads("What was published")
    await desk.type("New flow", "natt")
    await desk.key("Enter")
    await desk.browser.until("!!document.querySelector('textarea[aria-label=\"flows/natt.yaml\"]')")
    await desk.browser.evaluate("document.querySelector('.editor textarea').focus()")
    await desk.key("Tab")
    assert await desk.browser.evaluate("document.activeElement.innerText") == "Look at the change"
    await desk.key("Enter")
    await desk.reads("No mistakes found.")
    await desk.reads("Flow natt: new")


async def test_somebody_learns_a_language(house: Reception, open_desk: Any) -> None:
    house.configure()
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#members")
    await desk.reads("guide07")
    await desk.reads("Äldreomsorg 5")
    await picture(desk, "members")
    assert await desk.complaints() == []
    await desk.press("Change: guide07")
    await desk.reads("Queues and skills of guide07")
    await desk.type("Another skill", "greek")
    await desk.press("Add")
    await picture(desk, "members-form")
    assert await desk.complaints() == []
    await desk.press("Keep for publishing")
    await desk.press("Look at the change")
    await desk.reads("guide07: greek none → 1")
    await desk.type("Why this change? (No names of citizens.)", "A course.")
    await desk.press("Publish")
    await desk.reads("Published, and in force.")
    text = (house.versions.folder / "agents.yaml").read_text()
    assert "{swedish: 5, english: 2, elderly-care: 5, greek: 1}" in text
    assert text.startswith("# Agents: known here by an id")


async def test_who_stands_where_is_seen(house: Reception, open_desk: Any) -> None:
    house.configure()
    hire(house, "root", "administrator")
    desk = await opened(open_desk, "root", "#flows")
    await desk.reads("Steps of welcome")
    await desk.browser.until("!!document.querySelector('.picture svg')")
    row = "[...document.querySelectorAll('tbody tr')].find((one) => one.cells[0].innerText === 'start')"
    await desk.browser.until(f"{row}?.cells[2].innerText === '0'")
    await house.put(i.Arrived(contact="w1-1-1", channel="call", entry="0403410000", leg="w1-1-1", person="p1"))
    await desk.browser.until(f"{row}.cells[2].innerText === '1' && {row}.cells[3].innerText === '1'")
    await desk.browser.until("document.querySelector('[data-node=start]').textContent.startsWith('● 1')")
    await picture(desk, "flows", height=1400)
    assert await desk.complaints() == []
    assert "p1" not in await desk.browser.evaluate("document.body.innerText")
