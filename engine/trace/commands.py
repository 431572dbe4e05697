"""What `vaxel trace` and `vaxel capture` do. Each returns the exit code: 0 well, 1 not found, 2 cannot be done."""

import asyncio
import os
import re
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich.console import Console

from adapters.redis.address import Address
from adapters.trace.switch import LONGEST, Switch
from engine import tables
from engine.backup.errors import BackupError
from engine.backup.taking import address_of
from engine.config import ConfigError, Loaded, load, words
from engine.datafolder import DataFolder
from engine.trace import drawing, pcap
from engine.trace.finding import Finder, NotFound
from engine.trace.journal import Journal, JournalAway
from engine.trace.story import Kept, Story, tell
from router.dialling import normal

WELL: Final = 0
NOT_FOUND: Final = 1
CANNOT: Final = 2
LISTED: Final = 20
HOME: Final = "SE"
WIDE: Final = 200
"""Columns where there is no terminal."""


class Wanted(Struct, frozen=True, kw_only=True):
    """What is to be shown."""

    call: str = ""
    """A contact, leg, offer or Call-ID."""
    last: bool = False
    person: str = ""
    """A pseudonym."""
    number: bool = False
    """Ask for the number of who called."""
    full: bool = False
    as_json: bool = False
    pcap: Path | None = None
    svg: Path | None = None


class Cannot(Exception):
    """The text says what would be right."""


def trace(wanted: Wanted, config: Path | None, data: Path) -> int:
    """Show one call, or list those of late."""
    try:
        finder, journal, home = _opened(config, data)
        name = asyncio.run(_named(wanted, finder, journal, home))
        if not name:
            return _listed(finder)
        kept = asyncio.run(finder.find(name, full=wanted.full))
    except NotFound as error:
        sys.stderr.write(f"Not found: {error}.\n")
        return NOT_FOUND
    except Cannot as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT
    story = tell(kept)
    try:
        _write(wanted, kept, story)
    except OSError as error:
        sys.stderr.write(f"Cannot write {error.filename}: {(error.strerror or str(error)).lower()}.\n")
        return CANNOT
    return WELL


def _write(wanted: Wanted, kept: Kept, story: Story) -> None:
    if wanted.pcap is not None:
        _save(wanted.pcap, pcap.capture(kept.messages))
    if wanted.svg is not None:
        _save(wanted.svg, drawing.svg(story).encode())
    if wanted.as_json:
        sys.stdout.write(f"{msgspec.json.encode(story).decode()}\n")
    elif wanted.pcap is None and wanted.svg is None:
        drawing.draw(story, _console())


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE)


def _save(path: Path, content: bytes) -> None:
    """Write a file that only this user can read: even masked, it tells who rang when."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
        file.write(content)
    sys.stderr.write(f"Written: {path}\n")


def _opened(config: Path | None, data: Path) -> tuple[Finder, Journal, str]:
    folder = DataFolder(data)
    if not folder.root.is_dir():
        raise Cannot(f"There is no data folder {data}: name it with --data.")
    loaded = _loaded(config) if config is not None else None
    address = Address(path=str(folder.run / "redis.sock"))
    home = HOME
    if loaded is not None:
        home = loaded.core.dialling.home
        try:
            address = address_of(loaded.installation.redis_url, loaded.installation.redis_password_file) or address
        except BackupError as error:
            raise Cannot(f"{error}.") from None
    journal = Journal(address, folder.archive)
    return Finder(folder.trace, journal), journal, home


def _loaded(config: Path) -> Loaded:
    try:
        return load(config)
    except ConfigError:
        raise Cannot(f"The configuration has mistakes: see `vaxel check {config}`.") from None


async def _named(wanted: Wanted, finder: Finder, journal: Journal, home: str) -> str:
    """Return what names the call that is wanted; empty for a list. Raises NotFound, Cannot."""
    if wanted.last:
        return await finder.last()
    if wanted.person:
        return await finder.of_person(wanted.person)
    if wanted.number:
        # Not on the command line: that stays in histories and process lists.
        sys.stderr.write("Number: ")
        sys.stderr.flush()
        number = sys.stdin.readline().strip()
        try:
            person = await journal.person(normal(number, home))
        except JournalAway as error:
            raise Cannot(f"The journal cannot be asked: {error}.") from None
        return await finder.of_person(person)
    return wanted.call


def _listed(finder: Finder) -> int:
    rows = [
        (
            f"{datetime.fromtimestamp(one.at).astimezone():%Y-%m-%d %H:%M:%S}",
            one.contact or one.call,
            one.start,
            one.final,
        )
        for one in finder.recent(LISTED)
    ]
    note = "" if rows else "No calls are kept. They are where calls pass the edge, and `trace: keep` is not 0."
    tables.write(tables.Shown(("began", "call", "as", "answered with") if rows else (), rows, note))
    return WELL


# ---- whole messages --------------------------------------------------------------------------------------------------


def capture_on(data: Path, lasts: str) -> int:
    """Let whole messages be kept for a while."""
    try:
        seconds = words.some_seconds(re.sub(r"^(\d+)([a-z]+)$", r"\1 \2", lasts))
    except ValueError as error:
        sys.stderr.write(f"{error}.\n")
        return CANNOT
    if seconds > LONGEST:
        sys.stderr.write(f"At most {LONGEST / 3600:.0f} h: whole messages hold names and numbers.\n")
        return CANNOT
    return _switched(data, lambda switch: _on(switch, seconds))


def capture_off(data: Path) -> int:
    """Keep whole messages no longer."""
    return _switched(data, lambda switch: "Off now." if switch.clear() else "It was off.")


def capture_state(data: Path) -> int:
    """Tell whether whole messages are kept."""
    return _switched(data, _told)


def _switched(data: Path, act: Callable[[Switch], str]) -> int:
    folder = DataFolder(data)
    try:
        if not folder.trace.is_dir():
            raise Cannot(f"{data} holds no traces: name Vaxel's data folder with --data.")
        sys.stdout.write(f"{act(Switch(folder.trace))}\n")
    except Cannot as error:
        sys.stderr.write(f"{error}\n")
        return CANNOT
    except OSError as error:
        sys.stderr.write(f"Cannot switch: {(error.strerror or str(error)).lower()}.\n")
        return CANNOT
    return WELL


def _on(switch: Switch, seconds: float) -> str:
    on = switch.set(time.time(), seconds)  # noqa: TID251 - there is no engine here
    return (
        f"On until {_clock(on.until)}, from ten seconds from now: whole messages, names and numbers included. They are "
        "deleted after a day; `vaxel trace CALL --full` shows them."
    )


def _told(switch: Switch) -> str:
    on = switch.read()
    now = time.time()  # noqa: TID251
    return f"On until {_clock(on.until)}." if on is not None and now < on.until else "Off."


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"
