"""What helps a page to send and hear sound where it cannot reach us straight (ICE, RFC 8445; TURN, RFC 8656)."""

from msgspec import Struct


class IceServer(Struct, frozen=True, kw_only=True):
    """A relay for a page's sound, as `RTCPeerConnection` takes it (W3C webrtc, RTCIceServer)."""

    urls: tuple[str, ...]
    """RFC 7065."""
    username: str
    credential: str
