"""What people do at telephones, as the router hears it: they ring, press keys, ask for transfers, fall silent.

What an event means depends on the state that everything before it has led to, so each is worded when its turn comes.
Personal values (who rings, what number is meant) are kept apart here and go to the vault, never into facts.
"""

from collections.abc import Callable, Iterator
from typing import Final

from msgspec import structs

from adapters.sip.difference import Caller
from adapters.sip.fleet import Fleet, Worker
from adapters.sip.keypad import Keypad
from adapters.sip.protocol import (
    CallArrived,
    DigitPressed,
    LegEnded,
    LineTyped,
    MediaSilent,
    Redirect,
    ReferEnded,
    ReportTransfer,
    SendDigits,
    TransferAsked,
)
from adapters.sip.reaching import Reaching
from adapters.sip.reporting import arrived, ended, failure, worker_of
from adapters.sip.textlines import TextLines
from adapters.sip.wishes import Meaning, Wish, Wishes, agents_legs, outside_of, refusal_code
from ivr.actions import Connecting
from router.configuration import WEB_CALL
from router.contact import Connected, Contact, Forwarded, InFlow, parties_of
from router.dialling import PHONE, Number, address_of
from router.inputs import (
    ConnectionKnown,
    HungUp,
    Input,
    NotPickedUp,
    PhoneDialled,
    PickedUp,
    Refused,
    TimePassed,
)
from router.ports import Secret
from router.state import State

TRANSFERRED: Final = 200
NOTHING_KNOWN: Final = 603
"""Told to a phone that asks to be transferred to nobody we know."""
TRANSFER_MEANT: Final = 5.0
"""Seconds for which a phone that asked for a transfer hangs up for that reason, and not because the talk is over."""

Told = tuple[Input, tuple[Secret, ...]]
Submit = Callable[[Input, tuple[Secret, ...], Callable[[Refused | None], None] | None], None]


class Telephones:
    """Words what people do."""

    def __init__(
        self,
        submit: Submit,
        fleet: Fleet,
        reaching: Reaching,
        person: Callable[[str], str],
        keypad: Keypad,
        wishes: Wishes,
        lines: TextLines,
        *,
        relay: Callable[[str], bool] = lambda _number: False,
        may_call: Callable[[str], Number | None] = lambda _number: None,
        show_called: bool = False,
    ) -> None:
        """`relay` knows the numbers of relay services, which are no person's (rule 8); `may_call` reads a caller's
        number if it may be called back; `show_called`: agents see the number that was called instead of the caller's.
        """
        self.callers: dict[str, Caller] = {}
        """Contact to who is shown to agents; personal values, dropped with the contact."""
        self._submit = submit
        self._fleet = fleet
        self._reaching = reaching
        self._person = person
        self._keypad = keypad
        self._wishes = wishes
        self._lines = lines
        self._relay = relay
        self._may_call = may_call
        self._show_called = show_called
        self._transfers: set[str] = set()
        """Legs whose phones wait to hear of the transfer they asked for."""
        self._asked: dict[str, float] = {}
        """Leg to when its phone asked for a transfer last."""

    def forget_contact(self, contact: str) -> None:
        """A contact is over."""
        self.callers.pop(contact, None)
        if worker_of(contact) in self._fleet.workers:  # who chats may still read what was answered there
            self._keypad.forget(contact)
        self._lines.forget(contact)

    def forget_leg(self, leg: str) -> None:
        """A leg is gone."""
        self._transfers.discard(leg)
        self._wishes.forget(leg)

    def keep_number(self, meaning: Meaning) -> tuple[Secret, ...]:
        """Know the number that a request is about; return what the vault is to keep of it."""
        if meaning.destination is None or meaning.number is None:
            return ()
        self._reaching.remember(meaning.destination.address, meaning.number)
        return (Secret(meaning.destination.address, "number", meaning.number.dialled),)

    def know(self, person: str, written: str) -> None:
        """Know a person's number: it may be promised that they are called back."""
        number = self._may_call(written)
        if number is not None:
            self._reaching.remember(address_of(person), number)

    # ---- somebody rings us -------------------------------------------------------------------------------------

    def arrived(self, worker: Worker, source: str, event: CallArrived, state: State) -> Told:
        """Word that a citizen rings, or that a phone of the house dialled something."""
        meaning = self._wishes.meaning(event.called) if event.phone else Meaning(entry=True)
        if meaning.entry or ("call", event.called) in state.entries:
            relay = self._relay(event.caller)
            person, secrets = self._who(event, relay=relay)
            return arrived(event, source, person, relay=relay), secrets
        phone = f"{PHONE}{event.phone}"
        if meaning.code:
            return arrived(event, source), ()
        elsewhere = self._belongs_to(phone, meaning, state)
        if elsewhere is not None and elsewhere is not worker and elsewhere.address:
            worker.client.command(Redirect(0, event.leg, f"sip:{event.called}@{elsewhere.address}"))
            worker.forget(event.leg)
            return _nothing(source, event.n)
        self.callers[event.leg] = Caller(event.phone)
        dialled = PhoneDialled(
            leg=event.leg,
            phone=phone,
            destination=meaning.destination,
            slot=meaning.slot,
            refused=meaning.refused,
            source=source,
            number=event.n,
        )
        return dialled, self.keep_number(meaning)

    def _belongs_to(self, phone: str, meaning: Meaning, state: State) -> Worker | None:
        """Return the worker that has the call to which a phone's own call belongs, None when it stands alone."""
        contact = state.slots.get(meaning.slot, "") if meaning.slot else state.talk_at(phone)
        return self._fleet.home(contact, state) if contact else None

    def _who(self, event: CallArrived, *, relay: bool) -> tuple[str | None, tuple[Secret, ...]]:
        """Keep who rings apart from the facts; a person is known only by a number that a trunk vouches for (rule 8)."""
        if not event.caller:
            return None, (Secret(event.leg, "voucher", event.voucher),) if event.voucher else ()
        self.callers[event.leg] = Caller(event.called) if self._show_called else Caller(event.caller, event.display)
        if not event.asserted or relay:
            return None, (Secret(event.leg, "number", event.caller),)
        person = self._person(event.caller)
        self.know(person, event.caller)
        return person, (Secret(address_of(person), "number", event.caller),)

    # ---- what is asked for in a call ---------------------------------------------------------------------------

    def pressed(self, source: str, event: DigitPressed, state: State) -> Told:
        """Word a key: a citizen's is the flow's, an agent's part of a feature code, or for whom the agent has rung."""
        contact = state.contact_of(event.leg)
        if isinstance(contact, Connected) and event.leg in agents_legs(contact):
            pressed = self._wishes.pressed(contact, event.leg, event.digit, event.at)
            if pressed.wish is not None:
                self._ask(pressed.wish)
            elif pressed.through:
                self._pass_on(contact, event, state)
            return _nothing(source, event.n)
        # A citizen whom we dialled has a leg by another name than the contact's.
        pressed_by = contact.card.id if contact is not None and event.leg == contact.card.leg else event.leg
        return self._keypad.press(state, pressed_by, event.digit, source, event.n)

    def typed(self, source: str, event: LineTyped, state: State) -> Told:
        """Word a line of text, which is a message once it is over."""
        told, secrets = self._lines.typed(state, event)
        return structs.replace(told, source=source, number=event.n), secrets

    def _pass_on(self, contact: Connected, event: DigitPressed, state: State) -> None:
        """Let those outside hear a key, who may have a menu of their own."""
        worker = self._fleet.home(contact.card.id, state)
        for leg in outside_of(contact, event.leg):
            if worker is not None and leg not in contact.held:
                worker.client.command(SendDigits(0, leg, event.digit))

    def transfer(self, worker: Worker, event: TransferAsked, state: State) -> Callable[[], None] | None:
        """Grant a phone's transfer (REFER) as the same wish from any other side; return what refuses it at once."""
        contact = state.contact_of(event.leg)
        self._asked[event.leg] = event.at
        wish = self._wishes.transfer(contact, event) if isinstance(contact, Connected) else None
        if wish is None:
            return lambda: worker.client.command(ReportTransfer(0, event.leg, NOTHING_KNOWN))
        self._transfers.add(event.leg)

        def answered(refused: Refused | None) -> None:
            if event.leg in self._transfers:
                self._transfers.discard(event.leg)
                code = TRANSFERRED if refused is None else refusal_code(refused)
                worker.client.command(ReportTransfer(0, event.leg, code))

        self._ask(wish, answered)
        return None

    def before_hang_up(self, worker: Worker, leg: str) -> None:
        """Tell a phone that asked for a transfer of its success before it is hung up."""
        if leg in self._transfers:
            self._transfers.discard(leg)
            worker.client.command(ReportTransfer(0, leg, TRANSFERRED))

    def _ask(self, wish: Wish, answer: Callable[[Refused | None], None] | None = None) -> None:
        """Ask the router for what a phone wishes."""
        kept = tuple(secret for meaning in (wish.meaning, *wish.others) for secret in self.keep_number(meaning))
        self._submit(wish.request, kept, answer)

    # ---- what is found out about legs and flows ----------------------------------------------------------------

    def connect(self, contact: Contact | None) -> None:
        """Find out whom a flow means that connects its caller: the core knows neither numbers nor the directory."""
        if isinstance(contact, InFlow) and isinstance(contact.action, Connecting):
            meaning = self._wishes.asked_for(contact.action.kind, contact.action.key)
            told = ConnectionKnown(contact=contact.card.id, turn=contact.session.turn, destination=meaning.destination)
            self._submit(told, self.keep_number(meaning), None)

    def ended(self, source: str, event: LegEnded) -> Told:
        """Word that a leg is gone. Many phones hang up with a transfer, whatever becomes of it: where it was refused,
        the citizen is still there, and the agent's leg is lost."""
        told, asked = ended(event, source), self._asked.pop(event.leg, None)
        if isinstance(told, HungUp) and asked is not None and event.at - asked < TRANSFER_MEANT:
            told = structs.replace(told, cause="cut_off")
        return told, ()

    def silent(self, source: str, event: MediaSilent, state: State) -> Told:
        """Word that a phone of the house, or a page that rings us, is gone which neither speaks nor answers; others may
        just be silent."""
        contact = state.contact_of(event.leg)
        if not event.alive and contact is not None and event.leg in (*_phones_of(contact), *_page_of(contact)):
            return HungUp(leg=event.leg, cause="cut_off", source=source, number=event.n), ()
        return _nothing(source, event.n)

    def referred(self, worker: Worker, source: str, event: ReferEnded, state: State) -> Told:
        """Word that the trunk connected a citizen itself, or why not: as if a leg of ours to there had been rung."""
        known = worker.legs.get(event.leg)
        if known is not None:
            worker.legs[event.leg] = structs.replace(known, referred="")
        contact = state.contact_of(event.leg)
        if not isinstance(contact, Forwarded) or not contact.by_trunk or contact.party is None:
            return _nothing(source, event.n)
        leg = contact.party.leg
        if event.code < 300:
            return PickedUp(leg=leg, source=source, number=event.n), ()
        return NotPickedUp(leg=leg, cause=failure(event.code), source=source, number=event.n), ()


def _phones_of(contact: Contact) -> Iterator[str]:
    """Yield the legs of a contact that are telephones of the house."""
    if isinstance(contact, Connected):
        yield contact.offer
    for party in parties_of(contact):
        yield party.via
        if not party.destination.outside:
            yield party.leg


def _page_of(contact: Contact) -> Iterator[str]:
    """Yield the leg of a contact that is a page from which a citizen rings."""
    if contact.card.entry.startswith(WEB_CALL):
        yield contact.card.leg


def _nothing(source: str, number: int) -> Told:
    """Word that an event meant nothing to the router; it is heard all the same."""
    return TimePassed(source=source, number=number), ()
