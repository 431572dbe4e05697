"""`vaxel token`: makes, lists and revokes tokens of the API, in the data folder's file; needs no engine."""

import sys
import time
from pathlib import Path
from typing import Final

from engine import tables
from engine.datafolder import DataFolder, DataFolderError
from router.api import Role
from web.tokens import TokenError, TokenFile, make

LOCAL: Final = "local"
DAY_S: Final = 86_400
WELL, MISTAKE = 0, 1


def add(data: Path, name: str, role: Role, agent: str, days: int | None, departments: tuple[str, ...] = ()) -> int:
    """Make a token and show it, this once: it alone goes to standard output."""
    now = time.time()  # noqa: TID251 - there is no engine here
    try:
        if name == LOCAL:
            raise TokenError(f'"{LOCAL}" is the name of the command line\'s own token; choose another')
        expires = now + days * DAY_S if days is not None else None
        shown, token = make(name, role, agent, now, expires, tuple(sorted(set(departments))))
        _file(data).add(token)
    except (TokenError, DataFolderError) as error:
        return _mistake(error)
    sys.stderr.write("This is shown once; keep it where only its user may read it.\n")
    sys.stdout.write(f"{shown}\n")
    return WELL


def listed(data: Path) -> int:
    """List the tokens, without what is secret."""
    try:
        found = _file(data).read()
    except (TokenError, DataFolderError) as error:
        return _mistake(error)
    rows = [
        (one.name, one.role, one.agent, ", ".join(one.departments), _day(one.made), _day(one.expires)) for one in found
    ]
    tables.write(tables.Shown(("name", "role", "agent", "departments", "made", "expires"), rows))
    return WELL


def revoke(data: Path, name: str) -> int:
    """Revoke a token; the engine notices within a second."""
    try:
        _file(data).remove(name)
    except (TokenError, DataFolderError) as error:
        return _mistake(error)
    sys.stdout.write(f"Revoked: {name}.\n")
    return WELL


def _file(data: Path) -> TokenFile:
    folder = DataFolder(data)
    folder.made(folder.root)
    return TokenFile(folder.tokens)


def _mistake(error: TokenError | DataFolderError) -> int:
    text = str(error)
    sys.stderr.write(f"{text[:1].upper()}{text[1:]}.\n")
    return MISTAKE


def _day(at: float | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at is not None else "never"
