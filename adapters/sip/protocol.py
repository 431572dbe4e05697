"""What the engine and a SIP worker say to each other.

A worker is a media server that knows calls, players, recorders and bridges, but no queues: it executes commands and
reports events. The worker listens on a Unix socket; an engine connects, sends `Attach` and reads `Attached`.

Framing: a 4-byte big-endian length, then one msgpack array of messages (all that one loop turn produced). A frame
over `FRAME_MAX` bytes, or one that does not decode, closes the connection.

Trust and order:

- `Attach.epoch` is the leader's epoch. A worker serves the engine with the highest epoch it has seen and answers a
  lower one with `Rejected("epoch_passed")`, whatever the command.
- Commands of one frame take effect together: a leg whose bridge ends by one of them and that is told what to hear by
  another hears only that.
- Commands are executed at most once: `n` rises within a connection's epoch, and one at or below the last executed is
  ignored. What got lost is found by comparing (`Attached.legs`), never by sending again.
- Events that must not be lost carry `n`, rising within a worker's generation. The worker keeps them until `Ack`
  (at most `EVENTS_KEPT`; then the oldest go and `Attached.lost` says how many) and sends those above
  `Attach.heard` again after an attach.
- `Dial` and `Refer` carry a permit that only `router.dialling` makes; the worker verifies it.
- Ids are the parties' own: the worker names inbound legs `<worker>-<generation>-<count>`, the engine names the rest.
"""

from struct import Struct as Packed
from typing import Final, Generic, Literal, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from router.dialling import Permit

VERSION: Final = 5
"""Counts changes of the protocol. Both sides understand what is older: fields are only added, with a default."""
FRAME_MAX: Final = 16 * 1024 * 1024
EVENTS_KEPT: Final = 100_000
BEAT_EVERY: Final = 0.5
"""Seconds between heartbeats, both ways."""
SILENT_AFTER: Final = 2.0
"""Seconds without any frame after which the other side counts as gone."""

Then = Literal["music", "silence", "hang_up"]
"""What a leg hears next when its files are played, its bridge ends, or the engine is gone."""

CONFIRM: Final = "1"
"""The key by which somebody says that it is no machine that picked up."""

Signal = Literal["dialling", "ringing", "answered"]
"""How far a leg is: we ring it (or its invitation is unanswered), it rings, it talks."""


class Media(Struct, frozen=True, array_like=True):
    """What a leg hears: other legs while it is bridged, and without them `files` in order and then `then`.

    Two who talk name each other as peers; in a conference each names all others; a listener names those it hears and is
    named by nobody. A leg is heard while it is answered, has audio, does not hold and has heard its `first`. While
    no peer can be heard, a leg hears music: if `then` is music, and also if a peer holds, unless `then` is silence.

    A leg that ends, or that is told to hear others instead, leaves its peers: they no longer hear it. The others of a
    conference go on; a leg whose last peer left hears `files` and `then`.
    """

    play: str = ""
    """The id of this play, named by the engine; `PlayEnded` repeats it."""
    files: tuple[str, ...] = ()
    then: Then = "silence"
    music: str = ""
    """The music source; empty for the worker's default."""
    peers: tuple[str, ...] = ()
    """The legs it hears, mixed; those that ended are gone from the picture."""
    first: tuple[str, ...] = ()
    """Files that it alone hears before it is joined with its peers; gone from the picture once they were heard."""


SILENCE: Final = Media()


def without_peer(media: Media, leg: str) -> Media:
    """Return what is left of `media` once `leg` ended, or parted from who hears this."""
    if leg not in media.peers:
        return media
    return replace(media, peers=tuple(peer for peer in media.peers if peer != leg))


# ---- engine to worker ------------------------------------------------------------------------------------------


class Command(Struct, frozen=True, array_like=True):
    """Base of numbered commands."""

    n: int


class Ring(Command, frozen=True, array_like=True, tag="ring"):
    """Send 180 Ringing on an inbound leg."""

    leg: str


class Answer(Command, frozen=True, array_like=True, tag="answer"):
    """Send 200 OK on an inbound leg; `Hear` tells what it hears from then on."""

    leg: str


class Dial(Command, frozen=True, array_like=True, tag="dial"):
    """Invite `permit.target` as leg `permit.leg`. `caller` and `display` fill From; no answer within `timeout` seconds
    ends it (CANCEL); once answered it hears `media`."""

    permit: Permit
    caller: str
    display: str
    timeout: float
    headers: tuple[tuple[str, str], ...] = ()
    media: Media = SILENCE
    network: str = ""
    """The network (`settings.Network`) to dial in; empty for the first one."""
    identity: str = ""
    """The number we vouch for to a trunk (P-Asserted-Identity, RFC 3325); empty sends none."""
    confirm: tuple[str, ...] = ()
    """Files that whoever picks up hears again and again until `CONFIRM` is pressed: only then the leg is answered, for
    a machine picks up too. It ends in time like one that nobody picks up. Empty where picking up is enough."""


class HangUp(Command, frozen=True, array_like=True, tag="hang_up"):
    """End a leg: final response `code` before the answer, CANCEL or BYE otherwise. `reason` fills a Reason header."""

    leg: str
    code: int = 603
    reason: str = ""


class Redirect(Command, frozen=True, array_like=True, tag="redirect"):
    """Send the caller of an inbound leg that is not answered on to another worker: 302 with `target` as Contact, which
    the edge follows (RFC 3261 §21.3.3). Only for legs that came through the edge."""

    leg: str
    target: str


class Hear(Command, frozen=True, array_like=True, tag="hear"):
    """Make a leg hear `media`. For two legs to hear each other, send one `Hear` for each."""

    leg: str
    media: Media


class ReportTransfer(Command, frozen=True, array_like=True, tag="report_transfer"):
    """Tell the phone that asked for a transfer how it goes (NOTIFY, RFC 3515 §2.4.5): `code` below 200 is progress,
    from 200 on it is the end."""

    leg: str
    code: int
    reason: str = ""


class Refer(Command, frozen=True, array_like=True, tag="refer"):
    """Ask the far end of the answered leg `permit.leg` to ring `permit.target` itself (REFER): a transfer at the trunk.
    `ReferEnded` tells the outcome; the leg stays until somebody hangs up."""

    permit: Permit


class Probe(Command, frozen=True, array_like=True, tag="probe"):
    """Ask the far end of an answered leg whether it is still there (re-INVITE), silent or not; `MediaSilent` tells."""

    leg: str


class SendDigits(Command, frozen=True, array_like=True, tag="send_digits"):
    """Send digits (0-9, A-D, *, #) to a leg, as RFC 4733 events, or by INFO where it takes none."""

    leg: str
    digits: str


class Show(Command, frozen=True, array_like=True, tag="show"):
    """Show message `number` on the display of a leg with text, in lines of its own; once, however often it comes."""

    leg: str
    number: int
    """Rises from one message to the next."""
    text: str


class Write(Command, frozen=True, array_like=True, tag="write"):
    """Show what is written to a leg with text, as it is written: characters, U+0008 to take the last one back, and
    line ends. `LineTyped` tells how the line reads by that."""

    leg: str
    text: str


class Enlist(Command, frozen=True, array_like=True, tag="enlist"):
    """Register a trunk's network with its registrar and keep it registered, or take the registration back. One worker
    does it for each trunk; `TrunkState` tells what comes of it."""

    network: str
    active: bool


class Record(Command, frozen=True, array_like=True, tag="record"):
    """Record the mix of what `legs` say into the WAV file `path`, until `StopRecording`, the end of the last of them,
    `seconds_max` (0 sets no limit), or `silence`."""

    recording: str
    legs: tuple[str, ...]
    path: str
    seconds_max: float = 0.0
    silence: float = 0.0
    """Seconds of silence that end it too; twice as many before the first sound. 0 for no limit."""


class StopRecording(Command, frozen=True, array_like=True, tag="stop_recording"):
    """Finish a recording; `RecordingEnded` follows when the file is complete."""

    recording: str


class Attach(Struct, frozen=True, array_like=True, tag="attach"):
    """The first message of a connection."""

    epoch: int
    heard: int
    """The highest event number of `generation` that the engine has journalled."""
    generation: str
    """The generation `heard` belongs to; another one means that all kept events are wanted."""


class Ack(Struct, frozen=True, array_like=True, tag="ack"):
    """Events up to `n` are journalled and may be forgotten."""

    n: int


class Drain(Struct, frozen=True, array_like=True, tag="drain"):
    """Admit no new calls (503 with Retry-After); stop once the last call is over when `stop` is set."""

    stop: bool = False


class Beat(Struct, frozen=True, array_like=True, tag="beat"):
    """A sign of life, both ways. From the worker with its figures."""

    legs: int = 0
    cpu: float = 0.0
    """Processor seconds used so far."""
    admitted: int = 0
    rejected: int = 0
    """Invitations refused by the worker itself so far: malformed, from unknown sources, or without room."""
    room: bool = True
    """Whether one more caller would be admitted."""
    text_dropped: int = 0
    """Characters of text that were too many so far."""


class Compare(Struct, frozen=True, array_like=True, tag="compare"):
    """Ask for an `Attached` again: the watchdog's look at what is."""


# ---- worker to engine ------------------------------------------------------------------------------------------


class Event(Struct, frozen=True, array_like=True):
    """Base of numbered events. `at` is the worker's UTC clock, for measuring only."""

    n: int
    at: float


class CallArrived(Event, frozen=True, array_like=True, tag="call_arrived"):
    """An invitation from a known network; it has been answered with 100 Trying only."""

    leg: str
    called: str
    """User part of the request URI."""
    caller: str
    """User part of From, or of P-Asserted-Identity from a network that may assert; empty when withheld."""
    caller_host: str
    display: str
    network: str
    asserted: bool
    """`caller` comes from a trunk that vouches for it (rule 8)."""
    phone: str = ""
    """The registered phone that rings, by the edge's word; empty for everybody else."""
    text: bool = False
    """It offers real-time text (RFC 4103)."""
    audio: bool = True
    """It offers audio."""
    voucher: str = ""
    """By what a citizen's page rings, by the edge's word."""


class LegAnswered(Event, frozen=True, array_like=True, tag="leg_answered"):
    """A dialled leg was picked up and hears its media."""

    leg: str


class LegStats(Struct, frozen=True, array_like=True):
    """Quality of an audio stream at its end, as this side received it; zeros when there was none. The far end's figures
    are its own, by RTCP; zeros, too, from one that sends no reports."""

    codec: str = ""
    packets_in: int = 0
    packets_out: int = 0
    lost: int = 0
    jitter_ms: float = 0.0
    rtt_ms: float = 0.0
    jitter_max_ms: float = 0.0
    discarded: int = 0
    """Came too late, or too early, to be heard."""
    far_lost: int = 0
    far_jitter_ms: float = 0.0


class LegEnded(Event, frozen=True, array_like=True, tag="leg_ended"):
    """A leg is gone; always the last event of its leg."""

    leg: str
    code: int
    """The final SIP status (200 for a BYE after the answer)."""
    by: Literal["far", "engine", "worker"]
    """Who ended it: the far end, a command, or the worker itself (time-out, silence, `hang_up` as what follows)."""
    answered: bool
    rang: bool
    stats: LegStats = LegStats()
    network: str = ""
    """Where its far end is: a trunk, or the phones."""
    began: float = 0.0
    """When it came, or was dialled; UTC seconds by the worker's clock, like the next."""
    answered_at: float = 0.0
    """0 when it was not."""
    held_for: float = 0.0
    """Seconds for which the far end held the call."""


class PlayEnded(Event, frozen=True, array_like=True, tag="play_ended"):
    """All files of a play were heard; its `then` has begun."""

    leg: str
    play: str


class DigitPressed(Event, frozen=True, array_like=True, tag="digit_pressed"):
    """A key on a leg, by RFC 4733 or INFO."""

    leg: str
    digit: str


class LineTyped(Event, frozen=True, array_like=True, tag="line_typed"):
    """A line on a leg with text reads `text` now: typed by its far end, or by us (`Write`). The next one is another
    line once this is `over`: ended by whoever writes it, too long, or nobody went on with it."""

    leg: str
    own: bool
    text: str
    over: bool


class LegHeld(Event, frozen=True, array_like=True, tag="leg_held"):
    """The far end of an answered leg holds the call, or has taken it up again."""

    leg: str
    held: bool


class TransferAsked(Event, frozen=True, array_like=True, tag="transfer_asked"):
    """A phone asks to transfer the far end of its call (REFER, RFC 3515); it has been answered with 202, nothing was
    dialled. `ReportTransfer` tells it the outcome; without one it is told 603 after some seconds."""

    leg: str
    """The phone's leg."""
    target: str
    """The address of Refer-To: a sip, sips or tel URI without its headers."""
    replaces: str = ""
    """Our leg whose dialog the target's Replaces (RFC 3891) names, an attended transfer; empty for none of ours."""


class ReferEnded(Event, frozen=True, array_like=True, tag="refer_ended"):
    """What a `Refer` came to: the status that the far end reported last, or with which it refused; 408 for silence."""

    leg: str
    code: int


class TrunkState(Event, frozen=True, array_like=True, tag="trunk_state"):
    """A trunk's registration came up, failed or ended. `code` is the registrar's answer, 408 for none."""

    network: str
    registered: bool
    code: int


class MediaSilent(Event, frozen=True, array_like=True, tag="media_silent"):
    """No RTP for a while, or a `Probe`: whether the re-INVITE was answered, or RTP has come again meanwhile. Never a
    reason by itself to hang up."""

    leg: str
    alive: bool


class RecordingEnded(Event, frozen=True, array_like=True, tag="recording_ended"):
    """A recording is complete on disk. `seconds` of audio."""

    recording: str
    seconds: float
    spoken: float = 0.0
    """Seconds up to its last sound; 0 when nothing was heard but silence."""


class CommandFailed(Event, frozen=True, array_like=True, tag="command_failed"):
    """A command could not be carried out; `error_id` is stable (see docs/errors.md)."""

    command: int
    leg: str
    error_id: str
    detail: str


class Leg(Struct, frozen=True, array_like=True):
    """A leg as it is now."""

    leg: str
    inbound: bool
    signal: Signal
    media: Media
    held: bool = False
    """The far end holds the call."""
    recording: str = ""
    """The recording it is part of; the latest, if several."""
    target: str = ""
    """What was dialled; empty for one that rang us."""
    shown: int = -1
    """The number of the last message that was shown; -1 for a leg without text."""
    typing: str = ""
    """The line that its far end is typing."""
    writing: str = ""
    """The line that is being written to it."""


class Trunk(Struct, frozen=True, array_like=True):
    """A trunk that this worker was told to register, as it is now."""

    network: str
    registered: bool
    code: int
    """The registrar's last answer; 0 before the first."""


class Attached(Struct, frozen=True, array_like=True, tag="attached"):
    """The answer to `Attach` and `Compare`: what is. Events above `heard` follow an `Attach`."""

    worker: str
    generation: str
    legs: tuple[Leg, ...]
    through: int
    """The number of the last event this picture includes."""
    executed: int
    """The number of the last command this picture includes."""
    lost: int = 0
    """Events forgotten for want of room."""
    trunks: tuple[Trunk, ...] = ()
    """The trunks enlisted here."""
    draining: bool = False
    """No new calls are admitted; it stops once the last one is over."""
    version: int = 0
    """The protocol that the worker speaks."""


class Rejected(Struct, frozen=True, array_like=True, tag="rejected"):
    """The connection is refused and closed: `epoch_passed` or `bad_frame`."""

    error_id: str


ToWorker = (
    Attach
    | Ack
    | Drain
    | Beat
    | Compare
    | Ring
    | Answer
    | Redirect
    | Dial
    | HangUp
    | Hear
    | ReportTransfer
    | Refer
    | SendDigits
    | Show
    | Write
    | Probe
    | Enlist
    | Record
    | StopRecording
)
FromWorker = (
    Attached
    | Rejected
    | Beat
    | CallArrived
    | LegAnswered
    | LegEnded
    | PlayEnded
    | DigitPressed
    | LineTyped
    | LegHeld
    | TransferAsked
    | ReferEnded
    | TrunkState
    | MediaSilent
    | RecordingEnded
    | CommandFailed
)

SINCE: Final[dict[type[Command], int]] = {Probe: 3}
"""The version with which a command came: a worker of an earlier one would not understand it, and is not sent it."""

M = TypeVar("M")

_LENGTH: Final = Packed(">I")
_ENCODER: Final = msgspec.msgpack.Encoder()


class BadFrame(ValueError):
    """The other side sent what is not a frame of this protocol; the connection is of no use any more."""


def encode(messages: "list[ToWorker] | list[FromWorker]") -> bytes:
    """Return one frame."""
    body = _ENCODER.encode(messages)
    return _LENGTH.pack(len(body)) + body


class Frames(Generic[M]):
    """Cuts a byte stream into messages."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[list[M]]) -> None:
        self._decoder = decoder
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[M]:
        """Return the messages completed by `data`. Raises BadFrame; the rest of the stream is then lost."""
        self._buffer += data
        messages: list[M] = []
        start = 0
        while len(self._buffer) - start >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer, start)
            if size > FRAME_MAX:
                raise BadFrame(f"frame of {size} bytes, at most {FRAME_MAX} are allowed")
            end = start + _LENGTH.size + size
            if len(self._buffer) < end:
                break
            try:
                messages += self._decoder.decode(memoryview(self._buffer)[start + _LENGTH.size : end])
            except msgspec.MsgspecError as error:
                raise BadFrame(str(error)) from error
            start = end
        del self._buffer[:start]
        return messages


def frames_to_worker() -> "Frames[ToWorker]":
    """Return a reader of what an engine sends."""
    return Frames(msgspec.msgpack.Decoder(list[ToWorker]))


def frames_from_worker() -> "Frames[FromWorker]":
    """Return a reader of what a worker sends."""
    return Frames(msgspec.msgpack.Decoder(list[FromWorker]))
