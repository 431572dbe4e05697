"""How people talk: one after the other. Whoever has heard the other one finish says something."""

from typing import Final

from engine.demo.line import Line

PERSON_PAUSE_S: Final = 1.1
"""Silence after a voice that shows that it waits for an answer; after an announcement there is music sooner."""
TURN_WITHIN_S: Final = 6.0
"""How long somebody waits for the other one to say something."""


async def person(line: Line, patience: float) -> bool:
    """Wait for somebody to speak to us, not a machine; False when patience is at its end. Raises HungUp."""
    line.ear.begin()
    return await line.until(lambda: line.ear.finished(PERSON_PAUSE_S) and not line.ear.music, max(patience, 0.0))


async def turn(line: Line) -> bool:
    """Wait for our turn; False when nothing was said for long, or there is music. Raises HungUp."""
    await line.finished(within=TURN_WITHIN_S)
    return line.ear.voice and not line.ear.music
