"""The engine's side of telephone calls: events become reports, decisions become commands, and one reconcile.

`Voice` follows the spine. For each contact that a turn touched it compares how its legs should be (`plan`) with how
they are (`fleet`), and sends the difference once the facts are kept. Attaching to a worker, its return, a restart of
the engine and the watchdog all do the same for every contact of that worker.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from msgspec import Struct, structs

from adapters.sip.client import Line
from adapters.sip.difference import GONE_CODE, Caller, Dialled, LegNow, difference, ordered, recorded
from adapters.sip.fleet import Fleet, Worker
from adapters.sip.plan import LegPlan, Sounds, legs_of
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
    Leg,
    LegAnswered,
    LegEnded,
    LineTyped,
    MediaSilent,
    RecordingEnded,
    ReferEnded,
    Show,
    TransferAsked,
    TrunkState,
    Write,
    without_peer,
)
from adapters.sip.reaching import Reaching
from adapters.sip.reporting import generation_of, report
from adapters.sip.telephones import Submit, Telephones, Told
from adapters.sip.textlines import TextLines
from queues.channels import CHANNELS
from router.contact import Connected, Contact, InFlow, Offered, owner_of, parties_of
from router.facts import AnyFact, ContactRefused, MessageAdded, Returned
from router.inputs import CitizenGone, HungUp, NotPickedUp, SpeechRecorded, TimePassed
from router.secrecy import is_secret
from router.state import State

log = logging.getLogger("vaxel.sip")

REFUSED_CODES: Final = {"unknown_entry": 404, "not_allowed": 403, "busy": 486, "unreachable": 480}
NO_CODES: Final[Mapping[str, int]] = {}
CROSSED: Final = frozenset(
    {"leg_unknown", "peer_unknown", "leg_exists", "recording_unknown", "transfer_unknown", "refer_pending"}
)
"""Failures of commands that crossed with the end, or the return, of a leg or recording."""
NOT_RUNG: Final = frozenset({"dial_failed", "no_room", "target_bad", "permit_refused", "network_unknown"})
"""Failures after which nobody was rung."""


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
    lines: int = 0
    """Lines of text that were finished, by citizens and to them."""
    undialled: int = 0
    """Legs that could not be dialled: no number known, or no trunk for it."""


class Voice:
    """All workers, and the calls on them."""

    def __init__(
        self,
        state: Callable[[], State],
        submit: Submit,
        look: Callable[[Callable[[State], Callable[[], None] | None]], None],
        tell: Callable[[Callable[[State], Told]], None],
        sounds: Sounds,
        reaching: Reaching,
        fleet: Fleet,
        telephones: Telephones,
        words: Callable[[Returned], str],
        lines: TextLines,
    ) -> None:
        """`words` says why a call is back, for a phone's display."""
        self.fleet = fleet
        self.telephones = telephones
        self.counters = Counters()
        self.on_rejected: Callable[[str], None] = lambda _worker: None
        self.on_picture: Callable[[str, Attached], None] = lambda _worker, _picture: None
        self.on_trusted: Callable[[], None] = lambda: None
        self.on_trunk: Callable[[TrunkState], None] = lambda _event: None
        self.on_leg_ended: Callable[[str, LegEnded], None] = lambda _contact, _event: None
        self._state = state
        self._submit = submit
        self._look = look
        self._tell = tell
        self._sounds = sounds
        self._reaching = reaching
        self._words = words
        self._lines = lines
        self._waiting: dict[str, None] = {}
        """Contacts for which a phone is rung as soon as another worker's leg there has ended."""

    @property
    def workers(self) -> dict[str, Worker]:
        """Return what is believed of each worker."""
        return self.fleet.workers

    def add(self, client: Line, address: str = "") -> None:
        """Take a worker into service; `address` is where it takes SIP."""
        self.fleet.add(client, address)

    def write(self, contact: Contact, text: str) -> bool:
        """Write on the display of a contact's text telephone; tell whether its worker is there to do so."""
        worker = next((one for one in self.workers.values() if contact.card.leg in one.legs), None)
        if worker is None or not worker.client.connected:
            return False
        worker.client.command(Write(0, contact.card.leg, text))
        self.counters.commands += 1
        return True

    # ---- following the spine -----------------------------------------------------------------------------------

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Work out what the workers should do about these facts."""
        codes = {fact.contact: REFUSED_CODES[fact.cause] for fact in facts if isinstance(fact, ContactRefused)}
        touched = dict.fromkeys(contact for fact in facts if (contact := getattr(fact, "contact", None)) is not None)
        for contact in touched:
            self.telephones.connect(state.contacts.get(contact))
        last = [fact for fact in facts if isinstance(fact, MessageAdded) and fact.contact not in state.contacts]
        batches = list(self._last_words(last))
        return self._settle_all(touched, state, codes, batches)

    def _last_words(self, said: Iterable[MessageAdded]) -> "Iterator[tuple[Worker, list[Command]]]":
        """Yield what is still to be shown to those whose contact is over by the same decision."""
        for fact in said:
            worker = next((one for one in self.workers.values() if fact.contact in one.by_contact), None)
            known = worker.legs.get(fact.contact) if worker is not None else None
            if worker is None or known is None or known.shown < 0 or fact.author != "house":
                continue
            worker.unreleased += 1
            yield worker, [self._lines.show(fact.contact, fact.contact, fact.number, fact)]

    def _settle_all(
        self,
        contacts: Iterable[str],
        state: State,
        codes: Mapping[str, int] = NO_CODES,
        first: "Sequence[tuple[Worker, list[Command]]]" = (),
    ) -> Callable[[], None] | None:
        """Return what brings the legs of these contacts in order, after what goes `first`."""
        batches = [*first]
        batches += [
            (worker, commands)
            for contact in contacts
            if (worker := self.fleet.home(contact, state)) is not None
            and (commands := self._settle(worker, contact, state, codes.get(contact, GONE_CODE)))
        ]
        return (lambda: self._release(batches)) if batches else None

    def _ring_waiting(self, state: State) -> Callable[[], None] | None:
        """Ring the phones that may be free by now."""
        contacts, self._waiting = self._waiting, {}
        return self._settle_all(contacts, state)

    def _release(self, batches: "list[tuple[Worker, list[Command]]]") -> None:
        """Send the commands of a turn; hang-ups first, after what is still to be read: a phone is rung again only when
        it is free."""
        for early in (True, False):
            for worker, commands in batches:
                for command in commands:
                    if isinstance(command, HangUp | Show) == early:
                        self._send(worker, command)
        for worker, commands in batches:
            worker.unreleased -= len(commands)
            self.counters.commands += len(commands)

    def _send(self, worker: Worker, command: Command) -> None:
        """Send a command."""
        if isinstance(command, HangUp):
            self.telephones.before_hang_up(worker, command.leg)
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
        if current is not None and (known := worker.legs.get(current.card.leg)) is not None and known.shown >= 0:
            shows = self._lines.shows(current, known.shown)
            # The last words before the leg is hung up on; else what else is due before words.
            commands = [*commands, *shows] if current.card.leg in should else [*shows, *commands]
        if not worker.trusted or (current is not None and _is_cut_off(worker, current, should)):
            commands = _undialled(commands)
        commands = self._possible(worker, contact, commands)
        worker.unreleased += len(commands)
        for command in commands:
            if isinstance(command, HangUp):
                worker.hang_up(command.leg)
                continue
            ordered(worker.legs, command)
            if isinstance(command, Dial):
                leg = command.permit.leg
                worker.believe(leg, worker.legs[leg], contact)
        if current is None:
            self.telephones.forget_contact(contact)
        return commands

    def _possible(self, worker: Worker, contact: str, commands: list[Command]) -> list[Command]:
        """Return what can be done at once; the rest is seen to when more is known."""
        dials = [command for command in commands if isinstance(command, Dial)]
        if all(self.fleet.may_ring(worker, dial.permit.target) for dial in dials):
            return commands
        self._waiting[contact] = None
        return [command for command in commands if isinstance(command, HangUp)]

    def _hides(self, plan: LegPlan, contact: Contact, state: State) -> bool:
        """Tell whether a phone that rings is not to show whose contact it is: no look at a display is ever logged."""
        if state.persons.of(contact.card.person).protected:
            return True
        return plan.ringing is not None and not plan.ringing.agent and is_secret(state, contact)

    def _dial(self, plan: LegPlan, contact: str, state: State) -> Dialled | None:
        """Return how to dial a leg; when that cannot be, the router hears that nobody picked up."""
        returned = plan.ringing.returned if plan.ringing is not None else None
        caller = self.telephones.callers.get(contact, Caller())
        current = state.contacts.get(contact)
        if current is not None and self._hides(plan, current, state):
            caller = Caller()
        if returned is not None:
            caller = Caller(caller.user, self._words(returned))
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
                there.believe(event.leg, LegNow("dialling", SILENCE, shown=0 if event.text else -1), event.leg)
                self._tell(lambda state: self.telephones.arrived(there, source, event, state))
            case DigitPressed():
                self._tell(lambda state: self.telephones.pressed(source, event, state))
            case LineTyped():
                self.counters.lines += event.over
                self._tell(lambda state: self.telephones.typed(source, event, state))
            case TransferAsked():
                self._look(lambda state: self.telephones.transfer(there, event, state))
            case MediaSilent():
                self._tell(lambda state: self.telephones.silent(source, event, state))
            case ReferEnded():
                self._tell(lambda state: self.telephones.referred(there, source, event, state))
            case LegEnded():
                self._leg_ended(there, event)
                self._tell(lambda _: self.telephones.ended(source, event))
            case TrunkState():
                self.on_trunk(event)
                self._submit(TimePassed(source=source, number=event.n), (), None)
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
            case CommandFailed():
                self._command_failed(worker, event)
            case _:
                pass

    # ---- legs and workers that go ------------------------------------------------------------------------------

    def _leg_ended(self, worker: Worker, event: LegEnded) -> None:
        contact = worker.owners.get(event.leg) or owner_of(event.leg)
        self.on_leg_ended(contact, event)
        worker.forget(event.leg)
        if worker.leaving.pop(event.leg, None) is not None and self._waiting:
            self._look(self._ring_waiting)
        self.telephones.forget_leg(event.leg)
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
        if event.leg in there.legs and event.error_id in NOT_RUNG:
            there.forget(event.leg)
            self._submit(NotPickedUp(leg=event.leg, cause="unreachable"), (), None)
        current = state.contacts.get(event.leg)
        if event.error_id == "recording_failed" and isinstance(current, InFlow):
            there.legs[event.leg] = structs.replace(there.legs[event.leg], recording="")
            self._submit(SpeechRecorded(contact=event.leg, turn=current.session.recording, seconds=0.0), (), None)

    def detached(self, worker: str) -> None:
        """The connection to a worker is gone; its calls may live on, so nothing is concluded."""
        self.workers[worker].lose()
        self._look(self._ring_waiting)  # nothing waits for it
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
        self.on_picture(worker, picture)
        self._look(lambda state: self._reconcile(self.workers[worker], picture, state))

    def watch(self) -> None:
        """Ask every worker what is: the watchdog."""
        self._reaching.forget(self._state().numbers())
        for worker in self.workers.values():
            if worker.client.connected:
                worker.client.compare()

    def _reconcile(self, worker: Worker, picture: Attached, state: State) -> Callable[[], None] | None:
        """Send the difference between what is and what should be; report what is gone."""
        if worker.heard > picture.through or worker.unreleased or picture.executed < worker.client.sent:
            if not worker.trusted:
                worker.client.compare()
            return None  # something is on its way; the picture is old already
        if not worker.trusted:
            worker.trust()
            self.on_trusted()
        referred = {leg: now.referred for leg, now in worker.legs.items() if now.referred}
        worker.legs, worker.owners, worker.by_contact, worker.leaving = {}, {}, {}, {}
        for leg in picture.legs:
            owner = state.legs.get(leg.leg) or owner_of(leg.leg)
            worker.believe(leg.leg, _now(leg, referred.get(leg.leg, "")), owner)
            self._lines.pictured(owner, leg)
        ours = [contact for contact in state.contacts if self.fleet.home(contact, state) is worker]
        for contact in ours:
            self.telephones.connect(state.contacts.get(contact))
            self._report_missing(worker, contact, state)
        commands = [
            command
            for contact in dict.fromkeys((*worker.by_contact, *ours))
            if self._is_here(worker, contact, picture.generation)
            for command in self._settle(worker, contact, state)
        ]
        self.counters.reconciled += len(commands)
        if self._waiting:
            self._look(self._ring_waiting)
        return (lambda: self._release([(worker, commands)])) if commands else None

    def _plan(self, worker: Worker, contact: Contact) -> Iterator[LegPlan]:
        citizen = worker.legs.get(contact.card.leg)
        return legs_of(contact, self._sounds, citizen.media.play if citizen is not None else "")

    def _is_here(self, worker: Worker, contact: str, generation: str) -> bool:
        """Tell whether a contact may have legs on this life of a worker: those of an earlier one are gone."""
        return not self.fleet.is_named_after(contact, worker) or generation_of(contact) == generation

    def _report_missing(self, worker: Worker, contact: str, state: State) -> None:
        """Tell the router of legs that should be there and are not; one still to be dialled is not missing."""
        current = state.contacts[contact]
        if _is_cut_off(worker, current, [plan.leg for plan in legs_of(current, self._sounds)]):
            self._submit(CitizenGone(contact=contact, cause="cut_off"), (), None)
        talking = [party.leg for party in parties_of(current) if party.joined]
        if isinstance(current, Connected) and current.agent_there and CHANNELS[current.card.channel].voice:
            talking.append(current.offer)
        for gone in talking:
            if gone not in worker.legs:
                self._submit(HungUp(leg=gone, cause="cut_off"), (), None)


def _now(leg: Leg, referred: str) -> LegNow:
    return LegNow(leg.signal, leg.media, leg.recording, referred, leg.target, leg.shown)


def _undialled(commands: list[Command]) -> list[Command]:
    """Return what can be done before it is told what is: the leg to dial may be there already, or have come to its end,
    or the citizen may be gone."""
    return [command for command in commands if not isinstance(command, Dial)]


def _is_cut_off(worker: Worker, contact: Contact, legs: Collection[str]) -> bool:
    """Tell whether of the legs that a contact should have, the citizen's is gone: the router is about to hear of it."""
    leg = contact.card.leg
    return leg in legs and leg not in worker.legs and not _is_rung(contact, leg)


def _is_rung(contact: Contact, leg: str) -> bool:
    """Tell whether a leg of a contact is one that we are still to dial."""
    if isinstance(contact, Offered):
        return contact.calling and contact.card.leg == leg
    return isinstance(contact, Connected) and contact.card.leg == leg and contact.calling_until is not None
