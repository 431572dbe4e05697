"""Citizens with text telephones: they ring the ordinary numbers, read menus, type answers, wait, and write with whoever
answers."""

import asyncio
from random import Random
from typing import Final

from adapters.sip.logs import log
from adapters.sip.native import SipError
from engine.demo.citizens import ANSWER_WITHIN_S, COUNTRY, FAREWELL_WITHIN_S, Citizens, People
from engine.demo.letters import FAULT, LETTERS, THANK_YOU
from engine.demo.line import HungUp, NotAnswered
from engine.demo.sentences import GREETINGS, HOUSE
from engine.demo.tempo import some
from engine.demo.textline import TextLine
from engine.demo.town import Town
from engine.demo.voices import Voices
from engine.demo.walk import AGAIN, Walk
from ivr import actions as a
from ivr.flow import Collect, Language, Menu
from router.configuration import Entry

EVERY_S: Final = 200.0
"""Between two text calls, in life, where twelve agents work."""
FIRST_S: Final = 15.0
TYPES_S: Final = 15.0
"""How long somebody thinks about a message, in life."""
SHOWN_WITHIN_S: Final = 15.0
ANSWERED_WITHIN_S: Final = 300.0
"""In life."""
PERSON: Final = "0"


class Typists:
    """Everybody who rings with a text telephone."""

    def __init__(self, people: People, citizens: Citizens) -> None:
        self._people = people
        self._citizens = citizens
        self._chance: Random = people.chance("text telephones")
        self._number = 0

    async def come(self) -> None:
        """Let citizens come for ever."""
        wait = FIRST_S
        while True:
            await asyncio.sleep(self._people.tempo.quicker(wait))
            wait = self._people.between(self._chance, EVERY_S)
            self._number += 1
            number = self._citizens.somebody(self._chance)
            if number:
                typist = Typist(self._people, number, self._people.chance(f"text telephone {self._number}"))
                self._people.spawn(f"text-{self._number}", self._live(typist))

    async def _live(self, typist: "Typist") -> None:
        try:
            await typist.live()
        finally:
            self._citizens.left(typist.number)


class Typist:
    """One who rings with a text telephone."""

    def __init__(self, people: People, number: str, chance: Random) -> None:
        self.number = number
        self._people = people
        self._chance = chance

    async def live(self) -> None:
        """Ring, and write until there is nothing more to say, or nobody answers."""
        entry = self._people.town.number(self._chance)
        try:
            line = self._people.exchange.ring_with_text(entry.address, self.number)
        except SipError as error:
            log("demo_not_rung", reason=error.reason)
            return
        walk = TextWalk(self._people.town, self._people.voices, entry, self.number, self._chance)
        try:
            await line.until_answered(ANSWER_WITHIN_S)
            action = await walk.lead(line)
            if isinstance(action, a.Finished):
                await line.wait(FAREWELL_WITHIN_S)
            elif await line.until(lambda: greeted(line.display), some(self._chance, self._people.tempo.patience)):
                await self._write(line, walk.language)
        except (HungUp, NotAnswered):
            pass
        finally:
            line.hang_up()

    async def _write(self, line: TextLine, language: str) -> None:
        """Ask, read the answer, say thank you. Raises HungUp."""
        quicker = self._people.tempo.quicker
        _, question = self._chance.choice(LETTERS.get(language, LETTERS[HOUSE]))
        await line.read()
        for text in (question, THANK_YOU):
            await line.wait(quicker(some(self._chance, TYPES_S)))
            await line.type(text)
            if text == THANK_YOU or not await line.read(quicker(ANSWERED_WITHIN_S)):
                return


class TextWalk(Walk):
    """A way through a flow that is read and answered in writing."""

    def __init__(self, town: Town, voices: Voices, entry: Entry, number: str, chance: Random) -> None:
        super().__init__(town, voices, entry, number.replace(COUNTRY, "0"), chance, text=True)

    async def lead(self, line: TextLine) -> a.Action:
        """Go until the citizen waits for somebody, or for the end; return which. Raises HungUp."""
        while isinstance(self.moved.action, a.Listen):
            await line.read(SHOWN_WITHIN_S)
            typed, event = self._reply()
            await line.type(typed)
            self._step(event)
        return self.moved.action

    def _reply(self) -> tuple[str, a.Written]:
        """Return what is typed, and what that is to the flow."""
        asked = self._asked()
        match asked:
            case Language():
                key = self._spoken(asked)
            case Menu():
                key = self._choice(asked, self._chance.uniform(AGAIN, 1.0)) or PERSON
            case Collect() if asked.least <= len(self._number) <= asked.most:
                return self._number, a.Written(holds=True)
            case Collect():
                digits = "".join(self._chance.choice("123456789") for _ in range(asked.least))
                return digits, a.Written(holds=True)
            case _:
                return FAULT, a.Written(holds=True)
        return key, a.Written(key=key)


def greeted(display: str) -> bool:
    """Tell whether an agent has begun to write."""
    return any(greeting in display for greeting in GREETINGS)
