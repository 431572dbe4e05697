"""Many who listen to the event stream: who is slow, silent or says too much is let go, and nobody else notices."""

import asyncio
import contextlib
import json
import socket
import statistics
import time
from typing import Any

import aiohttp
import pytest

from router import api
from router import inputs as i
from router.api import Asked, Caller, Socket
from tests.web.house import Reception
from tests.web.test_api_events import EMPTY_OBJECT, HANDSHAKE, listening
from web import feeds, sockets, stream

OTHERS = 50
PIECES = 15
"""Of the stream, each with `EVENTS` events."""
EVENTS = 200


async def publish(house: Reception, number: int, agent: str = "guide01") -> None:
    """Let so many things happen to an agent."""
    for count in range(number):
        house.spine.submit(i.Pause(agent, ("break", "lunch")[count % 2]))
    await house.put(i.TimePassed())


# ---- who is passed over ----------------------------------------------------------------------------------------------


async def test_who_listens_for_one_agent_is_not_woken_for_others(
    house: Reception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "KEPT", 10)
    monkeypatch.setattr(stream, "SPARE", 5)
    await house.put(i.LogIn("guide02"))
    events = house.reception.stream
    async with listening(house, "websocket", role="agent", agent="guide02") as listener:
        await listener.until("stream.started")
        for _ in range(10):  # far more than are kept
            await publish(house, 10)
            await house.until(lambda: events._visible == events.end)
        (waiting,) = events._waiting
        assert waiting.offset < events._first, "it waits where it began to wait"
        await house.put(i.Pause("guide02", "lunch"))
        told = await listener.until("agent.paused")
        assert [one["type"] for one in told] == ["stream.started", "agent.paused"], "nothing twice, nothing of others"


async def test_what_all_agents_are_told_wakes_all(house: Reception) -> None:
    async with listening(house, "websocket", role="agent", agent="guide02") as listener:
        await listener.until("stream.started")
        await house.post("/notices", json={"text": "Brandövning"}, role="supervisor")
        await listener.until("notice.posted")


# ---- who takes nothing -----------------------------------------------------------------------------------------------


class Ear:
    """A listener that notes when each piece came."""

    def __init__(self, house: Reception) -> None:
        self.house = house
        self.came: list[float] = []
        self.events = 0

    async def listen(self) -> None:
        headers = {"Authorization": f"Bearer {self.house.token('reader')}"}
        async with self.house.session.ws_connect(self.house.url("/api/v1/events"), headers=headers) as wire:
            await wire.send_str("{}")
            async for message in wire:
                self.came.append(time.perf_counter())
                self.events += len(json.loads(message.data))


def deaf(house: Reception) -> socket.socket:
    """Return a listener that never reads."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.connect(("127.0.0.1", house.port))
    head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token('reader')}\r\n"
    wire.sendall(f"{head}{HANDSHAKE}\r\n".encode() + EMPTY_OBJECT)
    return wire


async def test_who_takes_nothing_is_let_go_and_slows_nobody(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "WRITE_S", 1.0)
    monkeypatch.setattr(feeds, "LAST_WORD_S", 0.1)
    unsent: list[int] = []
    serve = feeds.Feeds.serve
    transports: list[Any] = []

    async def serve_watched(self: Any, request: Any, *more: Any) -> Any:
        transports.append(request.transport)
        return await serve(self, request, *more)

    monkeypatch.setattr(feeds.Feeds, "serve", serve_watched)

    async def pieces(ears: list[Ear]) -> list[float]:
        """Let things happen; return how many seconds each piece took to each listener."""
        took = []
        for _ in range(PIECES):
            before = [ear.events for ear in ears]
            begun = time.perf_counter()
            await publish(house, EVENTS)
            await house.until(
                lambda before=before: all(ear.events >= had + EVENTS for ear, had in zip(ears, before, strict=True)),
                20,
            )
            took += [ear.came[-1] - begun for ear in ears]
            unsent.append(max(one.get_write_buffer_size() for one in transports))
        return took

    ears = [Ear(house) for _ in range(OTHERS)]
    async with asyncio.TaskGroup() as tasks:
        listeners = [tasks.create_task(ear.listen()) for ear in ears]
        await house.until(lambda: all(ear.events for ear in ears))  # they were told that the stream begins
        alone = await pieces(ears)
        with deaf(house):
            await house.until(lambda: house.metric("vaxel_event_clients", form="websocket") == OTHERS + 1)
            beside = await pieces(ears)
            await house.until(lambda: house.metric("vaxel_event_clients_cut_total", reason="slow") == 1)
        after = await pieces(ears)
        for listener in listeners:
            listener.cancel()
    assert statistics.median(beside) < 2 * max(statistics.median(alone), statistics.median(after)) + 0.02
    page = stream.PAGE * 400  # bytes of a piece, generously
    assert 0 < max(unsent) <= 2 * feeds.UNSENT_MAX + page, "no more than one piece waits for whoever takes nothing"
    assert house.metric("vaxel_event_clients", form="websocket") <= OTHERS


async def test_who_answers_no_ping_is_let_go(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "HEARTBEAT_S", 0.2)
    headers = {"Authorization": f"Bearer {house.token('reader')}"}
    async with house.session.ws_connect(house.url("/api/v1/events"), headers=headers, autoping=False) as wire:
        await wire.send_str("{}")
        await house.until(lambda: house.metric("vaxel_event_clients_cut_total", reason="silent") == 1)
        await house.until(lambda: house.metric("vaxel_event_clients", form="websocket") == 0)


# ---- who says too much -----------------------------------------------------------------------------------------------


async def _closed(wire: aiohttp.ClientWebSocketResponse) -> int | None:
    """Return by which code a WebSocket is closed."""
    async with asyncio.timeout(5):
        async for _ in wire:
            pass
    return wire.close_code


@contextlib.asynccontextmanager
async def spoken(house: Reception) -> Any:
    """Give a listener that has said what it wants."""
    headers = {"Authorization": f"Bearer {house.token('reader')}"}
    async with house.session.ws_connect(house.url("/api/v1/events"), headers=headers) as wire:
        await wire.send_str("{}")
        await wire.receive(timeout=5)
        yield wire


async def test_a_listener_that_goes_on_talking_is_refused(house: Reception) -> None:
    async with spoken(house) as wire:
        for _ in range(feeds.WORDS_AT_ONCE + 1):
            await wire.send_str("{}")
        assert await _closed(wire) == aiohttp.WSCloseCode.POLICY_VIOLATION
    assert house.metric("vaxel_event_clients_cut_total", reason="too_fast") == 1


async def test_a_listener_that_says_too_much_at_once_is_refused(house: Reception) -> None:
    async with spoken(house) as wire:
        await wire.send_str(" " * (feeds.MESSAGE_MAX + 1))
        assert await _closed(wire) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
    await house.until(lambda: house.metric("vaxel_event_clients_cut_total", reason="too_large") == 1)


class Parrot:
    """A socket of another kind, that reads."""

    def __init__(self) -> None:
        self.heard = 0

    @api.route("GET", "/parrot", roles=api.EVERYBODY, socket=True)
    async def parrot(self, _: Caller, socket: Socket, __: Asked) -> None:
        """Listen."""
        while True:
            await socket.receive()
            self.heard += 1


async def test_every_socket_refuses_what_is_too_fast_or_too_large() -> None:
    parrot = Parrot()
    async with Reception.open(more=api.routes_of(parrot, "parrot")) as house:
        headers = {"Authorization": f"Bearer {house.token('reader')}"}
        url = house.url("/api/v1/parrot")
        async with house.session.ws_connect(url, headers=headers) as wire:
            for _ in range(2 * sockets.MESSAGES_AT_ONCE):
                await wire.send_str("x")
            assert await _closed(wire) == aiohttp.WSCloseCode.POLICY_VIOLATION
        assert sockets.MESSAGES_AT_ONCE <= parrot.heard < 2 * sockets.MESSAGES_AT_ONCE
        async with house.session.ws_connect(url, headers=headers) as wire:
            await wire.send_str("x" * (sockets.MESSAGE_MAX + 1))
            assert await _closed(wire) == aiohttp.WSCloseCode.MESSAGE_TOO_BIG
