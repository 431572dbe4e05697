"""People made up: citizens who ring, write and come, and agents who answer, or do not."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from msgspec import Struct

from adapters.sip.fake import FakeWorker, Phones
from adapters.sip.protocol import Media
from engine.sim.house import SimHouse
from engine.sim.world import World
from queues.channels import CHANNELS
from router import inputs as i
from router.contact import Connected, Offered, WrappingUp
from router.facts import AnyFact, OfferAccepted, OfferMade, WrapUpStarted
from router.inputs import AnyReport
from router.state import State

CALL: Final = "call"
CITIZEN: Final = ".c"
"""Ends the leg of a citizen whom we call."""
IN_LINE: Final = "line "
"""Begins the name of what is heard in line."""
LINES: Final = ("1", "2", "5", "#", "123456", "hello", "at the corner")
"""What is typed on text telephones."""


class Habits(Struct, frozen=True, kw_only=True):
    """How people behave; times in seconds, shares from 0 to 1."""

    patience: float
    """How long a caller waits, on average."""
    talk: dict[str, float]
    """Channel to how long serving takes, on average."""
    answer: float
    """How long an agent takes to answer, on average."""
    wrap_up: float
    prompt: float = 4.0
    declines: float = 0.0
    ignores: float = 0.0
    """Share of offers that nobody answers."""
    unreachable: float = 0.0
    """Share of rings that find no phone."""
    cut_off: float = 0.0
    """Share of talks that break off by accident."""
    rings_again: float = 0.0
    """Share of callers who gave up and ring again."""
    hands_back: float = 0.0
    wants_callback: float = 0.0
    """Share of those in line who ask to be called back: of the impatient, or at each announcement by `line_key`."""
    line_key: str = ""
    """The key by which that is asked for; callers who know none press anything."""
    away: float = 0.0
    """Share of citizens who do not answer when they are called back."""
    machines: float = 0.0
    """Share of them for whom a machine answers; the agent says so."""
    doubles: float = 0.0
    """Share of reports that are told twice, or once more much later."""


class People(Phones):
    """Everybody, as the adapters and desks meet them."""

    def __init__(self, world: World, habits: Habits) -> None:
        self.world = world
        self.habits = habits
        self.house: SimHouse
        self.callers: dict[str, tuple[str, str]] = {}
        """Leg to number called and caller."""
        self.talking: set[str] = set()
        """Legs of which the end of the talk is settled."""
        self._numbers: dict[str, int] = {}
        self._outbox: dict[str, list[AnyReport]] = {}
        """What adapters told and has not been acknowledged: told again to the next engine."""

    # ---- citizens who ring -------------------------------------------------------------------------------------

    def ring(self, called: str, caller: str) -> None:
        """A citizen rings."""
        leg = self.house.worker.invite(called, caller, asserted=not self.world.happens(0.1))
        self.callers[leg] = (called, caller)
        self.world.later(self.world.some(self.habits.patience), lambda: self._impatient(leg))

    def ring_by_text(self, called: str, caller: str, *, audio: bool) -> None:
        """A citizen rings with a text telephone."""
        leg = self.house.worker.invite(called, caller, asserted=True, text=True, audio=audio)
        self.callers[leg] = (called, caller)
        self.world.later(self.world.some(self.habits.patience), lambda: self._impatient(leg))

    def type_on(self) -> None:
        """Let somebody type a line on a text telephone, or an agent to one."""
        worker = self.house.worker
        legs = [leg.id for leg in worker.legs.values() if leg.shown >= 0 and leg.signal == "answered"]
        if legs:
            own = self.world.happens(0.3)
            worker.type_line(self.world.chance.choice(legs), self.world.chance.choice(LINES), own=own)

    def _impatient(self, leg: str) -> None:
        known = self.house.worker.legs.get(leg)
        if known is None or known.media.peers:
            return
        if not self.habits.line_key and self.world.happens(self.habits.wants_callback):
            self.house.submit(i.RegisterCallback(leg))
            self.world.later(30.0, lambda: self._impatient(leg))
            return
        called, caller = self.callers[leg]
        self.house.worker.end(leg, 200 if known.signal == "answered" else 487)
        if self.world.happens(self.habits.rings_again):
            self.world.later(self.world.some(60.0), lambda: self.ring(called, caller))

    def rings(self, worker: FakeWorker, leg: str, target: str, timeout: float) -> None:
        """A phone rings, an agent's or a citizen's: it is answered, or not, or was not there."""
        chance, habits = self.world.chance.random(), self.habits
        if leg.endswith(CITIZEN) and self.world.happens(habits.away):
            if self.world.happens(0.5):
                self.world.later(self.world.some(habits.answer), lambda: worker.end(leg, 486))
            return
        worker.legs[leg].rang = chance >= habits.unreachable
        if chance < habits.unreachable:
            worker.end(leg, self.world.chance.choice([404, 480, 503]))
            return
        answer = self.world.some(habits.answer)
        if chance < habits.unreachable + habits.declines:
            self.world.later(answer, lambda: worker.end(leg, self.world.chance.choice([486, 603])))
        elif chance < habits.unreachable + habits.declines + habits.ignores:
            return
        else:
            self.world.later(answer, lambda: worker.pick_up(leg))

    def hears(self, worker: FakeWorker, leg: str, media: Media) -> None:
        """A prompt is heard to its end, or a key pressed before; a talk begins."""
        if media.first or (media.files and not media.peers):
            self.world.later(self.habits.prompt, lambda: worker.played(leg, media.play))
            if self.habits.line_key and media.play.startswith(IN_LINE):
                if self.world.happens(self.habits.wants_callback):
                    self._press(worker, leg, self.habits.line_key)
            elif self.world.happens(0.5):
                self._press(worker, leg, self._keys())
        elif media.peers and leg not in self.talking:
            if leg.endswith(CITIZEN) and self.world.happens(self.habits.machines):
                self.talking.add(leg)
                self._soon(self.habits.prompt, i.NotReached(leg.removesuffix(CITIZEN)))
            elif leg in self.callers or leg.endswith(CITIZEN):
                self._talk(leg)
            else:
                self.talking.add(leg)  # whoever else talks hangs up one day, also on somebody who was forgotten on hold
                self.world.later(5 * self.world.some(self.habits.talk[CALL]), lambda: worker.end(leg))

    def _talk(self, leg: str) -> None:
        self.talking.add(leg)
        self.world.later(self.world.some(self.habits.talk[CALL]), lambda: self._talked(leg))

    def _keys(self) -> str:
        """Return what a caller presses in one go: a choice, as a rule; an answer; or just anything."""
        chance = self.world.chance
        return chance.choice(
            [chance.choice("123456789"), chance.choice(("12", "18#", "1234", "999#")), chance.choice("0*#")]
        )

    def _press(self, worker: FakeWorker, leg: str, keys: str) -> None:
        delay = 0.0
        for key in keys:
            delay += self.world.some(self.habits.prompt)
            self.world.later(delay, partial(worker.press, leg, key))

    def recorded(self, worker: FakeWorker, leg: str, recording: str) -> None:
        """A citizen speaks, or says nothing, until a key, silence or the time ends it."""
        end = self.world.some(8.0)
        match self.world.chance.randrange(3):
            case 0:
                self.world.later(end, lambda: worker.press(leg, "#"))
            case 1:
                self.world.later(end, lambda: worker.spoke(recording, self.world.chance.choice([0.0, end])))
            case _:
                pass

    def _talked(self, leg: str) -> None:
        self.talking.discard(leg)
        known = self.house.worker.legs.get(leg)
        if known is None or not known.media.peers:
            if leg.endswith(CITIZEN):  # nobody waits for ever whom we called, and then forgot on hold
                self.world.later(self.world.some(self.habits.patience), lambda: self._forgotten(leg))
            return
        either = self.world.chance.choice([leg, *known.media.peers])
        if self.world.happens(self.habits.cut_off):
            self.house.worker.end(either, 503)
        elif self.world.happens(self.habits.hands_back):
            self.house.submit(i.HandBack(leg))
            self._talk(leg)  # in case nobody took it up
        else:
            self.house.worker.end(either)

    def _forgotten(self, leg: str) -> None:
        known = self.house.worker.legs.get(leg)
        if known is not None and not known.media.peers:
            self.house.worker.end(leg)

    def ended(self, leg: str) -> None:
        """A leg is over."""
        self.callers.pop(leg, None)
        self.talking.discard(leg)

    # ---- citizens of other channels ----------------------------------------------------------------------------

    def write(
        self,
        channel: str,
        entry: str,
        person: str | None,
        preferred: str | None = None,
        matter: str = "",
        *,
        told: bool = False,
    ) -> None:
        """A citizen reaches us other than by telephone; some leave before they are served. A form may be filled in by a
        guide, for a `matter`, and its sender be `told` on the page that it came."""
        number = self._numbers.get(channel, 0) + 1
        contact = f"{channel}-1-{number}"
        arrived = partial(i.Arrived, contact=contact, channel=channel, entry=entry, person=person, preferred=preferred)
        arrived = partial(arrived, matter=matter, told=told)
        policy = CHANNELS[channel]
        automatic = policy.posted and self.world.happens(self.habits.doubles)
        self.tell(channel, partial(arrived, written=policy.posted, automatic=automatic))
        if CHANNELS[channel].ends_with_citizen:
            left = partial(i.CitizenGone, contact=contact, cause=self.world.chance.choice(["hung_up", "cut_off"]))
            self.world.later(self.world.some(self.habits.patience), lambda: self._leave(contact, channel, left))

    def _leave(self, contact: str, channel: str, left: Callable[..., AnyReport]) -> None:
        state = self.house.spine.router.state if self.house.spine is not None else None
        if state is None or not isinstance(state.contacts.get(contact), Connected | WrappingUp):
            self.tell(channel, left)

    def tell(self, source: str, make: Callable[..., AnyReport]) -> None:
        """Report as an adapter does: numbered, kept until acknowledged, sometimes doubled."""
        number = self._numbers[source] = self._numbers.get(source, 0) + 1
        report = make(source=source, number=number)
        self._outbox.setdefault(source, []).append(report)
        self.house.submit(report)
        if self.world.happens(self.habits.doubles):
            self.world.later(self.world.some(30.0), lambda: self.house.submit(report))

    def started(self, state: State) -> None:
        """A new engine is told what may have got lost, and desks look at what is on them."""
        assert self.house.spine is not None  # it has just been started
        for source, reports in self._outbox.items():
            heard = self.house.spine.kept_through.get(source, 0)
            self._outbox[source] = [report for report in reports if report.number > heard]
            for report in self._outbox[source]:
                self.house.submit(report)
        for contact in state.contacts.values():
            if isinstance(contact, Offered) and contact.card.channel != CALL:
                self._asked(contact.offer)
            elif isinstance(contact, Connected) and contact.card.channel != CALL:
                self._serve(contact.card.id, contact.card.channel)
            elif isinstance(contact, WrappingUp):
                self._wrap_up(contact.card.id)

    # ---- agents' desks -----------------------------------------------------------------------------------------

    def decided(self, facts: Sequence[AnyFact], state: State) -> Callable[[], None] | None:
        """Follow the spine as the agents' pages do: see what is offered, work, and finish."""
        todo: list[Callable[[], None]] = []
        for fact in facts:
            contact = state.contacts.get(getattr(fact, "contact", ""))
            if contact is None:
                continue
            channel = contact.card.channel
            if isinstance(fact, OfferMade) and channel != CALL:
                todo.append(partial(self._asked, fact.offer))
            elif isinstance(fact, OfferAccepted) and channel != CALL:
                todo.append(partial(self._serve, fact.contact, channel))
            elif isinstance(fact, WrapUpStarted):
                todo.append(partial(self._wrap_up, fact.contact))
        return partial(_all, todo) if todo else None

    def _asked(self, offer: str) -> None:
        if self.world.happens(self.habits.ignores):
            return
        answer = i.DeclineOffer if self.world.happens(self.habits.declines) else i.AcceptOffer
        self._soon(self.habits.answer, answer(offer))

    def _serve(self, contact: str, channel: str) -> None:
        end = i.HandBack if self.world.happens(self.habits.hands_back) else i.Finish
        self._soon(self.habits.talk[channel], end(contact))

    def _wrap_up(self, contact: str) -> None:
        self._soon(self.habits.wrap_up, i.EndWrapUp(contact))

    def _soon(self, mean: float, request: Any) -> None:
        self.world.later(self.world.some(mean), lambda: self.house.submit(request))


def _all(todo: list[Callable[[], None]]) -> None:
    for do in todo:
        do()
