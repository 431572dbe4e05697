"""Every page of the desk, walked through as its users do, and looked at in a language and a scheme of colours.

What has to hold of each of them: axe-core has nothing to say, nothing sticks out, and the keyboard comes to everything
that can be pressed or filled in, by Tab alone, and shows where it is.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from router import inputs as i
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception
from web.accounts import Duty

LANGUAGES: Final = ("sv", "en", "fi", "ar")
SCHEMES: Final = ("light", "dark")
WIDTH, HEIGHT = 1280, 900
LEAD_VIEWS: Final = ("board", "agents", "line", "talks", "queues", "notices", "crises")
ADMIN_PAGES: Final = {
    "accounts": ".admin-form",
    "members": "tbody tr",
    "configuration": ".editor",
    "flows": ".picture svg",
    "log": ".log-search",
}
"""Page to what is there once it is."""

STICKS_OUT = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WHAT = """JSON.stringify([...document.querySelectorAll('*')].filter((one) => {
    const box = one.getBoundingClientRect();
    return box.left < 0 || box.right > document.documentElement.clientWidth;
}).map((one) => one.outerHTML.slice(0, 90)))"""
MARK = """(() => {
    const shown = (one) => one.checkVisibility({visibilityProperty: true});
    const hidden = (one) => one.closest('[aria-hidden=true], [inert]') || one.disabled || one.tabIndex < 0;
    const wanted = 'a[href], button, input, select, textarea, [tabindex]';
    const found = [...document.querySelectorAll(wanted)].filter((one) => shown(one) && !hidden(one));
    found.forEach((one, number) => one.dataset.stop = number);
    document.activeElement?.blur();
    return found.length;
})()"""
HERE = """(() => {
    const one = document.activeElement;
    const drawn = (each) => each && getComputedStyle(each).outlineStyle !== 'none';
    const seen = drawn(one) || drawn(one.closest('label')) || drawn(one.closest('.field, .check, .group'));
    return JSON.stringify([one.dataset.stop ?? '', seen || one === document.body, one.outerHTML.slice(0, 120)]);
})()"""
LEFT = "JSON.stringify({}.map((stop) => document.querySelector(`[data-stop='${{stop}}']`)?.outerHTML.slice(0, 120)))"


@dataclass(frozen=True, slots=True)
class Eyes:
    """Somebody who looks at pages, in a language and a scheme."""

    desk: DeskPage
    language: str
    scheme: str

    async def study(self, name: str) -> None:
        """Look at what is shown, and walk over it."""
        await self._look(name)
        await self._walk(name)

    async def _look(self, name: str) -> None:
        await picture(
            self.desk, f"{name}-{self.language}-{self.scheme}", width=WIDTH, height=HEIGHT, dark=self.scheme == "dark"
        )
        evaluate = self.desk.browser.evaluate
        assert not await evaluate(STICKS_OUT), f"{name} sticks out: {await evaluate(WHAT)}"
        complaints = await self.desk.complaints()
        assert not complaints, f"{name}: {complaints}"

    async def _walk(self, name: str) -> None:
        """Go over the page by Tab: to everything, and nowhere out of sight."""
        evaluate = self.desk.browser.evaluate
        stops = int(await evaluate(MARK))
        left, hidden = set(range(stops)), []
        for _ in range(stops + 10):
            await self.desk.key("Tab")
            stop, seen, html = json.loads(await evaluate(HERE))
            left.discard(int(stop) if stop else -1)
            if not seen:
                hidden.append(html)
        told = await evaluate(LEFT.format(sorted(left)))
        assert not left, f"{name}: the keyboard does not come to {told}"
        assert not hidden, f"{name}: the keyboard is somewhere, unseen: {hidden}"


Walk = Callable[[Reception, Eyes], AsyncIterator[str]]


async def guide(house: Reception, eyes: Eyes) -> AsyncIterator[str]:
    """Nothing to do, an offer, a call, its wrap-up, a pause."""
    until = eyes.desk.browser.until
    await until("!!document.querySelector('.badge.good')")
    yield "idle"
    contact = await house.waits()
    house.vault.values[contact] = {"number": "+46700000001", "name": "<b>Åke Östman-Hyväneuvojärvi</b>"}
    await until("!!document.querySelector('.offer')")
    yield "offer"
    await house.put(i.PickedUp(leg=f"{contact}.1"))
    await until("!!document.querySelector('[role=toolbar]')")
    yield "call"
    await house.put(i.Finish(contact))
    await until("!document.querySelector('[role=toolbar]')")
    yield "wrap-up"
    await house.put(i.EndWrapUp(contact, "guide01"))
    await house.put(i.Pause("guide01", "lunch"))
    await until("!!document.querySelector('.badge.warn')")
    yield "pause"
    await house.put(i.LogOut("guide01"))
    await until("!document.querySelector('.badge.warn')")
    yield "away"


async def lead(house: Reception, eyes: Eyes) -> AsyncIterator[str]:
    """A house in which somebody waits, somebody is at lunch and too many wait."""
    browser = eyes.desk.browser
    await house.put(i.Pause("guide01", "lunch"))
    await house.waits()
    await house.put(i.QueueAlarm(queue="kontakt", alarm="waiting", raised=True))
    await house.wait(2)
    for view in LEAD_VIEWS:
        await browser.evaluate(f"location.hash = '{view}'")
        await browser.until(f"document.querySelector('[role=tab][data-key={view}]')?.ariaSelected === 'true'")
        await browser.until("document.querySelector('[role=tabpanel] .board') !== null")
        yield view


async def administrator(house: Reception, eyes: Eyes) -> AsyncIterator[str]:
    """The pages that nobody else has."""
    house.configure()
    await eyes.desk.browser.until("!!document.querySelector('.pages')")
    for page, shown in ADMIN_PAGES.items():
        await eyes.desk.browser.evaluate(f"location.hash = '{page}'")
        await eyes.desk.browser.until(f"!!document.querySelector('{shown}')")
        yield page


async def coordinator(house: Reception, eyes: Eyes) -> AsyncIterator[str]:
    """The wallboard, in an empty house and in a full one."""
    await eyes.desk.browser.until("!!document.querySelector('.tile')")
    yield "empty"
    for _ in range(3):
        await house.waits()
    await house.wait(2)
    yield "full"


WALKS: Final[dict[Duty, tuple[str, Walk]]] = {
    "guide": ("guide01", guide),
    "operator": ("guide01", guide),
    "supervisor": ("", lead),
    "administrator": ("", administrator),
    "coordinator": ("", coordinator),
}
"""Duty to the agent that somebody of it is, and what there is to see."""


async def visit(
    house: Reception, open_desk: Callable[[str], Awaitable[Any]], duty: Duty, language: str, scheme: str
) -> None:
    """Sign in by keyboard, and look at all pages of a duty."""
    agent, walk = WALKS[duty]
    hire(house, "kim", duty, agent)
    desk: DeskPage = await open_desk(f"/desk?language={language}")
    screen = {"width": WIDTH, "height": HEIGHT, "deviceScaleFactor": 1, "mobile": False}
    await desk.browser.command("Emulation.setDeviceMetricsOverride", **screen)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    await desk.browser.command("Emulation.setEmulatedMedia", features=features)
    eyes = Eyes(desk, language, scheme)
    await desk.browser.until("!!document.querySelector('[type=password]')")
    await eyes.study("sign-in")
    await desk.sign_in_by_keys("kim")
    async for name in walk(house, eyes):
        await eyes.study(f"{duty}-{name}")
