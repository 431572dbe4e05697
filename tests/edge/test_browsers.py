"""Phones that are pages, as the edge sees them: SIP over WebSocket by credentials that end soon."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from adapters.edge.credentials import Credentials, issue
from adapters.edge.settings import Browsers
from tests.edge.conftest import PASSWORD, Edge, until
from tests.sip.conftest import free_port
from tests.sip.registering import registering
from tests.sip.sipmessage import Message

KEY = "a-key-of-this-house"
PAGE = "http://127.0.0.1:8080"


def now() -> float:
    """Return the time by Kamailio's own clock."""
    return time.clock_gettime(time.CLOCK_REALTIME)


@pytest.fixture
def edge(start_edge: Callable[..., Edge]) -> Edge:
    return start_edge(browsers=Browsers(port=free_port(), key=KEY))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as one:
        yield one


async def connect(session: aiohttp.ClientSession, edge: Edge, page: str = PAGE) -> Any:
    """Open a WebSocket as a page does."""
    assert edge.settings.browsers is not None
    url = f"ws://127.0.0.1:{edge.settings.browsers.port}/"
    return await session.ws_connect(url, protocols=("sip",), origin=page)


async def register(socket: Any, given: Credentials, phone: str = "guide01") -> int:
    """Register as a page does; return the last status."""
    steps = registering(("127.0.0.1", 5060), ("page.invalid", 5060), given.user, given.password, 30, "WS", phone)
    request = next(steps)
    while True:
        await socket.send_str(request.encode().decode())
        answer = Message.parse((await socket.receive_str()).encode())
        try:
            request = steps.send(answer)
        except StopIteration:
            return answer.status


async def test_a_page_registers_by_credentials_that_end_soon(edge, session):
    socket = await connect(session, edge)
    assert await register(socket, issue("guide01", KEY, now())) == 200
    assert edge.registered() == {"guide01"}
    await socket.close()
    await until(lambda: not edge.registered(), what="the page to be known as gone")


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (lambda: issue("guide01", KEY, now() - 10_000), 401),
        (lambda: issue("guide01", "of-another-house", now()), 401),
        (lambda: issue("guide02", KEY, now()), 403),
        (lambda: Credentials("guide01", PASSWORD, 0), 401),
    ],
    ids=("old", "not of ours", "another's", "a password"),
)
async def test_other_credentials_are_refused(edge, session, given, status):
    socket = await connect(session, edge)
    assert await register(socket, given()) == status
    assert not edge.registered()


async def test_pages_of_others_get_no_connection(edge, session):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await connect(session, edge, "http://elsewhere.example")
    assert refused.value.status == 403
    async with session.get(f"http://127.0.0.1:{edge.settings.browsers.port}/") as answer:
        assert answer.status == 404


async def test_a_port_for_sip_takes_no_pages(edge, session):
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await session.ws_connect(f"ws://127.0.0.1:{edge.settings.port}/", protocols=("sip",), origin=PAGE)
    assert refused.value.status == 404
