"""What a socket must answer before its process counts as ready."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import ready


@pytest.fixture
def path() -> Iterator[str]:
    # Not tmp_path: the path of a Unix socket is at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="vaxel-ready-") as folder:
        yield str(Path(folder) / "socket")


def test_nothing_there(path: str) -> None:
    assert not ready.answers(path)
    Path(path).write_text("no socket")
    assert not ready.answers(path)


def test_a_socket_that_nobody_listens_at(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
        assert not ready.answers(path)


@pytest.mark.parametrize(
    ("answer", "is_ready"),
    [(b"+PONG\r\n", True), (b"-LOADING Redis is loading the dataset in memory\r\n", False), (b"", False)],
)
def test_a_stream(path: str, answer: bytes, is_ready: bool) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        server.listen()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                assert connection.recv(100) == b"PING\r\n"
                connection.sendall(answer)

        served = threading.Thread(target=serve)
        served.start()
        assert ready.answers(path) is is_ready
        served.join()


@pytest.mark.parametrize(("answer", "is_ready"), [(b'{"jsonrpc":"2.0","result":{},"id":1}', True), (b"what?", False)])
def test_datagrams(path: str, answer: bytes, is_ready: bool) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)

        def serve() -> None:
            asked, client = server.recvfrom(1000)
            assert b"core.uptime" in asked
            server.sendto(answer, client)

        served = threading.Thread(target=serve)
        served.start()
        assert ready.answers(path) is is_ready
        served.join()


def test_one_that_hangs_is_not_waited_for_long(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "ANSWER_WITHIN_S", 0.01)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(path)
        assert not ready.answers(path)
