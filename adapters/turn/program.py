"""How coturn is called, and whether it can listen where it should."""

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.turn.settings import TurnSettings

PROGRAM: Final = "turnserver"


class Missing(Exception):
    """coturn is not there; the text is for the user."""

    error_id = "turn_missing"
    retryable = False


class Taken(Exception):
    """The relay cannot listen somewhere; the text is for the user."""

    error_id = "turn_port"
    retryable = False


def arguments(conf: Path) -> list[str]:
    """Return the command line for a configuration file. Raises Missing."""
    program = shutil.which(PROGRAM)
    if program is None:
        raise Missing("coturn is not installed: install it (apt install coturn), or leave `sip.browsers.turn` out")
    return [program, "-c", str(conf)]


def check(settings: TurnSettings) -> None:
    """Try where it is to listen for a moment. Raises Taken."""
    for trouble in taken(settings):
        raise Taken(trouble)


def taken(settings: TurnSettings) -> Iterator[str]:
    """Yield why it cannot listen somewhere, for each such place."""
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    for name, kind in (("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)):
        with socket.socket(family, kind) as probe:
            if kind == socket.SOCK_STREAM:
                # Connections of the last life that have yet to be forgotten are no hindrance.
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.address, settings.port))
            except OSError as error:
                yield _why(error, f"{settings.address}:{settings.port}/{name}")


def _why(error: OSError, where: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken: stop what listens there, or set another `sip.browsers.turn.port`"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{where}: this machine has no such address; set `sip.browsers.turn.address` to one it has"
    return f"cannot listen on {where}: {os.strerror(error.errno or 0).lower()}"
