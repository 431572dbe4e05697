"""Citizens' pages, as the edge sees them: a voucher is good for one call, to one way in, and for a short while."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from adapters.edge.credentials import AGAIN, VOUCHER_S, Credentials, issue, proved, voucher, way_of
from adapters.edge.settings import Browsers
from router.configuration import web_call
from tests.edge.conftest import Edge, next_call, standing, until
from tests.edge.test_browsers import KEY, connect, now, register
from tests.sip.conftest import free_port
from tests.sip.digest import authorization
from tests.sip.sipmessage import Message, Sdp, token

WAY = web_call("malmo", "en")
PATIENCE_S = 3.0


@pytest.fixture
def edge(start_edge: Callable[..., Edge]) -> Edge:
    return start_edge(browsers=Browsers(port=free_port(), key=KEY))


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as one:
        yield one


def given(name: str, ago: float = 0.0, key: str = KEY, more: str = "") -> Credentials:
    """Return what a page is given for a voucher."""
    return issue(name + more, key, now() - ago, VOUCHER_S)


class Page:
    """A citizen's page: one dialog, over the WebSocket that it has now."""

    def __init__(self, socket: Any, name: str, voucher: Credentials, way: str = WAY) -> None:
        self.socket = socket
        self.voucher = voucher
        self._name = name
        self._way = f"sip:{way}@vaxel"
        self._call, self._tag, self._number = token(16), token(), 0
        self._to, self._routes = f"<{self._way}>", list[str]()

    async def ask(self, method: str, *more: tuple[str, str], body: str = "") -> Message:
        """Send a request, once more with the voucher if that is asked for; return the final answer."""
        answer = await self._once(method, more, body)
        if answer.status in (401, 407):
            await self._ack(answer, method)
            uri, given = self._way, self.voucher
            proof = authorization(answer, method, uri, given.user, given.password)
            answer = await self._once(method, (*more, proof), body)
        await self._ack(answer, method)
        return answer

    async def invite(self, *more: tuple[str, str]) -> Message:
        """Ring."""
        contact = ("Contact", f"<sip:{token()}@page.invalid;transport=ws>")
        kind = ("Content-Type", "application/sdp")
        answer = await self.ask("INVITE", contact, kind, *more, body=str(Sdp("127.0.0.1", 40000, (8,))))
        if answer.status == 200:
            self._to = answer["To"]
            self._way = answer["Contact"].partition("<")[2].partition(">")[0]
            self._routes = answer.all("Record-Route")[::-1]
        return answer

    async def _once(self, method: str, more: tuple[tuple[str, str], ...], body: str) -> Message:
        self._number += 1
        await self._send(method, self._number, f"z9hG4bK{token()}", more, body)
        async with asyncio.timeout(PATIENCE_S):
            while True:
                answer = Message.parse((await self.socket.receive_str()).encode())
                if answer.status >= 200 and answer["CSeq"] == f"{self._number} {method}":
                    return answer

    async def _ack(self, answer: Message, method: str) -> None:
        if method != "INVITE":
            return
        success = answer.status < 300
        uri = answer["Contact"].partition("<")[2].partition(">")[0] if success else self._way
        branch = f"z9hG4bK{token()}" if success else answer["Via"].rpartition("branch=")[2].partition(";")[0]
        await self._send("ACK", self._number, branch, (), "", uri, answer["To"])

    async def _send(
        self,
        method: str,
        number: int,
        branch: str,
        more: tuple[tuple[str, str], ...],
        body: str,
        uri: str = "",
        to: str = "",
    ) -> None:
        head = [
            ("Via", f"SIP/2.0/WS page.invalid;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self._name}@vaxel>;tag={self._tag}"),
            ("To", to or self._to),
            ("Call-ID", self._call),
            ("CSeq", f"{number} {method}"),
            *(("Route", route) for route in self._routes),
        ]
        await self.socket.send_str(
            Message(f"{method} {uri or self._way} SIP/2.0", [*head, *more], body).encode().decode()
        )


async def in_talk(edge: Edge, session: Any, workers: Any, page: Page) -> Any:
    """Ring, and let a worker answer; return its end."""
    ringing = asyncio.get_running_loop().create_task(page.invite())
    rung = await next_call(workers)
    await rung.answer()
    assert (await ringing).status == 200
    await rung.request("ACK")
    return rung


def test_a_voucher_proves_itself() -> None:
    name = voucher(WAY)
    one = given(name)
    assert way_of(name) == WAY
    assert name != voucher(WAY)
    assert proved(one.user, one.password, KEY) == name
    again = given(name, more=AGAIN)
    assert proved(again.user, again.password, KEY) == name
    for user, password in (
        (one.user, again.password),
        (name, one.password),
        ("x:" + name, one.password),
        ("", "\ud800é"),
    ):
        assert proved(user, password, KEY) == ""
    assert proved(one.user, one.password, "another") == ""


async def test_a_page_rings_its_way_in_once(edge, session):
    async with standing(edge) as workers:
        name = voucher(WAY)
        forged = (("X-Vaxel-Network", "phones"), ("X-Vaxel-Phone", "guide01"), ("X-Vaxel-Voucher", "another"))
        page = Page(await connect(session, edge), name, given(name))
        ringing = asyncio.get_running_loop().create_task(page.invite(*forged))
        rung = await next_call(workers)
        invite = rung.messages[0]
        assert invite.start.startswith(f"INVITE sip:{WAY}@")
        assert invite.all("X-Vaxel-Network") == ["webcalls"]
        assert invite.all("X-Vaxel-Voucher") == [name]
        assert invite.all("X-Vaxel-Phone") == []
        await rung.answer()
        assert (await ringing).status == 200
        await rung.request("ACK")
        second = Page(await connect(session, edge), name, given(name))
        assert (await second.invite()).status == 403
        assert (await Page(page.socket, name, given(name)).invite()).status == 403, "nor at once, nor over the same"
        assert edge.count("refused_voucher") == 2
        assert (await page.ask("BYE")).status == 200, "no need to prove what ends a call, over its own connection"
        await rung.end()
        assert (await Page(page.socket, name, given(name)).invite()).status == 403, "nor afterwards"


@pytest.mark.parametrize("way", ["0403410000", web_call("malmo", "sv"), "guide01", "echo", f"{WAY}x"])
async def test_nothing_else_is_rung(edge, session, way):
    async with standing(edge) as workers:
        name = voucher(WAY)
        page = Page(await connect(session, edge), name, given(name), way)
        assert (await page.invite()).status == 403
        assert edge.count("refused_number") == 1
        assert all(worker.ringing.empty() for worker in workers)


@pytest.mark.parametrize(
    ("one", "status"),
    [
        (lambda name: given(name, VOUCHER_S + 10), 407),
        (lambda name: given(name, key="of-another-house"), 407),
        (lambda _: given(voucher(WAY)), 403),
        (lambda name: given(name, more=AGAIN), 403),
    ],
    ids=("old", "not of ours", "another's", "renewed, for a call that is over"),
)
async def test_other_vouchers_are_refused(edge, session, one, status):
    async with standing(edge) as workers:
        name = voucher(WAY)
        page = Page(await connect(session, edge), name, one(name))
        assert (await page.invite()).status == status
        assert all(worker.ringing.empty() for worker in workers)


async def test_a_voucher_is_no_phone(edge, session):
    name = voucher(WAY)
    assert await register(await connect(session, edge), given(name), name) == 403
    assert not edge.registered()
    page = Page(await connect(session, edge), name, given(name))
    for method in ("MESSAGE", "SUBSCRIBE", "REFER"):
        assert (await page.ask(method)).status == 405


async def test_a_call_goes_on_over_another_connection(edge, session):
    async with standing(edge) as workers:
        name = voucher(WAY)
        page = Page(await connect(session, edge), name, given(name))
        rung = await in_talk(edge, session, workers, page)
        await page.socket.close()
        page.socket, page.voucher = await connect(session, edge), given(voucher(WAY))
        assert (await page.ask("BYE")).status == 403, "of another call"
        page.voucher = given(name, VOUCHER_S + 10)
        assert (await page.invite()).status == 407, "it has ended"
        page.voucher = given(name, more=AGAIN)
        assert (await page.invite()).status == 200
        rung.remote_uri = next(one for one in rung.messages[::-1] if one.method == "INVITE")["Contact"][1:-1]
        rung.bye()
        async with asyncio.timeout(PATIENCE_S):
            while (said := Message.parse((await page.socket.receive_str()).encode())).method != "BYE":
                pass
        assert said["Call-ID"] == page._call, "it is found where it is now"


async def test_a_page_asks_for_nothing_else_in_its_call(edge, session):
    async with standing(edge) as workers:
        name = voucher(WAY)
        page = Page(await connect(session, edge), name, given(name))
        rung = await in_talk(edge, session, workers, page)
        for method in ("REFER", "MESSAGE", "INFO"):
            assert (await page.ask(method, ("Refer-To", "<sip:112@127.0.0.1>"))).status == 405
        assert not [one for one in rung.messages if one.method in ("REFER", "MESSAGE", "INFO")]
        assert (await page.ask("BYE")).status == 200


async def test_a_page_is_told_its_leg_and_no_phone_is(edge, session, open_phone):
    async with standing(edge) as workers:
        name = voucher(WAY)
        page = Page(await connect(session, edge), name, given(name))
        ringing = asyncio.get_running_loop().create_task(page.invite())
        rung = await next_call(workers)
        rung.phone.respond(rung.messages[0], edge.inner, "486 Busy", ("X-Vaxel-Leg", "w1-1-1"))
        assert (await ringing)["X-Vaxel-Leg"] == "w1-1-1"
        call = await (await open_phone("guide01")).invite(edge.address, "0403410000")
        rung = await next_call(workers)
        rung.phone.respond(rung.messages[0], edge.inner, "486 Busy", ("X-Vaxel-Leg", "w1-1-2"))
        assert (await call.final())["X-Vaxel-Leg"] == ""
        await until(lambda: edge.alive)
