"""What the commands show: tables, in colours on a terminal, in plain columns elsewhere."""

import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

COLOURS: Final = {
    "ready": "green", "reserved": "yellow", "paused": "blue", "not_responding": "red", "logged_out": "dim",
    "waiting": "yellow", "offered": "cyan", "connected": "green", "wrapping_up": "blue", "away": "dim",
    "open": "green", "closed": "dim", "chosen": "green",
}  # fmt: skip
"""Word to its colour."""
GAP: Final = "  "


class Shown(NamedTuple):
    """A table, and a line below it."""

    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    note: str = ""


def write(shown: Shown) -> None:
    """Write a table to standard output."""
    if shown.columns and sys.stdout.isatty():
        _colourful(shown)
    elif shown.columns:
        widths = [max(map(len, column)) for column in zip(shown.columns, *shown.rows, strict=True)]
        for row in (*([shown.columns] if any(shown.columns) else []), *shown.rows):
            line = GAP.join(text.ljust(width) for text, width in zip(row, widths, strict=True))
            sys.stdout.write(line.rstrip() + "\n")
    if shown.note:
        sys.stdout.write(f"{shown.note}\n")


def _colourful(shown: Shown) -> None:
    # Heavy; only people need it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    named = any(shown.columns)
    table = Table(*shown.columns, box=None, padding=(0, 2, 0, 0), header_style="bold", show_header=named)
    for row in shown.rows:
        table.add_row(*(Text(text, style=COLOURS.get(text.partition(" ")[0], "")) for text in row))
    Console().print(table)


def done(_: Any) -> Shown:
    """Show that something was done."""
    return Shown(note="Done.")


# ---- agents ----------------------------------------------------------------------------------------------------------


def agents(told: Mapping[str, Any]) -> Shown:
    """Show agents."""
    rows = [(one["id"], _state(one), _work(one), " ".join(one.get("queues", ()))) for one in told["agents"]]
    return Shown(("agent", "state", "in hand", "queues"), rows)


def agent(told: Mapping[str, Any]) -> Shown:
    """Show one agent, in full."""
    rows = [("agent", told["id"]), ("state", _state(told))]
    if told["state"] != "logged_out":
        rows.append(("idle for", _since(told.get("idle_since"))))
    offer = told.get("offer")
    if offer is not None:
        rows.append(("is asked", f"{offer['contact']} ({offer['channel']}, {offer['queue']}), offer {offer['offer']}"))
    for work in told.get("work", ()):
        aside = ", set aside" if work.get("aside") else ""
        rows.append(("in hand", f"{work['contact']} ({work['channel']}, {work['queue']}, {work['state']}{aside})"))
    rows.append(("could take", " ".join(told.get("room", ())) or "nothing now"))
    rows.append(("queues", ", ".join(f"{queue} {tier}" for queue, tier in told.get("queues", {}).items())))
    rows.append(("skills", ", ".join(f"{skill} {level}" for skill, level in told.get("skills", {}).items())))
    return Shown(("", ""), rows)


def _state(one: Mapping[str, Any]) -> str:
    if one.get("leaving"):
        return f"{one['state']} (leaving)"
    if one.get("pause"):
        return f"{one['state']} ({one['pause']})"
    if one.get("until"):
        return f"{one['state']} ({_in(one['until'])})"
    return str(one["state"])


def _work(one: Mapping[str, Any]) -> str:
    in_hand = [f"{work['contact']} {work['state']}" for work in one.get("work", ())]
    offer = one.get("offer")
    return ", ".join([*in_hand, *([f"{offer['contact']} offered"] if offer is not None else [])])


def called(told: Mapping[str, Any]) -> Shown:
    """Show which contact a call is."""
    return Shown(note=f"The phone rings; the contact is {told['contact']}.")


def begun(told: Mapping[str, Any]) -> Shown:
    """Show which contact came of it."""
    return Shown(note=f"Done; the contact is {told['contact']}.")


CHOICE_COLUMNS: Final = ("queue", "title", "way", "because", "waiting", "within", "comes back")


def choices(told: Mapping[str, Any]) -> Shown:
    """Show where a contact may be handed to."""
    rows = [_choice(one) for one in told["queues"]]
    return Shown(CHOICE_COLUMNS, rows) if rows else Shown(note="There is no second line.")


def _choice(one: Mapping[str, Any]) -> list[str]:
    within = f"{one['low']:.0f}-{one['high']:.0f} s" if "low" in one else ""
    back = f"after {one['comes_back']:g} s" if "comes_back" in one else ""
    return [one["queue"], one.get("title", ""), one["way"], one.get("obstacle", ""), str(one["waiting"]), within, back]


# ---- queues ----------------------------------------------------------------------------------------------------------

QUEUE_COLUMNS: Final = ("queue", "is", "title", "waiting", "longest", "ready", "free", "reserved", "paused", "target")


def queues(told: Mapping[str, Any]) -> Shown:
    """Show queues."""
    return Shown(QUEUE_COLUMNS, [_queue_row(one) for one in told["queues"]])


def queue(told: Mapping[str, Any]) -> Shown:
    """Show one queue with its settings."""
    one, settings = told["queue"], dict(told["settings"])
    steps = " then ".join(_needs(step) for step in settings.pop("steps"))
    row = _queue_row(one)
    rows = [*zip(QUEUE_COLUMNS, row, strict=True), ("requires", steps)]
    rows += [
        (name.replace("_", " "), f"{value:g}" if isinstance(value, float) else str(value))
        for name, value in settings.items()
    ]
    return Shown(("", ""), rows)


def _queue_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    counts = one["agents"]
    return (
        one["id"],
        "open" if one["open"] else "closed",
        one["title"],
        str(one["waiting"]),
        _since(one.get("first_since")),
        *(str(counts[name]) for name in ("ready", "free", "reserved", "paused")),
        f"{one['target_share']:.0%} within {_span(one['target_wait'])}",
    )


# ---- contacts --------------------------------------------------------------------------------------------------------


def contacts(told: Mapping[str, Any]) -> Shown:
    """Show a page of contacts."""
    rows = [
        (
            one["id"],
            one["channel"],
            one["state"],
            one.get("queue", ""),
            _since(one["arrived"]),
            _span(one["waited"]) if one.get("waited") is not None else "",
            _needs(one.get("needs", ())),
            one.get("agent", ""),
        )
        for one in told["contacts"]
    ]
    more = f"There are more: --after {told['next']}" if told["next"] is not None else ""
    return Shown(("contact", "channel", "state", "queue", "came", "waited", "needs", "agent"), rows, more)


CONTACT_WORDS: Final = ("id", "channel", "state", "entry", "language", "queue", "agent", "offer", "slot")


def contact(told: Mapping[str, Any]) -> Shown:
    """Show one contact, in full."""
    rows = [(name, str(told[name])) for name in CONTACT_WORDS if name in told]
    rows += [(name, _since(told[name])) for name in ("arrived", "since") if name in told]
    if told.get("waited") is not None:
        rows.append(("waited", f"{_span(told['waited'])} of the queue's open time"))
    if told.get("until") is not None:
        rows.append(("ends", _in(told["until"])))
    if told.get("needs"):
        rows.append(("needs", _needs(told["needs"])))
    rows += [("takes part", _party(party)) for party in told.get("parties", ())]
    if told.get("destination"):
        rows.append(("to", _destination(told["destination"])))
    if told.get("returned"):
        rows.append(("is back", told["returned"]["cause"].replace("_", " ")))
    rows += [(name, text) for name, text in told.get("notes", {}).items()]
    rows += [("", text) for name, text in STATES.items() if told.get(name)]
    if told.get("obstacle"):
        rows.append(("could not wait", told["obstacle"]))
    return Shown(("", ""), rows)


STATES: Final = {
    "connecting": "is still being connected",
    "held": "hears music",
    "aside": "is set aside for a live contact",
}


def _party(party: Mapping[str, Any]) -> str:
    return f"{party.get('agent', '')} at {_destination(party['destination'])} ({party['state']})".removeprefix(" at ")


def _destination(one: Mapping[str, Any]) -> str:
    if one["kind"] == "number":
        return f"a number ({one['country']})" if one.get("country") else "a number"
    return str(one.get("phone") or "a fixed phone")


def callbacks(told: Mapping[str, Any]) -> Shown:
    """Show promises to call back."""
    rows = [
        (one["id"], one["queue"], one["state"], str(one["attempts"]), _since(one.get("arrived")), one.get("agent", ""))
        for one in told["callbacks"]
    ]
    return Shown(("callback", "queue", "state", "attempts", "waits for", "agent"), rows)


# ---- visits ----------------------------------------------------------------------------------------------------------


def places(told: Mapping[str, Any]) -> Shown:
    """Show places that people visit, a row for each service."""
    rows = [
        (one["place"], "open" if one["open"] else "closed", service["service"], service.get("title", ""),
         str(service.get("waiting", 0)), _range(service), str(sum(1 for agent in one["desks"].values() if agent)))
        for one in told["places"]
        for service in one["services"]
    ]  # fmt: skip
    return Shown(("place", "is", "service", "title", "waiting", "expected", "desks staffed"), rows)


def board(told: Mapping[str, Any]) -> Shown:
    """Show what hangs in a waiting room."""
    rows = [(one["ticket"], f"to desk {one.get('desk', '')}", one["service"]) for one in told["called"]]
    rows += [(one["ticket"], "waits", one["service"]) for one in told["waiting"]]
    return Shown(("number", "", "service"), rows, "" if told["open"] else f"{told['place']} is closed.")


def times(told: Mapping[str, Any]) -> Shown:
    """Show times that can be booked, as UTC seconds and as the reader's clock shows them."""
    rows = [(f"{one['start']:.0f}", time.strftime("%a %d %b %H:%M", time.localtime(one["start"])), str(one["free"]))
            for one in told["times"]]  # fmt: skip
    return Shown(("start", "", "free"), rows)


def visit(told: Mapping[str, Any]) -> Shown:
    """Show how a visit stands."""
    rows = [(name, str(told[name])) for name in ("visit", "place", "service", "state", "ticket", "position", "desk")
            if told.get(name)]  # fmt: skip
    if told.get("high") is not None:
        rows.append(("expected", _range(told)))
    if told.get("obstacle"):
        rows.append(("cannot wait", f"{told['obstacle']}: {told['way']} {told.get('say', '')}".strip()))
    return Shown(("", ""), rows)


def _range(told: Mapping[str, Any]) -> str:
    return f"{_span(told['low'])} to {_span(told['high'])}" if told.get("high") is not None else ""


def promised(told: Mapping[str, Any]) -> Shown:
    """Show a promise to call back, to be read back."""
    return Shown(note=f"{told['number']} will be called back; the callback is {told['callback']}.")


# ---- mail ------------------------------------------------------------------------------------------------------------


def mailboxes(told: Mapping[str, Any]) -> Shown:
    """Show mailboxes."""
    rows = [
        (
            one["mailbox"],
            "read" if one["up"] else "away",
            _since(one["since"]),
            str(one["taken_through"]),
            one["trouble"],
        )
        for one in told["mailboxes"]
    ]
    return Shown(("mailbox", "is", "for", "taken in up to", "trouble"), rows)


def outbox(told: Mapping[str, Any]) -> Shown:
    """Show what of ours has not left."""
    rows = [
        (
            one["contact"],
            str(one["message"]),
            one["entry"],
            _since(one["added"]),
            str(one["attempts"]),
            one.get("failed") or "tried again",
        )
        for one in told["outbox"]
    ]
    return Shown(("contact", "message", "by", "waits for", "attempts", "state"), rows)


# ---- why -------------------------------------------------------------------------------------------------------------


def why_waiting(told: Mapping[str, Any]) -> Shown:
    """Show why a contact waits."""
    closed = "" if told["open"] else ", which is closed"
    words = [f"Number {told['position']} in {told['queue']}{closed}; has waited {_span(told['waited'])}"]
    words.append(f"urgency {told['urgency']:.2f}")
    words.append(f"needs {_needs(told['needs'])}")
    for name, text in (("widens_at", "more agents may serve it {}"), ("leaves_at", "is led elsewhere {}")):
        if told.get(name) is not None:
            words.append(text.format(_in(told[name])))
    if told.get("grace_until") is not None:
        words.append(f"waits for {told['preferred']} alone, {_in(told['grace_until'])}")
    return Shown(REASONS, [_reason(one) for one in told["agents"]], "; ".join(words) + ".")


def why_this_agent(told: Mapping[str, Any]) -> Shown:
    """Show why an offer was made to this agent."""
    behind = f"; before the overdue of {', '.join(told['behind'])}" if told["behind"] else ""
    note = f"{told['agent']} was asked about {told['contact']} by the rule {told['rule']}{behind}."
    return Shown(REASONS, [_reason(one) for one in told["agents"]], note)


REASONS: Final = ("agent", "because", "more")


def _reason(one: Mapping[str, Any]) -> tuple[str, str, str]:
    more = []
    if one.get("pause"):
        more.append(one["pause"])
    if one.get("missing"):
        more.append(f"lacks {_needs(one['missing'])}")
    if one.get("scarce"):
        more.append(f"kept free for {', '.join(one['scarce'])}")
    if one.get("until") is not None:
        more.append(_in(one["until"]))
    if one.get("idle") is not None:
        more.append(f"idle for {_span(one['idle'])}")
    return one["agent"], one["cause"].replace("_", " "), ", ".join(more)


# ---- words -----------------------------------------------------------------------------------------------------------


def _needs(needs: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(f"{need['skill']} {need.get('level', 1)}" for need in needs) or "nothing in particular"


def _since(at: float | None) -> str:
    return _span(max(time.time() - at, 0.0)) if at is not None else ""  # noqa: TID251 - as the one who reads sees it


def _in(at: float) -> str:
    left = at - time.time()  # noqa: TID251 - as the one who reads sees it
    return f"in {_span(left)}" if left > 0 else "now"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60:02} s" if whole < 600 else f"{whole // 60} min"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"


# ---- workers ---------------------------------------------------------------------------------------------------------


def workers(told: Mapping[str, Any]) -> Shown:
    """Show the SIP workers."""
    rows = [_worker(one) for one in told["workers"]]
    return Shown(("worker", "state", "legs", "admitted", "refused", "generation"), rows)


def worker(told: Mapping[str, Any]) -> Shown:
    """Show one worker."""
    return Shown(note=f"Worker {told['name']}: {_worker(told)[1]}, {told['legs']} legs.")


def _worker(one: Mapping[str, Any]) -> tuple[str, ...]:
    state = "ready" if one["room"] else "full"
    if one["draining"]:
        state = "draining"
    elif not one["up"]:
        state = "away"
    counts = (f"{one['legs']} of {one['legs_max']}", str(one["admitted"]), str(one["rejected"]))
    return one["name"], state, *counts, one["generation"]


# ---- crises ----------------------------------------------------------------------------------------------------------


def crises(told: Mapping[str, Any]) -> Shown:
    """Show crises, and plans for them."""
    rows = [_crisis(one) for one in told["crises"]]
    rows += [(one["name"], "plan", "", " ".join(one["languages"]), one["title"]) for one in told["plans"]]
    speaking = f"{told['spoken']} of {told['speaking']} announcements are spoken." if told["speaking"] else ""
    return Shown(("name", "is", "until", "languages", "title or last announcement"), rows, speaking)


def crisis(told: Mapping[str, Any]) -> Shown:
    """Show a crisis."""
    without = told["without"]
    note = f"Nothing is said in {', '.join(without)}: who speaks that is told it in the house's language."
    return Shown(("name", "is", "until", "languages", "announcement"), [_crisis(told)], note if without else "")


def invitation(told: Mapping[str, Any]) -> Shown:
    """Show a code in groups, as people type it."""
    code = told["code"]
    clock = time.strftime("%a %d %b %H:%M", time.localtime(told["until"]))
    row = (told["agent"], f"{code[:4]} {code[4:7]} {code[7:]}", clock)
    return Shown(("agent", "code", "until"), [row], "It is shown this once, for that agent alone.")


def _crisis(one: Mapping[str, Any]) -> Sequence[str]:
    until = one["measures"].get("until") if one["running"] else one["ended"]
    clock = time.strftime("%a %d %b %H:%M", time.localtime(until)) if until else ""
    texts = one["messages"][-1]["texts"] if one["messages"] else {}
    is_ = "running" if one["running"] else "over"
    return (one["name"], is_, clock, " ".join(texts), next(iter(texts.values()), one["title"]))
