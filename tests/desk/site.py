"""A city's own site, which shows pages of Vaxel's in its own: another host, as far as browsers know."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web


@contextlib.asynccontextmanager
async def open_site(port: int, text: str, policy: str, script: str = "") -> AsyncIterator[str]:
    """Serve a page under a policy, and its script as `/own.js`; give its address."""

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html", headers={"Content-Security-Policy": policy})

    async def own(_: web.Request) -> web.Response:
        return web.Response(text=script, content_type="text/javascript")

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/own.js", own)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://localhost:{port}/"
    finally:
        await runner.cleanup()
