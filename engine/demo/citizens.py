"""Citizens: they ring, find their way, wait as long as their patience lasts, talk, and ring again if it was in vain."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Final

from msgspec import Struct

from adapters.sip.logs import log
from adapters.sip.native import SipError
from adapters.speech.espeak import PromptFile
from engine.demo import talking
from engine.demo.exchange import Exchange
from engine.demo.line import HungUp, Line, NotAnswered
from engine.demo.tempo import Tempo, some
from engine.demo.town import Town
from engine.demo.voices import Voices
from engine.demo.walk import Walk
from ivr import actions as a
from router.configuration import Entry

COUNTRY: Final = "+46"
NUMBERS: Final = tuple(
    f"{COUNTRY}{area}{number}"
    for area, first in (("31", 3_900_600), ("8", 46_500_400), ("980", 319_200))
    for number in range(first, first + 100)
)
"""Telephone numbers that the Swedish regulator keeps free for fiction."""
CROWD: Final = 12
"""Agents whom those who write and come in person would keep busy for half of their time."""
WITHHELD: Final = 0.05
RINGS_AGAIN: Final = 0.5
AGAIN_AFTER_S: Final = 60.0
ANSWER_WITHIN_S: Final = 60.0
"""Numbers may ring as long as that before somebody answers."""
FAREWELL_WITHIN_S: Final = 60.0
HALLOS_MAX: Final = 3
HOLD_PATIENCE: Final = 0.5
"""Of the patience for the line: who has talked already does not wait so long again."""
IN_A_HURRY: Final = 0.12
HURRIED: Final = 0.15
"""Some have no time to wait at all."""
WANTS_CALLBACK: Final = 0.5
"""Share of those in line who would rather be called back, where that is offered."""
CALLBACK_AFTER: Final = 0.15
"""Of their patience, when they do."""
AT_HOME_S: Final = (1.0, 5.0)


class Tally(Struct):
    """What citizens did."""

    rang: int = 0
    talked: int = 0
    reported: int = 0
    """Left a report or message."""
    promised: int = 0
    """Asked to be called back, by a key in line."""
    called_back: int = 0
    """Were called, and answered."""
    gave_up: int = 0
    turned_away: int = 0
    """Heard that nobody can be reached, or could not get through."""
    rang_again: int = 0
    wrote: int = 0
    """Sent a mail."""
    answered: int = 0
    """Mails that came back from agents."""
    chatted: int = 0
    chats_answered: int = 0


Spawn = Callable[[str, Coroutine[Any, Any, None]], object]


class People(Struct, frozen=True):
    """What everybody who takes part has to do with."""

    exchange: Exchange
    town: Town
    voices: Voices
    tempo: Tempo
    seed: int
    spawn: Spawn
    names: dict[str, str]
    """Of people and functions that somebody looked up, by their ids."""

    def chance(self, who: str) -> Random:
        """Return somebody's own chance: what one does depends on nobody else."""
        return Random(f"{self.seed} {who}")

    def between(self, chance: Random, mean: float) -> float:
        """Return the time, in life, until the next one comes: where fewer agents work than `CROWD`, fewer come."""
        return some(chance, mean * CROWD / len(self.town.agents))


class Citizens:
    """All who ring."""

    def __init__(self, people: People, tally: Tally) -> None:
        self.people = people
        self.tally = tally
        self._count = 0
        self._busy: set[str] = set()
        """Numbers that are in a call."""

    # ---- ringing -----------------------------------------------------------------------------------------------

    def ring(self) -> None:
        """Let somebody ring."""
        chance = self.people.chance(f"citizen {self._count + 1}")
        number = self.somebody(chance)
        if number:
            self._count += 1
            self.people.spawn(f"citizen-{self._count}", Citizen(self, number, chance).live())

    def somebody(self, chance: Random) -> str:
        """Return the number of somebody who is in no call, and now is; nothing when everybody is."""
        free = [number for number in NUMBERS if number not in self._busy]
        if not free:
            return ""
        number = chance.choice(free)
        self._busy.add(number)
        return number

    def left(self, number: str) -> None:
        """Somebody is in no call any more."""
        self._busy.discard(number)

    # ---- being rung --------------------------------------------------------------------------------------------

    def is_one(self, number: str) -> bool:
        """Tell whether a number is a citizen's."""
        return number in NUMBERS

    def rung(self, line: Line, number: str) -> None:
        """Let somebody be called back."""
        if number in self._busy:
            line.refuse()
            return
        self._count += 1
        self._busy.add(number)
        citizen = Citizen(self, number, self.people.chance(f"citizen {self._count}"))
        self.people.spawn(f"citizen-{self._count}", citizen.called_back(line))


class Citizen:
    """One who rings."""

    def __init__(self, citizens: Citizens, number: str, chance: Random) -> None:
        self.number = number
        self._citizens = citizens
        self._people = citizens.people
        self._tally = citizens.tally
        self._chance = chance
        self._language = ""
        self._queue = ""
        self._promised = False
        """We are about to be called back."""

    async def live(self) -> None:
        """Ring, and ring again if it was in vain."""
        people, chance = self._people, self._chance
        entry = people.town.number(chance)
        shown = "" if chance.random() < WITHHELD else self.number
        try:
            while not await self._ring(entry, shown) and chance.random() < RINGS_AGAIN:
                await asyncio.sleep(people.tempo.quicker(some(chance, AGAIN_AFTER_S)))
                self._tally.rang_again += 1
        finally:
            self._citizens.left(self.number)

    async def _ring(self, entry: Entry, shown: str) -> bool:
        """Ring once; tell whether that settled the matter."""
        self._tally.rang += 1
        try:
            line = self._people.exchange.ring(entry.address, shown)
        except SipError as error:
            log("demo_not_rung", reason=error.reason)
            self._tally.turned_away += 1
            return True
        people = self._people
        walk = Walk(people.town, people.voices, entry, self.number.replace(COUNTRY, "0"), self._chance)
        try:
            await line.until_answered(ANSWER_WITHIN_S)
            return await self._be_served(line, walk)
        except (HungUp, NotAnswered):
            return self._settled(walk)
        finally:
            line.hang_up()

    def _settled(self, walk: Walk) -> bool:
        """Tell whether a call that the other side ended has settled the matter all the same."""
        if self._promised:
            self._tally.promised += 1
        elif walk.reported:
            self._tally.reported += 1
        else:
            self._tally.turned_away += 1
        return self._promised or walk.reported

    async def _be_served(self, line: Line, walk: Walk) -> bool:
        """Go through the flow, wait and talk. Raises HungUp before there was anybody."""
        action = await walk.go(line)
        self._language = walk.language
        self._queue = action.queue if isinstance(action, a.Queued) else ""
        if isinstance(action, a.Finished):
            await line.wait(FAREWELL_WITHIN_S)
            raise HungUp
        if not await self._somebody(line):
            self._tally.gave_up += 1
            return False
        self._tally.talked += 1
        await self._talk(line, "matter")
        return True

    async def _somebody(self, line: Line) -> bool:
        """Wait for a person as long as patience lasts; before it ends, rather be called back. Raises HungUp."""
        patience = some(self._chance, self._people.tempo.patience)
        if self._chance.random() < IN_A_HURRY:
            patience *= HURRIED
        key = self._callback_key() if self._chance.random() < WANTS_CALLBACK else ""
        if not key:
            return await talking.person(line, patience)
        if await talking.person(line, CALLBACK_AFTER * patience):
            return True
        await line.press(key)
        self._promised = True
        there = await talking.person(line, (1 - CALLBACK_AFTER) * patience)
        self._promised = False
        return there

    def _callback_key(self) -> str:
        """Return the key that callers in this line press to be called back."""
        keys = self._people.town.queue(self._queue).keys if self._queue else {}
        return next((key for key, way in keys.items() if way.to == "callback"), "")

    # ---- being called ------------------------------------------------------------------------------------------

    async def called_back(self, line: Line) -> None:
        """Answer the call that was promised."""
        try:
            line.ring()
            await line.wait(self._chance.uniform(*AT_HOME_S))
            line.pick_up()
            self._tally.called_back += 1
            await line.say(self._sentence("hallo"))
            await self._talk(line, "matter")
        except HungUp:
            pass
        finally:
            line.hang_up()
            self._citizens.left(self.number)

    # ---- talking -----------------------------------------------------------------------------------------------

    async def _talk(self, line: Line, first: str) -> None:
        """Talk until everything is said; the end of the call is an end like any other."""
        begun, seconds = time.monotonic(), some(self._chance, self._people.tempo.talk)
        say, silences = first, 0
        try:
            while silences < HALLOS_MAX:
                await line.say(self._sentence(say))
                answered = await talking.turn(line)
                if line.ear.music:
                    # On hold, sent on, or back in line: somebody new may hear the matter
                    patience = HOLD_PATIENCE * some(self._chance, self._people.tempo.patience)
                    if not await talking.person(line, patience):
                        return
                    say = "matter"
                    continue
                if time.monotonic() - begun > seconds:
                    await line.say(self._sentence("thanks"))
                    return
                say = "reply" if answered else "hallo"
                silences = 0 if answered else silences + 1
        except HungUp:
            return

    def _sentence(self, kind: str) -> PromptFile:
        about = (f"{kind}_{self._queue}", kind) if kind == "matter" else (kind,)
        return self._people.voices.one(self._chance, self._language, *about)
