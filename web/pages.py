"""The pages that people work with: files built from desk/, served as they are, with a policy that runs nothing else."""

import mimetypes
import re
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web
from msgspec import Struct

from web.app import POLICY

FOLDER: Final = Path(__file__).parents[1] / "desk" / "dist"
PATH: Final = "/desk"
ASSETS: Final = "assets"
PACKED: Final = ".gz"
"""Ending of a file's gzip, made when the pages were built (deploy/pages.sh)."""
FOR_EVER: Final = "public, max-age=31536000, immutable"
"""Their names change with what is in them."""
CONTENT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'{phones}; media-src 'self' blob:; frame-src 'self' about:; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
PERMISSIONS: Final = "camera=(), geolocation=(), microphone=(self), autoplay=(self)"
_HOST: Final = re.compile(r"[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\]")
NOT_BUILT: Final = "The pages were not built. Run deploy/setup.sh run, or make run, once.\n"


class Phones(Struct, frozen=True, kw_only=True):
    """Where pages that are phones find the edge."""

    port: int
    """Of the host that a page came from."""
    url: str = ""
    """Or all of it."""
    tls: bool = False

    def origin(self, host: str) -> str:
        """Return the edge's WebSocket as a policy says it, a space before it; empty for a host that is none."""
        if self.url:
            return " " + "/".join(self.url.split("/")[:3])
        name = _HOST.match(host)
        return f" ws{'s' if self.tls else ''}://{name[0]}:{self.port}" if name is not None else ""


class File(NamedTuple):
    """A file that was built."""

    data: bytes
    packed: bytes
    """Its gzip; empty when there is none."""
    media: str


class Pages:
    """Serves what was built; read once, so that a page never sees half of another version."""

    def __init__(self, folder: Path = FOLDER, phones: Phones | None = None) -> None:
        self._phones = phones
        self._index = b""
        self._files: dict[str, File] = {}
        if not (folder / "index.html").exists():
            return
        self._index = (folder / "index.html").read_bytes()
        for path in folder.rglob("*"):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not name.startswith(".") and path.suffix not in (".html", PACKED):
                media, _ = mimetypes.guess_type(name)
                packed = path.with_name(path.name + PACKED)
                inside = packed.read_bytes() if packed.exists() else b""
                self._files[name] = File(path.read_bytes(), inside, media or "application/octet-stream")

    def mount(self, app: web.Application) -> None:
        """Put the pages into an application that does not serve yet."""
        app.router.add_get(PATH, self._page)
        app.router.add_get(f"{PATH}/{{name:.*}}", self._file)

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        found = self._files.get(name)
        if found is None:
            # What looks like a file is one; all else is an address within the page.
            return await self._page(request) if "." not in name.rpartition("/")[2] else web.Response(status=404)
        packed = bool(found.packed) and "gzip" in request.headers.get("Accept-Encoding", "")
        response = web.Response(
            body=found.packed if packed else found.data,
            content_type=found.media,
            charset="utf-8" if found.media.startswith("text/") else None,
        )
        if found.packed:
            response.headers["Vary"] = "Accept-Encoding"
        if packed:
            response.headers["Content-Encoding"] = "gzip"
        if name.startswith(f"{ASSETS}/"):
            response.headers["Cache-Control"] = FOR_EVER
        return response

    def _policy(self, host: str) -> str:
        """Return what a page from this host may do: besides our own origin, ask the edge's WebSocket."""
        return CONTENT_POLICY.format(phones=self._phones.origin(host) if self._phones is not None else "")

    async def _page(self, request: web.Request) -> web.Response:
        if not self._index:
            return web.Response(status=503, text=NOT_BUILT)
        response = web.Response(body=self._index, content_type="text/html", charset="utf-8")
        response[POLICY] = self._policy(request.host)
        response.headers["Permissions-Policy"] = PERMISSIONS
        return response
