"""A desk in a real browser, on an engine in memory."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from bench.browser import Page
from tests.web.house import NOON, Reception
from web import accounts
from web.accounts import AccountFile, Duty, make
from web.pages import FOLDER

AXE = FOLDER / ".axe.js"
PASSWORD = "gul-cykel-i-regn"


@pytest.fixture
async def house() -> AsyncIterator[Reception]:
    async with Reception.open() as one:
        yield one


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


def hire(house: Reception, name: str, duty: Duty, agent: str = "", title: str = "") -> None:
    """Keep an account with a password of its own."""
    _, account = make(name, duty, NOON - 60, agent=agent, title=title)
    kept = msgspec.structs.replace(account, hash=accounts.hashed(PASSWORD), temporary=False)
    AccountFile(house.folder.accounts).add(kept)
    house.clock.time += 1


class DeskPage:
    """What somebody sees and presses, found as people find it: by its words."""

    def __init__(self, browser: Page) -> None:
        self.browser = browser

    async def press(self, name: str) -> None:
        """Press the button of that name, once it is there and can be pressed."""
        found = f"""(() => {{
            const read = (one) => {{
                const copy = one.cloneNode(true);
                copy.querySelectorAll("[aria-hidden]").forEach((hidden) => hidden.remove());
                return copy.textContent;
            }};
            const named = (one) => (one.getAttribute("aria-label") ?? read(one)).trim() === {name!r};
            const one = [...document.querySelectorAll("button, [role=tab]")].find(named);
            if (!one || one.disabled) return false;
            one.click();
            return true;
        }})()"""
        await self.browser.until(found)

    async def type(self, label: str, text: str) -> None:
        """Type into the field of that label."""
        found = f"""(() => {{
            const label = [...document.querySelectorAll("label")].find((one) => one.innerText.trim() === {label!r});
            const field = label && document.getElementById(label.htmlFor);
            if (!field) return false;
            field.focus();
            field.select();
            return true;
        }})()"""
        await self.browser.until(found)
        await self.browser.command("Input.insertText", text=text)

    async def holds(self, label: str) -> str:
        """Return what stands in the field of that label."""
        found = f"""(() => {{
            const label = [...document.querySelectorAll("label")].find((one) => one.innerText.trim() === {label!r});
            return document.getElementById(label.htmlFor).value;
        }})()"""
        return str(await self.browser.evaluate(found))

    async def tick(self, label: str) -> None:
        """Tick the box of that label."""
        found = f"""(() => {{
            const one = [...document.querySelectorAll("label")].find((each) => each.innerText.includes({label!r}));
            one?.querySelector("input").click();
            return !!one;
        }})()"""
        await self.browser.until(found)

    async def give(self, button: str, *files: Path) -> None:
        """Choose files by the button of that name."""
        found = f"""[...document.querySelectorAll("label.button")].find((one) => one.innerText.trim() === {button!r})"""
        await self.browser.until(f"{found} !== undefined")
        answer = await self.browser.command("Runtime.evaluate", expression=f"{found}.querySelector('input')")
        chooser = answer["result"]["objectId"]
        await self.browser.command("DOM.setFileInputFiles", objectId=chooser, files=[str(file) for file in files])

    async def choose(self, label: str, option: str) -> None:
        """Choose an option of a list, as somebody at the keyboard does."""
        found = f"""(() => {{
            const named = (one) => (one.getAttribute("aria-labelledby") ?? "").split(" ")
                .some((id) => document.getElementById(id)?.innerText.trim() === {label!r});
            const one = [...document.querySelectorAll("button[aria-haspopup]")].find(named);
            if (!one || one.disabled) return false;
            one.click();
            return true;
        }})()"""
        await self.browser.until(found)
        await self.browser.until(f"""(() => {{
            const named = (one) => one.innerText.trim() === {option!r};
            const one = [...document.querySelectorAll("[role=option]")].find(named);
            one?.click();
            return one !== undefined;
        }})()""")

    async def key(self, key: str) -> None:
        """Press a key."""
        code = {"Enter": 13, "ArrowDown": 40, "ArrowUp": 38, "Tab": 9, "Escape": 27}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            more = text if kind == "keyDown" else {}
            await self.browser.command(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more
            )

    async def reads(self, text: str) -> None:
        await self.browser.until_reads(text)

    async def complaints(self) -> list[str]:
        """Return what axe-core finds wrong on the page for people with assistive technology."""
        still = "document.getAnimations().every((one) => one.playState !== 'running')"
        await self.browser.until(still)  # what is on its way in has not its colours yet
        await self.browser.evaluate(AXE.read_text())
        asked = "axe.run().then((found) => JSON.stringify(found.violations))"
        answer = await self.browser.command("Runtime.evaluate", expression=asked, awaitPromise=True)
        violations = json.loads(answer["result"]["value"])
        return [f"{one['id']}: {node['html'][:160]}" for one in violations for node in one["nodes"]]

    async def sign_in_by_keys(self, name: str) -> None:
        """Sign in without a mouse, in whatever language: the name, Tab, the password, Enter."""
        await self.browser.evaluate("document.querySelector('input').focus()")
        await self.browser.command("Input.insertText", text=name)
        await self.key("Tab")
        await self.browser.command("Input.insertText", text=PASSWORD)
        await self.key("Enter")

    async def sign_in(self, name: str) -> None:
        await self.type("Name", name)
        await self.type("Password", PASSWORD)
        await self.press("Sign in")


@pytest.fixture
def open_desk(house: Reception, browse: Any) -> Any:
    """Return a function that opens the desk's page."""

    async def begin(path: str = "/desk?language=en") -> DeskPage:
        return DeskPage(await browse(house.url(path)))

    return begin
