"""A TURN client for tests (RFC 8489, RFC 8656): asks for an allocation, and for leave to speak with somebody. UDP."""

import hashlib
import hmac
import ipaddress
import os
import socket
import struct
from typing import Final

from adapters.edge.credentials import Credentials

COOKIE: Final = 0x2112A442
ALLOCATE, REFRESH, CREATE_PERMISSION = 0x0003, 0x0004, 0x0008
USERNAME, INTEGRITY, ERROR, PEER, REALM, NONCE, RELAYED, TRANSPORT = (
    *(0x0006, 0x0008, 0x0009, 0x0012, 0x0014, 0x0015, 0x0016, 0x0019),
)
UDP, TCP = 17, 6
STALE: Final = 438
Attributes = dict[int, bytes]


class TurnClient:
    """One socket towards a relay, and what it allocated."""

    def __init__(self, relay: tuple[str, int], given: Credentials) -> None:
        self._socket = socket.socket(type=socket.SOCK_DGRAM)
        self._socket.settimeout(3)
        self._socket.connect(relay)
        self._given = given
        self._realm = self._nonce = b""

    def close(self) -> None:
        self._socket.close()

    def allocate(self, transport: int = UDP) -> int:
        """Ask for a port of the relay; return 0, or why there is none (a STUN error code)."""
        asked = [(TRANSPORT, struct.pack(">B3x", transport))]
        if not self._nonce:
            answer = self._ask(ALLOCATE, asked, signed=False)
            self._realm, self._nonce = answer[REALM], answer[NONCE]
        return _code(self._ask(ALLOCATE, asked))

    def refresh(self) -> int:
        """Ask to keep what was allocated; return 0, or why not."""
        return _code(self._ask(REFRESH, []))

    def permit(self, peer: str) -> int:
        """Ask to exchange packets with an address; return 0, or why not."""
        place = int(ipaddress.IPv4Address(peer)) ^ COOKIE
        return _code(self._ask(CREATE_PERMISSION, [(PEER, struct.pack(">xBHI", 1, 9 ^ COOKIE >> 16, place))]))

    def _ask(self, method: int, asked: list[tuple[int, bytes]], *, signed: bool = True) -> Attributes:
        attributes = asked
        if signed:
            mine = [(USERNAME, self._given.user.encode()), (REALM, self._realm), (NONCE, self._nonce)]
            attributes = [*asked, *mine]
        body = b"".join(struct.pack(">HH", kind, len(value)) + _padded(value) for kind, value in attributes)
        number = os.urandom(12)
        if signed:
            secret = b":".join((self._given.user.encode(), self._realm, self._given.password.encode()))
            key = hashlib.md5(secret, usedforsecurity=False).digest()
            head = struct.pack(">HHI", method, len(body) + 24, COOKIE) + number
            body += struct.pack(">HH", INTEGRITY, 20) + hmac.digest(key, head + body, "sha1")
        self._socket.send(struct.pack(">HHI", method, len(body), COOKIE) + number + body)
        answer = self._socket.recv(2048)
        while answer[8:20] != number:
            answer = self._socket.recv(2048)
        found = _attributes(answer[20:])
        if signed and _code(found) == STALE and found[NONCE] != self._nonce:
            self._nonce = found[NONCE]
            return self._ask(method, asked)
        return found


def _attributes(body: bytes) -> Attributes:
    found: Attributes = {}
    while len(body) >= 4:
        kind, size = struct.unpack_from(">HH", body)
        found[kind] = body[4 : 4 + size]
        body = body[4 + size + -size % 4 :]
    return found


def _code(answer: Attributes) -> int:
    if ERROR not in answer:
        return 0
    hundreds, rest = answer[ERROR][2:4]
    return hundreds * 100 + rest


def _padded(value: bytes) -> bytes:
    return value + bytes(-len(value) % 4)
