"""Events in words that whoever runs a switchboard understands. Pure.

A citizen is a number, given in the order in which citizens are first spoken of. Who rings whom over which leg is left
out; so is what follows from something that has been said already.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from engine.demo.town import Town
from router.configuration import WEB_CALL

Event = Mapping[str, Any]

GOOD, WAIT, BAD, MOVE, NOTE = "good", "wait", "bad", "move", "note"

OBSTACLES: Final = {
    "closed": "it is closed",
    "nobody": "nobody is there who could answer",
    "full": "the line is full",
    "too_long": "it took too long",
    "asked": "by a key",
}
LANGUAGES: Final = {"sv": "Swedish", "en": "English", "fi": "Finnish", "ar": "Arabic"}
CAUSES: Final = {
    "busy": "is busy",
    "no_answer": "does not answer",
    "declined": "declines",
    "unreachable": "cannot be reached",
    "refused": "may not be rung",
    "hung_up": "hung up",
    "cut_off": "was cut off",
    "dropped": "is let go",
    "parked": "was not fetched",
}
RETURNS: Final = {
    "leg_lost": "the agent's phone was lost",
    "handed_back": "handed back",
    "not_connected": "not connected",
    "park_over": "nobody fetched the call",
}
PROMISES: Final = {
    "kept": "was called back",
    "reached_otherwise": "has been served otherwise",
    "gave_up": "was not reached",
}
READ: Final = {
    "report": "a fault report",
    "message": "a message",
    "form": "a form",
    "mail": "a mail",
    "post": "a text message",
    "question": "a question",
}
"""What waits by itself to be read."""
COMES: Final = {
    "report": "has left a fault report",
    "message": "has left a message",
    "form": "has filled in a form",
    "mail": "has written a mail",
    "post": "has sent a text message",
    "chat": "opens a chat",
}


class Said(NamedTuple):
    """An event as it is told."""

    at: float
    """UTC seconds."""
    text: str
    tone: str
    """`good`, `wait`, `bad`, `move` or `note`."""


class Teller:
    """Turns events into words; remembers when callers began to wait and to talk, and who was rung for them."""

    def __init__(self, town: Town, names: Mapping[str, str]) -> None:
        """`names` of people and functions of the directory, by id, as far as they are known."""
        self._town = town
        self._names = names
        self._titles = {number.number: number.title for number in town.loaded.installation.numbers}
        self._pauses = town.loaded.installation.pauses
        self._waits: dict[str, float] = {}
        self._talks: dict[str, float] = {}
        self._numbers: dict[str, int] = {}
        self._rung: dict[str, str] = {}
        """Contact to who was last rung for it besides agents."""

    def say(self, event: Event) -> Said | None:
        """Return what happened in words; None for what is not worth telling."""
        form = FORMS.get(str(event["type"]))
        text = form.words(self, event) if form is not None else ""
        if event["type"] == "contact.ended":
            for known in (self._waits, self._talks, self._rung):
                known.pop(str(event["contact"]), None)
        return Said(float(event["at"]), text, form.tone) if form is not None and text else None

    # ---- names -------------------------------------------------------------------------------------------------

    def who(self, event: Event) -> str:
        """Return how somebody is called."""
        return self._citizen(str(event["contact"]))

    def _citizen(self, contact: str) -> str:
        """Return the number of a contact; what a caller leaves, or is promised, has the caller's."""
        call = contact.partition(".")[0]
        return f"citizen {self._numbers.setdefault(call, len(self._numbers) + 1)}"

    def queue(self, event: Event) -> str:
        """Return a queue's title."""
        return self._town.title(str(event.get("queue", "")))

    def target(self, destination: Mapping[str, Any]) -> str:
        """Return who is to be rung."""
        person = str(destination.get("person", ""))
        return self._names.get(person) or str(destination.get("phone", "")) or person or "a number outside"

    # ---- words -------------------------------------------------------------------------------------------------

    def arrived(self, event: Event) -> str:
        """Somebody reached us."""
        channel = str(event.get("channel", ""))
        if channel in COMES:
            return f"{self.who(event)} {COMES[channel]}"
        entry = str(event.get("entry", ""))
        if entry.startswith(WEB_CALL):
            return f"{self.who(event)} rings from a page"
        if entry not in self._titles:  # codes that agents dial are entries too
            return ""
        by = " by text telephone" if channel == "text" else ""
        return f"{self.who(event)} rings {self._titles[entry] or entry}{by}"

    def ticket(self, event: Event) -> str:
        """A visitor has a number."""
        return f"{self.who(event)} comes to {self._place(event)} and takes number {event.get('ticket')}"

    def called(self, event: Event) -> str:
        """A visitor is called to a desk."""
        desk = str(event.get("desk", "")).partition("/")[2]
        return f"{event.get('agent', 'an agent')} calls {self.who(event)} to desk {desk}"

    def _place(self, event: Event) -> str:
        place = str(event.get("place", ""))
        words = self._town.loaded.installation.places.get(place)
        return (words.title if words is not None else "") or place

    def queued(self, event: Event) -> str:
        """Somebody waits."""
        if event.get("channel") in READ:
            return ""
        self._waits.setdefault(str(event["contact"]), float(event["at"]))
        return f"{self.who(event)} waits for {self.queue(event)}"

    def accepted(self, event: Event) -> str:
        """An agent answers."""
        contact, at = str(event["contact"]), float(event["at"])
        self._talks.setdefault(contact, at)
        if event.get("channel") in READ:
            return f"{event['agent']} reads {READ[str(event['channel'])]} of {self.who(event)}"
        if event.get("channel") == "visit":
            self._waits.pop(contact, None)
            return ""  # the number is called
        begun = self._waits.pop(contact, None)
        waited = f", who waited {span(at - begun)}" if begun is not None else ""
        return f"{event['agent']} answers {self.who(event)}{waited}"

    def missed(self, event: Event) -> str:
        """An agent did not answer."""
        why = CAUSES.get(str(event.get("cause")), "does not answer")
        return f"{event['agent']} {why}; {self.who(event)} keeps the place"

    def ended(self, event: Event) -> str:
        """A contact is over."""
        contact, who = str(event["contact"]), self.who(event)
        talked = span(float(event["at"]) - self._talks[contact]) if contact in self._talks else ""
        match event.get("outcome"):
            case "served" if event.get("channel") in READ:
                return f"{event.get('agent', 'an agent')} has dealt with {READ[str(event['channel'])]} of {who}"
            case "served":
                return f"{who} was served{f' within {talked}' if talked else ''}"
            case "connected":
                return f"{who} has talked with {self._rung.get(contact, 'whom they asked for')}"
            case "resumed":
                return f"{who} has rung again and keeps the place"
            case "turned_away":
                return f"{who} was told why nobody can answer"
            case "lost":
                return f"{who} was cut off"
            case "no_show":
                return f"{who} was called and did not come"
            case "not_reached":
                return f"{who} could not be reached"
            case "abandoned" if contact in self._waits:
                return f"{who} gave up"
            case _:
                return ""

    def left(self, event: Event) -> str:
        """A citizen is gone, and the place is kept."""
        return f"{self.who(event)} gave up; the place is kept" if event.get("cause") == "hung_up" else ""

    def way_out(self, event: Event) -> str:
        """Somebody cannot wait."""
        why = OBSTACLES.get(str(event.get("obstacle")), str(event.get("obstacle")))
        to = self._town.title(str(event.get("to", ""))) if event.get("way") == "queue" else str(event.get("way"))
        return f"{self.who(event)} leaves the line of {self.queue(event)}, {why}: on to {to}"

    def returned(self, event: Event) -> str:
        """A contact is back."""
        why = RETURNS.get(str(event.get("cause")))
        rung = self._rung.get(str(event["contact"]), "")
        if event.get("cause") == "not_connected" and rung:
            why = f"{rung} was not reached"
        return f"{self.who(event)} is back with {event.get('preferred') or 'the line'}: {why}" if why else ""

    def hold(self, event: Event) -> str:
        """Somebody hears music, or not any more."""
        held = "citizen" in (event.get("held") or ())
        return f"{event['agent']} {'puts' if held else 'takes'} {self.who(event)} {'on' if held else 'off'} hold"

    def invited(self, event: Event) -> str:
        """Somebody is rung besides."""
        name = str(event.get("to") or "") or self.target(event["destination"])
        self._rung[str(event["contact"])] = name
        return f"{event['agent']} asks {name} about {self.who(event)}"

    def joined(self, event: Event) -> str:
        """Somebody who was rung talks."""
        name = self._rung.get(str(event["contact"]), "")
        return f"{name} answers for {self.who(event)}" if name else ""

    def parted(self, event: Event) -> str:
        """Somebody who was rung does not talk (any more)."""
        cause = str(event.get("cause"))
        name = self._rung.get(str(event["contact"]), "")
        return f"{name} {CAUSES.get(cause, cause)}" if name and cause not in ("dropped", "hung_up") else ""

    def handed_over(self, event: Event) -> str:
        """A contact has another agent."""
        return f"{event['agent']} leaves {self.who(event)} to {event['to']}"

    def forwarded(self, event: Event) -> str:
        """A citizen is sent on."""
        name = str(event.get("to") or "") or self.target(event["destination"])
        self._rung[str(event["contact"])] = name
        by = event.get("agent")
        return f"{by} sends {self.who(event)} on to {name}" if by else f"{self.who(event)} is put through to {name}"

    def waits_for_busy(self, event: Event) -> str:
        """Somebody is busy, and is waited for."""
        return f"{self.who(event)} waits until {self._rung.get(str(event['contact']), 'a phone')} is free"

    def parked(self, event: Event) -> str:
        """A citizen waits in a slot."""
        return f"{event['agent']} parks {self.who(event)} in slot {event['slot']}"

    def taken(self, event: Event) -> str:
        """An agent fetches somebody, or rings somebody."""
        return f"{event['agent']} takes {self.who(event)}"

    def promised(self, event: Event) -> str:
        """Somebody will be called back."""
        who = self._citizen(str(event.get("callback", event.get("contact", ""))))
        return f"{who} will be called back by {self.queue(event)}"

    def promise_closed(self, event: Event) -> str:
        """A promise is kept, or is none any more."""
        who = self._citizen(str(event.get("callback", event.get("contact", ""))))
        how = PROMISES.get(str(event.get("cause")))
        return f"{who} {how}" if how else ""

    def told(self, event: Event) -> str:
        """Somebody in line hears how it stands."""
        low, high, position = event.get("low"), event.get("high"), event.get("position")
        place = f"number {position}" if position is not None else ""
        wait = f"{span(low or 0.0)} to {span(high)}" if high is not None else ""
        return f"{self.who(event)} hears: {', '.join(filter(None, (place, wait)))}" if place or wait else ""

    def paused(self, event: Event) -> str:
        """An agent takes a pause."""
        reason = str(event.get("reason", ""))
        return f"{event['agent']} has a pause: {self._pauses.get(reason) or reason}" if reason else ""

    def language(self, event: Event) -> str:
        """Somebody chose a language."""
        language = str(event.get("language", ""))
        return f"{self.who(event)} speaks {LANGUAGES.get(language, language)}"


class Form(NamedTuple):
    """How a type of event is told."""

    words: Callable[[Teller, Event], str]
    tone: str


FORMS: Final[dict[str, Form]] = {
    "house.leader_changed": Form(lambda _, event: f"an engine took the lead, number {event.get('epoch')}", NOTE),
    "queue.opened": Form(lambda teller, event: f"{teller.queue(event)} opens", NOTE),
    "queue.closed": Form(lambda teller, event: f"{teller.queue(event)} closes", NOTE),
    "phone.lost": Form(lambda _, event: f"phone {event['phone']} is gone", BAD),
    "agent.logged_in": Form(lambda _, event: f"{event['agent']} begins to work", NOTE),
    "agent.logged_out": Form(lambda _, event: f"{event['agent']} goes home", NOTE),
    "agent.paused": Form(Teller.paused, NOTE),
    "agent.not_responding": Form(lambda _, event: f"{event['agent']} let it ring, and gets no calls for now", BAD),
    "contact.arrived": Form(Teller.arrived, NOTE),
    "visit.ticket_issued": Form(Teller.ticket, NOTE),
    "visit.called": Form(Teller.called, GOOD),
    "visit.back": Form(lambda teller, event: f"{teller.who(event)} is back", WAIT),
    "contact.language_chosen": Form(Teller.language, NOTE),
    "contact.queued": Form(Teller.queued, WAIT),
    "contact.told": Form(Teller.told, WAIT),
    "contact.way_out_taken": Form(Teller.way_out, WAIT),
    "contact.left": Form(Teller.left, BAD),
    "contact.returned": Form(Teller.returned, MOVE),
    "contact.hold_changed": Form(Teller.hold, MOVE),
    "contact.handed_over": Form(Teller.handed_over, MOVE),
    "contact.forwarded": Form(Teller.forwarded, MOVE),
    "contact.forward_waits": Form(Teller.waits_for_busy, MOVE),
    "contact.parked": Form(Teller.parked, MOVE),
    "contact.taken": Form(Teller.taken, MOVE),
    "contact.citizen_reached": Form(lambda teller, event: f"{teller.who(event)} answers the call back", GOOD),
    "contact.ended": Form(Teller.ended, GOOD),
    "party.invited": Form(Teller.invited, MOVE),
    "party.joined": Form(Teller.joined, MOVE),
    "party.left": Form(Teller.parted, MOVE),
    "offer.accepted": Form(Teller.accepted, GOOD),
    "offer.declined": Form(Teller.missed, BAD),
    "offer.missed": Form(Teller.missed, BAD),
    "callback.registered": Form(Teller.promised, MOVE),
    "callback.closed": Form(Teller.promise_closed, GOOD),
}


def span(seconds: float) -> str:
    """Return a time as people read it.

    >>> span(75)
    '1:15'
    """
    whole = max(round(seconds), 0)
    return f"{whole // 60}:{whole % 60:02}"


def clock(hour: float) -> str:
    """Return an hour of the day as a clock shows it.

    >>> clock(9.5)
    '09:30'
    """
    minutes = int(hour * 60)
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def local(at: float) -> str:
    """Return a moment as this machine's clock shows it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S")
