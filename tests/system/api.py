"""Asking the API of a house whose engine may die at any moment."""

import http.client
import time
from collections.abc import Callable
from typing import Any

from tests.system.house import DEADLINE_S, House
from tests.system.test_api import ask

PAUSE_S = 0.05


def ask_again(
    house: House,
    method: str,
    path: str,
    body: Any = None,
    token: str = "",
    refused: Callable[[dict[str, Any]], object] = lambda _: None,
    **headers: str,
) -> dict[str, Any]:
    """Ask until the engine answers; return what it said, nothing when it refused: `refused` is told why."""
    end = time.monotonic() + 2 * DEADLINE_S
    while True:
        try:
            status, told = ask(house, method, path, body, token, **headers)
            if status < 300:
                return told or {}
            if not told.get("retryable"):
                refused(told)
                return {}
        except (OSError, http.client.HTTPException, ValueError):
            pass  # it was killed, and is starting again
        assert time.monotonic() < end, f"nobody answers {method} {path}"
        time.sleep(PAUSE_S)
