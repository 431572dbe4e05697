"""The rows: what is measured, what a peer needs for the same work, and what is to be reached.

The peer is Asterisk 22.10.1 (app_queue, PJSIP, a-law, no CDR, no AMI) on the project's usual machine, with the same
SIPp work; medians of noisy runs.
"""

from typing import Final, NamedTuple


class Target(NamedTuple):
    """One row of the table."""

    what: str
    unit: str
    peer: str
    reach: str
    """As a person reads it."""
    limits: tuple[float, ...]
    """One for each part of the value."""
    parts: tuple[str, ...] = ()
    """Names of the parts, when the value has more than one."""
    at_least: bool = False
    """The value must not be under the limits; else it must not be over them."""


TARGETS: Final[dict[str, Target]] = {
    "call.cpu_ms": Target(
        "CPU per call, answer, line, agent answers, BYE; signalling only, 50 agents, 15/s",
        "ms", "8.5", "≤ 5 (bare pjsua2: 3.7)", (5,),
    ),
    "call.cpu_ms_busy1000": Target("the same, 1,000 agents all busy, 20/s", "ms", "62", "≤ 6", (6,)),
    "call.cpu_ms_waiting1000": Target("the same, 100 agents busy, 1,000 waiting", "ms", "23", "≤ 6", (6,)),
    "call.growth": Target(
        "growth of that cost, 10 → 1,000 agents and 0 → 1,000 waiting", "times", "9", "≤ 1.2", (1.2, 1.2),
        ("agents", "waiting"),
    ),
    "call.rate_clean": Target(
        "calls/s held for 20 s with 500 agents, none lost, retransmissions < 1 %", "/s", "100 (150 in one of two runs)",
        "≥ 200", (200,), at_least=True,
    ),
    "call.offer_ms": Target(
        "caller's INVITE → agent's INVITE, no menu, the fact journalled first", "ms", "3.3 / 5.1", "≤ 5 / 10", (5, 10),
        ("p50", "p95"),
    ),
    "call.next_offer_ms": Target(
        "agent free → next caller's INVITE to that agent", "ms", "160-700 / 880", "≤ 5 / 15", (5, 15), ("p50", "p95"),
    ),
    "call.bridge_ms": Target(
        "agent's 200 OK → agent's voice at the caller", "ms", "7.8 / 10.3", "≤ 25 / 40", (25, 40), ("p50", "p95"),
    ),
    "media.waiting_per_core": Target(
        "waiting callers on music per core, RTP both ways", "calls", "380", "≥ 850", (850,), at_least=True,
    ),
    "media.bridged_per_core": Target(
        "bridged calls per core, G.711, RTP both ways, no loss", "calls", "360 (250 when it could be recorded)",
        "≥ 450 recordable at any moment, ≥ 380 all recorded", (450, 380), ("recordable", "recorded"), at_least=True,
    ),
    "media.kib_per_call": Target("memory per waiting call, all processes", "KiB", "about 350", "≤ 200", (200,)),
    "recover.kept": Target(
        "after kill -9 of the engine: share of 40 waiting callers kept and served in order", "%", "0", "100", (100,),
        at_least=True,
    ),
    "recover.ms": Target(
        "kill -9 of the engine → first new offer, detection included", "ms", "2,000", "≤ 2,000", (2000,),
    ),
    "router.decide_us": Target(
        "one decision, 1,000 agents, 10,000 waiting, 50 queues, 20 skills", "µs", "", "≤ 25 / 100", (25, 100),
        ("p50", "p99"),
    ),
    "router.growth": Target(
        "growth of its p50, 10 → 10,000 waiting and 10 → 1,000 agents", "times", "", "≤ 1.3", (1.3, 1.3),
        ("waiting", "agents"),
    ),
    "engine.commands_per_s": Target(
        "whole commands through spine and journal, per core", "/s", "", "≥ 25,000", (25_000,), at_least=True,
    ),
    "router.bytes_per_contact": Target("memory per waiting contact in the core", "bytes", "", "≤ 2,048", (2048,)),
    "engine.lag_ms": Target("engine loop lag under the call benchmark, p99", "ms", "", "≤ 5", (5,)),
    "router.replay_per_s": Target("replay of a journal", "facts/s", "", "≥ 50,000", (50_000,), at_least=True),
    "api.live_per_s": Target(
        "live state, 100 agents, 1,000 waiting: requests per core of the engine", "/s", "", "≥ 2,000", (2000,),
        at_least=True,
    ),
    "api.live_ms": Target("the same, 50 requests a second", "ms", "", "≤ 5 / 10", (5, 10), ("p50", "p95")),
    "api.contacts_per_s": Target(
        "a page of 100 of 1,000 waiting contacts: requests per core of the engine", "/s", "", "≥ 1,000", (1000,),
        at_least=True,
    ),
    "api.contacts_ms": Target("the same, 50 requests a second", "ms", "", "≤ 5 / 10", (5, 10), ("p50", "p95")),
    "events.sse_us": Target(
        "an event to one of 500 listeners by server-sent events: CPU of the engine", "µs", "", "≤ 20", (20,),
    ),
    "events.sse_lag_ms": Target("engine loop lag meanwhile, p99", "ms", "", "≤ 5", (5,)),
    "events.websocket_us": Target("the same by WebSocket", "µs", "", "≤ 20", (20,)),
    "events.websocket_lag_ms": Target("engine loop lag meanwhile, p99", "ms", "", "≤ 5", (5,)),
    "chat.deliver_ms": Target(
        "chat message citizen → agent's page, 500 chats open", "ms", "", "≤ 5 / 30", (5, 30), ("p50", "p99"),
    ),
    "desk.event_ms": Target(
        "fact → screen of a desk, 500 desks and 20 wallboards connected", "ms", "", "p99 ≤ 100", (100, 100),
        ("p50", "p99"),
    ),
    "desk.ready_ms": Target(
        "desk page usable after signing in, after a reload with an empty cache", "ms", "", "≤ 1,000", (1000, 1000),
        ("sign-in", "reload"),
    ),
    "mail.offer_ms": Target("e-mail in the mailbox → offered (IDLE), p95", "ms", "", "≤ 500", (500,)),
    "mail.per_s": Target("e-mails taken in, per second", "/s", "", "≥ 50", (50,), at_least=True),
    "sim.day_s": Target(
        "a simulated Malmö day: 3,000 calls, all channels, 65 agents, virtual time", "s", "", "≤ 3", (3,),
    ),
    "idle.cpu_pct": Target("idle, 100 agents signed in, all processes: CPU", "% of a core", "", "≤ 3", (3,)),
    "idle.rss_mib": Target("idle, 100 agents signed in, all processes: memory", "MiB", "", "≤ 350", (350,)),
    "directory.search_ms": Target(
        "a keystroke of a search among 25,000 people", "ms", "", "≤ 1 / 5", (1, 5), ("p50", "p99"),
    ),
    "directory.read_s": Target("reading a directory of 25,000 people, beside calls", "s", "", "≤ 3", (3,)),
    "directory.kib_per_record": Target("memory per person of the directory", "KiB", "", "≤ 4", (4,)),
    "report.s": Target(
        "standard report over a million contacts", "s", "", "≤ 2 / 2", (2, 2), ("SQLite", "PostgreSQL"),
    ),
    "start.s": Target("second start → ready", "s", "", "≤ 3", (3,)),
}  # fmt: skip
