"""Departments and people outside: whoever of the directory is rung at a number, and picks up or not."""

from random import Random
from typing import Final

from engine.demo import talking
from engine.demo.citizens import People
from engine.demo.line import HungUp, Line
from engine.demo.tempo import some

BUSY: Final = 0.1
AWAY: Final = 0.2
"""Share of calls that nobody answers."""
ANSWER_S: Final = 6.0
RINGS_FOR_S: Final = 60.0


class Departments:
    """Everybody who can be rung through the network outside and is no citizen."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._count = 0

    def rung(self, line: Line, number: str) -> None:
        """Let a telephone ring somewhere."""
        self._count += 1
        chance = self._people.chance(f"department {self._count}")
        self._people.spawn(f"department-{self._count}", self._answer(line, chance))

    async def _answer(self, line: Line, chance: Random) -> None:
        luck = chance.random()
        if luck < BUSY:
            line.refuse()
            return
        try:
            line.ring()
            if luck < BUSY + AWAY:
                await line.wait(RINGS_FOR_S)
                return
            await line.wait(self._people.tempo.quicker(some(chance, ANSWER_S)))
            line.pick_up()
            await listen_and_help(self._people, line, chance, "")
        except HungUp:
            pass
        finally:
            line.hang_up()


async def listen_and_help(people: People, line: Line, chance: Random, language: str) -> None:
    """Talk with whoever is there, until they hang up. Raises HungUp."""
    await line.say(people.voices.one(chance, language, "d_hello", "a_hello"))
    while True:
        await talking.turn(line)
        await line.say(people.voices.one(chance, language, "d_tell", "a_tell"))
