"""Looks at the figures of queues that have alarms; the router is told when one is raised or over (`queues.alarms`)."""

from collections.abc import Iterator
from typing import Final

from metrics.live import Live, QueueNow
from queues.alarms import KINDS, Alarms, Seen, alarmed
from queues.channels import CHANNELS
from router.inputs import QueueAlarm
from router.state import State

EVERY_S: Final = 1.0
FORMULA: Final = "of_all_but_short"
"""The formula of the service level that is looked at (docs/metrics.md); the wallboard shows the same."""


def wanted(state: State) -> bool:
    """Tell whether anybody wants to be told of anything, or was."""
    alarms = (queue.alarms for queue in state.configuration.queues.values())
    return bool(state.alarms) or any(one != Alarms() for one in alarms)


def changes(state: State, live: Live) -> Iterator[QueueAlarm]:
    """Yield what the router is to be told."""
    for name, queue in state.configuration.queues.items():
        seen = _seen(live.queues[name])
        for kind in KINDS:
            stands = f"{name}/{kind}" in state.alarms
            if alarmed(queue.alarms, kind, seen, raised=stands) != stands:
                yield QueueAlarm(queue=name, alarm=kind, raised=not stands)


def _seen(queue: QueueNow) -> Seen:
    """Sum up a queue over its channels that are served live; the level is that of its calls."""
    channels = [now for name, now in queue.channels.items() if CHANNELS[name].live]
    waits = [one.longest_wait for one in channels if one.longest_wait is not None]
    calls = queue.channels.get("call")
    return Seen(
        open=queue.open,
        waiting=sum(one.contacts.get("waiting", 0) + one.contacts.get("offered", 0) for one in channels),
        longest_wait=max(waits, default=None),
        service_level=calls.today.service_level.get(FORMULA) if calls is not None else None,
        available=max((one.available_agents for one in channels), default=0),
    )
