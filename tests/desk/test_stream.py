"""A page that was cut off, fell asleep or is signed out elsewhere: what it shows, and that it loses nothing."""

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from router import inputs as i
from tests.desk.conftest import DeskPage, hire
from tests.desk.looking import picture
from tests.web.house import Reception
from web import feeds

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium here")
LOST = "Connection lost"


def family(folder: Path) -> list[int]:
    """Return the processes of the browser whose profile is in a folder."""
    parents: dict[int, int] = {}
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            stat = (process / "stat").read_text()
        except OSError:
            continue
        parents[int(process.name)] = int(stat[stat.rindex(")") + 2 :].split()[1])
        if str(folder).encode() in command:
            found.add(int(process.name))
    grown = 0
    while grown < len(found):
        grown = len(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return sorted(found)


@contextmanager
def asleep(folder: Path) -> Iterator[None]:
    """Let a browser sleep, as a laptop does that was shut."""
    pids = family(folder)
    assert pids
    send(signal.SIGSTOP, pids)
    try:
        yield
    finally:
        send(signal.SIGCONT, pids)


def send(sign: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # browsers end some of their processes as they please
            os.kill(pid, sign)


async def note_banners(desk: DeskPage) -> None:
    """Have the page remember what it said in banners."""
    await desk.browser.evaluate("""
        window.said = [];
        new MutationObserver(() => {
            for (const one of document.querySelectorAll(".banner")) window.said.push(one.textContent);
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
    """)


@pytest.mark.parametrize("reason", ["slow", "silent"])
async def test_a_page_that_takes_nothing_comes_back_by_itself_and_loses_nothing(
    house: Reception, open_desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    monkeypatch.setattr(feeds, "WRITE_S", 0.3 if reason == "slow" else 20.0)
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 30.0 if reason == "slow" else 0.5)
    monkeypatch.setattr(feeds, "UNSENT_MAX", 4096)
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    await house.until(lambda: house.metric("vaxel_event_clients", form="websocket") == 1)
    await note_banners(desk)
    with asleep(tmp_path):
        for _ in range(40):
            if house.metric("vaxel_event_clients_cut_total", reason=reason):
                break
            for count in range(500 if reason == "slow" else 2):
                house.spine.submit(i.Pause("guide01", "lunch") if count % 2 else i.GoReady("guide01"))
            await house.put(i.TimePassed())
        await house.until(lambda: house.metric("vaxel_event_clients_cut_total", reason=reason) == 1, 20)
        await house.put(i.Pause("guide01", "break"))
    await desk.browser.until(f"window.said.some((text) => text.includes({LOST!r}))")
    await desk.browser.until(f"!document.body.innerText.includes({LOST!r})")
    await desk.reads("Rast")
    await house.put(i.GoReady("guide01"))
    await desk.reads("You are ready")
    assert house.metric("vaxel_event_clients_cut_total", reason=reason) == 1


async def test_the_banner_is_calm_and_can_be_read(house: Reception, open_desk: Any) -> None:
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    house.reception.stream.close()  # whoever comes back is refused, as while an engine stops
    await desk.reads(LOST)
    await picture(desk, "desk-lost")
    assert await desk.complaints() == []
    assert await desk.browser.evaluate("document.querySelector('.banner[role=status]') !== null")
    house.reception.stream.closing = False
    await desk.browser.until(f"!document.body.innerText.includes({LOST!r})")


async def test_who_is_signed_out_elsewhere_is_told_so_at_once(
    house: Reception, open_desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "STANDS_S", 0.05)
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    await house.until(lambda: house.metric("vaxel_event_clients", form="websocket") == 1)
    await house.reception._sign_in.sessions.end_all("anna")
    await desk.reads("You have been signed out")


async def test_a_page_listens_once_whatever_it_shows(house: Reception, open_desk: Any) -> None:
    hire(house, "lars", "supervisor")
    desk: DeskPage = await open_desk()
    await desk.sign_in("lars")
    await desk.reads("Växeln")
    await house.until(lambda: house.metric("vaxel_event_clients", form="websocket") == 1)
    for view in ("Agents", "Waiting contacts", "Wallboard"):
        await desk.press(view)
    await desk.reads("Växeln")
    assert house.metric("vaxel_event_clients", form="websocket") == 1


async def test_what_all_are_told_is_shown_soon_and_looked_for_at_different_times(
    house: Reception, open_desk: Any
) -> None:
    hire(house, "anna", "guide", "guide01")
    desk: DeskPage = await open_desk()
    await desk.sign_in("anna")
    await desk.reads("You are ready")
    await house.post("/notices", json={"text": "Brandövning klockan 14"}, role="supervisor")
    await desk.reads("Brandövning klockan 14")
