"""What the worker knows of one leg."""

import asyncio
import time
from typing import Literal, Protocol

from adapters.sip.native import Call, Headers, Player, Port
from adapters.sip.protocol import SILENCE, LegStats, Media, Signal
from adapters.sip.settings import Network


class LegOwner(Protocol):
    """Who acts on what a leg's call says."""

    def rings(self, leg: "Leg") -> None: ...
    def confirmed(self, leg: "Leg") -> None: ...
    def ended(self, leg: "Leg", code: int) -> None: ...
    def media_changed(self, leg: "Leg") -> None: ...
    def digit(self, leg: "Leg", digit: str) -> None: ...
    def typed(self, leg: "Leg", number: int, block: bytes) -> None: ...
    def transfer_asked(self, leg: "Leg", refer_to: str, request: str) -> int: ...
    def refer_status(self, leg: "Leg", code: int, final: bool) -> bool: ...


class Leg:
    """One leg: its call, how far it is, and what it hears. Hears its call as `native.CallEvents`."""

    __slots__ = (
        "answered",
        "answered_at",
        "asked",
        "audio_since",
        "began",
        "call",
        "command",
        "confirm",
        "ended_by",
        "files",
        "held",
        "held_for",
        "held_since",
        "id",
        "inbound",
        "key",
        "label",
        "listeners",
        "media",
        "network",
        "owner",
        "packets",
        "player",
        "port",
        "probe",
        "rang",
        "refer_timer",
        "signal",
        "silent_since",
        "sound_timer",
        "sources",
        "stats",
        "target",
        "timer",
        "transfer_timer",
    )

    def __init__(self, owner: LegOwner, leg: str, network: Network, inbound: bool) -> None:
        self.owner = owner
        self.id = leg
        self.network = network
        self.inbound = inbound
        self.key = ("", 0.0)
        """The last key pressed, and when."""
        self.audio_since = 0.0
        """When its audio was set up last. To new audio the end of a key, sent three times (RFC 4733 §2.5.1.4), is a new
        key."""
        self.label: Headers = ()
        """Tells the edge which leg a message belongs to, for tracing; it goes no further."""
        self.target = ""
        """What was dialled."""
        self.call: Call | None = None
        self.began = now()
        self.answered_at = 0.0
        self.signal: Signal = "dialling"
        self.rang = self.answered = self.asked = False
        """Asked is who has picked up, be it a machine, and has not confirmed yet."""
        self.confirm: tuple[str, ...] = ()
        """What whoever picks up is asked by (`protocol.Dial`)."""
        self.ended_by: Literal["far", "engine", "worker"] = "far"
        self.stats = LegStats()
        self.timer: asyncio.TimerHandle | None = None
        """No answer (dialled), or no engine (inbound)."""

        self.media: Media = SILENCE
        """What it hears now: `first`, `files` and those of `peers` that ended are gone from it."""
        self.command = 0
        """The command that said so."""
        self.port: Port | None = None
        self.sources: tuple[Port, ...] = ()
        """What its port is fed with."""
        self.player: Player | None = None
        self.files: list[str] = []
        """Files not begun yet."""
        self.sound_timer: asyncio.Handle | None = None
        """The end of the file being played, or of the leg."""
        self.listeners: dict[str, Leg] = {}
        """Legs whose `media.peers` name this leg."""

        self.transfer_timer: asyncio.TimerHandle | None = None
        """Its phone asked for a transfer and waits for the outcome."""
        self.refer_timer: asyncio.TimerHandle | None = None
        """Its far end was asked to ring somebody else and has yet to tell the outcome."""

        self.held = False
        """The far end holds the call."""
        self.held_since = self.held_for = 0.0
        """Held for so many seconds, without those since."""
        self.packets = 0
        """RTP packets in at the last look."""
        self.silent_since = 0.0
        self.probe: asyncio.TimerHandle | None = None

    @property
    def audible(self) -> bool:
        """Tell whether those who have it among their peers hear it."""
        return self.answered and self.port is not None and not self.held and not self.media.first

    @property
    def text_alone(self) -> bool:
        """Tell whether it has text and no audio: files are over as soon as they begin."""
        return self.port is None and self.call is not None and self.call.text_alone()

    @property
    def can_begin(self) -> bool:
        """Tell whether what it should hear can begin."""
        return self.connected and (self.port is not None or self.text_alone)

    @property
    def connected(self) -> bool:
        """Tell whether anybody hears what is played to it."""
        return self.answered or self.asked

    def pick_up(self) -> None:
        """It is answered."""
        self.asked = False
        self.answered = True
        self.answered_at = now()
        self.signal = "answered"

    def hold(self, held: bool) -> None:
        """Its far end holds, or holds no longer."""
        if self.held:
            self.held_for += now() - self.held_since
        self.held = held
        self.held_since = now()

    def call_rings(self) -> None:
        self.owner.rings(self)

    def call_confirmed(self) -> None:
        self.owner.confirmed(self)

    def call_ended(self, code: int) -> None:
        self.owner.ended(self, code)

    def media_changed(self) -> None:
        self.owner.media_changed(self)

    def digit(self, digit: str) -> None:
        self.owner.digit(self, digit)

    def typed(self, number: int, block: bytes) -> None:
        self.owner.typed(self, number, block)

    def transfer_asked(self, refer_to: str, request: str) -> int:
        return self.owner.transfer_asked(self, refer_to, request)

    def refer_status(self, code: int, final: bool) -> bool:
        return self.owner.refer_status(self, code, final)

    def stream_ended(self, stats: LegStats) -> None:
        """Add up: a re-INVITE may end one stream and begin another."""
        before = self.stats
        self.stats = LegStats(
            codec=stats.codec,
            packets_in=before.packets_in + stats.packets_in,
            packets_out=before.packets_out + stats.packets_out,
            lost=before.lost + stats.lost,
            jitter_ms=stats.jitter_ms,
            rtt_ms=stats.rtt_ms,
            jitter_max_ms=max(before.jitter_max_ms, stats.jitter_max_ms),
            discarded=before.discarded + stats.discarded,
            far_lost=before.far_lost + stats.far_lost,
            far_jitter_ms=stats.far_jitter_ms,
        )


def now() -> float:
    """Return UTC seconds."""
    return time.clock_gettime(time.CLOCK_REALTIME)
