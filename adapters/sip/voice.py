"""The engine's side of telephone calls: events become reports, decisions become commands, and one reconcile.

`Voice` follows the spine. For each contact that a turn touched it compares how its legs should be (`plan`) with how
they are, and sends the difference once the facts are kept. Attaching to a worker, its return, a restart of the engine
and the watchdog all do the same for every contact of that worker.

All legs of a contact live on one worker: that of the leg that rang us, or, when we began to call, the one with most
room at that time.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from msgspec import Struct, structs

from adapters.sip.client import Line
from adapters.sip.difference import GONE_CODE, Caller, Dialled, LegNow, difference, ordered, recorded
from adapters.sip.keypad import Keypad
from adapters.sip.plan import CITIZEN_CHANNELS, LegPlan, Sounds, legs_of
from adapters.sip.protocol import (
    SILENCE,
    Attached,
    CallArrived,
    Command,
    CommandFailed,
    Dial,
    DigitPressed,
    Event,
    HangUp,
    LegAnswered,
    LegEnded,
    MediaSilent,
    RecordingEnded,
    Redirect,
    ReportTransfer,
    TransferAsked,
    without_peer,
)
from adapters.sip.reaching import Reaching
from adapters.sip.reporting import generation_of, report, worker_of
from adapters.sip.wishes import Meaning, Wish, Wishes, refusal_code
from router.contact import Connected, Contact, InFlow, owner_of
from router.facts import AnyFact, ContactRefused
from router.inputs import CitizenGone, HungUp, Input, NotPickedUp, PhoneDialled, Refused, SpeechRecorded, TimePassed
from router.offer import Accepted
from router.ports import Secret
from router.state import State

log = logging.getLogger("vaxel.sip")

REFUSED_CODES: Final = {"unknown_entry": 404, "not_allowed": 403, "busy": 486}
CROSSED: Final = frozenset({"leg_unknown", "peer_unknown", "leg_exists", "recording_unknown", "transfer_unknown"})
"""Failures of commands that crossed with the end, or the return, of a leg or recording."""
TRANSFERRED: Final = 200

Submit = Callable[[Input, tuple[Secret, ...], Callable[[Refused | None], None] | None], None]


class Counters(Struct):
    """What went on, for metrics."""

    events: int = 0
    commands: int = 0
    failed: int = 0
    """Commands a worker could not carry out."""
    reconciled: int = 0
    """Commands sent because a comparison found a difference."""
    unheeded: int = 0
    """Events that mean nothing to the router."""
    undialled: int = 0
    """Legs that could not be dialled: no number known, or no trunk for it."""


class Worker(Struct):
    """What is believed of a worker's legs."""

    client: Line
    address: str = ""
    """`host:port` of its SIP, for callers that are sent there."""
    legs: dict[str, LegNow] = {}
    by_contact: dict[str, set[str]] = {}
    owners: dict[str, str] = {}
    """Leg to the contact under which it stands in `by_contact`."""
    heard: int = 0
    """Number of the last event taken in since the connection came up."""
    trusted: bool = False
    """Compared since the connection came up."""
    unreleased: int = 0
    """Commands decided on that wait for their facts to be kept."""

    def believe(self, leg: str, now: LegNow, contact: str) -> None:
        """Take a leg for a contact's, wherever it stood before."""
        self.forget(leg)
        self.legs[leg] = now
        self.owners[leg] = contact
        self.by_contact.setdefault(contact, set()).add(leg)

    def forget(self, leg: str) -> None:
        """A leg is gone."""
        self.legs.pop(leg, None)
        contact = self.owners.pop(leg, "")
        legs = self.by_contact.get(contact)
        if legs is not None:
            legs.discard(leg)
            if not legs:
                del self.by_contact[contact]


class Voice:
    """All workers, and the calls on them."""

    def __init__(
        self,
        state: Callable[[], State],
        submit: Submit,
        look: Callable[[Callable[[State], Callable[[], None] | None]], None],
        tell: Callable[[Callable[[State], tuple[Input, tuple[Secret, ...]]]], None],
        sounds: Sounds,
        reaching: Reaching,
        person: Callable[[str], str],
        keypad: Keypad,
        wishes: Wishes,
        *,
        relay: Callable[[str], bool] = lambda _number: False,
        show_called: bool = False,
    ) -> None:
        """`relay` knows the numbers of relay services, which are no person's (rule 8); `show_called`: agents see the
        number that was called instead of the caller's."""
        self.workers: dict[str, Worker] = {}
        self.counters = Counters()
        self.callers: dict[str, Caller] = {}
        """Contact to who is shown to agents; personal values, dropped with the contact."""
        self.on_rejected: Callable[[str], None] = lambda _worker: None
        self._state = state
        self._submit = submit
        self._look = look
        self._tell = tell
        self._sounds = sounds
        self._reaching = reaching
        self._person = person
        self._keypad = keypad
        self._wishes = wishes
        self._relay = relay
        self._show_called = show_called
        self._homes: dict[str, str] = {}
        """Contact to its worker, where its name does not tell."""
        self._transfers: set[str] = set()
        """Legs whose phones wait to hear of the transfer they asked for."""

    def add(self, client: Line, address: str = "") -> None:
        """Take a worker into service; `address` is where it takes SIP."""
        self.workers[client.name] = Worker(client, address, {}, {}, {})

    # ---- following the spine -----------------------------------------------------------------------------------

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Work out what the workers should do about these facts."""
        codes = {fact.contact: REFUSED_CODES[fact.cause] for fact in facts if isinstance(fact, ContactRefused)}
        touched = dict.fromkeys(contact for fact in facts if (contact := getattr(fact, "contact", None)) is not None)
        batches = [
            (worker, commands)
            for contact in touched
            if (worker := self._home(contact, state)) is not None
            and (commands := self._settle(worker, contact, state, codes.get(contact, GONE_CODE)))
        ]
        if not batches:
            return None
        return lambda: self._release(batches)

    def _home(self, contact: str, state: State) -> Worker | None:
        """Return the worker that has, or shall have, the legs of a contact; None when there is none to have them."""
        named = self.workers.get(worker_of(contact))
        current = state.contacts.get(contact)
        if current is not None and current.card.channel not in CITIZEN_CHANNELS:
            return None
        if named is not None and (current is None or current.card.leg == contact or contact in named.by_contact):
            return named
        if contact not in self._homes and not self._find_home(contact):
            return None
        home = self._homes[contact]
        if current is None:
            del self._homes[contact]
        return self.workers[home]

    def _find_home(self, contact: str) -> bool:
        """Give a contact whose legs we dial a worker: where it has legs already, or where there is most room."""
        there = next((name for name, worker in self.workers.items() if contact in worker.by_contact), None)
        if there is None:
            if any(worker.client.connected and not worker.trusted for worker in self.workers.values()):
                return False  # its legs may be on one of those: the comparison that follows tells
            able = [name for name, worker in self.workers.items() if worker.trusted]
            there = min(able, key=lambda name: len(self.workers[name].legs), default=None)
        if there is not None:
            self._homes[contact] = there
        return there is not None

    def _release(self, batches: "list[tuple[Worker, list[Command]]]") -> None:
        """Send the commands of a turn; hang-ups first, a phone is rung again only when it is free."""
        for hang_ups in (True, False):
            for worker, commands in batches:
                for command in commands:
                    if isinstance(command, HangUp) == hang_ups:
                        self._send(worker, command)
        for worker, commands in batches:
            worker.unreleased -= len(commands)
            self.counters.commands += len(commands)

    def _send(self, worker: Worker, command: Command) -> None:
        """Send a command; a phone that asked for a transfer hears of it before it is hung up."""
        if isinstance(command, HangUp) and command.leg in self._transfers:
            self._transfers.discard(command.leg)
            worker.client.command(ReportTransfer(0, command.leg, TRANSFERRED))
        worker.client.command(command)

    def _settle(self, worker: Worker, contact: str, state: State, code: int = GONE_CODE) -> list[Command]:
        """Return the commands that bring a contact's legs in order, and believe that they are."""
        current = state.contacts.get(contact)
        should = {plan.leg: plan for plan in self._plan(worker, current)} if current is not None else {}
        for leg in should:
            if leg in worker.legs and worker.owners[leg] != contact:  # it rang us, and belongs to this talk
                worker.believe(leg, worker.legs[leg], contact)
        now = {leg: worker.legs[leg] for leg in worker.by_contact.get(contact, ())}
        commands = difference(should, now, lambda plan: self._dial(plan, contact, state), code)
        if not worker.trusted:
            # The leg to dial may be there already, or have come to its end: the comparison that follows tells.
            commands = [command for command in commands if not isinstance(command, Dial)]
        worker.unreleased += len(commands)
        for command in commands:
            ordered(worker.legs, command)
            if isinstance(command, Dial):
                leg = command.permit.leg
                worker.believe(leg, worker.legs[leg], contact)
            elif isinstance(command, HangUp):
                worker.forget(command.leg)
        if current is None:
            self.callers.pop(contact, None)
            self._keypad.forget(contact)
        return commands

    def _dial(self, plan: LegPlan, contact: str, state: State) -> Dialled | None:
        """Return how to dial a leg; when that cannot be, the router hears that nobody picked up."""
        returned = plan.ringing.returned if plan.ringing is not None else None
        caller = self.callers.get(contact, Caller())
        if returned is not None:
            caller = Caller(caller.user, self._wishes.words(returned))
        dialled = self._reaching.dial(plan, state, caller)
        if dialled is None:
            self.counters.undialled += 1
            log.warning("leg not dialled", extra={"action": "voice.not_dialled", "leg": plan.leg})
            self._submit(NotPickedUp(leg=plan.leg, cause="unreachable"), (), None)
        return dialled

    # ---- hearing from workers ----------------------------------------------------------------------------------

    def event(self, worker: str, source: str, event: Event) -> None:
        """Take in what happened on a worker."""
        self.counters.events += 1
        there = self.workers[worker]
        there.heard = event.n
        match event:
            case CallArrived():
                there.believe(event.leg, LegNow("dialling", SILENCE), event.leg)
                self._tell(lambda state: self._arrived(there, source, event, state))
            case DigitPressed():
                self._tell(lambda state: self._pressed(source, event, state))
            case TransferAsked():
                self._look(lambda state: self._transfer(there, event, state))
            case MediaSilent():
                self._tell(lambda state: _silent(source, event, state))
            case _:
                self._note(worker, there, event)
                told = report(event, source)
                if told is not None:
                    self._submit(told, (), None)
                else:
                    self.counters.unheeded += 1

    def _note(self, worker: str, there: Worker, event: Event) -> None:
        """Believe what an event says of legs."""
        match event:
            case LegAnswered():
                known = there.legs.get(event.leg)
                if known is not None:
                    there.legs[event.leg] = structs.replace(known, signal="answered")
            case RecordingEnded():
                recorded(there.legs, event.recording)
            case LegEnded():
                self._leg_ended(there, event)
            case CommandFailed():
                self._command_failed(worker, event)
            case _:
                pass

    # ---- somebody rings us -------------------------------------------------------------------------------------

    def _arrived(
        self, worker: Worker, source: str, event: CallArrived, state: State
    ) -> tuple[Input, tuple[Secret, ...]]:
        """Return what to tell the router: a citizen, or a phone of the house that dialled something."""
        meaning = self._wishes.meaning(event.called) if event.phone else Meaning(entry=True)
        if meaning.entry or ("call", event.called) in state.entries:
            relay = self._relay(event.caller)
            person, secrets = self._who(event, relay=relay)
            told = report(event, source, person, relay=relay)
            assert told is not None  # an arrival always says something
            return told, secrets
        phone = f"phone:{event.phone}"
        elsewhere = self._belongs_to(phone, meaning, state)
        if elsewhere is not None and elsewhere is not worker and elsewhere.address:
            worker.client.command(Redirect(0, event.leg, f"sip:{event.called}@{elsewhere.address}"))
            worker.forget(event.leg)
            return TimePassed(source=source, number=event.n), ()
        self.callers[event.leg] = Caller(event.phone)
        return (
            PhoneDialled(
                leg=event.leg,
                phone=phone,
                destination=meaning.destination,
                slot=meaning.slot,
                refused=meaning.refused,
                source=source,
                number=event.n,
            ),
            self.keep_number(meaning),
        )

    def _belongs_to(self, phone: str, meaning: Meaning, state: State) -> Worker | None:
        """Return the worker that has the call to which a phone's own call belongs, None when it stands alone."""
        contact = state.slots.get(meaning.slot, "") if meaning.slot else state.talk_at(phone)
        return self._home(contact, state) if contact else None

    def _who(self, event: CallArrived, *, relay: bool) -> tuple[str | None, tuple[Secret, ...]]:
        """Keep who rings apart from the facts; a person is known only by a number that a trunk vouches for (rule 8)."""
        if not event.caller:
            return None, ()
        self.callers[event.leg] = Caller(event.called) if self._show_called else Caller(event.caller, event.display)
        person = self._person(event.caller) if event.asserted and not relay else None
        return person, (Secret(f"number:{person}" if person else event.leg, "number", event.caller),)

    # ---- what phones ask for -----------------------------------------------------------------------------------

    def _pressed(self, source: str, event: DigitPressed, state: State) -> tuple[Input, tuple[Secret, ...]]:
        """A citizen's key is the flow's; an agent's may be a feature code."""
        contact = state.contact_of(event.leg)
        if isinstance(contact, Connected) and event.leg == contact.offer:
            wish = self._wishes.pressed(contact, event.leg, event.digit, event.at)
            if wish is not None:
                self._ask(wish)
            return TimePassed(source=source, number=event.n), ()
        return self._keypad.press(state, event.leg, event.digit, source, event.n)

    def _transfer(self, worker: Worker, event: TransferAsked, state: State) -> Callable[[], None] | None:
        """A phone asks for a transfer (REFER): grant it as the same wish from any other side."""
        contact = state.contact_of(event.leg)
        wish = self._wishes.transfer(contact, event) if isinstance(contact, Connected) else None
        if wish is None:
            return lambda: worker.client.command(ReportTransfer(0, event.leg, 603))
        self._transfers.add(event.leg)

        def answered(refused: Refused | None) -> None:
            if event.leg in self._transfers:
                self._transfers.discard(event.leg)
                code = TRANSFERRED if refused is None else refusal_code(refused)
                worker.client.command(ReportTransfer(0, event.leg, code))

        self._ask(wish, answered)
        return None

    def _ask(self, wish: Wish, answer: Callable[[Refused | None], None] | None = None) -> None:
        """Ask the router for what a phone wishes."""
        self._submit(wish.request, self.keep_number(wish.meaning), answer)

    def keep_number(self, meaning: Meaning) -> tuple[Secret, ...]:
        """Know the number that a request is about; return what the vault is to keep of it."""
        if meaning.destination is None or meaning.number is None:
            return ()
        self._reaching.remember(meaning.destination.address, meaning.number)
        return (Secret(meaning.destination.address, "number", meaning.number.dialled),)

    # ---- legs and workers that go ------------------------------------------------------------------------------

    def _leg_ended(self, worker: Worker, event: LegEnded) -> None:
        contact = worker.owners.get(event.leg) or owner_of(event.leg)
        worker.forget(event.leg)
        self._transfers.discard(event.leg)
        self._wishes.forget(event.leg)
        for leg in worker.by_contact.get(contact, ()):
            known = worker.legs[leg]
            worker.legs[leg] = structs.replace(known, media=without_peer(known.media, event.leg))

    def _command_failed(self, worker: str, event: CommandFailed) -> None:
        if event.error_id in CROSSED:
            return
        self.counters.failed += 1
        log.warning(
            "command failed", extra={"action": "worker.command_failed", "worker": worker, "error_id": event.error_id}
        )
        there, state = self.workers[worker], self._state()
        if event.leg in there.legs and event.error_id in ("dial_failed", "no_room", "target_bad", "permit_refused"):
            there.forget(event.leg)
            self._submit(NotPickedUp(leg=event.leg, cause="unreachable"), (), None)
        current = state.contacts.get(event.leg)
        if event.error_id == "recording_failed" and isinstance(current, InFlow):
            there.legs[event.leg] = structs.replace(there.legs[event.leg], recording="")
            self._submit(SpeechRecorded(contact=event.leg, turn=current.session.recording, seconds=0.0), (), None)

    def detached(self, worker: str) -> None:
        """The connection to a worker is gone; its calls may live on, so nothing is concluded."""
        state = self.workers[worker]
        state.trusted = False
        state.heard = 0  # a worker that was started anew counts from 1 again
        log.warning("worker detached", extra={"action": "worker.detached", "worker": worker})

    def rejected(self, worker: str, error_id: str) -> None:
        """The worker serves an engine of a higher epoch: this one is not the leader any more."""
        log.error("worker rejected us", extra={"action": "worker.rejected", "worker": worker, "error_id": error_id})
        if error_id == "epoch_passed":
            self.on_rejected(worker)

    def kept_through(self, heard: dict[str, int]) -> None:
        """Let the workers forget events whose facts are kept."""
        for worker in self.workers.values():
            number = heard.get(worker.client.source)
            if number is not None:
                worker.client.acknowledge(number)

    # ---- reconcile ---------------------------------------------------------------------------------------------

    def pictured(self, worker: str, picture: Attached) -> None:
        """Compare what is with what should be, once what was reported so far is decided."""
        self._look(lambda state: self._reconcile(self.workers[worker], picture, state))

    def watch(self) -> None:
        """Ask every worker what is: the watchdog."""
        for worker in self.workers.values():
            if worker.client.connected:
                worker.client.compare()

    def _reconcile(self, worker: Worker, picture: Attached, state: State) -> Callable[[], None] | None:
        """Send the difference between what is and what should be; report what is gone."""
        if worker.heard > picture.through or worker.unreleased or picture.executed < worker.client.sent:
            if not worker.trusted:
                worker.client.compare()
            return None  # something is on its way; the picture is old already
        worker.trusted = True
        worker.legs, worker.owners, worker.by_contact = {}, {}, {}
        for leg in picture.legs:
            owner = state.legs.get(leg.leg) or owner_of(leg.leg)
            worker.believe(leg.leg, LegNow(leg.signal, leg.media, leg.recording), owner)
        ours = [contact for contact in state.contacts if self._home(contact, state) is worker]
        for contact in ours:
            self._report_missing(worker, contact, picture.generation, state)
        commands = [
            command
            for contact in dict.fromkeys((*worker.by_contact, *ours))
            if self._is_here(worker, contact, picture.generation)
            for command in self._settle(worker, contact, state)
        ]
        self.counters.reconciled += len(commands)
        return (lambda: self._release([(worker, commands)])) if commands else None

    def _plan(self, worker: Worker, contact: Contact) -> Iterator[LegPlan]:
        citizen = worker.legs.get(contact.card.leg)
        return legs_of(contact, self._sounds, citizen.media.play if citizen is not None else "")

    def _is_here(self, worker: Worker, contact: str, generation: str) -> bool:
        """Tell whether a contact may have legs on this life of a worker: those of an earlier one are gone."""
        named = worker_of(contact) == worker.client.name and contact not in self._homes
        return not named or generation_of(contact) == generation

    def _report_missing(self, worker: Worker, contact: str, generation: str, state: State) -> None:
        """Tell the router of legs that should be there and are not; one still to be dialled is not missing."""
        current = state.contacts[contact]
        plans = [plan.leg for plan in legs_of(current, self._sounds)]
        leg = current.card.leg
        if leg in plans and leg not in worker.legs and not _is_rung(current, leg):
            self._submit(CitizenGone(contact=contact, cause="cut_off"), (), None)
        if isinstance(current, Connected):
            talking = [current.offer] if current.agent_there else []
            talking += [party.leg for party in current.parties if party.joined]
            for gone in talking:
                if gone not in worker.legs:
                    self._submit(HungUp(leg=gone, cause="cut_off"), (), None)


def _is_rung(contact: object, leg: str) -> bool:
    """Tell whether a leg of a contact is one that we are still to dial."""
    return isinstance(contact, Connected) and contact.card.leg == leg and contact.calling_until is not None


def _silent(source: str, event: MediaSilent, state: State) -> tuple[Input, tuple[Secret, ...]]:
    """An agent's phone that neither speaks nor answers is gone; silence alone says nothing of anybody else."""
    if not event.alive and isinstance(state.offers.get(event.leg), Accepted):
        return HungUp(leg=event.leg, cause="cut_off", source=source, number=event.n), ()
    return TimePassed(source=source, number=event.n), ()
