"""What the worker's parts know of the engine."""

from collections.abc import Callable
from typing import Protocol

from adapters.sip.protocol import Event


class Events(Protocol):
    """Where events go, and who is in command; `link.EngineLink` is it."""

    def emit(self, kind: Callable[..., Event], *fields: object) -> None: ...
    @property
    def epoch(self) -> int: ...
    @property
    def attached(self) -> bool: ...
