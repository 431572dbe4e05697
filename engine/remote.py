"""The commands that ask a running engine, `vaxel agent`, `queue`, `contact` and so on: the API's clients.

Each is a row of `VERBS`: a path of the API, and what is shown. `engine.cli` runs them without Typer, which costs a
tenth of a second; `engine.commandline` makes Typer's commands, with help, of the same rows. How the engine is reached,
and a token for it, stand in run/api.json of the data folder, which only Vaxel's user may read.
"""

import http.client
import json
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from engine import tables
from engine.datafolder import DataFolder

PEM_END: Final = "-----END CERTIFICATE-----"

WELL: Final = 0
REFUSED: Final = 1
CANNOT: Final = 2

LOCAL_FILE: Final = "api.json"
MESSAGE: Final = "message"
WITHIN_S: Final = 30.0
ANSWER_MAX: Final = 16 * 1024 * 1024

Show = Callable[[Any], tables.Shown]


class Verb(NamedTuple):
    """One command."""

    group: str
    name: str
    method: str
    path: str
    help: str
    show: Show = tables.done
    arguments: tuple[str, ...] = ()
    """Fields of the API that are written one after the other."""
    options: tuple[str, ...] = ()
    """Fields that are written as `--name VALUE`."""
    to: tuple[str, ...] = ()
    """Those that together make the field `to`."""
    switches: tuple[str, ...] = ()
    """Fields that are true when `--name` is there."""
    times: tuple[str, ...] = ()
    """Fields that are UTC seconds, and written as this machine's clock shows them: 2026-11-27T14:30."""
    many: tuple[str, ...] = ()
    """Fields that are lists, written a,b,c; `message` is written LANGUAGE=TEXT, once for each, and makes `messages`."""
    speaks: bool = False
    """It takes as long as speaking texts does: on a terminal one sees how far that is."""


ONE: Final = ("contact",)
TO: Final = ("agent", "phone", "number", "person", "anyway")
VERBS: Final = (
    Verb("agent", "list", "GET", "/agents", "List agents.", tables.agents, (), ("queue", "state")),
    Verb("agent", "show", "GET", "/agents/{agent}", "Show an agent.", tables.agent, ("agent",)),
    Verb(
        "agent", "login", "POST", "/agents/{agent}/log-in", "Begin to work.", tables.agent,
        ("agent",), ("phone", "desk"),
    ),
    Verb("agent", "logout", "POST", "/agents/{agent}/log-out", "Leave.", tables.agent, ("agent",)),
    Verb("agent", "ready", "POST", "/agents/{agent}/ready", "Take offers.", tables.agent, ("agent",)),
    Verb(
        "agent", "pause", "POST", "/agents/{agent}/pause", "Take no offers for a while.", tables.agent,
        ("agent", "reason"),
    ),
    Verb(
        "agent", "retrieve", "POST", "/slots/{slot}/retrieve", "Fetch a parked contact.", arguments=("agent", "slot")
    ),
    Verb(
        "agent", "call", "POST", "/agents/{agent}/call", "Call somebody: the agent's phone rings first.",
        tables.called, ("agent",), ("queue",), ("phone", "number", "person", "anyway"), ("anyway",),
    ),
    Verb("queue", "list", "GET", "/queues", "List the queues with what goes on in them.", tables.queues),
    Verb("queue", "show", "GET", "/queues/{queue}", "Show a queue and its settings.", tables.queue, ("queue",)),
    Verb(
        "contact", "list", "GET", "/contacts", "List the contacts that live.", tables.contacts, (),
        ("queue", "state", "channel", "agent", "limit", "after"),
    ),
    Verb("contact", "show", "GET", "/contacts/{contact}", "Show a contact.", tables.contact, ONE),
    Verb("contact", "why", "GET", "/contacts/{contact}/why-waiting", "Tell why it waits.", tables.why_waiting, ONE),
    Verb("contact", "finish", "POST", "/contacts/{contact}/finish", "End the talk.", arguments=ONE),
    Verb("contact", "hand-back", "POST", "/contacts/{contact}/hand-back", "Return it to the line.", arguments=ONE),
    Verb("contact", "end-wrap-up", "POST", "/contacts/{contact}/end-wrap-up", "Be done with it.", arguments=ONE),
    Verb("contact", "extend-wrap-up", "POST", "/contacts/{contact}/extend-wrap-up", "Take longer.", arguments=ONE),
    Verb("contact", "hold", "POST", "/contacts/{contact}/hold", "Let the citizen hear music.", arguments=ONE),
    Verb("contact", "resume", "POST", "/contacts/{contact}/resume", "Talk with all who are held.", arguments=ONE),
    Verb(
        "contact", "consult", "POST", "/contacts/{contact}/consult", "Ring somebody and talk with them first.",
        arguments=ONE, to=(*TO, "queue"), switches=("anyway",),
    ),
    Verb("contact", "swap", "POST", "/contacts/{contact}/swap", "Talk with those who are held.", arguments=ONE),
    Verb("contact", "connect", "POST", "/contacts/{contact}/connect", "Leave the others to talk.", arguments=ONE),
    Verb(
        "contact", "drop-party", "POST", "/contacts/{contact}/drop-party", "Let who was consulted go.",
        arguments=ONE, options=("party",),
    ),
    Verb(
        "contact", "forward", "POST", "/contacts/{contact}/forward", "Send the citizen on.",
        arguments=ONE, to=TO, switches=("camp", "anyway"),
    ),
    Verb(
        "contact", "interpreter", "POST", "/contacts/{contact}/interpreter", "Have an interpreter join.",
        arguments=("contact", "language"),
    ),
    Verb(
        "contact", "describe", "POST", "/contacts/{contact}/describe", "Say what it was about.",
        arguments=("contact", "reason"), options=("gap", "agent"), switches=("avoidable", "follow_up"),
    ),
    Verb("contact", "park", "POST", "/contacts/{contact}/park", "Leave the citizen in a slot.", arguments=ONE),
    Verb(
        "contact", "send-to-queue", "POST", "/contacts/{contact}/send-to-queue", "Let it wait in another queue.",
        arguments=("contact", "queue"), options=("note",),
    ),
    Verb(
        "contact", "queues", "GET", "/contacts/{contact}/queues", "Tell what would happen in the second line.",
        tables.choices, ONE, ("queue",),
    ),
    Verb(
        "contact", "leave", "POST", "/contacts/{contact}/leave", "Leave it for a queue's people, open or not.",
        tables.begun, ("contact", "queue", "text"),
    ),
    Verb(
        "contact", "ask", "POST", "/contacts/{contact}/ask", "Ask a queue's people in writing.",
        tables.begun, ("contact", "queue", "text"),
    ),
    Verb(
        "contact", "remark", "POST", "/contacts/{contact}/remarks", "Write something for colleagues.",
        arguments=("contact", "text"),
    ),
    Verb("contact", "help", "POST", "/contacts/{contact}/help", "Want somebody who leads.", arguments=ONE),
    Verb("contact", "end-help", "POST", "/contacts/{contact}/end-help", "Want no help any more.", arguments=ONE),
    Verb(
        "contact", "take-part", "POST", "/contacts/{contact}/take-part", "Help: a phone rings, and all talk.",
        arguments=ONE, to=TO, switches=("anyway",),
    ),
    Verb("contact", "call-back", "POST", "/contacts/{contact}/call-back", "Promise to call back.", arguments=ONE),
    Verb(
        "contact", "promise-callback", "POST", "/contacts/{contact}/promise-callback",
        "Promise to call back in person, at a time such as 2026-11-27T14:30.",
        arguments=("contact", "due"), options=("number",), times=("due",),
    ),
    Verb(
        "offer", "why", "GET", "/offers/{offer}/why-this-agent", "Tell why it was made to this agent.",
        tables.why_this_agent, ("offer",), ("event",),
    ),
    Verb("offer", "accept", "POST", "/offers/{offer}/accept", "Take the contact.", arguments=("offer",)),
    Verb("offer", "decline", "POST", "/offers/{offer}/decline", "Leave it to others.", arguments=("offer",)),
    Verb("visit", "places", "GET", "/places", "List places that people visit.", tables.places),
    Verb("visit", "board", "GET", "/places/{place}/board", "Show a waiting-room board.", tables.board, ("place",)),
    Verb(
        "visit", "times", "GET", "/places/{place}/times", "List times that can be booked.", tables.times,
        ("place", "service"),
    ),
    Verb(
        "visit", "ticket", "POST", "/places/{place}/tickets", "Give somebody who is here a number.", tables.visit,
        ("place", "service"), ("language", "number"),
    ),
    Verb(
        "visit", "book", "POST", "/places/{place}/bookings", "Book one of the times that are free.", tables.visit,
        ("place", "service", "start"), ("language", "number"), times=("start",),
    ),
    Verb("visit", "show", "GET", "/visits/{visit}", "Show how a visit stands.", tables.visit, ("visit",)),
    Verb("visit", "check-in", "POST", "/visits/{visit}/check-in", "Say to be here.", tables.visit, ("visit",)),
    Verb("visit", "leave", "POST", "/visits/{visit}/leave", "Give up the wait or the time.", arguments=("visit",)),
    Verb("visit", "next", "POST", "/agents/{agent}/call-next", "Call the next.", tables.visit, ("agent",)),
    Verb(
        "visit", "record", "POST", "/agents/{agent}/visits", "Serve somebody without a ticket.", tables.visit,
        ("agent", "service"), ("place", "language"),
    ),
    Verb("visit", "call-again", "POST", "/contacts/{contact}/call-again", "Call it once more.", arguments=ONE),
    Verb("visit", "no-show", "POST", "/contacts/{contact}/no-show", "Go on without who does not come.", arguments=ONE),
    Verb("worker", "list", "GET", "/system", "List the SIP workers.", tables.workers),
    Verb(
        "worker", "drain", "POST", "/workers/{worker}/drain", "Admit nobody to it; it starts anew when its calls end.",
        tables.worker, ("worker",), switches=("anyway",),
    ),
    Verb("callback", "list", "GET", "/callbacks", "List promises to call back.", tables.callbacks),
    Verb(
        "callback", "times", "GET", "/queues/{queue}/callback-times", "List times that can be booked.", tables.times,
        ("queue",),
    ),
    Verb(
        "callback", "ask", "POST", "/callbacks", "Promise to call somebody back.", tables.promised,
        ("queue", "number"), ("language",),
    ),
    Verb(
        "callback", "not-reached", "POST", "/contacts/{contact}/not-reached",
        "Say that a machine answered, or somebody else.", arguments=ONE,
    ),
    Verb(
        "callback", "cancel", "POST", "/callbacks/{callback}/cancel", "Cancel a promise.", arguments=("callback",)
    ),
    Verb(
        "callback", "hand-over", "POST", "/callbacks/{callback}/hand-over", "Let another queue keep a promise.",
        arguments=("callback", "queue"),
    ),
    Verb("mail", "list", "GET", "/mail/mailboxes", "List the mailboxes, and whether they are read.", tables.mailboxes),
    Verb(
        "mail", "outbox", "GET", "/outbox", "List what of ours has not left.", tables.outbox,
        options=("limit",), switches=("failed",),
    ),
    Verb("mail", "again", "POST", "/outbox/{contact}/{message}/again", "Try it now.", arguments=("contact", "message")),
    Verb(
        "mail", "drop", "POST", "/outbox/{contact}/{message}/drop", "Somebody has seen to it.",
        arguments=("contact", "message"),
    ),
    Verb("crisis", "list", "GET", "/crises", "List crises, and plans for them.", tables.crises),
    Verb(
        "crisis", "start", "POST", "/crises", "Announce something, and do what a plan says.", tables.crisis,
        ("name",), ("message", "queues", "areas", "until", "triage", "helpers", "places"),
        switches=("all", "callback_only"), many=("message", "queues", "areas", "helpers", "places"), speaks=True,
    ),
    Verb(
        "crisis", "say", "POST", "/crises/{crisis}/say", "Announce something else.", tables.crisis,
        ("crisis",), ("message",), many=("message",), speaks=True,
    ),
    Verb(
        "crisis", "amend", "POST", "/crises/{crisis}/amend", "Change what is done.", tables.crisis,
        ("crisis",), ("queues", "areas", "until", "triage", "helpers", "places"), switches=("all", "callback_only"),
        many=("queues", "areas", "helpers", "places"),
    ),
    Verb("crisis", "end", "POST", "/crises/{crisis}/end", "Let everything be as before.", tables.crisis, ("crisis",)),
    Verb(
        "crisis", "join", "POST", "/crises/{crisis}/join", "Let an agent help.", tables.crisis, ("crisis", "agent")
    ),
    Verb(
        "crisis", "invite", "POST", "/crises/{crisis}/invite", "Make a code to join with at a telephone.",
        tables.invitation, ("crisis", "agent"),
    ),
    Verb(
        "crisis", "leave", "POST", "/crises/{crisis}/leave", "Let an agent help no longer.", tables.crisis,
        ("crisis", "agent"),
    ),
)  # fmt: skip

GROUPS: Final = {
    "agent": "Agents: how they are, and what they do.",
    "queue": "Queues: what goes on in them.",
    "contact": "Contacts: who waits, and why; what is done with them.",
    "offer": "Offers: why one was made; taking one.",
    "visit": "Visits: places, tickets, and who is called.",
    "callback": "Promises to call back.",
    "mail": "Mail: mailboxes, and what of ours waits to leave.",
    "worker": "SIP workers: how they are, and replacing them.",
    "crisis": "Crises: announcements, and what is done until they end.",
}


class Cannot(Exception):
    """A command cannot be carried out; the text says what to do."""

    def __init__(self, text: str, code: int = CANNOT) -> None:
        super().__init__(text)
        self.code = code


Given = Mapping[str, Any]
"""Field to value, a string or several; switches are true."""


def run(verb: Verb, given: Given, data: Path, *, as_json: bool) -> int:
    """Carry a command out and show the answer; return the exit code."""
    try:
        body = _ask_showing(verb, given, data) if verb.speaks and sys.stderr.isatty() else ask(verb, given, data)
    except Cannot as error:
        sys.stderr.write(f"{error}\n")
        return error.code
    if as_json:
        sys.stdout.write(body.decode() + "\n" if body else "")
    else:
        tables.write(verb.show(json.loads(body) if body else None))
    return WELL


def _ask_showing(verb: Verb, given: Given, data: Path) -> bytes:
    from rich.console import Console

    from engine.speaking import showing

    return showing(lambda: ask(verb, given, data), lambda method, path: send(data, method, path), Console(stderr=True))


def ask(verb: Verb, given: Given, data: Path) -> bytes:
    """Return the body of the answer. Raises Cannot."""
    left: dict[str, Any] = {name: value for name, value in given.items() if f"{{{name}}}" not in verb.path}
    to = {name: left.pop(name) for name in verb.to if name in left}
    if to:
        left["to"] = to
    left |= {name: _seconds(left[name]) for name in verb.times}
    left |= {name: str(left[name]).split(",") for name in verb.many if name in left and name != MESSAGE}
    if MESSAGE in left:
        left["messages"] = _messages(left.pop(MESSAGE))
    path = verb.path.format_map({name: quote(str(value), safe="") for name, value in given.items()})
    if verb.method == "GET":
        return send(data, verb.method, path, query=left)
    return send(data, verb.method, path, json.dumps(left).encode())


def _messages(written: object) -> dict[str, str]:
    """Read LANGUAGE=TEXT, one or several."""
    found = {}
    for one in written if isinstance(written, list) else [written]:
        language, equals, text = str(one).partition("=")
        if not equals:
            raise Cannot(f'"{one}" names no language; write it as sv=TEXT.')
        found[language.strip()] = text.strip()
    return found


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        raise Cannot(f'"{time}" is no time; write it as 2026-11-27T14:30.') from None


def send(
    data: Path,
    method: str,
    path: str,
    body: bytes | None = None,
    *,
    media: str = "application/json",
    query: Mapping[str, str] | None = None,
    within: float = WITHIN_S,
    answer_max: int = ANSWER_MAX,
) -> bytes:
    """Ask the engine of a data folder, within so many seconds, and return the body of its answer. Raises Cannot."""
    url, token = _local(data)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": media}
    whole = "/api/v1" + path + (f"?{urlencode(query)}" if query else "")
    connection = connection_to(url, within)
    try:
        connection.connect()
        if url.startswith("https:") and not _is_ours(connection, data):
            raise Cannot(f"{url} is answered by somebody else: another certificate is shown there.")
        connection.request(method, whole, body, headers)
        answer = connection.getresponse()
        told = answer.read(answer_max)
    except (OSError, http.client.HTTPException) as error:
        raise Cannot(_nobody(url, data, error)) from None
    finally:
        connection.close()
    if answer.status >= 400:
        raise Cannot(_refusal(answer.status, told), REFUSED)
    return told


def connection_to(url: str, within: float) -> http.client.HTTPConnection:
    """Return what connects to a Vaxel on this machine. By TLS, whoever answers may be anybody until that is asked."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https":
        return http.client.HTTPConnection(host, parts.port, timeout=within)
    import ssl

    # Who signed it, for which name, says nothing here: what counts is that it is the very one (`_is_ours`).
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection(host, parts.port, timeout=within, context=context)


def _is_ours(connection: http.client.HTTPConnection, data: Path) -> bool:
    """Tell whether who answers shows what lies in the data folder, before a token is told."""
    try:
        shown = connection.sock.getpeercert(binary_form=True)  # type: ignore[union-attr]
        return bool(shown == certificate(DataFolder(data)))
    except (OSError, ValueError):
        return False


def certificate(folder: DataFolder) -> bytes:
    """Return the certificate (DER) that the web server shows by TLS. Raises OSError, ValueError."""
    import ssl

    pem = folder.web_tls.read_text("ascii")
    return ssl.PEM_cert_to_DER_cert(pem[: pem.index(PEM_END) + len(PEM_END)])


def _local(data: Path) -> tuple[str, str]:
    path = DataFolder(data).run / LOCAL_FILE
    try:
        told = json.loads(path.read_bytes())
        return str(told["url"]), str(told["token"])
    except FileNotFoundError:
        raise Cannot(
            f"No Vaxel has run on {data} yet: start it with `vaxel run`, or name its folder with --data."
        ) from None
    except PermissionError:
        raise Cannot(f"{path} belongs to another user: run this as the user that runs Vaxel.") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Cannot(f"{path} cannot be read: {error}") from None


def _nobody(url: str, data: Path, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"Vaxel at {url} does not answer. `vaxel status --data {data}` shows its processes."
    return f"Nobody answers at {url}: Vaxel does not run on {data}. `vaxel status --data {data}` shows its processes."


def _refusal(status: int, told: bytes) -> str:
    try:
        problem = json.loads(told)
        again = " Try again in a moment." if problem["retryable"] else ""
        text = str(problem["detail"])
        return f"Refused: {text[:1].upper()}{text[1:]}.{again} ({problem['error_id']})"
    except (ValueError, KeyError, TypeError):
        return f"Refused: status {status}."


def written(field: str) -> str:
    """Return how a field is written as an option."""
    return field.replace("_", "-")


def parse(words: list[str]) -> tuple[Verb, dict[str, str | bool], Path, bool] | None:
    """Read a plainly written command: what is asked, the data folder, whether as JSON; None for anything else."""
    verb = next((one for one in VERBS if words[:2] == [one.group, one.name]), None)
    if verb is None:
        return None
    switches = {"--json", *(f"--{written(switch)}" for switch in verb.switches)}
    on = switches.intersection(words[2:])
    rest = [word for word in words[2:] if word not in switches]
    if len(rest) < len(verb.arguments):
        return None
    given = dict(zip(verb.arguments, rest, strict=False))
    options = rest[len(verb.arguments) :]
    named = dict(zip(options[::2], options[1::2], strict=False))
    known = {"--data", *(f"--{option}" for option in (*verb.options, *verb.to))}
    plain = len(options) == 2 * len(named) and known.issuperset(named)
    if not plain or any(not value or value.startswith("-") for value in (*given.values(), *named.values())):
        return None
    data = Path(named.pop("--data", "data"))
    fields: dict[str, str | bool] = {**given, **{name.removeprefix("--"): value for name, value in named.items()}}
    fields |= {name: True for name in verb.switches if f"--{written(name)}" in on}
    return verb, fields, data, "--json" in on
