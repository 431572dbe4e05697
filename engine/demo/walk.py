"""A caller's way through a flow: what is being asked is known by heart, when to answer is heard.

The caller has the flow in mind (`ivr.moving`, the same pure steps that Vaxel takes) and moves along in it by what it
does itself; no word of Vaxel's state is told here. Where the two part, since somebody pressed a key too early, say,
the caller is as lost as people are, and is asked again.
"""

from random import Random
from typing import Final

from adapters.speech.espeak import PromptFile
from engine.demo import talking
from engine.demo.line import Line
from engine.demo.town import Town
from engine.demo.voices import Voices
from ivr import actions as a
from ivr import moving
from ivr.flow import Collect, Form, Language, Menu, Record
from ivr.session import KEYS, SHORTEST, Moved
from queues.skills import Needs
from router.configuration import Entry

HEARD_WITHIN_S: Final = 60.0
"""The longest prompt."""
REACTION_S: Final = (0.2, 1.4)
KNOWS_IT: Final = 0.7
"""Share of callers who do not wait for a menu's end."""
HEARS_OF_IT_S: Final = (2.0, 9.0)
UNLUCKY: Final = 0.05
"""Share of questions at which somebody presses what is none of the choices; as many give no answer."""
WANTS_PERSON: Final = 0.05
RATHER_WAITS: Final = 0.4
"""How often somebody presses nothing and waits, held against pressing a key for the same."""
AGAIN: Final = 0.1
"""Share of recordings that are spoken anew, and of digits that were typed wrong."""
SKIPS: Final = 0.4
"""Share of callers who leave out what may be left out."""
FOREIGN: Final = 0.25
"""Share of callers who choose a language other than the first."""


class Walk:
    """One caller's way. `language`, `needs` and `reported` tell how it went."""

    def __init__(
        self, town: Town, voices: Voices, entry: Entry, number: str, chance: Random, *, text: bool = False
    ) -> None:
        """`number` is what the caller types who is asked for one; `text` leads through the flow as it is read."""
        self._town = town
        self._voices = voices
        self._flows = town.core.flows
        self._number = number
        self._chance = chance
        self.moved: Moved = moving.begin(
            self._flows, entry.flow, town, language=entry.language, written=text, text=text
        )
        self.reported = False
        """Whether the answers to a form have been given."""
        self._fresh = True
        """What is being said has just begun: nothing else was said before it in one go."""

    @property
    def language(self) -> str:
        """In which the caller speaks."""
        return self.moved.session.language

    async def go(self, line: Line) -> a.Action:
        """Go until the caller waits for somebody, or for the end; return which. Raises HungUp."""
        while True:
            action = self.moved.action
            match action:
                case a.Speak() if self._asked() is not None:
                    await self._hear(line)
                    self._step(a.Ended(self.moved.session.turn))
                case a.Speak():
                    # Said in one go with what follows, so there is nothing to wait for
                    self._fresh = False
                    self._step(a.Ended(self.moved.session.turn))
                case a.Listen():
                    await line.wait(self._chance.uniform(*REACTION_S))
                    await self._answer(line, action)
                case a.Recording():
                    await self._speak(line)
                case a.Connecting():
                    await line.finished(talking.PERSON_PAUSE_S)
                    if not line.ear.beep:
                        return action
                    # Nobody was there: the flow goes on, as far as the next beep
                    self._step(a.NotConnected(self.moved.session.turn, "no_answer"))
                case a.Await():
                    self._step(a.Recorded(self.moved.session.recording, SHORTEST))
                case _:
                    return action

    async def _hear(self, line: Line) -> None:
        """Hear a question to its end; who knows a menu, and that it has begun, hears no more of it than need be."""
        asked, fresh = self._asked(), self._fresh
        self._fresh = True
        if fresh and isinstance(asked, Menu) and self._chance.random() < KNOWS_IT:
            await line.finished(within=self._chance.uniform(*HEARS_OF_IT_S))
        else:
            await line.finished(within=HEARD_WITHIN_S)

    def _asked(self) -> Menu | Language | Collect | Record | None:
        """Return the question that is being asked."""
        session = self.moved.session
        node = self._flows[session.flow].nodes[session.node]
        if isinstance(node, Form):
            node = node.questions[session.question]
        return node if isinstance(node, Menu | Language | Collect | Record) else None

    def _step(self, event: a.Event) -> None:
        moved = moving.step(self._flows, self.moved.session, event, self._town)
        if moved is not None:
            self.reported = self.reported or any(isinstance(effect, a.Filed) for effect in moved.effects)
            self.moved = moved

    # ---- answers -----------------------------------------------------------------------------------------------

    async def _answer(self, line: Line, action: a.Listen) -> None:
        asked, stage = self._asked(), self.moved.session.stage
        luck = self._chance.random()
        if stage in ("confirm", "review"):
            await self._key(line, moving.NO if luck < AGAIN else moving.YES)
        elif luck < UNLUCKY:
            await self._silent(line, action)
        elif isinstance(asked, Menu):
            key = self._choice(asked, luck)
            await (self._key(line, key) if key else self._silent(line, action))
        elif isinstance(asked, Language):
            await self._tongue(line, asked, action)
        elif isinstance(asked, Collect):
            await self._type(line, asked, action)
        else:
            await self._silent(line, action)

    async def _silent(self, line: Line, action: a.Listen) -> None:
        """Say and press nothing until the caller is asked again, or led on."""
        await line.wait(action.timeout)
        line.ear.begin()
        self._step(a.Silence(self.moved.session.turn))

    async def _key(self, line: Line, key: str) -> None:
        await line.press(key)
        self._step(a.Key(key))

    def _choice(self, menu: Menu, luck: float) -> str:
        """Return the key for what the caller is after; nothing when that is not among the choices."""
        flow = self._flows[self.moved.session.flow]
        if luck < 2 * UNLUCKY:
            return self._chance.choice(sorted(KEYS - {*menu.choices, *flow.keys}) or ["#"])
        person = next((key for key, does in flow.keys.items() if does == "person"), "")
        if person and luck < 2 * UNLUCKY + WANTS_PERSON:
            return person
        needs = self.moved.session.needs
        ways = {key: self._town.weight(flow, node, needs) for key, node in menu.choices.items()}
        ways[""] = RATHER_WAITS * self._town.weight(flow, menu.otherwise, needs)
        return self._chance.choices(list(ways), list(ways.values()))[0] if any(ways.values()) else ""

    async def _tongue(self, line: Line, asked: Language, action: a.Listen) -> None:
        """Choose a language, most often the first; who is content with it often presses nothing."""
        key = self._spoken(asked)
        if key != next(iter(asked.choices)) or self._chance.random() < 0.5:
            await self._key(line, key)
        else:
            await self._silent(line, action)

    def _spoken(self, asked: Language) -> str:
        """Return the key of the caller's language."""
        first, *others = asked.choices
        if others and self._chance.random() < FOREIGN:
            able = [self._able(asked.choices[key].needs) for key in others]
            return self._chance.choices(others, able)[0] if any(able) else first
        return first

    def _able(self, needs: Needs) -> float:
        """Return how many agents have what a language needs."""
        agents = self._town.agents.values()
        return sum(all(agent.skills.get(need.skill, 0) >= need.level for need in needs) for agent in agents)

    async def _type(self, line: Line, asked: Collect, action: a.Listen) -> None:
        if asked.optional and self._chance.random() < SKIPS:
            await self._silent(line, action)
            return
        digits = self._number
        if not asked.least <= len(digits) <= asked.most:
            digits = "".join(self._chance.choice("0123456789") for _ in range(asked.least))
        over = len(digits) == asked.most  # nothing more is waited for
        await line.press(digits if over else digits + (asked.terminator or ""))
        if not over and not asked.terminator:
            await line.wait(asked.between)
        self._step(a.Typed(len(digits), over=True, holds=True))

    async def _speak(self, line: Line) -> None:
        """Say what was asked for, and end it with a key."""
        asked = self._asked()
        kind = asked.name if isinstance(asked, Record) else ""
        await line.say(self._sentence(kind))
        await self._key(line, "#")

    def _sentence(self, kind: str) -> PromptFile:
        return self._voices.one(self._chance, self.language, kind, "message")
