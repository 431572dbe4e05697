"""How long callers and agents wait for Vaxel, and what a killed engine costs them.

Measured by a SIP end of our own (`bench.probe`) that is caller and agent at once, under a light load, so that what is
measured is the way through Vaxel and not a queue in front of it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

from bench.probe import Leg, Media, Probe, now
from bench.rows import Context, Group, Measured, quantile
from bench.system import System, Trouble

RATE: Final = 15
AGENTS: Final = 50
TALK_S: Final = 1.0
BUSY_AGENTS: Final = 20
IN_LINE: Final = 60
SHORT_S: Final = 0.5
BRIDGE_RATE: Final = 8
WAITING: Final = 40
FEW_AGENTS: Final = 10
FREED_AFTER_S: Final = 0.2
"""After the kill of the engine an agent hangs up: who is free then cannot be known to the dead one."""
SERVED_WITHIN_S: Final = 15.0
LOOK_EVERY_S: Final = 0.02


def _two(values: list[float]) -> tuple[float, float]:
    """Return p50 and p95 of seconds, in milliseconds."""
    return quantile(values, 0.5) * 1000, quantile(values, 0.95) * 1000


# ---- caller's INVITE to agent's INVITE ---------------------------------------------------------------------------


def offer(context: Context) -> list[Measured]:
    """50 agents, 15 calls a second, as in call.cpu_ms."""
    calls = int(context.choose(200, 45))
    with System(AGENTS, port=context.port) as system:
        repeats = [_two(asyncio.run(_offers(system.port, calls))) for _ in range(context.repeats)]
    return [
        Measured(
            "call.offer_ms", repeats, [f"bench.probe: {RATE} calls/s to `direct`, {calls} calls, {AGENTS} agents"],
            "caller's INVITE leaves → agent's INVITE arrives, stamped by the kernel, one clock",
        )
    ]  # fmt: skip


async def _offers(port: int, calls: int) -> list[float]:
    probe = Probe(port)
    loop = asyncio.get_running_loop()
    begun: dict[str, float] = {}
    found: list[float] = []

    def invited(leg: Leg) -> None:
        if leg.user in begun:
            found.append(leg.at["invite"] - begun[leg.user])
        probe.agents.answer(leg, probe.sinks["agents"])

    def answered(leg: Leg) -> None:
        loop.call_later(TALK_S, probe.callers.bye, leg)

    probe.agents.invited, probe.callers.answered = invited, answered
    first = loop.time()
    for number in range(calls):
        await asyncio.sleep(max(0.0, first + number / RATE - loop.time()))
        user = f"c{number:06}"
        begun[user] = probe.callers.invite(user, "direct", port, probe.sinks["callers"]).at["invite"]
    await asyncio.sleep(TALK_S + 1)
    probe.close()
    if len(found) < calls:
        raise Trouble(f"{calls - len(found)} of {calls} callers reached no agent; refused: {probe.callers.failed[:3]}")
    return found


# ---- agent free to the next INVITE -------------------------------------------------------------------------------


def next_offer(context: Context) -> list[Measured]:
    """20 agents, always 60 callers in line."""
    offers = int(context.choose(300, 60))
    with System(BUSY_AGENTS, port=context.port) as system:
        repeats = [_two(asyncio.run(_next_offers(system.port, offers))) for _ in range(context.repeats)]
    return [
        Measured(
            "call.next_offer_ms", repeats,
            [f"bench.probe: {BUSY_AGENTS} agents talk {SHORT_S} s, {IN_LINE} callers always wait, {offers} offers"],
            "agent's BYE leaves → next INVITE arrives at that agent, stamped by the kernel, one clock",
        )
    ]  # fmt: skip


async def _next_offers(port: int, offers: int) -> list[float]:
    probe = Probe(port)
    loop = asyncio.get_running_loop()
    freed: dict[str, float] = {}
    found: list[float] = []
    done = loop.create_future()
    count = 0

    def call() -> None:
        nonlocal count
        count += 1
        probe.callers.invite(f"c{count:06}", "direct", port, probe.sinks["callers"])

    def hang_up(leg: Leg) -> None:
        if not leg.over:
            probe.agents.bye(leg)
            freed[leg.agent] = leg.at["bye"]

    def invited(leg: Leg) -> None:
        if leg.agent in freed:
            found.append(leg.at["invite"] - freed.pop(leg.agent))
            if len(found) >= offers and not done.done():
                done.set_result(None)
        probe.agents.answer(leg, probe.sinks["agents"])

    probe.agents.invited = invited

    def confirmed(leg: Leg) -> None:
        loop.call_later(SHORT_S, hang_up, leg)

    probe.agents.confirmed = confirmed
    probe.callers.ended = lambda leg: None if done.done() else call()
    for _ in range(BUSY_AGENTS + IN_LINE):
        call()
        await asyncio.sleep(0.02)
    freed.clear()
    found.clear()
    try:
        async with asyncio.timeout(offers / BUSY_AGENTS * SHORT_S * 4 + 20):
            await done
    except TimeoutError:
        raise Trouble(f"only {len(found)} of {offers} offers; refused: {probe.callers.failed[:3]}") from None
    await _clear(probe)
    return found


async def _clear(probe: Probe) -> None:
    """End all calls, so that the next repeat begins with none."""
    for leg in tuple(probe.callers.legs.values()):
        if "ack" in leg.at and not leg.over:
            probe.callers.bye(leg)
    await asyncio.sleep(1.5)
    probe.close()


# ---- agent's 200 OK to the voice ---------------------------------------------------------------------------------


def bridge(context: Context) -> list[Measured]:
    """The agent sends a full-scale tone from the 200 on; the first packet with it at the caller counts."""
    calls = int(context.choose(100, 24))
    with System(AGENTS, port=context.port) as system:
        repeats = [_two(asyncio.run(_bridges(system.port, calls))) for _ in range(context.repeats)]
    return [
        Measured(
            "call.bridge_ms", repeats, [f"bench.probe: {BRIDGE_RATE} calls/s to `direct`, {calls} calls"],
            "agent's 200 leaves, its RTP begins → first RTP packet with the agent's tone at the caller, kernel stamps",
        )
    ]  # fmt: skip


async def _bridges(port: int, calls: int) -> list[float]:
    probe = Probe(port)
    loop = asyncio.get_running_loop()
    ears: deque[Media] = deque(Media("127.0.0.2") for _ in range(3 * BRIDGE_RATE))
    mouths: deque[Media] = deque(Media("127.0.0.3") for _ in range(3 * BRIDGE_RATE))
    answered: dict[str, float] = {}
    found: list[float] = []
    deaf = 0

    def invited(leg: Leg) -> None:
        mouth = mouths[0]
        mouths.rotate(-1)
        # The phone rings for a moment that is no multiple of 20 ms, so that all phases of the bridge's clock occur.
        loop.call_later(0.1 + len(answered) % 20 / 1000, pick_up, leg, mouth)

    def pick_up(leg: Leg, mouth: Media) -> None:
        probe.agents.answer(leg, mouth)
        answered[leg.user] = leg.at["answered"]
        if leg.remote_media is not None:
            mouth.say(leg.remote_media)

    def ended(leg: Leg) -> None:
        if leg.media is not None:
            leg.media.hush()

    def hang_up(leg: Leg) -> None:
        nonlocal deaf
        if leg.media is not None and leg.media.voice_at and leg.user in answered:
            found.append(leg.media.voice_at - answered[leg.user])
        else:
            deaf += 1
        if not leg.over:
            probe.callers.bye(leg)

    probe.agents.invited, probe.agents.ended = invited, ended
    first = loop.time()
    for number in range(calls):
        await asyncio.sleep(max(0.0, first + number / BRIDGE_RATE - loop.time()))
        ear = ears[0]
        ears.rotate(-1)
        ear.reset()
        leg = probe.callers.invite(f"c{number:06}", "direct", port, ear)
        loop.call_later(1.0, hang_up, leg)
    await asyncio.sleep(2)
    for media in (*ears, *mouths):
        media.close()
    probe.close()
    if deaf:
        raise Trouble(f"{deaf} of {calls} callers did not hear the agent; refused: {probe.callers.failed[:3]}")
    return found


# ---- a killed engine ---------------------------------------------------------------------------------------------


def recover(context: Context) -> list[Measured]:
    """10 agents talk, 40 callers wait, the engine is killed, then an agent hangs up."""
    kept, took, gaps, in_order = [], [], [], []
    for _ in range(context.repeats):
        with System(FEW_AGENTS, port=context.port) as system:
            outcome = asyncio.run(_recovery(system))
        kept.append((outcome["kept"],))
        took.append((outcome["ms"],))
        gaps.append(outcome["gap_ms"])
        in_order.append(outcome["in_order"])
    commands = [f"bench.probe: {FEW_AGENTS} agents talk, {WAITING} callers wait; kill -9 of the engine"]
    return [
        Measured(
            "recover.kept", kept, commands, "callers that wait at the kill and are bridged with an agent later",
            {"longest gap in the music, ms": max(gaps), "served in order, share": min(in_order)},
        ),
        Measured(
            "recover.ms", took, commands,
            f"kill → first INVITE to an agent, who hung up {FREED_AFTER_S} s after the kill, with no engine there",
        ),
    ]  # fmt: skip


class _Recovery:
    """Calls before, over and after the kill."""

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.talking: list[Leg] = []
        self.offered: list[float] = []
        """Times of the offers after the kill."""
        self.served: list[str] = []
        self.killed_at = 0.0
        self.ears = {f"c{number:06}": Media("127.0.0.2") for number in range(FEW_AGENTS + WAITING)}
        self._loop = asyncio.get_running_loop()
        probe.agents.invited, probe.agents.confirmed = self._invited, self._confirmed

    def _invited(self, leg: Leg) -> None:
        if self.killed_at:
            self.offered.append(leg.at["invite"])
        self.probe.agents.answer(leg, self.probe.sinks["agents"])

    def _confirmed(self, leg: Leg) -> None:
        if not self.killed_at:
            self.talking.append(leg)
            return
        self.served.append(leg.user)
        self._loop.call_later(0.1, self.probe.agents.bye, leg)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something, but not for ever."""
        for _ in range(int(SERVED_WITHIN_S / LOOK_EVERY_S)):
            if true():
                return
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Give all ports back."""
        self.probe.close()
        for ear in self.ears.values():
            ear.close()


async def _recovery(system: System) -> dict[str, float]:
    probe = Probe(system.port)
    calls = _Recovery(probe)
    for user, ear in calls.ears.items():
        probe.callers.invite(user, "direct", system.port, ear)
        await asyncio.sleep(0.03)
    await asyncio.sleep(1)
    if len(calls.talking) < FEW_AGENTS:
        raise Trouble(f"only {len(calls.talking)} of {FEW_AGENTS} agents talk; refused: {probe.callers.failed[:3]}")
    waiting = list(calls.ears)[FEW_AGENTS:]
    for ear in calls.ears.values():
        ear.reset()
    await asyncio.sleep(1)
    calls.killed_at = now()
    system.kill_engine()
    await asyncio.sleep(FREED_AFTER_S)
    probe.agents.bye(calls.talking[0])
    await calls.until(lambda: bool(calls.offered))
    # All of them have heard nothing but music so far.
    gap = max(calls.ears[user].longest_gap for user in waiting)
    for leg in calls.talking[1:]:
        probe.agents.bye(leg)
    await calls.until(lambda: len(calls.served) >= WAITING)
    await calls.close()
    if not calls.offered:
        raise Trouble(f"no offer within {SERVED_WITHIN_S:.0f} s after the engine was killed")
    return {
        "kept": 100 * len(set(calls.served)) / WAITING,
        "ms": (min(calls.offered) - calls.killed_at) * 1000,
        "gap_ms": gap * 1000,
        "in_order": sum(a == b for a, b in zip(calls.served, waiting, strict=False)) / WAITING,
    }


GROUPS: Final = (
    Group(("call.offer_ms",), 55, 18, offer),
    Group(("call.next_offer_ms",), 50, 20, next_offer),
    Group(("call.bridge_ms",), 55, 18, bridge),
    Group(("recover.kept", "recover.ms"), 50, 32, recover),
)
