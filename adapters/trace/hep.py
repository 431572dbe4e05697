"""HEP, the packets in which SIP servers copy their messages to others (version 3, https://hep.sipcapture.org)."""

import socket
from struct import Struct as Packed
from struct import error as BadStruct
from typing import Final, NamedTuple

_HEAD: Final = Packed(">4sH")
_CHUNK: Final = Packed(">HHH")
MARK: Final = b"HEP3"
SOURCE_4, TARGET_4, SOURCE_6, TARGET_6 = 3, 4, 5, 6
PROTOCOL, SOURCE_PORT, TARGET_PORT, SECONDS, MICROSECONDS, PAYLOAD = 2, 7, 8, 9, 10, 15
TRANSPORTS: Final = {6: "tcp", 17: "udp", 22: "tls"}
"""IP protocol to transport; Kamailio says 22, which nothing uses, for TLS."""


class Packet(NamedTuple):
    """One message, and between whom it went."""

    at: float
    """UTC seconds."""
    source: str
    """`address:port`."""
    target: str
    over: str
    data: bytes


def read(packet: bytes) -> Packet | None:
    """Return what is in a packet, None when it is none."""
    try:
        mark, length = _HEAD.unpack_from(packet)
        if mark != MARK or length > len(packet):
            return None
        parts: dict[int, bytes] = {}
        at = _HEAD.size
        while at < length:
            _, kind, size = _CHUNK.unpack_from(packet, at)
            if size < _CHUNK.size:
                return None
            parts[kind] = packet[at + _CHUNK.size : at + size]
            at += size
        number = int.from_bytes
        return Packet(
            number(parts[SECONDS], "big") + number(parts[MICROSECONDS], "big") / 1e6,
            _place(parts.get(SOURCE_4), parts.get(SOURCE_6), number(parts[SOURCE_PORT], "big")),
            _place(parts.get(TARGET_4), parts.get(TARGET_6), number(parts[TARGET_PORT], "big")),
            TRANSPORTS.get(number(parts[PROTOCOL], "big"), "?"),
            parts[PAYLOAD],
        )
    except (BadStruct, KeyError, ValueError, OSError):
        return None


def _place(four: bytes | None, six: bytes | None, port: int) -> str:
    if four is not None:
        return f"{socket.inet_ntop(socket.AF_INET, four)}:{port}"
    return f"[{socket.inet_ntop(socket.AF_INET6, six or b'')}]:{port}"
