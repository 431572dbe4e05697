"""Times that can be booked at a place that people visit: few may have the same one, and it must lie in open hours."""

from collections.abc import Callable, Iterator
from datetime import datetime

from queues.hours import is_open
from queues.site import Service, Site
from router.indexes import Slot
from router.state import State

Local = Callable[[float], datetime]
"""From UTC seconds to naive local time."""


def times(state: State, site: Site, name: str, now: float, local: Local) -> Iterator[Slot]:
    """Yield the times of a service that can be booked at `now` and are not taken, in order."""
    start = (now // site.window + 1) * site.window
    while start <= now + site.ahead:
        slot = Slot(site.name, name, start)
        if is_free(state, slot, now, local):
            yield slot
        start += site.window


def is_free(state: State, slot: Slot, now: float, local: Local) -> bool:
    """Tell whether a time can be booked at `now`."""
    site = state.configuration.sites[slot.site]
    service = site.services[slot.service]
    if not now < slot.start <= now + site.ahead or slot.start % site.window or not state.free_at(slot):
        return False
    return _in_hours(state, site, service, slot.start, local)


def _in_hours(state: State, site: Site, service: Service, start: float, local: Local) -> bool:
    """Tell whether place and queue are open from the beginning to the end of a window."""
    queue = state.configuration.queues[service.queue]
    moments = (local(start), local(start + site.window - 1.0))
    return all(is_open(hours, moment) for hours in (site.hours, queue.hours) for moment in moments)
