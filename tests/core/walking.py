"""Walks through flows, without a router: events in, what is heard and where it leads out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ivr import actions as a
from ivr.flow import START, Flow, Node
from ivr.moving import begin, step
from ivr.session import Moved, Session
from queues.hours import ALWAYS, Hours

MONDAY_NOON = datetime.fromisoformat("2026-10-05T12:00")


class Somewhere:
    """A world for flows, as `ivr.actions.World`."""

    def __init__(
        self,
        local: datetime = MONDAY_NOON,
        hours: Mapping[str, Hours] | None = None,
        staffed: Iterable[str] = (),
        recorded: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.local = local
        self._hours = dict(hours or {})
        self._staffed = set(staffed)
        self._recorded = set(recorded)

    def hours(self, name: str) -> Hours:
        return self._hours[name]

    def queue_hours(self, queue: str) -> Hours:
        return self._hours.get(queue, ALWAYS)

    def staffed(self, queue: str) -> bool:
        return queue in self._staffed

    def recorded(self, language: str, prompt: str) -> bool:
        return (language, prompt) in self._recorded

    def moment(self, at: float) -> datetime:
        return self.local + timedelta(seconds=at)

    def free_times(self, queue: str, after: float, most: int) -> tuple[float, ...]:
        return tuple(after + 3600.0 * (number + 1) for number in range(most))

    def promised(self, queue: str, person: str) -> a.Appointment | None:
        return None

    def next_ticket(self, site: str, service: str) -> a.Number | None:
        return None

    def hindrance(self, queue: str, person: str, start: float | None) -> a.Hindrance:
        return ""


class Walk:
    """One contact in a flow `main` of these nodes; `others` are flows it may call."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        world: Somewhere | None = None,
        others: Iterable[Flow] = (),
        keys: Mapping[str, Any] | None = None,
        person: str = "",
        **more: Any,
    ) -> None:
        main = Flow(name="main", nodes=dict(nodes), keys=dict(keys or {}), person=person)
        self.flows = {flow.name: flow for flow in (main, *others)}
        self.world = world or Somewhere()
        self.effects: list[a.Effect] = []
        self.session: Session
        self.action: a.Action
        self._take(begin(self.flows, "main", self.world, **more))

    def _take(self, moved: Moved) -> None:
        self.session, self.action = moved.session, moved.action
        self.effects += moved.effects

    def put(self, event: a.Event) -> "Walk":
        """Give an event that must fit."""
        moved = step(self.flows, self.session, event, self.world)
        assert moved is not None, (self.session, event)
        self._take(moved)
        return self

    def ignores(self, event: a.Event) -> bool:
        """Tell whether an event means nothing here."""
        return step(self.flows, self.session, event, self.world) is None

    def heard(self) -> "Walk":
        """What is being said comes to its end."""
        return self.put(a.Ended(self.session.turn))

    def silent(self) -> "Walk":
        """The time-out passes."""
        return self.put(a.Silence(self.session.turn))

    def keys(self, digits: str) -> "Walk":
        """Press keys."""
        for digit in digits:
            self.put(a.Key(digit))
        return self

    def types(self, count: int, *, over: bool = True, holds: bool | None = True) -> "Walk":
        """Type digits."""
        return self.put(a.Typed(count, over, holds))

    def speaks(self, seconds: float) -> "Walk":
        """Speak for so long into a recording, which ends by itself."""
        return self.put(a.Recorded(self.session.recording, seconds))

    @property
    def said(self) -> list[str]:
        """Return the prompts that are being said."""
        assert isinstance(self.action, a.Speak), self.action
        return [phrase.prompt for phrase in self.action.heard]

    @property
    def node(self) -> str:
        """Return where it stands."""
        return self.session.node


def start(node: Node, **nodes: Node) -> dict[str, Node]:
    """Return nodes with `node` at the start."""
    return {START: node, **nodes}
