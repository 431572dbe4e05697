"""JSON-RPC with a real Kamailio, and with what merely looks like one."""

import asyncio
import socket
from typing import Any

import pytest

from adapters.edge import rpc
from adapters.edge.answers import Registered
from adapters.edge.rpc import EdgeAway, EdgeRefused, Rpc


@pytest.fixture
async def connection(edge):
    """Return a connection to a real edge."""
    connection = Rpc(edge.settings.socket)
    yield connection
    connection.close()


async def test_many_at_once(connection):
    names = [f"refused_{name}" for name in ("digest", "stranger", "flood", "size")] * 20
    told = await asyncio.gather(*(connection.call(list[str], "stats.get_statistics", name) for name in names))
    assert [lines[0].partition(" = ")[0] for lines in told] == [f"script:{name}" for name in names]


async def test_refused(connection):
    with pytest.raises(EdgeRefused, match=r"^dlg\.end_dlg: 404 ") as unknown:
        await connection.call(object, "dlg.end_dlg", 1, 1)
    assert unknown.value.code == 404
    with pytest.raises(EdgeRefused) as no_command:
        await connection.call(object, "no.such_thing")
    assert no_command.value.code in (-32601, 500, 404)
    assert (await connection.call(Registered, "ul.dump", "brief")).names() == frozenset()


async def test_an_answer_of_another_kind(connection, edge):
    with pytest.raises(EdgeRefused, match="answers otherwise than expected"):
        await connection.call(int, "core.uptime")
    with pytest.raises(EdgeRefused, match="answers otherwise than expected"):
        rpc.ask(edge.settings.socket, int, "core.uptime")


async def test_nobody_there(tmp_path):
    path = str(tmp_path / "edge.sock")
    connection = Rpc(path)
    with pytest.raises(EdgeAway):
        await connection.call(object, "core.uptime")
    with pytest.raises(EdgeAway):
        rpc.ask(path, object, "core.uptime")


async def test_the_edge_comes_back(connection, edge):
    assert await connection.call(dict[str, Any], "core.uptime")
    edge.kill()
    with pytest.raises(EdgeAway):
        await connection.call(object, "core.uptime")
    edge.start()
    assert await connection.call(dict[str, Any], "core.uptime")


@pytest.fixture
def pretender(tmp_path):
    """Return a socket where the edge's should be."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(str(tmp_path / "edge.sock"))
        found.setblocking(False)
        yield found


async def test_no_answer_in_time(pretender, monkeypatch):
    monkeypatch.setattr(rpc, "ANSWER_WITHIN", 0.1)
    connection = Rpc(pretender.getsockname())
    with pytest.raises(EdgeAway, match="no answer"):
        await connection.call(object, "core.uptime")
    with pytest.raises(EdgeAway):
        rpc.ask(pretender.getsockname(), object, "core.uptime")


@pytest.mark.parametrize("answer", [b"", b"{", b"[]", b'{"id": "x"}', b'{"error": 7}', b"\xff" * 1000])
async def test_nonsense(pretender, answer):
    """Whoever waits is told that the edge is away, and the next call begins anew."""
    connection = Rpc(pretender.getsockname())
    asked = asyncio.get_running_loop().create_task(connection.call(object, "core.uptime"))
    await asyncio.sleep(0)
    _, client = pretender.recvfrom(1000)
    pretender.sendto(answer, client)
    with pytest.raises(EdgeAway):
        await asked
    asked = asyncio.get_running_loop().create_task(connection.call(int, "core.uptime"))
    await asyncio.sleep(0)
    _, client = pretender.recvfrom(1000)
    pretender.sendto(b'{"id": 99, "result": 1}', client)
    pretender.sendto(b'{"id": 2, "result": 7}', client)
    assert await asked == 7
    connection.close()


async def test_nobody_else_can_answer(pretender, tmp_path):
    connection = Rpc(pretender.getsockname())
    asked = asyncio.get_running_loop().create_task(connection.call(int, "core.uptime"))
    await asyncio.sleep(0)
    _, client = pretender.recvfrom(1000)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other, pytest.raises(PermissionError):
        other.sendto(b'{"id": 1, "result": 666}', client)
    pretender.sendto(b'{"id": 1, "result": 7}', client)
    assert await asked == 7
    connection.close()
