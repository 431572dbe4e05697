"""JSON-RPC towards Kamailio over the Unix datagram socket of its `jsonrpcs` module: one request, one answer each."""

import asyncio
import socket
from typing import Any, Final, TypeVar

import msgspec

ANSWER_WITHIN: Final = 2.0
"""Seconds until a request counts as lost: the edge has one process that answers, and it never waits."""
IN_FLIGHT: Final = 8
"""A Unix datagram socket queues ten by default; more would be refused."""
ANSWER_MAX: Final = 1 << 20
STRANGE: Final = 0
"""Code of an answer that was not understood."""

T = TypeVar("T")


class Fault(msgspec.Struct):
    """The `error` of an answer."""

    code: int = 500
    message: str = ""


class Answer(msgspec.Struct):
    """A whole answer."""

    id: int = 0
    result: Any = None
    error: Fault | None = None


class EdgeAway(Exception):
    """The edge does not answer."""

    error_id = "edge_away"
    retryable = True


class EdgeRefused(Exception):
    """The edge answered with an error; `code` is its own, mostly like one of HTTP."""

    error_id = "edge_refused"
    retryable = False

    def __init__(self, method: str, code: int, message: str) -> None:
        super().__init__(f"{method}: {code} {message}")
        self.code = code


class Rpc:
    """A connection to one Kamailio. Only it can answer: the kernel drops what others send to a connected socket."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._last = 0
        self._turns = asyncio.Semaphore(IN_FLIGHT)

    async def call(self, kind: type[T], method: str, *parameters: str | int) -> T:
        """Return the result of a command, as `kind`. Raises EdgeAway, EdgeRefused."""
        async with self._turns:
            self._last += 1
            number = self._last
            answered = self._waiting[number] = asyncio.get_running_loop().create_future()
            try:
                self._connected().send(_request(number, method, parameters))
                async with asyncio.timeout(ANSWER_WITHIN):
                    answer = await answered
            except (OSError, TimeoutError) as error:
                self.close()
                raise EdgeAway(str(error) or "no answer") from error
            finally:
                self._waiting.pop(number, None)
        return _result(kind, method, answer)

    def close(self) -> None:
        """Give the socket up; the next call opens another. What waits for an answer gets none."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None
        for answered in self._waiting.values():
            if not answered.done():
                answered.set_exception(ConnectionResetError("the edge went away"))
                # Whoever has given up waiting does not fetch it.
                answered.exception()

    def _connected(self) -> socket.socket:
        if self._socket is None:
            opened = _open(self._path)
            opened.setblocking(False)
            asyncio.get_running_loop().add_reader(opened, self._readable, opened)
            self._socket = opened
        return self._socket

    def _readable(self, readable: socket.socket) -> None:
        try:
            answer = msgspec.json.decode(readable.recv(ANSWER_MAX), type=Answer)
        except BlockingIOError:
            return
        except (OSError, msgspec.MsgspecError):
            self.close()
            return
        waiting = self._waiting.get(answer.id)
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)


def ask(path: str, kind: type[T], method: str, *parameters: str | int) -> T:
    """Call once, without an event loop: for the command line. Raises EdgeAway, EdgeRefused."""
    try:
        with _open(path) as opened:
            opened.settimeout(ANSWER_WITHIN)
            opened.send(_request(1, method, parameters))
            answer = msgspec.json.decode(opened.recv(ANSWER_MAX), type=Answer)
    except (OSError, msgspec.MsgspecError) as error:
        raise EdgeAway(str(error)) from error
    return _result(kind, method, answer)


def _request(number: int, method: str, parameters: tuple[str | int, ...]) -> bytes:
    return msgspec.json.encode({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters})


def _open(path: str) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        opened.bind("")  # The kernel makes up a name, so that there is somewhere to answer to.
        opened.connect(path)
    except OSError:
        opened.close()
        raise
    return opened


def _result(kind: type[T], method: str, answer: Answer) -> T:
    if answer.error is not None:
        raise EdgeRefused(method, answer.error.code, answer.error.message)
    try:
        return msgspec.convert(answer.result, kind)
    except msgspec.ValidationError as wrong:
        raise EdgeRefused(method, STRANGE, f"answers otherwise than expected: {wrong}") from None
