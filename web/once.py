"""A request that is sent twice is carried out once: the answer to an Idempotency-Key is kept for a day.

The key is noted before anything is done, and the answer before it leaves. What that gives:

- a repeat gets the same answer, from memory or from the store, also from the next engine;
- a repeat that comes while the first is carried out waits for its answer;
- when an engine dies between noting the key and keeping the answer, a repeat is refused with `outcome_unknown`: it is
  never carried out a second time, and whoever asks has to look how things stand;
- while the store is away keys are held in memory, as facts are: they protect until this engine ends.

A refusal that is worth another try (`retryable`) is not kept: nothing was done, and the same key may be used for it.
"""

import asyncio
import contextlib
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from router.inputs import Refused

KEY_MAX: Final = 255
"""Characters of an Idempotency-Key."""
WAIT_S: Final = 10.0
"""How long a repeat waits for the first."""
UNKEPT_MAX: Final = 2_000
"""Answers held in memory while the store is away."""


class Store(Protocol):
    """Where answers are kept for a day. Methods raise Refused (`store_away`)."""

    async def begin(self, key: str, record: bytes) -> bytes | None:
        """Keep a record, unless there is one by that key: then return that."""

    async def put(self, key: str, record: bytes) -> None:
        """Keep a record instead of the one by that key."""

    async def drop(self, key: str) -> None:
        """Forget a key."""


class Answer(Struct, frozen=True, array_like=True):
    """An answer as it leaves."""

    status: int
    media: str
    body: bytes
    final: bool = True
    """Not a refusal that is worth another try."""
    error_id: str = ""
    """Of a refusal."""


class Record(Struct, frozen=True, array_like=True):
    """What is kept."""

    fingerprint: bytes
    answer: Answer | None = None
    """None until there is one."""


class Running(Struct, frozen=True):
    """A request that is being carried out."""

    fingerprint: bytes
    answer: asyncio.Future[Answer]


_DECODER: Final = msgspec.msgpack.Decoder(Record)


def key_of(caller: str, given: str) -> str:
    """Return the key under which the answer to a caller's Idempotency-Key is kept. Raises Refused."""
    plain = given.strip().strip('"')
    if not plain or len(plain) > KEY_MAX or not plain.isascii() or not plain.isprintable():
        raise Refused("key_bad", f"an Idempotency-Key is 1 to {KEY_MAX} printable ASCII characters")
    return hashlib.sha256(f"{caller}\0{plain}".encode()).hexdigest()


def fingerprint(method: str, path: str, body: bytes) -> bytes:
    """Return what tells one request from another."""
    return hashlib.sha256(b"\0".join((method.encode(), path.encode(), body))).digest()


class Once:
    """Carries out each key once."""

    def __init__(self, store: Store, away: Callable[[], bool] = lambda: False) -> None:
        """`away` tells that the store is known to be away: then it is not even asked."""
        self._store = store
        self._away = away
        self._running: dict[str, Running] = {}
        self._unkept: OrderedDict[str, Record] = OrderedDict()

    async def run(self, key: str, print_: bytes, work: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
        """Return the answer of `work`, and whether it was given before. Raises Refused."""
        running = self._running.get(key)
        if running is not None:
            return await self._join(running, print_), True
        running = self._running[key] = Running(print_, asyncio.get_running_loop().create_future())
        try:
            answer, again = await self._carry_out(key, print_, work)
        except BaseException:
            running.answer.cancel()
            raise
        else:
            running.answer.set_result(answer)
        finally:
            del self._running[key]
        return answer, again

    async def _join(self, running: Running, print_: bytes) -> Answer:
        _check(running.fingerprint, print_)
        done, _ = await asyncio.wait((running.answer,), timeout=WAIT_S)
        if not done:
            raise Refused("in_progress", "the first request with this Idempotency-Key still runs", retryable=True)
        if running.answer.cancelled():
            raise Refused("in_progress", "the first request with this Idempotency-Key broke off", retryable=True)
        return running.answer.result()

    async def _carry_out(self, key: str, print_: bytes, work: Callable[[], Awaitable[Answer]]) -> tuple[Answer, bool]:
        known = await self._begin(key, Record(print_))
        if known is not None:
            _check(known.fingerprint, print_)
            if known.answer is None:
                raise Refused("outcome_unknown", "this request broke off: look whether it was carried out")
            return known.answer, True
        answer = await work()
        await self._keep(key, Record(print_, answer))
        return answer, False

    async def _begin(self, key: str, record: Record) -> Record | None:
        unkept = self._unkept.get(key)
        if unkept is not None:
            return unkept
        if self._away():
            self._hold(key, record)
            return None
        try:
            known = await self._store.begin(key, msgspec.msgpack.encode(record))
        except Refused:
            self._hold(key, record)
            return None
        return _DECODER.decode(known) if known is not None else None

    async def _keep(self, key: str, record: Record) -> None:
        assert record.answer is not None
        if not record.answer.final:
            self._unkept.pop(key, None)
            with contextlib.suppress(Refused):
                await self._store.drop(key)
        elif key in self._unkept:
            self._hold(key, record)
        else:
            try:
                await self._store.put(key, msgspec.msgpack.encode(record))
            except Refused:
                self._hold(key, record)

    def _hold(self, key: str, record: Record) -> None:
        self._unkept[key] = record
        if len(self._unkept) > UNKEPT_MAX:
            self._unkept.popitem(last=False)


def _check(known: bytes, asked: bytes) -> None:
    if known != asked:
        raise Refused("key_reused", "this Idempotency-Key was used for another request: make a new one for each")
