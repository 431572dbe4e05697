"""The engine's end of the connection to a worker, with a worker made of paper."""

import asyncio
from typing import Any

import pytest

from adapters.sip import protocol as p
from adapters.sip.client import WorkerClient


class Wire(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.frames = p.frames_to_worker()
        self.sent: list[p.ToWorker] = []

    def write(self, data: Any) -> None:
        self.sent += self.frames.feed(bytes(data))


@pytest.mark.parametrize(("version", "told"), [(p.VERSION, ["Probe", "Ring"]), (2, ["Ring"])])
async def test_a_worker_is_not_told_what_it_is_too_old_to_understand(version: int, told: list[str]) -> None:
    """It would take the frame for a broken one, and hang up."""
    client, wire = WorkerClient("w1", "", 1, Nobody()), Wire()
    client.connection_made(wire)
    client.protocol = version
    client.command(p.Probe(0, "w1-g-1"))
    client.command(p.Ring(0, "w1-g-1"))
    await asyncio.sleep(0)
    assert [type(one).__name__ for one in wire.sent if isinstance(one, p.Command)] == told


class Nobody:
    """The port `Desk`, at which nobody sits."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(name)
