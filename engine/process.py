"""What the supervisor runs. Imported by it, so only light modules here."""

import json
from typing import NamedTuple


class Process(NamedTuple):
    """One program and how it lives."""

    name: str
    """Names its pid file and its log."""
    argv: list[str]
    env: dict[str, str] | None = None
    """Added to the supervisor's environment."""
    stop_after: float = 10.0
    """Seconds between SIGTERM and SIGKILL."""
    stage: int = 1
    """Stage 0 is started first, and the others when all of stage 0 are ready; stopped from the highest stage down."""
    ready: str = ""
    """Path of a Unix socket that answers when the process is ready (`engine.ready`); ready at once when empty."""
    forks: bool = False
    """It consists of several processes with the same arguments; those that outlive the first are ended with it."""


class BadPlan(Exception):
    """The processes cannot be planned; the text is for the user."""

    error_id = "bad_plan"
    retryable = False


def dump(processes: list[Process]) -> str:
    """Return the list as JSON."""
    return json.dumps([process._asdict() for process in processes])


def load(text: str) -> list[Process]:
    """Read what `dump` wrote."""
    return [Process(**fields) for fields in json.loads(text)]
