"""What `vaxel run` says once the engine is ready: what to ring, what to look at, how to stop.

The supervisor takes over the process that was started, so a small process of its own waits for readiness, speaks, and
is gone.
"""

import os
import sys
import time
from pathlib import Path
from typing import Final, NamedTuple

from adapters.edge.passwords import Passwords
from engine.config import Loaded
from engine.datafolder import DataFolder
from engine.installation import Installation

EVERY_S: Final = 0.1
FIRST_LOOK_S: Final = 0.3
"""By then a second supervisor on the same folder has been refused."""
PATIENCE_S: Final = 15.0
GIVE_UP_S: Final = 300.0
LOOK_WITHIN_S: Final = 2.0
FIRST_FILE: Final = "first-password"


def start(loaded: Loaded, data: str) -> None:
    """Leave a process behind that greets when the engine is ready. It belongs to nobody: no zombie stays."""
    supervisor = os.getpid()
    sys.stdout.flush()
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    if os.fork():
        os._exit(0)
    try:
        _wait_and_greet(loaded, data, supervisor)
        sys.stdout.flush()
    except (KeyboardInterrupt, OSError):
        pass
    finally:
        os._exit(0)


def _wait_and_greet(loaded: Loaded, data: str, supervisor: int) -> None:
    web, mark = loaded.installation.web, DataFolder(Path(data)).mark
    begun = time.monotonic()
    time.sleep(FIRST_LOOK_S)
    asked_for_patience = False
    while _lives(supervisor) and time.monotonic() - begun < GIVE_UP_S:
        seen = look(web.url)
        ours = seen.mark == mark
        if ours and seen.ready:
            greet(loaded, data, supervisor)
            return
        if not asked_for_patience and time.monotonic() - begun > PATIENCE_S:
            asked_for_patience = True
            if ours:
                why = f": {seen.text}"
            elif seen.answers:
                why = f": {web.url} is answered by another program"
            else:
                why = ": the first start takes longest, while all prompts are spoken"
            sys.stdout.write(f"Vaxel is not ready yet{why}. `vaxel status --data {data}` shows its processes.\n")
            sys.stdout.flush()
        time.sleep(EVERY_S)


def _lives(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return False
    # The state follows the name, which may hold anything. A zombie waits only for its parent.
    return stat.rpartition(b") ")[2][:1] != b"Z"


class Seen(NamedTuple):
    """What /health/ready said."""

    answers: bool = False
    ready: bool = False
    mark: str = ""
    text: str = ""


def look(url: str) -> Seen:
    """Ask whoever listens there whether it is ready."""
    # 30 ms of imports, which only this process pays.
    import http.client
    import json

    from engine.remote import connection_to

    connection = connection_to(url, LOOK_WITHIN_S)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        told = json.loads(answer.read(65536))
        return Seen(True, answer.status == 200, str(told.get("mark", "")), str(told.get("text", "")).rstrip("."))
    except OSError:
        return Seen()
    except (http.client.HTTPException, ValueError, AttributeError):
        return Seen(answers=True)
    finally:
        connection.close()


def greet(loaded: Loaded, data: str, supervisor: int) -> None:
    """Say what to do next; as a panel on a terminal, else as plain lines."""
    rows = lines(loaded, data, f"Ctrl-C, or kill {supervisor}" if sys.stdout.isatty() else f"kill {supervisor}")
    rows[-3:-3] = sign_in(loaded, DataFolder(Path(data)), shown=sys.stdout.isatty())
    title = f"Vaxel is ready: {loaded.installation.city}"
    if not sys.stdout.isatty():
        sys.stdout.write("\n".join([title, *(f"{label:<8} {text}" for label, text in rows)]) + "\n")
        return
    # Heavy like the above.
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    for label, text in rows:
        table.add_row(Text(label, style="bold cyan"), Text(text))
    Console().print(Panel(table, title=title, title_align="left", border_style="cyan", expand=False, padding=(1, 2)))


def sign_in(loaded: Loaded, folder: DataFolder, *, shown: bool) -> list[tuple[str, str]]:
    """Return where people sign in and citizens ring, and at the first start how the first of them do: an administrator,
    and a guide of the example.

    Their passwords are shown to somebody who looks; output that goes to a log only names the private files with them.
    """
    from engine.account_commands import FIRST, first_accounts
    from web.accounts import AccountError

    installation = loaded.installation
    rows = [("Desk", f"{installation.web.url}/desk")]
    rows += [
        ("Web call", f"{installation.web.url}/public/v1/call/{page}") for page in list(installation.webcalls.pages)[:1]
    ]
    try:
        passwords = first_accounts(folder, _example_guide(loaded))
    except AccountError as error:
        return [*rows, ("Sign in", f"nobody can yet: {error}")]
    for name, password in passwords.items():
        label = "" if rows[-1][0] in ("Sign in", "") else "Sign in"
        if shown:
            rows.append((label, f"{name}, password {password} (shown this once; choose your own with it)"))
        else:
            file = FIRST_FILE if name == FIRST else f"{FIRST_FILE}-{name}"
            path = folder.write_private(file, password.encode() + b"\n")
            rows.append((label, f"{name}, password in {path}"))
    return rows


def _example_guide(loaded: Loaded) -> str:
    """Return an agent of the example who has yet to begin to work, and can in the page; empty where there is none."""
    if not loaded.installation.demo or not loaded.installation.browser_phones:
        return ""
    return next((agent.id for agent in loaded.core.agents.values() if not agent.signed_in), "")


def lines(loaded: Loaded, data: str, stop: str) -> list[tuple[str, str]]:
    """Return label and text of each line."""
    installation, core = loaded.installation, loaded.core
    sip = installation.sip
    host = sip.public_address or sip.address
    rows: list[tuple[str, str]] = []
    if installation.numbers:
        rows.append(("Ring", f"sip:{installation.numbers[0].number}@{host}:{sip.port}"))
    width = max((len(number.number) for number in installation.numbers[:9]), default=0)
    for index, number in enumerate(installation.numbers[:9]):
        title = f", {number.title}" if number.title else ""
        rows.append(("" if index else "Numbers", f"{number.number:<{width}}  {number.behind}{title}"))
    ready = [agent for agent in core.agents.values() if agent.signed_in]
    for index, agent in enumerate(ready[:3]):
        more = f" and {len(ready) - 3} more" if index == 2 and len(ready) > 3 else ""
        rows.append(("" if index else "Answers", f"{agent.id} at {_place(agent.address)}{more}"))
    if installation.edge == "kamailio" and installation.set_up_phones:
        rows += _phones(installation, [agent.address for agent in ready], data)
    if installation.demo and installation.edge == "kamailio":
        rows.append(("Demo", f"vaxel demo --data {data} lets a made-up city ring"))
    rows += [
        ("Look", installation.web.url),
        ("Status", f"vaxel status --data {data}"),
        ("Stop", stop),
    ]
    return rows


def _phones(installation: Installation, answering: list[str], data: str) -> list[tuple[str, str]]:
    """Return how a phone registers: best one at which somebody answers."""
    path = DataFolder(Path(data)).phones
    known = Passwords(path) if path.exists() else None
    missing = sorted(installation.set_up_phones - (known.names() if known is not None else set()))
    theirs = (address.partition(":")[2] for address in answering if address.startswith("phone:"))
    first = next((phone for phone in theirs if phone in installation.set_up_phones), "")
    phone = first or min(installation.set_up_phones)
    sip = installation.sip
    host = sip.public_address or sip.address
    where = f"{host}:{sip.port}" + (f", TLS at {host}:{sip.tls.port}" if sip.tls is not None else "")
    password = known.demonstrated().get(phone, "") if known is not None else ""
    rows = [("Phones", f"register, such as {phone}, at {where}")]
    if password:
        rows.append(("", f"password of {phone}: {password}; of all: vaxel phone list --data {data}"))
    if missing:
        one = phone if phone in missing else missing[0]
        number = f"{one} has no password yet" if len(missing) == 1 else f"{len(missing)} have no password yet"
        rows.append(("", f"{number}: vaxel phone add {one} --data {data}"))
    return rows


def _place(address: str) -> str:
    phone = address.removeprefix("phone:")
    return address if phone == address else f"phone {phone}"
