"""Renewed certificates are taken up while calls run: by the edge, and by the web port.

Level, not edge (docs/decisions/0001): the files are looked at every half second, whoever wrote them and how. What is
shown is a copy of ours, made of a pair that can be used and of nothing else: one that cannot is refused and told, and
the old one stays, through restarts too. Connections that stand are never touched.
"""

import asyncio
import logging
import os
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from msgspec import Struct

log = logging.getLogger("vaxel.certificates")

LOOK_EVERY: Final = 0.5
"""Seconds between looks."""
Stamp = tuple[tuple[int, int] | None, ...]


class NotTaken(Exception):
    """A part cannot take a certificate up; the text says why."""

    error_id = "certificate_refused"

    def __init__(self, text: str, *, retryable: bool = False) -> None:
        super().__init__(text)
        self.retryable = retryable
        """The part is away just now; else it refuses."""


Take = Callable[[], Awaitable[None]]


class Renewable(Struct):
    """A certificate and its key, and who shows it. PEM files."""

    field: str
    """Where the configuration names it, such as `sip.tls`."""
    certificate: str
    key: str
    copy: Path
    """Ours, certificate and key in one, in the data folder's run/."""
    take: Take
    """Lets new connections have what the copy holds now. Raises NotTaken."""
    taken: Stamp = ()
    """Of the files as they were taken up, or refused, last."""
    refused: str = ""
    """Why what the files hold now is not shown; empty when it is."""


class Renewing:
    """Keeps all certificates as their files have them."""

    def __init__(self) -> None:
        self.pairs: list[Renewable] = []
        """Each is taken up at the first look too: its part may have started before the files changed."""

    async def run(self) -> None:
        """Look again and again; ends only by cancellation."""
        while True:
            for pair in self.pairs:
                await look(pair)
            await asyncio.sleep(LOOK_EVERY)


async def look(pair: Renewable) -> None:
    """Let a pair be taken up if its files have changed and can be used."""
    stamp = _stamp(pair.certificate, pair.key)
    if stamp == pair.taken:
        return
    try:
        copy(pair.certificate, pair.key, pair.copy)
        await pair.take()
    except NotTaken as error:
        if error.retryable:
            return
        pair.refused = str(error)
        told = {"action": "certificate.refused", "field": pair.field}
        log.warning("certificate refused, the old one stays: %s", error, extra=told)
    else:
        pair.refused = ""
        log.info("certificate taken up", extra={"action": "certificate.taken", "field": pair.field})
    pair.taken = stamp


def copy(certificate: str, key: str, target: Path) -> None:
    """Make our copy of a pair, whole or not at all. Raises NotTaken when it cannot be used."""
    try:
        # Checked is the very copy that is shown: the files themselves may be changing just now.
        data = b"\n".join(Path(path).read_bytes() for path in (certificate, key))
        part = target.with_name(f".{target.name}.new")
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(data)
    except OSError as error:
        raise NotTaken(f"{error.filename}: {why(error)}") from error
    try:
        context_of(part)
        os.replace(part, target)
    except (ssl.SSLError, OSError) as error:
        text = f"{certificate} and {key} are no pair of certificate and key without passphrase, both PEM"
        raise NotTaken(f"{text} ({why(error)})") from error
    finally:
        part.unlink(missing_ok=True)


def context_of(copy: Path) -> ssl.SSLContext:
    """Return what a server needs to show a copy. Raises ssl.SSLError, OSError."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(copy, password=lambda: "")
    return context


def why(error: Exception) -> str:
    """Return what OpenSSL or the kernel says, in small letters."""
    text = error.reason if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None)
    return (text or "not understood").lower().replace("_", " ")


def _stamp(*files: str) -> Stamp:
    """Return what changes when a file does."""

    def of(path: str) -> tuple[int, int] | None:
        try:
            stat = os.stat(path)
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    return tuple(of(path) for path in files)
