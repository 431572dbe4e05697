"""What a terminal shows while an announcement is being spoken."""

import io
import json
import threading

import pytest
from rich.console import Console

from engine import speaking
from engine.remote import Cannot
from engine.speaking import showing


def terminal() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=True, width=100), out


def test_it_shows_how_many_languages_are_spoken_until_there_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaking, "LOOK_EVERY", 0.01)
    console, out = terminal()
    spoken = threading.Event()
    told = iter([(0, 0), (1, 4), (3, 4)])

    def send(method: str, path: str) -> bytes:
        assert (method, path) == ("GET", "/crises")
        done, wanted = next(told, (4, 4))
        if done == wanted == 4:
            spoken.set()
        return json.dumps({"spoken": done, "speaking": wanted}).encode()

    def ask() -> bytes:
        assert spoken.wait(10)
        return b"answer"

    assert showing(ask, send, console) == b"answer"
    assert "Speaking the announcement" in out.getvalue()
    assert "4 languages" in out.getvalue()


def test_what_is_refused_is_refused_also_when_nothing_can_be_shown() -> None:
    console, _ = terminal()

    def refuse(*_: str) -> bytes:
        raise Cannot("Refused: there is no such queue.")

    with pytest.raises(Cannot, match="no such queue"):
        showing(refuse, refuse, console)
