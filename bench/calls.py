"""CPU per call, its growth, and how many calls a second go through.

CPU is user and system time of supervisor, engine, Redis and worker over windows in the middle of a steady load, so that
the idle share is in it. Nobody sends RTP to Vaxel here; what it sends itself (audio to each talking leg) counts.
"""

import time
from contextlib import ExitStack
from typing import Final, NamedTuple

from bench import sipp
from bench.rows import Context, Group, Measured, mean_of
from bench.system import System, Trouble, difference

TALK_S: Final = 2.0
SHORT_S: Final = 0.4
"""Talk that ten agents can bear at 20 calls a second."""
WARM_S: Final = 3.0
TAIL_S: Final = 1.0
SETTLE_S: Final = 1.5
BUSY_RATE: Final = 20
STANDING: Final = 940
"""Of 1,000 agents, those in long calls; the load keeps about 40 more busy."""
STANDING_WORKERS: Final = 2
"""2,000 legs are more than one worker takes."""
WAITING: Final = 1000
LINE_PORT: Final = 5071
RESERVE: Final = "agent_reserve: 200"
"""By default a worker keeps room for an agent's leg per caller: then 1,000 callers are all it takes."""
SERVED_RATE: Final = 50
"""What 100 agents serve when each talks for 2 s."""
RATES: Final = (100, 150, 200, 250, 300, 350)
RATE_S: Final = 20
RETRANSMISSIONS: Final = 0.01

COUNTED: Final = "user and system time of supervisor, engine, Redis and worker per call, idle share included"


class Window(NamedTuple):
    """What was used while calls came steadily."""

    used: dict[str, float]
    """CPU seconds by process, and by thread of the worker."""
    seconds: float
    calls: float

    def per_call_ms(self, off: dict[str, float]) -> dict[str, float]:
        """Return milliseconds by process or thread; `off`, in CPU seconds a second, is not the calls'."""
        return {name: (cpu - self.seconds * off.get(name, 0.0)) / self.calls * 1000 for name, cpu in self.used.items()}


def totals_ms(windows: list[Window], off: dict[str, float] | None = None) -> list[float]:
    """Return the CPU per call of each window; `off` is taken off before."""
    return [whole(window.per_call_ms(off or {})) for window in windows]


def detail_ms(windows: list[Window], off: dict[str, float] | None = None) -> dict[str, float]:
    """Return the mean CPU per call by process and by thread of the worker."""
    return {name: round(ms, 3) for name, ms in mean_of([w.per_call_ms(off or {}) for w in windows]).items()}


def usage(system: System) -> dict[str, float]:
    """Return CPU seconds so far, by process, and by thread of the worker (named with a blank)."""
    threads: dict[str, float] = {}
    for name, cpu in system.thread_cpu_s("worker-1").items():
        kind = f"worker-1 {name.rpartition('-')[0]}"
        threads[kind] = threads.get(kind, 0.0) + cpu
    return system.cpu_s() | threads


def at_rest(system: System, seconds: float) -> dict[str, float]:
    """Return CPU seconds a second, by process and thread, of what goes on now."""
    before, begun = usage(system), time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - begun
    return {name: cpu / passed for name, cpu in difference(usage(system), before).items()}


def whole(shares: dict[str, float]) -> float:
    """Return the sum over the processes; threads are parts of them."""
    return sum(share for name, share in shares.items() if " " not in name)


def look(system: System, rate: float, seconds: float, count: int) -> list[Window]:
    """Look on for `count` windows while `rate` calls a second come."""
    found = []
    for _ in range(count):
        before, begun = usage(system), time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - begun
        found.append(Window(difference(usage(system), before), passed, rate * passed))
    return found


def load(
    system: System, rate: float, seconds: float, count: int, commands: list[str], *, number: str = "direct",
    talk_s: float = TALK_S,
) -> list[Window]:  # fmt: skip
    """Let callers talk and hang up, `rate` a second, and look on. Raises Trouble when a call fails."""
    calls = round(rate * (WARM_S + count * seconds + TAIL_S))
    with sipp.callers(
        system.folder, system.port, rate, calls, number=number, talk_ms=round(talk_s * 1000), local_port=5071
    ) as callers:
        commands.append(callers.command)
        time.sleep(WARM_S)
        found = look(system, rate, seconds, count)
        counts = callers.wait(talk_s + 30)
        if counts.failed or counts.succeeded < calls:
            raise Trouble(f"of {calls} calls {counts.succeeded} went well, {counts.failed} not; {callers.trouble()}")
    return found


# ---- 50 agents ---------------------------------------------------------------------------------------------------


def fifty(context: Context) -> list[Measured]:
    """50 agents, 15 calls a second; the loop's lag under the same load."""
    commands: list[str] = []
    seconds = context.choose(15, 4)
    lags: list[tuple[float]] = []
    with System(50, port=context.port) as system, sipp.agents(system.folder) as agents:
        commands.append(agents.command)
        idle = at_rest(system, context.choose(5, 2))
        before = _lag_buckets(system)
        windows = load(system, 15, seconds, context.repeats, commands)
        lags.append((_p99_ms(difference(_lag_buckets(system), before)),))
        for _ in range(context.repeats - 1):
            before = _lag_buckets(system)
            load(system, 15, seconds / 3, 1, [])
            lags.append((_p99_ms(difference(_lag_buckets(system), before)),))
    detail = detail_ms(windows) | {"idle share": whole(idle) / 15 * 1000}
    return [
        Measured("call.cpu_ms", [(ms,) for ms in totals_ms(windows)], commands, COUNTED, detail),
        Measured(
            "engine.lag_ms", lags, commands,
            "how late the engine's loop wakes from a 100 ms sleep, by its own histogram, upper edge of the bucket",
        ),
    ]  # fmt: skip


def _lag_buckets(system: System) -> dict[str, float]:
    return {name: value for name, value in system.metrics().items() if name.startswith("vaxel_loop_lag_seconds_bucket")}


def _p99_ms(buckets: dict[str, float]) -> float:
    """Return the upper edge of the bucket that holds the 99th percentile."""
    edges = sorted((float(name.split('"')[1].replace("+Inf", "inf")), count) for name, count in buckets.items())
    total = edges[-1][1]
    return next(edge for edge, count in edges if count >= 0.99 * total) * 1000


# ---- 1,000 agents, 1,000 waiting ---------------------------------------------------------------------------------


def thousand(context: Context) -> list[Measured]:
    """1,000 agents all busy; 100 agents busy with 1,000 waiting; and what each adds to the cost of a call."""
    commands: list[str] = []
    few = _few(context, commands)
    busy, many = _busy(context, commands)
    waiting, line_growth = _waiting(context, commands)
    agents_growth = [b / a for a, b in zip(few, many, strict=True)]
    growth = Measured(
        "call.growth", list(zip(agents_growth, line_growth, strict=True)), commands,
        "CPU per call less what goes on without (idle, calls that stand, callers that wait): 1,000 agents against 10,"
        " calls of 0.4 s, 20/s; 1,000 waiting against none, 100 agents, calls of 2 s",
    )  # fmt: skip
    return [busy, waiting, growth]


def _few(context: Context, commands: list[str]) -> list[float]:
    with System(10, port=context.port) as system, sipp.agents(system.folder) as agents:
        commands.append(agents.command)
        idle = at_rest(system, context.choose(5, 2))
        windows = load(
            system, BUSY_RATE, context.choose(10, 4), context.repeats, commands, number="quiet", talk_s=SHORT_S
        )
    return totals_ms(windows, idle)


def _busy(context: Context, commands: list[str]) -> tuple[Measured, list[float]]:
    with (
        System(1000, port=context.port, workers=STANDING_WORKERS) as system,
        sipp.agents(system.folder) as agents,
        ExitStack() as stack,
    ):
        own = [agents.command]
        idle = at_rest(system, context.choose(5, 2))
        share = STANDING // STANDING_WORKERS
        for number in range(STANDING_WORKERS):
            standing = _long_calls(system, number, share)
            stack.callback(standing.stop)
            own.append(standing.command)
            _until_open(standing, share)
        time.sleep(SETTLE_S)
        rest = at_rest(system, context.choose(5, 2))
        seconds = context.choose(10, 4)
        windows = load(system, BUSY_RATE, seconds, context.repeats, own, number="quiet")
        short = load(system, BUSY_RATE, seconds, context.repeats, own, number="quiet", talk_s=SHORT_S)
    standing_cost = {name: rest[name] - idle.get(name, 0.0) for name in rest}
    commands += own
    row = Measured(
        "call.cpu_ms_busy1000",
        [(ms,) for ms in totals_ms(windows, standing_cost)],
        own,
        f"{COUNTED}; the own cost (audio) of {STANDING} long calls is taken off; {STANDING_WORKERS} workers,"
        " the load on the first",
        detail_ms(windows, standing_cost) | {"taken off, ms/s": 1000 * whole(standing_cost)},
    )
    return row, totals_ms(short, rest)


def _long_calls(system: System, worker: int, calls: int) -> sipp.Sipp:
    return sipp.callers(
        system.folder,
        system.port + worker,
        60,
        calls,
        number="quiet",
        talk_ms=900_000,
        name=f"standing-{worker}",
        local_port=LINE_PORT + 1 + worker,
    )


def _until_open(callers: sipp.Sipp, calls: int, within_s: float = 90.0) -> None:
    deadline = time.monotonic() + within_s
    while (counts := callers.counts()).open < calls:
        if counts.failed or time.monotonic() > deadline:
            raise Trouble(f"{counts.open} of {calls} calls stand, {counts.failed} failed; {callers.trouble()}")
        time.sleep(0.3)


def _line(context: Context, commands: list[str]) -> dict[str, float]:
    """Return what 1,000 waiting callers cost by themselves, by process and thread, in CPU seconds a second."""
    with System(1, port=context.port, extra_sip=RESERVE) as system, sipp.agents(system.folder) as agents:
        commands.append(agents.command)
        idle = at_rest(system, context.choose(5, 2))
        with _staying(system, 2 * SERVED_RATE, (WAITING + 1) / 2 / SERVED_RATE, "line", LINE_PORT) as line:
            commands.append(line.command)
            _until_open(line, WAITING + 1)
            time.sleep(SETTLE_S)
            return difference(at_rest(system, context.choose(5, 2)), idle)


def _waiting(context: Context, commands: list[str]) -> tuple[Measured, list[float]]:
    seconds, count, rate = context.choose(10, 4), context.repeats, SERVED_RATE
    own: list[str] = []
    line = _line(context, own)
    with (
        System(100, port=context.port, extra_sip=RESERVE) as system,
        sipp.agents(system.folder, scenario="agent_hangs_up", talk_ms=round(TALK_S * 1000)) as agents,
    ):
        own.append(agents.command)
        idle = at_rest(system, context.choose(5, 2))
        with _staying(system, 0.9 * rate, WARM_S + count * seconds, "none_waiting", LINE_PORT + 1) as callers:
            own.append(callers.command)
            time.sleep(WARM_S)
            none = look(system, 0.9 * rate, seconds, count)
            callers.wait(30)
        # Twice what is served: the line grows by as many a second.
        with _staying(system, 2 * rate, WAITING / rate, "filling", LINE_PORT + 2) as filling:
            own.append(filling.command)
            time.sleep(WAITING / rate)
            with _staying(system, rate, WARM_S + count * seconds, "waiting", LINE_PORT + 3) as callers:
                own.append(callers.command)
                time.sleep(WARM_S)
                before = _answered(system)
                windows = look(system, rate, seconds, count)
                served = _answered(system) - before
                failed = callers.counts().failed + filling.counts().failed
                if failed:
                    raise Trouble(f"{failed} callers failed; {callers.trouble()}; {filling.trouble()}")
    commands += own
    # Half of a call's work is done when it comes, half when it is served.
    share = (1 + served / sum(window.calls for window in windows)) / 2
    windows = [window._replace(calls=window.calls * share) for window in windows]
    detail = {"served/s": served / (count * seconds), "taken off, ms/s": 1000 * whole(line)}
    row = Measured(
        "call.cpu_ms_waiting1000",
        [(ms,) for ms in totals_ms(windows, line)],
        own,
        f"{COUNTED}; what {WAITING} waiting callers cost by themselves (audio) is taken off",
        detail_ms(windows, line) | detail,
    )
    both = {name: line.get(name, 0.0) + idle.get(name, 0.0) for name in idle}
    return row, [b / a for a, b in zip(totals_ms(none, idle), totals_ms(windows, both), strict=True)]


def _staying(system: System, rate: float, seconds: float, name: str, port: int) -> sipp.Sipp:
    """Start callers who stay until an agent hangs up, for a while."""
    return sipp.callers(
        system.folder, system.port, rate, round(rate * seconds), scenario="caller_stays", number="quiet", name=name,
        local_port=port,
    )  # fmt: skip


def _answered(system: System) -> float:
    return system.metrics().get('vaxel_offers_total{outcome="accepted"}', 0.0)


# ---- rate --------------------------------------------------------------------------------------------------------


def rate_clean(context: Context) -> list[Measured]:
    """Go up until a rate is not clean, then repeat the last clean one."""
    commands: list[str] = []
    rates = RATES[:2] if context.quick else RATES
    seconds = context.choose(RATE_S, 5)
    best, why = 0.0, ""
    for rate in rates:
        context.say(f"{rate} calls/s")
        why = _unclean(context, rate, seconds, commands)
        if why:
            break
        best = rate
    repeats = [(best,)]
    while best and len(repeats) < context.repeats:
        context.say(f"{best:.0f} calls/s again")
        again = _unclean(context, best, seconds, commands)
        if again:
            # Not steady: one step back, and from the beginning.
            why, place = again, RATES.index(int(best))
            best = float(RATES[place - 1]) if place else 0.0
            repeats = []
        else:
            repeats.append((best,))
    return [
        Measured(
            "call.rate_clean", repeats or [(0.0,)], commands[:2],
            f"the highest of {', '.join(map(str, rates))} calls/s held for {seconds:.0f} s, each talking for 2 s: every"
            " call succeeds, SIPp (both sides) retransmits in less than 1 % of calls",
            note=f"next: {why}" if why else "",
        )
    ]  # fmt: skip


def _unclean(context: Context, rate: float, seconds: float, commands: list[str]) -> str:
    """Return why a rate is not clean, empty when it is."""
    calls = round(rate * seconds)
    with System(500, port=context.port) as system, sipp.agents(system.folder) as agents:
        commands.append(agents.command)
        with sipp.callers(system.folder, system.port, rate, calls) as callers:
            commands.append(callers.command)
            begun = time.monotonic()
            try:
                counts = callers.wait(seconds + 30)
            except Trouble as trouble:
                return str(trouble)
            late = time.monotonic() - begun - seconds - TALK_S
        retransmitted = counts.retransmitted + agents.counts().retransmitted
    if counts.failed or counts.succeeded < calls:
        return f"{rate:.0f}/s: {calls - counts.succeeded} of {calls} calls lost"
    if retransmitted >= RETRANSMISSIONS * calls:
        return f"{rate:.0f}/s: {retransmitted} retransmissions in {calls} calls"
    return f"{rate:.0f}/s: took {late:.1f} s longer than it should" if late > 0.1 * seconds + 2 else ""


GROUPS: Final = (
    Group(("call.cpu_ms", "engine.lag_ms"), 85, 25, fifty),
    Group(("call.cpu_ms_busy1000", "call.cpu_ms_waiting1000", "call.growth"), 300, 155, thousand),
    Group(("call.rate_clean",), 230, 60, rate_clean),
)
