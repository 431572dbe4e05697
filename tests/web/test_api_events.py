"""The event stream: who hears what, in which order, and what becomes of who was away, is slow, or may not listen."""

import asyncio
import contextlib
import re
import socket
import typing
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from router import facts as f
from router import inputs as i
from router.api import Role
from tests.web.house import DIRECT, NOON, Reception
from web import feeds, stream
from web.events import FORMS, UNPUBLISHED, Event, Position, Whereabouts, position

ROOT = Path(__file__).parents[2]
CALL = ["contact.arrived", "contact.queued", "offer.made"]


class Listener:
    """Reads the stream in one of its two forms."""

    def __init__(self, house: Reception, form: str) -> None:
        self.house = house
        self.form = form
        self.told: list[dict[str, Any]] = []
        self.closed: Any = None
        self.wire: Any = None

    async def hear(self) -> None:
        """Take in what comes next."""
        if self.form == "websocket":
            message = await self.wire.receive(timeout=5)
            if message.type is aiohttp.WSMsgType.TEXT:
                self.told += msgspec.json.decode(message.data)
            else:
                self.closed = self.wire.close_code
        else:
            line = b"x"
            event: dict[str, str] = {}
            while line.strip():
                line = await asyncio.wait_for(self.wire.content.readline(), 5)
                name, _, value = line.decode().strip().partition(": ")
                event[name] = value
            if "data" not in event:
                self.closed = "end"
                return
            self.told.append(msgspec.json.decode(event["data"]))
            assert (event["id"], event["event"]) == (self.told[-1]["id"], self.told[-1]["type"])

    async def until(self, *types: str) -> list[dict[str, Any]]:
        """Listen until events of these types have come, in this order; return everything that came."""
        while not _contains([one["type"] for one in self.told], types):
            assert self.closed is None, (self.closed, self.types)
            await self.hear()
        return self.told

    async def until_closed(self) -> Any:
        while self.closed is None:
            await self.hear()
        return self.closed

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.told]


def _contains(whole: Sequence[str], part: Sequence[str]) -> bool:
    found = iter(whole)
    return all(one in found for one in part)


@contextlib.asynccontextmanager
async def listening(
    house: Reception, form: str, *, role: Role = "reader", agent: str = "", **wanted: Any
) -> AsyncIterator[Listener]:
    it = Listener(house, form)
    headers = {"Authorization": f"Bearer {house.token(role, agent)}"}
    url = house.url("/api/v1/events")
    if form == "websocket":
        async with house.session.ws_connect(url, headers=headers, autoclose=False) as it.wire:
            await it.wire.send_json(wanted)
            yield it
    else:
        query = {name: ",".join(value) if isinstance(value, list) else value for name, value in wanted.items()}
        async with house.session.get(url, headers=headers, params=query) as it.wire:
            assert it.wire.status == 200, await it.wire.text()
            assert it.wire.headers["Content-Type"] == "text/event-stream"
            yield it


@pytest.fixture(params=["sse", "websocket"])
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PACE_S", 0.005)


# ---- what is told ----------------------------------------------------------------------------------------------------


async def test_a_call_is_told_from_its_arrival_to_its_end(house: Reception, form: str) -> None:
    async with listening(house, form) as listener:
        await listener.until("stream.started")
        contact = await house.waits()
        await house.put(i.PickedUp(leg=f"{contact}.1"))
        await house.put(i.CitizenGone(contact=contact, cause="hung_up"))
        await house.put(i.EndWrapUp(contact))
        told = await listener.until(*CALL, "offer.accepted", "contact.wrap_up_started", "contact.ended")
    named = {one["type"]: one for one in told}
    about = {"contact": contact, "channel": "call", "at": NOON}
    in_queue = {**about, "queue": "vaxel"}
    taken = {**in_queue, "agent": "guide01"}
    expected = {
        "contact.arrived": {**about, "entry": DIRECT},
        "contact.queued": {**in_queue, "step": 0},
        "offer.made": {
            **taken,
            "offer": f"{contact}.1",
            "until": NOON + 20,
            "rule": "longest-idle",
            "step": 0,
            "passed": {"logged_out": 5},
        },
        "contact.ended": {**taken, "outcome": "served"},
    }
    for kind, what in expected.items():
        assert named[kind] == {"type": kind, "id": named[kind]["id"], **what}
    assert [one["id"] for one in told] == sorted((one["id"] for one in told), key=lambda id_: position(id_))
    for one in told:
        msgspec.convert(one, Event)


@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        ({"types": ["offer"]}, ["offer.made", "offer.withdrawn"]),
        ({"types": ["contact.queued", "agent"]}, ["contact.queued", "agent.paused"]),
        ({"queues": ["vaxel"]}, ["contact.queued", "offer.made", "offer.withdrawn"]),
        ({"queues": ["skola"]}, []),
        ({"agents": ["guide01"]}, ["offer.made", "offer.withdrawn", "agent.paused"]),
        ({"agents": ["guide01"], "types": ["agent"]}, ["agent.paused"]),
    ],
)
async def test_who_asks_for_less_hears_less(house: Reception, form: str, wanted: Any, heard: list[str]) -> None:
    async with listening(house, form, **wanted) as listener, listening(house, "sse") as all_:
        await listener.until("stream.started")
        await all_.until("stream.started")
        await house.waits()
        await house.put(i.Pause("guide01", "lunch"))
        await all_.until("agent.paused")
        assert await _rest(house, listener) == heard


async def _rest(house: Reception, listener: Listener) -> list[str]:
    """Return everything that was told, up to the end of the stream."""
    house.reception.stream.close()
    await listener.until_closed()
    return [one for one in listener.types if not one.startswith("stream.")]


async def test_an_agent_hears_of_itself_and_what_it_has_in_hand(house: Reception, form: str) -> None:
    await house.put(i.LogIn("guide02"))
    async with listening(house, form, role="agent", agent="guide02", agents=["guide01"]) as listener:
        await listener.until("stream.started")
        await house.waits()
        await house.put(i.GoReady("guide02"))
        await house.put(i.Pause("guide01", "lunch"))
        told = await listener.until("offer.made")
        assert [one["type"] for one in told] == ["stream.started", "agent.ready", "offer.made"]
        assert {one["agent"] for one in told[1:]} == {"guide02"}


async def test_nothing_is_told_before_it_is_kept(house: Reception, form: str) -> None:
    async with listening(house, form) as listener:
        await listener.until("stream.started")
        before = house.reception.stream.published
        house.journal.held = []
        house.spine.submit(i.Arrived(contact="w1-1-1", channel="call", entry=DIRECT, leg="w1-1-1"))
        await asyncio.sleep(0.05)
        assert house.reception.stream.published == before
        house.journal.release()
        await listener.until("contact.arrived")


def test_every_fact_is_published_or_said_not_to_be() -> None:
    kinds = set(typing.get_args(f.AnyFact))
    assert set(FORMS) | UNPUBLISHED == kinds
    assert set(FORMS).isdisjoint(UNPUBLISHED)


def test_every_event_and_its_fields_are_documented() -> None:
    page = (ROOT / "docs" / "events.md").read_text()
    known = set(re.findall(r"`([\w.]+)`", page))
    assert {form.type for form in FORMS.values()} - known == set()
    assert set(Event.__struct_fields__) - known - {"version"} == set()


# ---- resuming --------------------------------------------------------------------------------------------------------


async def test_who_comes_back_hears_what_was_missed(house: Reception, form: str) -> None:
    async with listening(house, form) as listener:
        await listener.until("stream.started")
        await house.waits()
        told = await listener.until("contact.queued")
    seen = next(one["id"] for one in told if one["type"] == "contact.queued")
    await house.put(i.Pause("guide01", "lunch"))
    async with listening(house, form, after=seen) as again:
        await again.until("agent.paused")
        assert again.types == ["stream.started", "offer.made", "offer.withdrawn", "agent.paused"]


async def test_the_header_of_event_sources_does_the_same(house: Reception) -> None:
    await house.waits()
    headers = {"Authorization": f"Bearer {house.token('reader')}", "Last-Event-ID": "1-1"}
    async with house.session.get(house.url("/api/v1/events"), headers=headers) as wire:
        listener = Listener(house, "sse")
        listener.wire = wire
        await listener.until(*CALL)


async def test_a_picture_and_the_stream_join_without_a_gap(house: Reception, form: str) -> None:
    await house.waits()
    live = (await house.get("/live")).json
    await house.put(i.Pause("guide01", "lunch"))
    async with listening(house, form, after=live["position"]) as listener:
        await listener.until("agent.paused")


@pytest.mark.parametrize("after", ["2-0.0", "1-999.0"])
async def test_who_was_away_too_long_is_told_so(house: Reception, form: str, after: str) -> None:
    async with listening(house, form, after=after) as listener:
        (gone,) = await listener.until("stream.gone")
        assert gone["look"] == "/api/v1/live"
        await house.put(i.Pause("guide01", "lunch"))
        await listener.until("agent.paused")


async def test_a_bad_place_is_refused(house: Reception) -> None:
    for after in ("x", "1-2-3", "1-x", "-", "1-1.x", "9" * 30 + "-1"):
        told = await house.get("/events", params={"after": after})
        assert (told.status, told.error) == (400, "bad_request")


class Past:
    """What the journal of earlier engines holds."""

    def __init__(self) -> None:
        self.read = 0

    async def whereabouts(self) -> tuple[Position, Whereabouts]:
        return Position(1, 5), Whereabouts()

    async def entries(self, _: Position, before: Position) -> AsyncIterator[tuple[int, int, Sequence[f.AnyFact]]]:
        self.read += 1
        for seq in range(6, 10):
            await asyncio.sleep(0)
            yield 1, seq, (f.AgentPaused(float(seq), "guide01", "lunch"),)
        assert before == Position(2, 0)


async def test_the_past_is_read_once_for_all_who_come_back(house: Reception, form: str) -> None:
    past = Past()
    house.reception.stream._items.clear()
    house.reception.stream.begin(Position(2, 0), Whereabouts(), past)
    house.house.epoch = 2
    await house.put(i.Pause("guide01", "break"))
    async with contextlib.AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(listening(house, form, after="1-7.0")) for _ in range(5)]
        for listener in listeners:
            told = await listener.until("agent.paused", "agent.paused", "agent.paused")
            assert [one["id"] for one in told[1:]] == ["1-8.0", "1-9.0", "2-2.0"]
        async with listening(house, form, after="1-4.0") as late:
            await late.until("stream.gone")
    assert past.read == 1


class Trimmed(Past):
    """A journal that goes back no further than a moment ago."""

    async def whereabouts(self) -> tuple[Position, Whereabouts]:
        return Position(1, 15), Whereabouts()

    async def entries(self, _: Position, before: Position) -> AsyncIterator[tuple[int, int, Sequence[f.AnyFact]]]:
        for seq in ():
            yield 1, seq, ()


async def test_nobody_listens_before_the_engine_tells(house: Reception) -> None:
    house.reception.stream._past = None
    told = await house.get("/events")
    assert (told.status, told.error) == (503, "not_ready")


async def test_old_events_are_forgotten(house: Reception, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "KEPT", 10)
    monkeypatch.setattr(stream, "SPARE", 5)
    monkeypatch.setattr(house.reception.stream, "_past", Trimmed())
    first = house.reception.stream._from
    for _ in range(10):
        await house.put(i.Pause("guide01", "lunch"))
        await house.put(i.GoReady("guide01"))
    assert len(house.reception.stream._items) <= 15
    async with listening(house, form, after=str(first)) as listener:
        await listener.until("stream.gone")
    async with listening(house, form, after=str(house.reception.stream._from)) as listener:
        await listener.until("agent.paused", "agent.ready", "agent.paused")


# ---- living ----------------------------------------------------------------------------------------------------------


async def test_signs_of_life_carry_the_place(house: Reception, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with listening(house, form, types=["callback"]) as listener:
        await listener.until("stream.started")
        monkeypatch.setattr(stream, "BEAT_S", 0.05)
        await house.put(i.Pause("guide01", "lunch"))
        house.reception.stream._news.set()
        house.beat()
        told = await listener.until("stream.beat")
        assert told[-1]["id"] == str(house.reception.stream._items[-1].position)


async def test_a_revoked_token_is_noticed(house: Reception, form: str) -> None:
    async with listening(house, form, role="operator") as listener:
        await listener.until("stream.started")
        house.reception.tokens._own.pop("operator")
        house.beat()
        closed = await listener.until_closed()
        assert closed == (1008 if form == "websocket" else "end")
        assert form == "websocket" or listener.told[-1]["reason"] == "signed_out"
    assert house.metric("vaxel_event_clients_cut_total", reason="signed_out") == 1


async def test_at_a_stop_everybody_is_told(house: Reception, form: str) -> None:
    async with listening(house, form) as listener:
        await listener.until("stream.started")
        house.reception.stream.close()
        assert await listener.until_closed() == (1012 if form == "websocket" else "end")
    assert (await house.get("/events")).error == "too_many_streams"


async def test_only_so_many_may_listen(house: Reception, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "LISTENERS_OF_A_TOKEN", 2)
    monkeypatch.setattr(feeds, "LISTENERS_MAX", 3)
    async with contextlib.AsyncExitStack() as stack:
        for role in ("reader", "reader", "admin"):
            await stack.enter_async_context(listening(house, form, role=typing.cast(Role, role)))
        for role in ("reader", "supervisor"):
            told = await house.get("/events", role=typing.cast(Role, role))
            assert (told.status, told.error, told.json["retryable"]) == (503, "too_many_streams", True)
        assert house.metric("vaxel_event_clients", form=form) == 3
    await house.until(lambda: house.metric("vaxel_event_clients", form=form) == 0)


HANDSHAKE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)
EMPTY_OBJECT = b"\x81\x82\x00\x00\x00\x00{}"
"""`{}` as a masked text frame."""


async def test_who_takes_nothing_is_cut_off(house: Reception, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "WRITE_S", 0.1)
    monkeypatch.setattr(feeds, "LAST_WORD_S", 0.1)
    serve = feeds.Feeds.serve

    async def serve_narrowly(self: Any, request: Any, *more: Any) -> Any:
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        return await serve(self, request, *more)

    monkeypatch.setattr(feeds.Feeds, "serve", serve_narrowly)
    with socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        narrow.connect(("127.0.0.1", house.port))
        head = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.token('reader')}\r\n"
        narrow.sendall(
            f"{head}{HANDSHAKE}\r\n".encode() + EMPTY_OBJECT if form == "websocket" else f"{head}\r\n".encode()
        )
        await house.until(lambda: house.metric("vaxel_event_clients", form=form) == 1)
        async with listening(house, form) as other:
            await other.until("stream.started")
            for _ in range(20):
                for number in range(400):
                    house.spine.submit(i.Pause("guide01", "lunch") if number % 2 else i.GoReady("guide01"))
                while len(other.told) < 400:
                    await other.hear()
                other.told.clear()
                if house.metric("vaxel_event_clients_cut_total", reason="slow"):
                    break
            await house.until(lambda: house.metric("vaxel_event_clients_cut_total", reason="slow") == 1)


@pytest.mark.parametrize(
    "word", ["", "[]", "x", '{"types": "contact"}', '{"more": 1}', '{"after": "x"}', "[" * 16_000, '{"types": [1]}']
)
async def test_a_websocket_that_says_something_strange_is_closed(house: Reception, word: str) -> None:
    headers = {"Authorization": f"Bearer {house.token('reader')}"}
    async with house.session.ws_connect(house.url("/api/v1/events"), headers=headers) as wire:
        await wire.send_str(word)
        message = await wire.receive(timeout=5)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert wire.close_code == 1008


async def test_a_websocket_that_says_nothing_is_closed(house: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "FIRST_WORD_S", 0.05)
    headers = {"Authorization": f"Bearer {house.token('reader')}"}
    async with house.session.ws_connect(house.url("/api/v1/events"), headers=headers) as wire:
        await wire.receive(timeout=5)
        assert wire.close_code == 1008


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Origin": "http://evil.example"}])
async def test_a_websocket_passes_the_same_door(house: Reception, headers: dict[str, str]) -> None:
    whole = {"Authorization": f"Bearer {house.token('reader')}", **headers} if "Origin" in headers else headers
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await house.session.ws_connect(house.url("/api/v1/events"), headers=whole)
    assert caught.value.status == (403 if "Origin" in headers else 401)


async def test_hundreds_listen_and_the_loop_goes_on(house: Reception, form: str) -> None:
    async with contextlib.AsyncExitStack() as stack:
        listeners = [await stack.enter_async_context(listening(house, form)) for _ in range(100)]
        for listener in listeners:
            await listener.until("stream.started")
        await house.waits()
        for listener in listeners:
            await listener.until(*CALL)
