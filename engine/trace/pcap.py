"""A call as a capture file for Wireshark and the like: each message as a UDP packet between its two ends.

The classic format (draft-ietf-opsawg-pcap): raw IP packets, microseconds. What went over TCP or TLS is written as UDP
as well: such tools then show it without a key and without handshakes.
"""

import ipaddress
from collections.abc import Iterable
from struct import pack
from typing import Final

from adapters.trace.record import Message

MAGIC: Final = 0xA1B2C3D4
RAW_IP: Final = 101
UDP: Final = 17
PACKET_MAX: Final = 65535
NOWHERE: Final = "0.0.0.0"


def capture(messages: Iterable[Message]) -> bytes:
    """Return the file."""
    parts = [pack("<IHHiIII", MAGIC, 2, 4, 0, 0, PACKET_MAX, RAW_IP)]
    for message in messages:
        packet = _packet(message)
        seconds = int(message.at)
        parts += (
            pack("<IIII", seconds, round((message.at - seconds) * 1e6) % 1_000_000, len(packet), len(packet)),
            packet,
        )
    return b"".join(parts)


def _packet(message: Message) -> bytes:
    source, source_port = _split(message.source)
    target, target_port = _split(message.target)
    data = message.text.encode("utf-8", "replace")[: PACKET_MAX - 60]
    if source.version != target.version:
        source = target = ipaddress.ip_address(NOWHERE)
    # A sum of 0 says that there is none; over IPv6 it should be there, but nobody refuses a capture for it.
    datagram = pack(">HHHH", source_port, target_port, 8 + len(data), 0) + data
    if source.version == 4:
        head = pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 0, 0, 64, UDP, 0, source.packed, target.packed)
        head = head[:10] + pack(">H", _sum(head)) + head[12:]
    else:
        head = pack(">IHBB16s16s", 6 << 28, len(datagram), UDP, 64, source.packed, target.packed)
    return head + datagram


def _split(place: str) -> tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]:
    host, _, port = place.rpartition(":")
    try:
        return ipaddress.ip_address(host.strip("[]")), int(port)
    except ValueError:
        return ipaddress.ip_address(NOWHERE), 0


def _sum(head: bytes) -> int:
    """Return the checksum of an IPv4 header (RFC 1071)."""
    total = sum(int.from_bytes(head[at : at + 2], "big") for at in range(0, len(head), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
