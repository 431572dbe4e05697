"""What people ask for at a telephone of the house: by what they dial, by feature codes in a call, by the phone's own
transfer key (REFER). Each becomes the same request as from a desk or program."""

import re
from collections.abc import Iterator
from typing import Final, Literal, Protocol

from msgspec import Struct

from adapters.sip.invitation import read_party
from adapters.sip.protocol import TransferAsked
from ivr.actions import ConnectKind
from router import inputs as i
from router.contact import Connected
from router.dialling import Destination, Number
from router.inputs import AnyRequest, Refused

Action = Literal[
    "hold", "consult", "conference", "connect", "swap", "forward", "camp", "park", "hand_back", "drop", "tape"
]

CODES: Final[dict[str, Action]] = {
    "*1": "hold",
    "*2": "consult",
    "*3": "conference",
    "*4": "connect",
    "*5": "swap",
    "*6": "forward",
    "*7": "park",
    "*8": "camp",
    "*9": "hand_back",
    "*0": "drop",
    "**": "tape",
}
"""Keys an agent presses in a call; `consult`, `forward` and `camp` go on with a number and #."""
WITH_NUMBER: Final = frozenset({"consult", "forward", "camp"})
PAUSE_MAX: Final = 8.0
"""Seconds between two keys of a code; later ones begin anew."""
DIGITS_MAX: Final = 20
_DIALLED: Final = re.compile(r"[0-9A-Za-z+*#._-]{1,64}")

REFUSAL_CODES: Final = {"busy": 486, "number_bad": 404, "phone_gone": 480, "number_country": 403, "number_refused": 403}
"""Refusals by their `error_id` to what a phone is told; others are 603."""


def refusal_code(refused: Refused) -> int:
    """Return the SIP status for a refused transfer."""
    return REFUSAL_CODES.get(refused.error_id, 603)


def agents_legs(contact: Connected) -> tuple[str, ...]:
    """Return the legs of the agent who leads a talk: the first one, and the second line if the telephone has one."""
    return (contact.offer, *(party.via for party in contact.parties if party.via))


def outside_of(contact: Connected, leg: str) -> Iterator[str]:
    """Yield the legs of people outside whom an agent has rung and talks with on `leg`."""
    called = contact.card.destination
    if called is not None and called.outside and contact.calling_until is None and leg == contact.offer:
        yield contact.card.leg
    for party in contact.parties:
        if party.destination.outside and party.joined and leg == (party.via or contact.offer):
            yield party.leg


class Meaning(Struct, frozen=True):
    """What somebody dialled at a phone of the house."""

    entry: bool = False
    """One of our own entries: the phone rings us like anybody else."""
    queue: str = ""
    """To which that entry leads straight."""
    destination: Destination | None = None
    number: Number | None = None
    """The number behind a destination outside: a personal value."""
    code: bool = False
    """A code for something that agents do by telephone: an entry for phones of the house alone."""
    slot: str = ""
    """Where a contact is parked that is to be fetched."""
    refused: bool = False
    """The dial gate refused it."""


class Wish(Struct, frozen=True):
    """What is to be asked of the router."""

    request: AnyRequest
    meaning: Meaning = Meaning()
    """Of the number that goes with it."""


class Pressed(Struct, frozen=True):
    """What a key means that an agent pressed in a call."""

    wish: Wish | None = None
    """What it completes."""
    through: bool = False
    """It is no part of a code: whoever is rung outside is to hear it."""


class Dialplan(Protocol):
    """Tells what a dialled number means, and whom a flow means."""

    def __call__(self, dialled: str) -> Meaning: ...
    def asked_for(self, kind: ConnectKind, key: str) -> Meaning: ...


class Wishes:
    """Understands what phones ask for."""

    def __init__(self, dialplan: Dialplan, codes: dict[str, Action] | None = None) -> None:
        """`dialplan` tells what a dialled number means."""
        self._dialplan = dialplan
        self._codes = CODES if codes is None else codes
        self._keys: dict[str, tuple[str, float]] = {}
        """Leg to the keys pressed so far, and when the last was."""

    def meaning(self, dialled: str) -> Meaning:
        """Return what somebody means who dials this."""
        return self._dialplan(dialled) if _DIALLED.fullmatch(dialled) else Meaning(refused=True)

    def asked_for(self, kind: ConnectKind, key: str) -> Meaning:
        """Return whom a flow means that connects its caller."""
        return self._dialplan.asked_for(kind, key)

    def forget(self, leg: str) -> None:
        """A leg is gone."""
        self._keys.pop(leg, None)

    def transfer(self, contact: Connected, asked: TransferAsked) -> Wish | None:
        """Return what a phone asks for by REFER; None when that is nothing we know (RFC 3515, RFC 3891).

        It is the citizen who is sent on: whoever is on a second line is not, unless to connect both.
        """
        if asked.leg not in (agents_legs(contact) if asked.replaces else (contact.offer,)):
            return None
        if asked.replaces:
            ours = (*agents_legs(contact), *(party.leg for party in contact.parties))
            return Wish(i.Connect(contact.card.id)) if asked.replaces in ours else None
        meaning = self.meaning(read_party(f"<{asked.target}>").user)
        return _towards(contact, "forward", meaning)

    def pressed(self, contact: Connected, leg: str, digit: str, at: float) -> Pressed:
        """Take a key that an agent pressed in a call; return what is to come of it."""
        keys, last = self._keys.get(leg, ("", at))
        keys = digit if at - last > PAUSE_MAX else keys + digit
        wish = self._completed(contact, keys)
        begun = keys[:1] in {code[0] for code in self._codes} and len(keys) <= DIGITS_MAX and not keys.endswith("#")
        if wish is not None or not begun:
            self.forget(leg)
        else:
            self._keys[leg] = keys, at
        return Pressed(wish, through=keys == digit and not begun)

    def _completed(self, contact: Connected, keys: str) -> Wish | None:
        code = next((code for code in self._codes if keys.startswith(code)), "")
        if not code:
            return None
        action, rest = self._codes[code], keys[len(code) :]
        if action not in WITH_NUMBER:
            return Wish(_request(contact, action))
        if not rest.endswith("#"):
            return None
        return _towards(contact, action, self.meaning(rest[:-1]))


def _request(contact: Connected, action: Action) -> AnyRequest:
    id_ = contact.card.id
    match action:
        case "hold":
            return i.Resume(id_) if contact.card.leg in contact.held else i.Hold(id_)
        case "conference":
            return i.Resume(id_)
        case "connect":
            return i.Connect(id_)
        case "swap":
            return i.Swap(id_)
        case "park":
            return i.Park(id_)
        case "hand_back":
            return i.HandBack(id_)
        case "drop":
            return i.DropParty(id_)
        case "tape":
            paused = contact.taping is not None and contact.taping.state == "paused"
            return i.ResumeRecording(id_) if paused else i.PauseRecording(id_)
        case _:
            raise AssertionError(f"{action} goes with a number")


def _towards(contact: Connected, action: Action, meaning: Meaning) -> Wish | None:
    """Return the wish to do something with whoever is meant; a queue of ours is nobody to talk to."""
    id_, destination = contact.card.id, meaning.destination
    if action == "consult":
        return Wish(i.Consult(id_, destination), meaning) if destination is not None else None
    if meaning.queue:
        return Wish(i.SendToQueue(id_, meaning.queue))
    return Wish(i.Forward(id_, destination, camp=action == "camp"), meaning) if destination is not None else None
