"""Calls per core with RTP both ways, and memory per waiting call.

SIPp sends back every packet it gets (`-rtp_echo`), so each leg has 50 packets a second each way. A number of calls
stands still while CPU is counted; per core is that number over the share of a core that supervisor, engine, Redis and
worker use together. Loss: datagrams that found a full socket, of Vaxel's and SIPp's alike, counted by the kernel.
"""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from bench import sipp
from bench.calls import at_rest
from bench.rows import Context, Group, Measured
from bench.system import System, Trouble, dropped_packets

ECHO: Final = ("-rtp_echo",)
RATE: Final = 40
HOLD_MS: Final = 900_000
SETTLE_S: Final = 2.0
LOSS: Final = 0.001
KIB: Final = 1024


@contextmanager
def standing(context: Context, calls: int, agents: int, number: str) -> Iterator[tuple[System, list[str]]]:
    """Set up `calls` calls that stay: waiting when there is no more than one agent, bridged otherwise."""
    with ExitStack() as stack:
        system = stack.enter_context(System(max(agents, 1), port=context.port))
        commands = []
        served = stack.enter_context(sipp.agents(system.folder, media=ECHO))
        commands.append(served.command)
        ringing = stack.enter_context(
            sipp.callers(system.folder, system.port, RATE, calls, number=number, talk_ms=HOLD_MS, media=ECHO)
        )
        commands.append(ringing.command)
        deadline = time.monotonic() + calls / RATE + 30
        while (counts := ringing.counts()).open < calls:
            if counts.failed or time.monotonic() > deadline:
                raise Trouble(f"{counts.open} of {calls} calls stand, {counts.failed} failed; {ringing.trouble()}")
            time.sleep(0.2)
        time.sleep(SETTLE_S)
        yield system, commands


def waiting(context: Context) -> list[Measured]:
    """One agent in a call, all others hear music; and what that takes in memory."""
    calls = int(context.choose(300, 100))
    memory = []
    repeats: list[tuple[float]] = []
    detail: dict[str, float] = {}
    commands: list[str] = []
    for number in range(context.repeats):
        with System(1, port=context.port) as system:
            empty = sum(system.rss_mib().values())
        with standing(context, calls, 1, "direct") as (system, commands):
            if not number:
                repeats, detail = _per_core(context, system, calls, context.repeats)
            full = sum(system.rss_mib().values())
        memory.append(((full - empty) * KIB / calls,))
    return [
        Measured("media.waiting_per_core", repeats, commands, f"{calls} calls, all but one on music", detail),
        Measured(
            "media.kib_per_call", memory, commands,
            f"resident memory of all processes with {calls} waiting calls less that of a fresh start, per call",
        ),
    ]  # fmt: skip


def bridged(context: Context) -> list[Measured]:
    """Bridged pairs through the mixing bridge, in which a recorder can be put at any moment."""
    calls = int(context.choose(200, 60))
    with standing(context, calls, calls, "direct") as (system, commands):
        repeats, detail = _per_core(context, system, calls, context.repeats)
    return [
        Measured(
            "media.bridged_per_core", repeats, commands, f"{calls} bridged calls, G.711 on both legs, mixing bridge", detail,
            note="recorded calls are not measured: no queue can ask for recording yet",
        )
    ]  # fmt: skip


def _per_core(context: Context, system: System, calls: int, count: int) -> tuple[list[tuple[float]], dict[str, float]]:
    repeats, detail = [], {}
    for _ in range(count):
        lost, begun = dropped_packets(), time.monotonic()
        used = at_rest(system, context.choose(10, 4))
        packets = 100 * calls * (time.monotonic() - begun)
        if (dropped := dropped_packets() - lost) > LOSS * packets:
            raise Trouble(f"{dropped} of about {packets:.0f} packets lost")
        repeats.append((calls / sum(cpu for name, cpu in used.items() if " " not in name),))
        detail = {f"{name}, % of a core": 100 * cpu for name, cpu in used.items()} | {"packets dropped": dropped}
    return repeats, detail


GROUPS: Final = (
    Group(("media.waiting_per_core", "media.kib_per_call"), 90, 40, waiting),
    Group(("media.bridged_per_core",), 50, 20, bridged),
)
