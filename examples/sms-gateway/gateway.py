"""An SMS gateway for Vaxel, as small as one can be: it shows both directions of a hook, signed.

    python examples/sms-gateway/gateway.py --vaxel http://127.0.0.1:8080/public/v1/post/sms --secret-file secret

What Vaxel sends is printed as if it were an SMS. What you type, as `+46701234567 Hello`, arrives at Vaxel as one. A
real gateway has its operator's API in the place of the terminal; everything else is the same.
"""

import argparse
import asyncio
import hashlib
import hmac
import json
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientError, ClientSession, web

WITHIN_S = 300
RETRY_S = 1.0


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return what proves that whoever holds the secret has written the body at that time."""
    return "v1=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Gateway:
    """Carries messages between telephones and Vaxel, each exactly once."""

    def __init__(self, vaxel: str, secret: bytes, deliver: Callable[[str, str], Awaitable[None]]) -> None:
        """`deliver` sends an SMS: to whom, and what."""
        self._vaxel = vaxel
        self._secret = secret
        self._deliver = deliver
        self._delivered: set[str] = set()
        """Ids of Vaxel's messages that have been sent; a real gateway keeps them on disk."""

    async def take(self, request: web.Request) -> web.Response:
        """Take a message of Vaxel's. A repeat is answered like the first one, and not sent again."""
        body, timestamp = await request.read(), request.headers.get("X-Vaxel-Timestamp", "")
        proof = request.headers.get("X-Vaxel-Signature", "")
        if not hmac.compare_digest(proof.encode(), signature(self._secret, timestamp, body).encode()):
            return web.Response(status=401)
        if abs(time.time() - int(timestamp)) > WITHIN_S:  # noqa: TID251 - an example stands alone
            return web.Response(status=401)
        message = json.loads(body)
        if message["id"] not in self._delivered:
            await self._deliver(message["to"], message["text"])
            self._delivered.add(message["id"])
        return web.Response(status=204)

    async def bring(self, session: ClientSession, sender: str, text: str, id_: str = "") -> None:
        """Bring an SMS to Vaxel; under the same id until it is taken."""
        message = {"id": id_ or uuid.uuid4().hex, "sender": sender, "text": text}
        body = json.dumps(message).encode()
        while True:
            timestamp = str(int(time.time()))  # noqa: TID251 - an example stands alone
            headers = {
                "Content-Type": "application/json",
                "X-Vaxel-Timestamp": timestamp,
                "X-Vaxel-Signature": signature(self._secret, timestamp, body),
            }
            try:
                async with session.post(self._vaxel, data=body, headers=headers) as answer:
                    if answer.status < 300:
                        return
                    if answer.status < 500 and answer.status != 429:
                        raise ValueError(f"Vaxel refuses: {await answer.text()}")
            except (ClientError, TimeoutError):
                pass  # it is away; the SMS waits
            await asyncio.sleep(RETRY_S)


async def show(to: str, text: str) -> None:
    """Print an SMS."""
    sys.stdout.write(f"SMS to {to}: {text}\n")
    sys.stdout.flush()


async def main() -> None:
    """Serve until the terminal is closed."""
    parser = argparse.ArgumentParser(description="an SMS gateway that shows how a hook of Vaxel is used")
    parser.add_argument("--vaxel", required=True, help="where Vaxel takes messages: .../public/v1/post/NAME")
    parser.add_argument("--secret-file", type=Path, required=True, help="the secret that the hook has too")
    parser.add_argument("--port", type=int, default=8090, help="where this listens, for `url` of the hook")
    options = parser.parse_args()
    gateway = Gateway(options.vaxel, options.secret_file.read_bytes().strip(), show)
    app = web.Application()
    app.router.add_post("/send", gateway.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", options.port).start()
    async with ClientSession() as session:
        while line := await asyncio.to_thread(sys.stdin.readline):
            sender, _, text = line.strip().partition(" ")
            if text:
                await gateway.bring(session, sender, text)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
