"""The API as the demonstration's people use it: requests with a token of one's own, and the event stream."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from hashlib import sha256
from typing import Any, Final

from aiohttp import ClientError, ClientSession, ClientTimeout, Fingerprint, TCPConnector, WSMsgType

BASE: Final = "/api/v1"
WITHIN_S: Final = 10.0
AGAIN_AFTER_S: Final = 1.0
AWAY: Final = "away"
"""Stands for an `error_id` where nobody answered."""


class Refused(Exception):
    """The API refused a request, or could not be asked (`AWAY`)."""

    def __init__(self, error_id: str, detail: str) -> None:
        super().__init__(detail)
        self.error_id = error_id


class Client:
    """Asks one engine. Use it as a context."""

    def __init__(self, url: str, certificate: bytes = b"") -> None:
        """By TLS, `certificate` (DER) is what the engine shows: tokens are told to nobody else."""
        self._url = url
        self._trusted = Fingerprint(sha256(certificate).digest()) if certificate else True
        self._session: ClientSession | None = None

    async def __aenter__(self) -> "Client":
        connector = TCPConnector(ssl=self._trusted)
        self._session = ClientSession(connector=connector, timeout=ClientTimeout(total=WITHIN_S))
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(self, token: str, method: str, path: str, asked: Mapping[str, Any] | None = None) -> Any:
        """Return the answer. Raises Refused."""
        assert self._session is not None  # it is a context
        told = {"params": asked} if method == "GET" else {"json": asked or {}}
        try:
            async with self._session.request(method, self._url + BASE + path, headers=_head(token), **told) as answer:
                body = await answer.read()
                status = answer.status
        except (ClientError, TimeoutError, OSError) as error:
            raise Refused(AWAY, type(error).__name__) from None
        if status < 400:
            return json.loads(body) if body else None
        raise _refusal(status, body)

    async def events(self, token: str, after: str) -> AsyncIterator[list[dict[str, Any]]]:
        """Yield what happens, many at a time, from behind the event `after` on; through restarts of the engine."""
        assert self._session is not None  # it is a context
        while True:
            try:
                async with self._session.ws_connect(self._url + BASE + "/events", headers=_head(token)) as socket:
                    await socket.send_json({"after": after} if after else {})
                    async for message in socket:
                        if message.type is not WSMsgType.TEXT:
                            break
                        events = json.loads(message.data)
                        after = str(events[-1]["id"]) or after
                        yield events
            except (ClientError, TimeoutError, OSError):
                pass
            await asyncio.sleep(AGAIN_AFTER_S)


def _head(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _refusal(status: int, body: bytes) -> Refused:
    try:
        problem = json.loads(body)
        return Refused(str(problem["error_id"]), str(problem["detail"]))
    except (ValueError, KeyError, TypeError):
        return Refused(f"status_{status}", f"status {status}")
