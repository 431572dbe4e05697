"""Can the edge listen where it should? Asked before it is started: Kamailio's own words for it are hard to read."""

import errno
import os
import socket
from collections.abc import Iterator
from typing import Final

from adapters.edge.settings import EdgeSettings

KINDS: Final = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM, "tls": socket.SOCK_STREAM}


class Taken(Exception):
    """The edge cannot listen somewhere; the text is for the user."""

    error_id = "edge_port"
    retryable = False


def check(settings: EdgeSettings) -> None:
    """Try every address and port for a moment. Raises Taken."""
    for trouble in taken(settings):
        raise Taken(trouble)


def taken(settings: EdgeSettings) -> Iterator[str]:
    """Yield why the edge cannot listen somewhere, for each such place."""
    places = [
        ("udp", settings.address, settings.port, "sip.port"),
        ("tcp", settings.address, settings.port, "sip.port"),
        ("udp", "127.0.0.1", settings.inner_port, "sip.inner_port"),
    ]
    if settings.tls is not None:
        places.append(("tls", settings.address, settings.tls.port, "sip.tls.port"))
    if settings.browsers is not None:
        places.append(("tcp", settings.address, settings.browsers.port, "sip.browsers.port"))
    places += [
        (kind, trunk.address, settings.port, f"trunks.{trunk.name}.here.address")
        for trunk in settings.trunks
        for kind in ("udp", "tcp")
        if trunk.address not in ("", settings.address)
    ]
    for place in dict.fromkeys(places):
        trouble = _try(*place)
        if trouble:
            yield trouble


def _try(kind: str, address: str, port: int, field: str) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, KINDS[kind]) as probe:
        if kind != "udp":
            # Connections of the last life that have yet to be forgotten are no hindrance.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            return _why(error, f"{address}:{port}/{kind}", field)
    return ""


def _why(error: OSError, where: str, field: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"{where} is taken: stop what listens there, or set another `{field}`"
    if error.errno == errno.EADDRNOTAVAIL:
        named = f"`{field}`" if field.endswith("address") else "`listen` or `sip.address`"
        return f"{where}: this machine has no such address; set {named} to one it has"
    return f"cannot listen on {where}: {os.strerror(error.errno or 0).lower()}"
