"""What Vaxel uses when nothing happens, and how fast it starts."""

import time
from typing import Final

from bench.calls import at_rest, whole
from bench.rows import Context, Group, Measured
from bench.system import System

AGENTS: Final = 100
SETTLE_S: Final = 3.0


def idle(context: Context) -> list[Measured]:
    """100 agents signed in, no calls."""
    with System(AGENTS, port=context.port) as system:
        time.sleep(SETTLE_S)
        shares = [at_rest(system, context.choose(10, 4)) for _ in range(context.repeats)]
        memory = [system.rss_mib()]
        for _ in range(context.repeats - 1):
            time.sleep(1)
            memory.append(system.rss_mib())
    commands = [f"vaxel bench-config DIR --agents {AGENTS}; no calls"]
    return [
        Measured(
            "idle.cpu_pct", [(100 * whole(share),) for share in shares], commands,
            "supervisor, engine, Redis and worker", {f"{k}, %": 100 * v for k, v in shares[-1].items()},
        ),
        Measured(
            "idle.rss_mib", [(sum(sizes.values()),) for sizes in memory], commands,
            "sum of the resident sizes; what is shared counts in each", memory[-1],
        ),
    ]  # fmt: skip


def start(context: Context) -> list[Measured]:
    """Every start but the first, which makes music and prompts."""
    times = []
    with System(AGENTS, port=context.port) as system:
        for _ in range(context.repeats):
            system.stop()
            times.append((system.start(),))
    return [
        Measured(
            "start.s", times, ["vaxel run --config DIR --data DATA"], "supervisor started → /health/ready says 200",
        )
    ]  # fmt: skip


GROUPS: Final = (
    Group(("idle.cpu_pct", "idle.rss_mib"), 42, 17, idle),
    Group(("start.s",), 20, 12, start),
)
