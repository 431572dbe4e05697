"""Is the process alive, and is it ready to serve? Asked by people, load balancers and `vaxel run`."""

from collections.abc import Callable, Mapping

from msgspec import Struct


class Part(Struct, frozen=True):
    """The state of one part, with a plain sentence for people that holds no personal value."""

    ready: bool
    text: str


Check = Callable[[], Part]


class Report(Struct, frozen=True):
    """The state of the whole; it is ready when every part is."""

    ready: bool
    text: str
    mark: str
    """Which Vaxel answers: two on one machine may be after the same port."""
    parts: dict[str, Part]


class Health:
    """Asks each part when asked. The callables look at what is known; they wait for nothing."""

    def __init__(self, parts: Mapping[str, Check], mark: str = "") -> None:
        self._parts = dict(parts)
        self._mark = mark

    def report(self) -> Report:
        """Return the state of every part, in their order."""
        parts = {name: check() for name, check in self._parts.items()}
        waiting = [part.text for part in parts.values() if not part.ready]
        return Report(not waiting, " ".join(waiting) or "Ready.", self._mark, parts)
