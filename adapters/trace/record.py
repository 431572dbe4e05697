"""What is kept: messages, and how legs ended."""

from typing import Final, Literal

import msgspec
from msgspec import Struct

SIP: Final = "sip"
FULL: Final = "full"
LEGS: Final = "legs"
"""How the names of the files begin."""


class Message(Struct, frozen=True, array_like=True):
    """A SIP message on one hop."""

    at: float
    """UTC seconds."""
    source: str
    """`address:port`."""
    target: str
    source_is: str
    """`edge`, the worker's name, or empty for somebody outside."""
    target_is: str
    over: str
    """udp, tcp or tls."""
    call: str
    """Its Call-ID."""
    leg: str
    """The worker's leg, where the message says so: between edge and worker."""
    text: str
    """A SIP message still, masked, or whole where that was switched on."""
    full: bool = False

    @property
    def start(self) -> str:
        """Its first line."""
        return self.text.partition("\r\n")[0]

    def header(self, name: str) -> str:
        """Return the value of its first header of a name, empty when there is none."""
        head = self.text.partition("\r\n\r\n")[0]
        wanted = f"{name.lower()}:"
        for line in head.split("\r\n")[1:]:
            if line.lower().startswith(wanted):
                return line[len(wanted) :].strip()
        return ""


class LegRecord(Struct, frozen=True, array_like=True):
    """How a leg ended, and how it sounded: `adapters.sip.protocol.LegEnded`, for later."""

    at: float
    """UTC seconds, by the worker's clock."""
    leg: str
    contact: str
    network: str
    code: int
    by: Literal["far", "engine", "worker"]
    began: float
    answered_at: float
    """0 when it was not answered."""
    held_for: float
    codec: str
    packets_in: int
    packets_out: int
    lost: int
    discarded: int
    jitter_ms: float
    jitter_max_ms: float
    rtt_ms: float
    far_lost: int
    far_jitter_ms: float


_ENCODER: Final = msgspec.msgpack.Encoder()
_MESSAGE: Final = msgspec.msgpack.Decoder(Message)
_LEG: Final = msgspec.msgpack.Decoder(LegRecord)


def encode(record: Message | LegRecord) -> bytes:
    """Return a record as it is kept."""
    return _ENCODER.encode(record)


def message(data: bytes) -> Message:
    """Read a message. Raises msgspec.MsgspecError."""
    return _MESSAGE.decode(data)


def leg(data: bytes) -> LegRecord:
    """Read how a leg ended. Raises msgspec.MsgspecError."""
    return _LEG.decode(data)
