"""What became of each channel, in words: while the demonstration goes on, and at its end. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from engine.demo.channels import TITLES, Channels
from engine.demo.words import span

HEADINGS: Final = ("arrived", "served", "gave up", "other", "open", "waited", "longest")
FIRST: Final = 10
WIDTH: Final = 9


def lines(channels: Channels) -> Iterator[str]:
    """Yield the table at the end, and what is to be said of it."""
    yield " " * FIRST + "".join(f"{heading:>{WIDTH}}" for heading in HEADINGS)
    for name, one in channels.known.items():
        waits = ("-" if seconds is None else span(seconds) for seconds in (one.median, one.longest))
        cells = (one.arrived, one.served, one.given_up, one.otherwise, one.open, *waits)
        yield f"{TITLES[name]:<{FIRST}}" + "".join(f"{cell:>{WIDTH}}" for cell in cells)
    yield from left_out(channels)
    unserved = [TITLES[name] for name in channels.unserved]
    yield f"Nobody was served by {', '.join(unserved)}." if unserved else "Every channel was served."


def left_out(channels: Channels) -> Iterator[str]:
    """Yield a line for each channel that has no part in this, and why."""
    for name, why in channels.left_out.items():
        yield f"Left out: {TITLES[name]}; {why}."


def line(channels: Channels) -> str:
    """Return how many were served of those who came."""
    told = (f"{TITLES[name]} {one.served} of {one.arrived}" for name, one in channels.known.items())
    return f"served: {', '.join(told)}"


def objects(channels: Channels) -> dict[str, dict[str, Any]]:
    """Return it for programs. Waits in seconds."""
    return {
        name: {
            "arrived": one.arrived,
            "waiting": len(one.waiting),
            "in_hand": len(one.in_hand),
            "served": one.served,
            "given_up": one.given_up,
            "otherwise": one.otherwise,
            "open": one.open,
            "waited": one.median,
            "longest": one.longest,
        }
        for name, one in channels.known.items()
    }
