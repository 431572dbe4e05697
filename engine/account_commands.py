"""`vaxel user`: makes and changes accounts of people who sign in, in the data folder's file; needs no engine."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from engine import tables
from engine.datafolder import DataFolder, DataFolderError
from web import accounts
from web.accounts import Account, AccountError, AccountFile, Duty

FIRST: Final = "admin"
WELL, MISTAKE = 0, 1


def add(data: Path, name: str, duty: Duty, agent: str, title: str, departments: tuple[str, ...]) -> int:
    """Make an account; its first password alone goes to standard output."""

    def work(file: AccountFile) -> str:
        password, account = accounts.make(
            name, duty, _now(), agent=agent, title=title, departments=tuple(sorted(set(departments)))
        )
        file.add(account)
        return password

    return _show(data, work)


def new_password(data: Path, name: str) -> int:
    """Give an account another first password; its sessions end."""

    def work(file: AccountFile) -> str:
        password = accounts.invent()
        kept = accounts.hashed(password)
        file.change(name, lambda one: _changed(one, hash=kept, temporary=True))
        return password

    return _show(data, work)


def disable(data: Path, name: str, *, disabled: bool) -> int:
    """Let an account in no longer, or again; its sessions end."""

    def work(file: AccountFile) -> None:
        file.change(name, lambda one: _changed(one, disabled=disabled))

    return _do(data, work, f"{'Disabled' if disabled else 'Enabled'}: {name}.")


def remove(data: Path, name: str) -> int:
    """Forget an account."""
    return _do(data, lambda file: file.remove(name), f"Removed: {name}.")


def listed(data: Path) -> int:
    """List the accounts, without what is secret."""
    try:
        found = _file(data).read()
    except (AccountError, DataFolderError) as error:
        return _mistake(error)
    rows = [
        (one.name, one.duty, one.agent, ", ".join(one.departments) or "all", _state(one), one.title) for one in found
    ]
    tables.write(tables.Shown(("name", "role", "agent", "departments", "state", "shown as"), rows))
    return WELL


def first_accounts(folder: DataFolder, guide: str = "") -> dict[str, str]:
    """Make the first account where there is none, `FIRST`, and in an example that of a `guide`, by the agent's id.

    Return their passwords; nothing where there are accounts. Raises AccountError.
    """
    if folder.accounts.exists():
        return {}
    file, passwords = AccountFile(folder.accounts), dict[str, str]()
    made = [accounts.make(FIRST, "administrator", _now())]
    made += [accounts.make(guide, "guide", _now(), agent=guide)] if guide else []
    for password, account in made:
        file.add(account)
        passwords[account.name] = password
    return passwords


def _show(data: Path, work: Callable[[AccountFile], str]) -> int:
    try:
        password = work(_file(data))
    except (AccountError, DataFolderError) as error:
        return _mistake(error)
    sys.stderr.write("The first password, shown once; another has to be chosen with it:\n")
    sys.stdout.write(f"{password}\n")
    return WELL


def _do(data: Path, work: Callable[[AccountFile], None], done: str) -> int:
    try:
        work(_file(data))
    except (AccountError, DataFolderError) as error:
        return _mistake(error)
    sys.stdout.write(f"{done}\n")
    return WELL


def _file(data: Path) -> AccountFile:
    folder = DataFolder(data)
    folder.made(folder.root)
    return AccountFile(folder.accounts)


def _changed(account: Account, **fields: object) -> Account:
    return msgspec.structs.replace(account, changed=_now(), **fields)


def _now() -> float:
    return time.time()  # noqa: TID251 - there is no engine here


def _state(account: Account) -> str:
    if account.disabled:
        return "disabled"
    return "first password" if account.temporary else "in use"


def _mistake(error: AccountError | DataFolderError) -> int:
    text = str(error)
    sys.stderr.write(f"{text[:1].upper()}{text[1:]}.\n")
    return MISTAKE
