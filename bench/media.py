"""Calls per core with RTP both ways, and memory per waiting call.

SIPp sends back every packet it gets (`-rtp_echo`), so each leg has 50 packets a second each way. A number of calls
stands still while CPU is counted; per core is that number over the share of a core that supervisor, engine, Redis and
worker use together. Loss: datagrams that found a full socket, of Vaxel's and SIPp's alike, counted by the kernel.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final, cast

from adapters.sip.protocol import (
    BEAT_EVERY,
    Attach,
    Attached,
    Beat,
    CommandFailed,
    Record,
    ToWorker,
    encode,
    frames_from_worker,
)
from bench import sipp
from bench.calls import at_rest, whole
from bench.rows import Context, Group, Measured
from bench.system import System, Trouble, cpu_s, dropped_packets

ECHO: Final = ("-rtp_echo",)
RATE: Final = 40
HOLD_MS: Final = 900_000
SETTLE_S: Final = 2.0
LOSS: Final = 0.001
BYTES_PER_S: Final = 2 * 8000
"""Of a recording at the bridge's rate."""
LATER_EPOCH: Final = 1_000_000
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
    shown: list[str] = []
    for number in range(context.repeats):
        with System(1, port=context.port) as system:
            empty = sum(system.rss_mib().values())
        with standing(context, calls, 1, "direct") as (system, commands):
            if not number:
                shown = commands
                repeats, detail = _per_core(context, system, calls, context.repeats)
            full = sum(system.rss_mib().values())
        memory.append(((full - empty) * KIB / calls,))
    return [
        Measured("media.waiting_per_core", repeats, shown, f"{calls} calls, all but one on music", detail),
        Measured(
            "media.kib_per_call", memory, shown,
            f"resident memory of all processes with {calls} waiting calls less that of a fresh start, per call",
        ),
    ]  # fmt: skip


def bridged(context: Context) -> list[Measured]:
    """Bridged pairs through the mixing bridge, in which a recorder can be put at any moment."""
    calls = int(context.choose(200, 60))
    with standing(context, calls, calls, "direct") as (system, commands):
        plain, detail = _per_core(context, system, calls, context.repeats)
        context.say("recorded")
        recorded = asyncio.run(_recorded(context, system, calls))
    return [
        Measured(
            "media.bridged_per_core",
            [(one[0], other) for one, other in zip(plain, recorded, strict=True)],
            commands,
            f"{calls} bridged calls, G.711 on both legs, mixing bridge; then each recorded into a WAV file, by orders"
            " of the benchmark's own in the engine's place (CPU of the worker only)",
            detail,
        )
    ]


async def _recorded(context: Context, system: System, calls: int) -> list[float]:
    """Take the engine's place and have every pair recorded."""
    worker = system.take_over()
    _, engine = await asyncio.get_running_loop().create_unix_connection(Commander, system.worker_socket)
    legs = {leg.leg: leg for leg in (await engine.picture).legs}
    pairs = [(leg.leg, *leg.media.peers) for leg in legs.values() if leg.inbound and leg.media.peers]
    for number, pair in enumerate(pairs):
        engine.do(Record(number + 1, f"r{number}", pair, str(system.folder / f"r{number}.wav")))
    await asyncio.sleep(SETTLE_S)
    found = []
    for _ in range(context.repeats):
        lost, before, begun = dropped_packets(), cpu_s(worker), time.monotonic()
        await asyncio.sleep(context.choose(10, 4))
        passed = time.monotonic() - begun
        if dropped_packets() - lost > LOSS * 100 * calls * passed:
            raise Trouble(f"{dropped_packets() - lost} packets lost while recording")
        found.append(len(pairs) * passed / (cpu_s(worker) - before))
    engine.close()
    written = sum(path.stat().st_size for path in system.folder.glob("r*.wav"))
    if written < len(pairs) * BYTES_PER_S * context.repeats * context.choose(10, 4):
        raise Trouble(f"only {written} bytes of {len(pairs)} recordings on disk")
    if engine.failed:
        raise Trouble(f"{engine.failed} of {len(pairs)} recordings failed")
    return found


class Commander(asyncio.Protocol):
    """Commands the worker as an engine of a later epoch would."""

    def __init__(self) -> None:
        self.failed = 0
        loop = asyncio.get_running_loop()
        self.picture: asyncio.Future[Attached] = loop.create_future()
        self._loop = loop
        self._frames = frames_from_worker()
        self._transport: asyncio.Transport | None = None
        self._beat: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        self._transport = cast(asyncio.Transport, transport)
        self.do(Attach(LATER_EPOCH, 0, ""))
        self._beats()

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        for message in self._frames.feed(data):
            if isinstance(message, Attached) and not self.picture.done():
                self.picture.set_result(message)
            self.failed += isinstance(message, CommandFailed)

    def do(self, message: ToWorker) -> None:
        """Send one message."""
        if self._transport is not None:
            self._transport.write(encode([message]))

    def close(self) -> None:
        """Go."""
        if self._beat is not None:
            self._beat.cancel()
        if self._transport is not None:
            self._transport.abort()

    def _beats(self) -> None:
        self.do(Beat())
        self._beat = self._loop.call_later(BEAT_EVERY, self._beats)


def _per_core(context: Context, system: System, calls: int, count: int) -> tuple[list[tuple[float]], dict[str, float]]:
    repeats, detail = [], {}
    for _ in range(count):
        lost, begun = dropped_packets(), time.monotonic()
        used = at_rest(system, context.choose(10, 4))
        packets = 100 * calls * (time.monotonic() - begun)
        if (dropped := dropped_packets() - lost) > LOSS * packets:
            raise Trouble(f"{dropped} of about {packets:.0f} packets lost")
        repeats.append((calls / whole(used),))
        detail = {f"{name}, % of a core": 100 * cpu for name, cpu in used.items()} | {"packets dropped": dropped}
    return repeats, detail


GROUPS: Final = (
    Group(("media.waiting_per_core", "media.kib_per_call"), 90, 40, waiting),
    Group(("media.bridged_per_core",), 75, 24, bridged),
)
