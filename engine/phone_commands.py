"""`vaxel phone`: the passwords by which phones register, in the data folder's file; needs no engine.

The edge looks a password up at each request, so a change counts at once. Whoever is registered by an old one is let go.
"""

import contextlib
import sqlite3
import sys
from pathlib import Path
from typing import Final

from adapters.edge import passwords, rpc
from adapters.edge.answers import Registered
from adapters.edge.passwords import Passwords
from engine import tables
from engine.config import words
from engine.datafolder import DataFolder, DataFolderError

WELL, MISTAKE = 0, 1
FROM_STDIN: Final = Path("-")
LONGEST: Final = 128


class PhoneError(Exception):
    """Nothing was changed; the text says why."""

    error_id = "phone_command"
    retryable = False


def set_password(data: Path, phone: str, given: Path | None, *, first: bool) -> int:
    """Give a phone its `first` password, or another. One that was made here is shown, this once: it alone goes to
    standard output."""
    try:
        known, folder = _known(data), DataFolder(data)
        has_one = words.phone(phone) in known.names()
        if first and has_one:
            raise PhoneError(f"phone {phone} has a password; `vaxel phone password {phone}` makes another")
        if not first and not has_one:
            raise PhoneError(f"phone {phone} has no password yet; `vaxel phone add {phone}` makes one")
        password = passwords.make() if given is None else _read(given)
        known.set(phone, password)
    except (PhoneError, DataFolderError, ValueError, OSError, sqlite3.Error) as error:
        return _mistake(error)
    _let_go(folder, phone)
    if first:
        sys.stderr.write(f"If phones.yaml does not name {phone} at the next start, it is taken away again.\n")
    if given is None:
        sys.stderr.write("This is shown once; type it into the phone.\n")
        sys.stdout.write(f"{password}\n")
    return WELL


def remove(data: Path, phone: str) -> int:
    """Take a phone's password away: it can register no more, and is not rung."""
    try:
        if not _known(data).remove(phone):
            raise PhoneError(f"phone {phone} has no password")
    except (PhoneError, DataFolderError, OSError, sqlite3.Error) as error:
        return _mistake(error)
    _let_go(DataFolder(data), phone)
    sys.stdout.write(f"Removed: {phone}.\n")
    return WELL


def listed(data: Path) -> int:
    """List the phones that have a password; it is shown only in a demonstration, which made it up."""
    try:
        known = _known(data)
        names, shown = known.names(), known.demonstrated()
    except (PhoneError, DataFolderError, OSError, sqlite3.Error) as error:
        return _mistake(error)
    try:
        there = rpc.ask(str(DataFolder(data).edge_socket), Registered, "ul.dump", "brief").names()
        registered = {name: "registered" if name in there else "" for name in names}
    except (rpc.EdgeAway, rpc.EdgeRefused):
        registered = dict.fromkeys(names, "?")
    rows = [(name, shown.get(name, "set"), registered[name]) for name in sorted(names)]
    note = "" if rows else "No phone has a password; `vaxel phone add NAME` makes one."
    tables.write(tables.Shown(("phone", "password", "now"), rows, note))
    return WELL


def _known(data: Path) -> Passwords:
    folder = DataFolder(data)
    folder.made(folder.edge)
    return Passwords(folder.phones)


def _read(given: Path) -> str:
    """Return the first line of a file."""
    with contextlib.nullcontext(sys.stdin) if given == FROM_STDIN else given.open(encoding="utf-8") as file:
        password = file.readline(LONGEST + 2).rstrip("\r\n")
    if not passwords.SHORTEST <= len(password) <= LONGEST:
        raise PhoneError(f"a password has {passwords.SHORTEST} to {LONGEST} characters")
    if not password.isprintable():
        raise PhoneError("a password holds nothing that cannot be typed")
    return password


def _let_go(folder: DataFolder, phone: str) -> None:
    """Forget where the phone was registered; an edge that does not run, or a phone that was not, needs nothing."""
    with contextlib.suppress(rpc.EdgeAway, rpc.EdgeRefused):
        rpc.ask(str(folder.edge_socket), object, "ul.rm", "location", phone)


def _mistake(error: Exception) -> int:
    text = str(error)
    sys.stderr.write(f"{text[:1].upper()}{text[1:]}.\n")
    return MISTAKE
