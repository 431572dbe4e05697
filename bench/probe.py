"""A measuring SIP end for both sides: callers and agents in one process, so that both share one clock.

Every message is stamped by the kernel when it comes in (SO_TIMESTAMPNS) and by the clock just before it goes out, so a
busy measuring process does not count. UDP on loopback: nothing is retransmitted here, answers are sent at once.
"""

import asyncio
import itertools
import re
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bench.system import HOST
from engine.bench_config import AGENTS, AGENTS_PORT, CALLERS

CALLERS_PORT: Final = 5080
SO_TIMESTAMPNS: Final = 35
"""Linux; the socket module has no name for it."""
STAMP_SPACE: Final = socket.CMSG_SPACE(16)
BUFFER: Final = 4 * 1024 * 1024
A_LAW: Final = 8
FRAME: Final = 160
"""Samples, and bytes of G.711, in 20 ms."""
FRAME_S: Final = 0.02
LOUD: Final = bytes(0xAA if n % 8 < 4 else 0x2A for n in range(FRAME))
"""A full-scale square wave of 1 kHz in A-law; no music is that loud."""
VOICE_BYTES: Final = bytes(code ^ 0x55 for code in (*range(0x70, 0x80), *range(0xF0, 0x100)))
"""A-law codes of the upper half of the scale."""
VOICE_SHARE: Final = 0.25
"""Of a packet, so that the first packet with a good part of the voice counts."""

SDP: Final = (
    "v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP 8 101\r\n"
    "a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
)
COPIED: Final = ("via", "from", "to", "call-id", "cseq")


def now() -> float:
    """Return UTC seconds by the clock that stamps messages."""
    return time.clock_gettime(time.CLOCK_REALTIME)


@dataclass
class Leg:
    """One call of ours."""

    id: str
    user: str
    """The caller's number, also of the agent's leg that was made for this caller."""
    end: "End"
    ours: str = ""
    """Our From or To, with tag."""
    theirs: str = ""
    uri: str = ""
    """Where requests of ours go."""
    at: dict[str, float] = field(default_factory=dict)
    """Event to the first time it happened: `invite`, `answered`, `ack`, `bye`."""
    media: "Media | None" = None
    remote_media: tuple[str, int] | None = None
    invitation: dict[str, str] = field(default_factory=dict)
    """Headers of the INVITE that came in."""
    agent: str = ""
    """User part of the called address on an agent's leg."""
    over: bool = False


class Media:
    """One RTP port. Keeps the time of each packet, and of the first that carries the agent's voice."""

    def __init__(self, host: str) -> None:
        self.socket = _open(host, 0)
        self.port = int(self.socket.getsockname()[1])
        self.last = 0.0
        self.longest_gap = 0.0
        self.packets = 0
        self.voice_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._sequence = 0
        self._due = 0.0
        self._to: tuple[str, int] | None = None
        self._loop.add_reader(self.socket, self._readable)

    def reset(self) -> None:
        """Forget what was heard."""
        self.last = self.longest_gap = self.voice_at = 0.0
        self.packets = 0

    def say(self, to: tuple[str, int]) -> None:
        """Send the voice from now on."""
        self._to = to
        self._due = self._loop.time()
        self._next()

    def hush(self) -> None:
        """Send nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Give the port back."""
        self.hush()
        self._loop.remove_reader(self.socket)
        self.socket.close()

    def _next(self) -> None:
        self._sequence += 1
        head = struct.pack(">BBHII", 0x80, A_LAW, self._sequence & 0xFFFF, self._sequence * FRAME, self.port)
        if self._to is not None:
            self.socket.sendto(head + LOUD, self._to)
        self._due += FRAME_S
        self._timer = self._loop.call_at(self._due, self._next)

    def _readable(self) -> None:
        for data, at in _received(self.socket):
            if len(data) < 12 or data[1] & 0x7F != A_LAW:
                continue
            if self.last:
                self.longest_gap = max(self.longest_gap, at - self.last)
            self.last = at
            self.packets += 1
            if not self.voice_at and FRAME - len(data[12:].translate(None, VOICE_BYTES)) > VOICE_SHARE * FRAME:
                self.voice_at = at


class End:
    """One SIP socket and its calls. The hooks are called when something happens to a leg."""

    def __init__(self, host: str, port: int) -> None:
        self.legs: dict[str, Leg] = {}
        self.invited: Callable[[Leg], None] = lambda leg: None
        self.answered: Callable[[Leg], None] = lambda leg: None
        self.confirmed: Callable[[Leg], None] = lambda leg: None
        self.ended: Callable[[Leg], None] = lambda leg: None
        self.failed: list[str] = []
        """Responses of 300 and above to our invitations."""
        self._host = host
        self._port = port
        self._socket = _open(host, port)
        self._count = itertools.count(1)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def close(self) -> None:
        """Give the port back."""
        self._loop.remove_reader(self._socket)
        self._socket.close()

    # ---- what we do --------------------------------------------------------------------------------------------

    def invite(self, user: str, number: str, port: int, media: Media) -> Leg:
        """Ring `number` as `user`."""
        leg = Leg(f"probe-{next(self._count)}-{self._port}-{id(self) & 0xFFFF}", user, self, media=media)
        leg.uri = f"sip:{number}@{HOST}:{port}"
        leg.ours = f"<sip:{user}@{self._host}:{self._port}>;tag={leg.id}"
        leg.theirs = f"<{leg.uri}>"
        self.legs[leg.id] = leg
        self._request(leg, "INVITE", 1, (HOST, port), SDP.format(host=self._host, port=media.port))
        return leg

    def answer(self, leg: Leg, media: Media) -> None:
        """Send 200 with our audio."""
        leg.media = media
        leg.at["answered"] = now()
        self._respond(leg.invitation, "200 OK", leg.ours, SDP.format(host=self._host, port=media.port))

    def bye(self, leg: Leg) -> None:
        """Hang up, unless it is over."""
        if leg.over:
            return
        self._request(leg, "BYE", 2, _address(leg.uri))
        leg.over = True

    def _request(self, leg: Leg, method: str, number: int, to: tuple[str, int], body: str = "") -> None:
        lines = [
            f"{method} {leg.uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self._host}:{self._port};branch=z9hG4bK{leg.id}{method}",
            "Max-Forwards: 70",
            f"From: {leg.ours}",
            f"To: {leg.theirs}",
            f"Call-ID: {leg.id}",
            f"CSeq: {number} {method}",
            *self._tail(body),
        ]
        leg.at.setdefault(method.lower(), now())
        self._socket.sendto("\r\n".join(lines).encode(), to)

    def _respond(self, request: dict[str, str], status: str, ours: str = "", body: str = "") -> None:
        head = [f"{name}: {ours if name == 'to' and ours else request[name]}" for name in COPIED if name in request]
        lines = [f"SIP/2.0 {status}", *head, *self._tail(body)]
        self._socket.sendto("\r\n".join(lines).encode(), (request["received"], int(request["rport"])))

    def _tail(self, body: str) -> list[str]:
        kind = ["Content-Type: application/sdp"] if body else []
        return [f"Contact: <sip:probe@{self._host}:{self._port}>", *kind, f"Content-Length: {len(body)}", "", body]

    # ---- what comes --------------------------------------------------------------------------------------------

    def _readable(self) -> None:
        for data, at, source in _received_from(self._socket):
            text = data.decode(errors="replace")
            head, _, body = text.partition("\r\n\r\n")
            lines = head.split("\r\n")
            if len(lines) < 2:
                continue
            headers = _headers(lines[1:])
            headers["received"], headers["rport"] = source[0], str(source[1])
            if lines[0].startswith("SIP/2.0 "):
                self._response(int(lines[0].split(" ")[1]), headers, body, at)
            else:
                self._asked(lines[0].split(" "), headers, body, at)

    def _response(self, status: int, headers: dict[str, str], body: str, at: float) -> None:
        leg = self.legs.get(headers.get("call-id", ""))
        method = headers.get("cseq", " ").split(" ")[-1]
        if leg is None or status < 200:
            return
        if method == "BYE":
            self._end(leg)
        elif method == "INVITE" and status < 300:
            leg.theirs = headers["to"]
            leg.uri = _uri(headers["contact"])
            self._request(leg, "ACK", 1, _address(leg.uri))
            if "answered" not in leg.at:
                leg.at["answered"] = at
                leg.remote_media = _media(body)
                self.answered(leg)
        elif method == "INVITE":
            leg.theirs = headers["to"]
            self._request(leg, "ACK", 1, (headers["received"], int(headers["rport"])))
            self.failed.append(f"{status}")
            self._end(leg)

    def _asked(self, start: list[str], headers: dict[str, str], body: str, at: float) -> None:
        method, known = start[0], self.legs.get(headers.get("call-id", ""))
        if method == "INVITE" and known is None:
            leg = Leg(headers["call-id"], _user(headers["from"]), self, theirs=headers["from"])
            leg.ours = f"{headers['to']};tag={next(self._count)}"
            leg.uri = _uri(headers["contact"])
            leg.agent = _user(start[1])
            leg.invitation = headers
            leg.at["invite"] = at
            leg.remote_media = _media(body)
            self.legs[leg.id] = leg
            self._respond(headers, "180 Ringing", leg.ours)
            self.invited(leg)
        elif method == "ACK":
            if known is not None and "ack" not in known.at:
                known.at["ack"] = at
                self.confirmed(known)
        elif method in ("BYE", "CANCEL"):
            self._respond(headers, "200 OK")
            if known is not None:
                known.at.setdefault("bye", at)
                self._end(known)
        elif known is None:
            self._respond(headers, "481 Gone")

    def _end(self, leg: Leg) -> None:
        if self.legs.pop(leg.id, None) is not None:
            leg.over = True
            self.ended(leg)


class Probe:
    """Callers at one address and all agents at the other."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.callers = End(CALLERS, CALLERS_PORT)
        self.agents = End(AGENTS, AGENTS_PORT)
        self.sinks = {"callers": Media(CALLERS), "agents": Media(AGENTS)}
        """Where RTP goes that nobody looks at."""

    def close(self) -> None:
        """Give all ports back."""
        self.callers.close()
        self.agents.close()
        for sink in self.sinks.values():
            sink.close()


def _open(host: str, port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    opened.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
    opened.bind((host, port))
    return opened


def _received_from(source: socket.socket) -> list[tuple[bytes, float, tuple[str, int]]]:
    found: list[tuple[bytes, float, tuple[str, int]]] = []
    while True:
        try:
            data, ancillary, _, sender = source.recvmsg(65536, STAMP_SPACE)
        except (BlockingIOError, ConnectionRefusedError):
            return found
        at = now()
        for level, kind, value in ancillary:
            if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("qq", value[:16])
                at = seconds + nanoseconds / 1e9
        found.append((data, at, sender))


def _received(source: socket.socket) -> list[tuple[bytes, float]]:
    return [(data, at) for data, at, _ in _received_from(source)]


def _headers(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        name, value = name.strip().lower(), value.strip()
        # A Via more is the only header of ours that comes more than once.
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _uri(contact: str) -> str:
    found = re.search(r"<([^>]*)>", contact)
    return found[1] if found else contact.partition(";")[0]


def _user(address: str) -> str:
    found = re.search(r"sips?:([^@>;]*)@", address)
    return found[1] if found else ""


def _address(uri: str) -> tuple[str, int]:
    found = re.search(r"@?([\d.]+):(\d+)", uri)
    return (found[1], int(found[2])) if found else (HOST, 5060)


def _media(body: str) -> tuple[str, int] | None:
    host = re.search(r"^c=IN IP4 ([\d.]+)", body, re.MULTILINE)
    port = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    return (host[1], int(port[1])) if host and port else None
