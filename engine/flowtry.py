"""`vaxel flow try`: a walk through a flow in the terminal, with the interpreter that serves callers.

What a caller hears is written; keys are typed. Time is the time named, everybody is at work whose queue is open, and
every PIN is right. A walk can be told beforehand (`--keys 1,silence,2#,speak`); it is then written without asking.
"""

import re
import sys
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from rich.console import Console
from rich.text import Text

from engine.config import Loaded
from ivr import actions as a
from ivr import moving
from ivr.digits import holds
from ivr.flow import Announcement, Collect, Flow, Say
from ivr.phrase import BEEP, Clock, Digits, Phrase, Word
from ivr.session import question_of, typing
from queues.hours import Hours, is_open
from queues.queue import GOODBYE
from router import calling
from router.configuration import Configuration

SILENCE: Final = "silence"
SPEAK: Final = "speak"
SPOKEN_S: Final = 5.0
CALLED: Final = "called"
"""Whose number is typed."""
OUTCOMES: Final = ("answered", "busy", "no_answer", "refused", "unreachable")
HELP: Final = "keys such as 1 or 4071#; Enter for silence; q to stop"
STEPS_MAX: Final = 500
MASK: Final = "•"
_KEYS: Final = re.compile(r"[0-9*#]+")
_SPEAK: Final = re.compile(r"speak(?::(\d{1,4}))?")


class BadWalk(Exception):
    """What was told beforehand is no walk; the text says why."""


class Stopped(Exception):
    """Whoever walks has had enough."""


class World:
    """The configuration at one moment, as `ivr.actions.World`; it notes what it was asked."""

    def __init__(self, core: Configuration, local: datetime) -> None:
        self.local = local
        self.asked: list[str] = []
        self._core = core
        self._midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)

    def hours(self, name: str) -> Hours:
        """Return the opening hours of that name."""
        return self._told(name, self._core.hours.get(name, Hours(always=True)))

    def queue_hours(self, queue: str) -> Hours:
        """Return the opening hours of a queue."""
        return self._told(queue, self._core.queues[queue].hours)

    def staffed(self, queue: str) -> bool:
        """Tell whether a queue is open: then somebody is there."""
        return is_open(self._core.queues[queue].hours, self.local)

    def recorded(self, language: str, prompt: str) -> bool:
        """Tell that nothing has been recorded by telephone."""
        return False

    def moment(self, at: float) -> datetime:
        """Return the naive local time of seconds from the beginning of the walk's day."""
        return self._midnight + timedelta(seconds=at)

    def free_times(self, queue: str, after: float, most: int) -> tuple[float, ...]:
        """Return the first times later than `after` at which a queue calls back, as if nobody had booked any."""
        now = (self.local - self._midnight).total_seconds()
        found = calling.free_times(self._core.queues[queue], {}, now, self.moment)
        return tuple(islice((start for start, _ in found if start > after), most))

    def promised(self, queue: str, person: str) -> a.Appointment | None:
        """Tell that nobody has been promised a call."""
        return None

    def next_ticket(self, site: str, service: str) -> a.Number | None:
        """Return the first ticket of a day."""
        known = self._core.sites.get(site)
        found = known.services.get(service) if known is not None else None
        return a.Number(found.letter, 101, None, None) if found is not None else None

    def hindrance(self, queue: str, person: str, start: float | None) -> a.Hindrance:
        """Tell that nothing stands against a promise."""
        return ""

    def _told(self, name: str, hours: Hours) -> Hours:
        special = hours.names.get(self.local.date(), "")
        why = f" ({special})" if special else ""
        self.asked.append(f"{name} is {'open' if is_open(hours, self.local) else 'closed'}{why}")
        return hours


class Walk:
    """One walk."""

    def __init__(
        self, loaded: Loaded, flow: str, language: str, local: datetime, told: list[str] | None, console: Console
    ) -> None:
        """`told` is the walk told beforehand; None to ask."""
        self._texts = loaded.installation.speech.texts
        self._recordings = loaded.installation.speech.recordings
        self._house_language = loaded.installation.language
        self._core = loaded.core
        self._flows: dict[str, Flow] = loaded.core.flows
        self._world = World(loaded.core, local)
        self._console = console
        self._told = iter(told) if told is not None else None
        self._typed: dict[str, str] = {}
        self._sensitive: set[str] = set()
        self._moved = moving.begin(self._flows, flow, self._world, language=language)

    def run(self) -> None:
        """Walk until the flow is left. Raises BadWalk."""
        for _ in range(STEPS_MAX):
            self._show_effects()
            if self._is_over():
                return
            self._go_on()
        raise BadWalk(f"{STEPS_MAX} steps, and no end in sight")

    def _feed(self, event: a.Event) -> bool:
        moved = moving.step(self._flows, self._moved.session, event, self._world)
        if moved is not None:
            self._moved = moved
        return moved is not None

    # ---- what happens ------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        session, action = self._moved.session, self._moved.action
        node = self._flows[session.flow].nodes[session.node]
        match action:
            case a.Speak():
                self._say(action)
                if action.quiet or isinstance(node, Say | Announcement):
                    self._feed(a.Ended(session.turn))
                else:
                    self._answer()
            case a.Listen():
                self._answer()
            case a.Recording():
                self._speak()
            case a.Await():
                done = a.Checked(session.turn, True) if session.stage == "checking" else a.Silence(session.turn)
                self._feed(done)
            case a.Connecting():
                self._connect(action)
            case _:
                raise AssertionError(f"{type(action).__name__} is an end")

    def _answer(self) -> None:
        """Take keys or silence for the question that is being asked."""
        question = question_of(self._flows, self._moved.session)
        hidden = isinstance(question, Collect) and question.sensitive
        word = self._next(HELP, hidden=hidden)
        if word == SILENCE:
            self._be_silent()
            return
        if not _KEYS.fullmatch(word):
            raise BadWalk(f'"{word}" is nothing a caller can do here; write {HELP}'.replace("Enter", SILENCE))
        for key in word:
            if not self._press(key):
                self._note(f"{key} does nothing here")

    def _be_silent(self) -> None:
        session = self._moved.session
        if isinstance(self._moved.action, a.Speak):
            self._feed(a.Ended(session.turn))
        if isinstance(self._moved.action, a.Listen):
            self._feed(a.Silence(self._moved.session.turn))

    def _press(self, key: str) -> bool:
        asked = typing(self._flows, self._moved.session)
        if asked is None or not (key.isdecimal() or key == asked.terminator):
            return self._feed(a.Key(key))
        typed = self._typed.get(asked.name, "")[: self._moved.session.typed]
        typed += "" if key == asked.terminator else key
        self._typed[asked.name] = typed
        if asked.sensitive:
            self._sensitive.add(asked.name)
        over = key == asked.terminator or len(typed) == asked.most
        right, person = holds(asked, typed), None
        if right is None and asked.check == "number":
            right, person = True, CALLED  # the dial gate is not asked
        return self._feed(a.Typed(len(typed), over, right, person))

    def _speak(self) -> None:
        word = self._next(f"{SPEAK} (for {SPOKEN_S:.0f} s), or {SPEAK}:12; Enter for silence; q to stop")
        match = _SPEAK.fullmatch(word)
        if match is None and word != SILENCE:
            raise BadWalk(f'"{word}" is nothing a caller can do here; write {SPEAK}, {SPEAK}:12 or {SILENCE}')
        seconds = float(match[1] or SPOKEN_S) if match is not None else 0.0
        self._feed(a.Recorded(self._moved.session.recording, seconds))

    def _connect(self, action: a.Connecting) -> None:
        self._note(f"rings {action.kind} {action.key} for {action.timeout:g} s")
        word = self._next(f"one of {', '.join(OUTCOMES)}; q to stop")
        word = "no_answer" if word == SILENCE else word
        if word == "answered":
            self._note("connected: the caller has left the flow")
            raise Stopped
        if word not in OUTCOMES:
            raise BadWalk(f'"{word}" is no way a call ends; write one of {", ".join(OUTCOMES)}')
        self._feed(a.NotConnected(self._moved.session.turn, word))  # type: ignore[arg-type]  # one of OUTCOMES

    def _next(self, help_: str, *, hidden: bool = False) -> str:
        if self._told is not None:
            word = next(self._told, None)
            if word is None:
                self._note("... and so on: nothing more was told")
                raise Stopped
            self._line("you", MASK * len(word) if hidden and _KEYS.fullmatch(word) else word, "bold green")
            return word
        self._console.print(Text(f"    {help_}", style="dim"))
        try:
            word = self._console.input("  > ", password=hidden).strip().replace(" ", "")
        except EOFError:
            raise Stopped from None
        if word in ("q", "quit"):
            raise Stopped
        return word or SILENCE

    # ---- what is written ---------------------------------------------------------------------------------------

    def _show_effects(self) -> None:
        for told in self._world.asked:
            self._note(told)
        self._world.asked.clear()
        for effect in self._moved.effects:
            match effect:
                case a.Chosen():
                    self._note(f"language {effect.language}")
                case a.Filed():
                    self._note(f"a {effect.channel} lies in queue {effect.queue}{_wishes(effect)}")
                case a.Needed():
                    kept = ", to be remembered" if effect.keep else ""
                    self._note(f"the citizen needs {', '.join(effect.needs) or 'nothing in particular'}{kept}")
                case a.Shown() | a.Mailed():
                    raise AssertionError("who tries a flow here speaks")
                case a.Ticketed():
                    self._note(f"a ticket for {effect.service} at {effect.site}")
                case a.Called():
                    self._note(f"a call is promised by queue {effect.queue}")
                case a.Uncalled():
                    self._note("the call is cancelled")
                case a.Kept() | a.Dropped():
                    self._note(f"prompt {effect.prompt} {'recorded' if isinstance(effect, a.Kept) else 'as before'}")

    def _say(self, action: a.Speak) -> None:
        session = self._moved.session
        place = f"{session.flow}/{session.node}" if session.frames else session.node
        self._console.print(Text(place, style="bold cyan"))
        for phrase in action.heard:
            if phrase == BEEP:
                self._line("", "(beep)", "dim")
            else:
                language = phrase.language or session.language or self._house_language
                self._line(language, self._worded(phrase, language), "")

    def _worded(self, phrase: Phrase, language: str) -> str:
        text = self._texts.get(language, {}).get(phrase.prompt)
        if text is None:
            recorded = phrase.prompt in self._recordings.get(language, {})
            return f"({'the recording' if recorded else 'no prompt'} {phrase.prompt})"
        for name, value in phrase.values.items():
            text = text.replace(f"{{{name}}}", self._value(value, language))
        return text

    def _value(self, value: object, language: str) -> str:
        if isinstance(value, int):
            return str(value)
        if isinstance(value, Clock):
            return f"{value.hour}:{value.minute:02}"
        if isinstance(value, Word):
            return self._worded(Phrase(value.prompt), language)
        if isinstance(value, Digits):
            digits = self._typed.get(value.name, "")
            return " ".join(MASK * len(digits) if value.name in self._sensitive else digits)
        return "(your recording)"

    def _is_over(self) -> bool:
        """Write where the flow has led; tell whether that is the end."""
        match self._moved.action:
            case a.Finished():
                self._note("the call ends", "bold")
                return True
            case a.Queued() as queued:
                return self._queue(queued)
            case _:
                return False

    def _queue(self, queued: a.Queued) -> bool:
        queue = self._core.queues[queued.queue]
        self._note(f"waits in queue {queued.queue}{_wishes(queued)}", "bold")
        if is_open(queue.hours, self._world.local):
            return True
        way = queue.ways_out.get("closed", GOODBYE)
        self._note(f"queue {queued.queue} is closed: {way.to} {way.name}")
        if not way.by_flow:
            return True
        session = self._moved.session
        self._moved = moving.begin(self._flows, way.name, self._world, language=session.language)
        return False

    def _note(self, text: str, style: str = "yellow") -> None:
        self._line("", f"[{text}]", style)

    def _line(self, head: str, text: str, style: str) -> None:
        self._console.print(Text.assemble((f"  {head:>4} ", "dim"), (text, style)), soft_wrap=self._told is not None)


def _wishes(led: a.Queued | a.Filed) -> str:
    parts = [f"{need.skill} {need.level}" for need in led.needs]
    parts += [f"priority {led.priority:g}"] if led.priority != 1.0 else []
    parts += [f"{key}: {word}" for key, word in led.notes]
    return f" ({', '.join(parts)})" if parts else ""


def words(text: str) -> list[str]:
    """Read a walk told beforehand.

    >>> words("1, silence,2#")
    ['1', 'silence', '2#']
    """
    return [word.strip() for word in text.split(",") if word.strip()]


def moment(text: str) -> datetime:
    """Read a local time such as 2026-12-24T10:00. Raises ValueError saying what would be right."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'"{text}" is no time; write it like 2026-12-24T10:00') from None
    return found.replace(tzinfo=None)


def walk(loaded: Loaded, flow: str, language: str, local: datetime, told: list[str] | None) -> None:
    """Walk through a flow. Raises BadWalk."""
    console = Console(highlight=False, markup=False, emoji=False)
    day = f"{local:%A %Y-%m-%d %H:%M}"
    console.print(Text(f"Flow {flow}, {day}, language {language}", style="bold"))
    try:
        Walk(loaded, flow, language, local, told, console).run()
    except Stopped:
        sys.stdout.flush()
