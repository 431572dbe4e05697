"""Citizens: they ring, find their way, wait as long as their patience lasts, talk, and ring again if it was in vain."""

import time
from collections.abc import Callable, Coroutine
from random import Random
from typing import Any, Final

from msgspec import Struct

from adapters.sip.logs import log
from adapters.sip.native import SipError
from engine.demo import talking
from engine.demo.exchange import Exchange
from engine.demo.line import HungUp, Line, NotAnswered
from engine.demo.tempo import Tempo, some
from engine.demo.town import Town
from engine.demo.voices import Voices
from engine.demo.walk import Walk
from ivr import actions as a
from router.configuration import Entry

NUMBERS: Final = tuple(
    f"+46{area}{number:0{10 - len(area) - 1}}"
    for area, first in (("31", 3900600), ("8", 46500400), ("980", 319200))
    for number in range(first, first + 100)
)
"""Telephone numbers that the Swedish regulator keeps free for fiction."""
WITHHELD: Final = 0.05
RINGS_AGAIN: Final = 0.5
AGAIN_AFTER_S: Final = 60.0
ANSWER_WITHIN_S: Final = 60.0
"""Numbers may ring as long as that before somebody answers."""
HALLOS_MAX: Final = 3
HOLD_PATIENCE: Final = 0.5
"""Of the patience for the line: who has talked already does not wait so long again."""
WANTS_CALLBACK: Final = 0.4
"""Share of the impatient who would rather be called back, where that is offered."""
AT_HOME_S: Final = (1.0, 5.0)


class Tally(Struct):
    """What citizens did."""

    rang: int = 0
    talked: int = 0
    gave_up: int = 0
    rang_again: int = 0
    reported: int = 0
    turned_away: int = 0
    """Heard that nobody can be reached, or could not get through."""
    called_back: int = 0


Spawn = Callable[[str, Coroutine[Any, Any, None]], object]


class Citizens:
    """All who ring."""

    def __init__(
        self, exchange: Exchange, town: Town, voices: Voices, tempo: Tempo, seed: int, spawn: Spawn
    ) -> None:
        self._exchange = exchange
        self._town = town
        self._voices = voices
        self._tempo = tempo
        self._seed = seed
        self._spawn = spawn
        self._count = 0
        self._busy: set[str] = set()
        """Numbers that are in a call."""
        self.tally = Tally()

    def ring(self, entry: Entry | None = None) -> None:
        """Let somebody ring."""
        self._count += 1
        chance = Random(f"{self._seed} citizen {self._count}")
        number = chance.choice([one for one in NUMBERS if one not in self._busy])
        self._spawn(f"citizen-{self._count}", self._call(number, entry or self._town.number(chance), chance))

    async def _call(self, number: str, entry: Entry, chance: Random) -> None:
        """Ring, and ring again if it was in vain."""
        withheld = chance.random() < WITHHELD
        while True:
            self.tally.rang += 1
            self._busy.add(number)
            try:
                reached = await _Call(self, entry, number, withheld, chance).go()
            finally:
                self._busy.discard(number)
            if reached or chance.random() > RINGS_AGAIN:
                return
            await talking.pause(self._tempo.quicker(some(chance, AGAIN_AFTER_S)))
            self.tally.rang_again += 1
