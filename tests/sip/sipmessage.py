"""SIP messages and SDP as a test phone needs them."""

import random
from dataclasses import dataclass, field

_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


def token(length: int = 10) -> str:
    """Return random letters for tags, branches and call ids."""
    return "".join(random.choices(_LETTERS, k=length))


@dataclass
class Message:
    """A request or response."""

    start: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> "Message":
        head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
        lines = head.split("\r\n")
        headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:])]
        return cls(lines[0], headers, body)

    def encode(self) -> bytes:
        """Return the message as it goes out, with Content-Length."""
        body = self.body.encode()
        lines = [self.start, *(f"{name}: {value}" for name, value in self.headers), f"Content-Length: {len(body)}"]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def __getitem__(self, name: str) -> str:
        """Return the first header of that name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def all(self, name: str) -> list[str]:
        """Return all headers of that name."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def method(self) -> str:
        """The method of a request, or of the request that a response answers."""
        return self["CSeq"].split(" ")[-1]

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        return int(self.start.split(" ")[1]) if self.start.startswith("SIP/2.0") else 0


EVENT_TYPE = 101
"""Payload type of telephone-event (RFC 4733) that phones here offer."""

CRYPTO = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
"""A key, as SDES writes it (RFC 4568 §9.1)."""

NAMES = {0: "PCMU/8000", 8: "PCMA/8000", 9: "G722/8000", 18: "G729/8000", EVENT_TYPE: "telephone-event/8000"}


@dataclass
class Sdp:
    """One audio stream."""

    host: str
    port: int
    types: tuple[int, ...]
    direction: str = "sendrecv"
    event_type: int = EVENT_TYPE
    profile: str = "RTP/AVP"

    @classmethod
    def parse(cls, text: str) -> "Sdp":
        host, port, direction, event_type = "", 0, "sendrecv", 0
        types: tuple[int, ...] = ()
        for line in text.replace("\r", "").split("\n"):
            if line.startswith("c="):
                host = line.split(" ")[2]
            elif line.startswith("m=audio"):
                words = line.split(" ")
                port, types = int(words[1]), tuple(int(word) for word in words[3:])
            elif line[2:] in ("sendrecv", "sendonly", "recvonly", "inactive"):
                direction = line[2:]
            elif "telephone-event" in line:
                event_type = int(line.split(":")[1].split(" ")[0])
        return cls(host, port, types, direction, event_type)

    def __str__(self) -> str:
        lines = [
            "v=0",
            f"o=- 1 {random.randrange(1, 1 << 30)} IN IP4 {self.host}",
            "s=-",
            f"c=IN IP4 {self.host}",
            "t=0 0",
            f"m=audio {self.port} {self.profile} {' '.join(map(str, self.types))}",
            *([CRYPTO] if self.profile == "RTP/SAVP" else []),
            *(f"a=rtpmap:{kind} {NAMES.get(kind, 'telephone-event/8000')}" for kind in self.types),
            f"a={self.direction}",
        ]
        return "\r\n".join(lines) + "\r\n"
