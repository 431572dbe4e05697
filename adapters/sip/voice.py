"""The engine's side of telephone calls: events become reports, decisions become commands, and one reconcile.

`Voice` follows the spine. For each contact that a turn touched it compares how its legs should be (`plan`) with how
they are, and sends the difference once the facts are kept. Attaching to a worker, its return, a restart of the engine
and the watchdog all do the same for every contact of that worker.
"""

import logging
from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from adapters.sip.client import Line
from adapters.sip.keypad import Keypad
from adapters.sip.plan import (
    GONE_CODE,
    Caller,
    Dialling,
    LegNow,
    LegPlan,
    Sounds,
    difference,
    legs_of,
    ordered,
    recorded,
)
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
    RecordingEnded,
)
from adapters.sip.reporting import contact_of, generation_of, is_citizen, report, worker_of
from router.contact import Connected, InFlow
from router.dialling import Gate, Permit
from router.facts import AnyFact, ContactRefused
from router.inputs import AgentGone, CitizenGone, Input, OfferFailed, SpeechRecorded
from router.offer import Standing
from router.ports import Secret
from router.state import State

log = logging.getLogger("vaxel.sip")

UNKNOWN_NUMBER = 404
CROSSED = frozenset({"leg_unknown", "peer_unknown", "leg_exists", "recording_unknown"})
"""Failures of commands that crossed with the end, or the return, of a leg or recording."""
DIAL_MARGIN = 5.0
"""Seconds by which the worker's time-out for a dialled leg lies behind the offer's own."""


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


class Worker(Struct):
    """What is believed of a worker's legs."""

    client: Line
    legs: dict[str, LegNow]
    by_contact: dict[str, set[str]]
    heard: int = 0
    """Number of the last event taken in since the connection came up."""
    trusted: bool = False
    """Compared since the connection came up."""
    unreleased: int = 0
    """Commands decided on that wait for their facts to be kept."""


class Voice:
    """All workers, and the calls on them."""

    def __init__(
        self,
        state: Callable[[], State],
        submit: Callable[[Input, tuple[Secret, ...]], None],
        look: Callable[[Callable[[State], Callable[[], None] | None]], None],
        tell: Callable[[Callable[[State], tuple[Input, tuple[Secret, ...]]]], None],
        sounds: Sounds,
        gate: Gate,
        epoch: int,
        person: Callable[[str], str],
        keypad: Keypad,
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
        self._gate = gate
        self._epoch = epoch
        self._person = person
        self._keypad = keypad
        self._relay = relay
        self._show_called = show_called

    def add(self, client: Line) -> None:
        """Take a worker into service."""
        self.workers[client.name] = Worker(client, {}, {})

    # ---- following the spine -----------------------------------------------------------------------------------

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Work out what the workers should do about these facts."""
        codes = {fact.contact: UNKNOWN_NUMBER for fact in facts if isinstance(fact, ContactRefused)}
        touched = dict.fromkeys(contact for fact in facts if (contact := getattr(fact, "contact", None)) is not None)
        batches = [
            (worker, commands)
            for contact in touched
            if (worker := self.workers.get(worker_of(contact))) is not None
            and (commands := self._settle(worker, contact, state, codes.get(contact, GONE_CODE)))
        ]
        if not batches:
            return None
        return lambda: self._release(batches)

    def _release(self, batches: "list[tuple[Worker, list[Command]]]") -> None:
        """Send the commands of a turn; hang-ups first, a phone is rung again only when it is free."""
        for hang_ups in (True, False):
            for worker, commands in batches:
                for command in commands:
                    if isinstance(command, HangUp) == hang_ups:
                        worker.client.command(command)
        for worker, commands in batches:
            worker.unreleased -= len(commands)
            self.counters.commands += len(commands)

    def _settle(self, worker: Worker, contact: str, state: State, code: int = GONE_CODE) -> list[Command]:
        """Return the commands that bring a contact's legs in order, and believe that they are."""
        current = state.contacts.get(contact)
        should = {plan.leg: plan for plan in legs_of(current, self._sounds)} if current is not None else {}
        now = {leg: worker.legs[leg] for leg in worker.by_contact.get(contact, ())}
        commands = difference(should, now, self._dialling(state, should), code)
        if not worker.trusted:
            # The leg to dial may be there already, or have come to its end: the comparison that follows tells.
            commands = [command for command in commands if not isinstance(command, Dial)]
        worker.unreleased += len(commands)
        for command in commands:
            ordered(worker.legs, command)
            if isinstance(command, Dial):
                worker.by_contact.setdefault(contact, set()).add(command.permit.leg)
            elif isinstance(command, HangUp):
                self._forget_leg(worker, command.leg)
        if current is None:
            self.callers.pop(contact, None)
            self._keypad.forget(contact)
        return commands

    def _dialling(self, state: State, should: "dict[str, LegPlan]") -> Dialling:
        timeout = DIAL_MARGIN
        for leg in should:
            offer = state.offers.get(leg)
            if isinstance(offer, Standing):
                timeout += offer.deadline - offer.made

        def permit(leg: str, agent: str) -> Permit:
            return self._gate.agent_phone(leg, state.agents[agent].desk.address, self._epoch)

        return Dialling(permit, lambda leg: self.callers.get(contact_of(leg), Caller()), timeout)

    # ---- hearing from workers ----------------------------------------------------------------------------------

    def event(self, worker: str, source: str, event: Event) -> None:
        """Take in what happened on a worker."""
        self.counters.events += 1
        state = self.workers[worker]
        state.heard = event.n
        person: str | None = None
        relay = False
        secrets: tuple[Secret, ...] = ()
        match event:
            case CallArrived():
                self._believe(state, event.leg, LegNow("dialling", SILENCE))
                relay = self._relay(event.caller)
                person, secrets = self._who(event, relay=relay)
            case LegAnswered():
                known = state.legs.get(event.leg)
                if known is not None:
                    state.legs[event.leg] = structs.replace(known, signal="answered")
            case DigitPressed() if is_citizen(event.leg):
                self._tell(lambda now: self._keypad.press(now, event.leg, event.digit, source, event.n))
                return
            case RecordingEnded():
                recorded(state.legs, event.recording)
            case LegEnded():
                self._leg_ended(state, event)
            case CommandFailed():
                self._command_failed(worker, event)
            case _:
                pass
        told = report(event, source, person, relay=relay)
        if told is not None:
            self._submit(told, secrets)
        else:
            self.counters.unheeded += 1

    def _who(self, event: CallArrived, *, relay: bool) -> tuple[str | None, tuple[Secret, ...]]:
        """Keep who rings apart from the facts; a person is known only by a number that a trunk vouches for (rule 8)."""
        if not event.caller:
            return None, ()
        self.callers[event.leg] = Caller(event.called) if self._show_called else Caller(event.caller, event.display)
        person = self._person(event.caller) if event.asserted and not relay else None
        return person, (Secret(event.leg, "number", event.caller),)

    def _leg_ended(self, worker: Worker, event: LegEnded) -> None:
        self._forget_leg(worker, event.leg)
        for leg in worker.by_contact.get(contact_of(event.leg), ()):
            known = worker.legs[leg]
            if known.media.peer == event.leg:
                worker.legs[leg] = structs.replace(known, media=structs.replace(known.media, peer=""))

    def _command_failed(self, worker: str, event: CommandFailed) -> None:
        if event.error_id in CROSSED:
            return
        self.counters.failed += 1
        log.warning(
            "command failed", extra={"action": "worker.command_failed", "worker": worker, "error_id": event.error_id}
        )
        state = self._state()
        if event.leg in state.offers:
            self._submit(OfferFailed(offer=event.leg, cause="unreachable"), ())
        current = state.contacts.get(event.leg)
        if event.error_id == "recording_failed" and isinstance(current, InFlow):
            legs = self.workers[worker].legs
            legs[event.leg] = structs.replace(legs[event.leg], recording="")
            self._submit(SpeechRecorded(contact=event.leg, turn=current.session.recording, seconds=0.0), ())

    def _believe(self, worker: Worker, leg: str, now: LegNow) -> None:
        worker.legs[leg] = now
        worker.by_contact.setdefault(contact_of(leg), set()).add(leg)

    def _forget_leg(self, worker: Worker, leg: str) -> None:
        worker.legs.pop(leg, None)
        contact = contact_of(leg)
        legs = worker.by_contact.get(contact)
        if legs is not None:
            legs.discard(leg)
            if not legs:
                del worker.by_contact[contact]

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
        worker.legs = {leg.leg: LegNow(leg.signal, leg.media, leg.recording) for leg in picture.legs}
        worker.by_contact = {}
        for leg in worker.legs:
            worker.by_contact.setdefault(contact_of(leg), set()).add(leg)
        ours = [contact for contact in state.contacts if worker_of(contact) == worker.client.name]
        for contact in ours:
            self._report_missing(worker, contact, state)
        commands = [
            command
            for contact in dict.fromkeys((*worker.by_contact, *ours))
            if generation_of(contact) == picture.generation
            for command in self._settle(worker, contact, state)
        ]
        self.counters.reconciled += len(commands)
        return (lambda: self._release([(worker, commands)])) if commands else None

    def _report_missing(self, worker: Worker, contact: str, state: State) -> None:
        """Tell the router of legs that should be there and are not; one still to be dialled is not missing."""
        current = state.contacts[contact]
        if not any(is_citizen(plan.leg) for plan in legs_of(current, self._sounds)):
            return
        if current.card.leg not in worker.legs:
            self._submit(CitizenGone(contact=contact, cause="cut_off"), ())
        if isinstance(current, Connected) and current.offer not in worker.legs:
            self._submit(AgentGone(offer=current.offer, cause="cut_off"), ())
