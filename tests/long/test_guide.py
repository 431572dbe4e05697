"""What a guide has beside the work, in every language, by keyboard alone, and with several contacts in hand."""

import shutil
from typing import Any

import pytest

from router import inputs as i
from router.offer import Standing
from tests.desk.conftest import open_desk, session  # noqa: F401 - fixtures
from tests.desk.gallery import STICKS_OUT
from tests.desk.looking import picture
from tests.desk.test_guide import at_desk, house, strike, talking  # noqa: F401 - house is a fixture
from tests.desk.test_leading import tab_to

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here"),
]


async def test_what_was_typed_into_a_form_is_there_after_another_contact(house: Any, open_desk: Any) -> None:  # noqa: F811
    desk = await at_desk(house, open_desk, "guide09")
    await house.put(i.LogIn("guide09"))
    await house.put(i.GoReady("guide09"))
    for mail in ("k1", "k2"):
        await house.put(i.Arrived(contact=mail, channel="mail", entry="bibliotek", person=None, written=True))
        (offer,) = [one.id for one in house.state.offers.values() if isinstance(one, Standing)]
        await house.put(i.AcceptOffer(offer))
    await desk.browser.until("document.querySelectorAll('.contacts button').length === 2")
    await desk.press("Fill in a form")
    await desk.type("Where is it?", "Stortorget 4")
    other = "document.querySelector('.contacts button:not([aria-current=true])').click()"
    typed = "[...document.querySelectorAll('.field input')].some((one) => one.value === 'Stortorget 4')"
    assert await desk.browser.evaluate(typed)
    await desk.browser.evaluate(other)
    await desk.browser.until(f"!{typed}")
    await desk.browser.evaluate(other)
    await desk.press("Fill in a form")
    await desk.browser.until(typed)


async def test_a_form_is_sent_by_keyboard_alone(house: Any, open_desk: Any) -> None:  # noqa: F811
    desk = await at_desk(house, open_desk)
    await talking(house, desk)
    await strike(desk, "F")
    await desk.reads("What is it about?")
    reached = "document.activeElement.closest('.field')?.innerText.includes('What is it about?')"
    for _ in range(60):
        if await desk.browser.evaluate(reached):
            break
        await desk.key("Tab")
    await desk.key("ArrowDown")
    await desk.browser.until("document.querySelector('[role=option]') !== null")
    await desk.key("Enter")
    await desk.browser.until("document.querySelector('[role=option]') === null")
    await desk.key("Tab")
    await desk.browser.command("Input.insertText", text="Stortorget 4")
    await desk.key("Tab")
    await desk.browser.command("Input.insertText", text="Lyktan är trasig.")
    await tab_to(desk, "Send the form")
    await desk.key("Enter")
    await desk.reads("Report a fault: sent to")


@pytest.mark.parametrize("language", ["sv", "fi", "ar"])
async def test_all_of_it_in_every_language(house: Any, open_desk: Any, language: str) -> None:  # noqa: F811
    desk = await at_desk(house, open_desk)
    screen = {"width": 1400, "height": 1400, "deviceScaleFactor": 1, "mobile": False}
    await desk.browser.command("Emulation.setDeviceMetricsOverride", **screen)
    await house.put(i.LogIn("guide02"))
    await house.put(i.PostBulletin("n1", (), house.clock.now() + 3600.0, "guide01", "guide02"))
    house.vault.values["n1"] = {"words": "Tar du lunchen först?"}
    await talking(house, desk)
    await desk.browser.evaluate(f"localStorage.setItem('vaxel.language', '{language}'); location.search = ''")
    await desk.browser.until(f"document.documentElement.lang === '{language}'")
    await desk.browser.until("!!document.querySelector('[role=toolbar]')")
    for letter in ("W", "F"):
        await strike(desk, letter)
    quiet = "document.querySelectorAll('.column:last-child .button.quiet')"
    await desk.browser.until(f"{quiet}.length >= 2")
    await desk.browser.evaluate(f"{quiet}.forEach((one) => one.click())")
    await desk.browser.until("document.querySelectorAll('form.column .field').length > 3")
    await picture(desk, f"guide-{language}", height=1800)
    assert not await desk.browser.evaluate(STICKS_OUT), "nothing sticks out"
    assert await desk.complaints() == []
    await strike(desk, "G")
    await desk.browser.until("document.querySelector('[role=dialog]') !== null")
    await picture(desk, f"shortcuts-{language}", dark=True)
    assert await desk.complaints() == []
