"""One call as it was: who took part, every message between them, what was decided, and how it sounded."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from adapters.trace.record import LegRecord, Message
from metrics.sound import opinion, rating
from router.facts import AnyFact

EDGE: Final = "edge"
_REQUEST: Final = re.compile(r"([A-Z]+) (\S+) SIP/2\.0")
_USER: Final = re.compile(r"sips?:([^@;>]+)@|tel:([^;>]+)")
_AUDIO: Final = re.compile(r"^m=audio (\d+) (\S+)([ \d]*)", re.MULTILINE)
_MAPPED: Final = re.compile(r"^a=rtpmap:(\d+) ([\w.-]+)/(\d+)", re.MULTILINE)
_DIRECTION: Final = re.compile(r"^a=(sendonly|recvonly|inactive)", re.MULTILINE)
STATIC: Final = {"0": "PCMU", "8": "PCMA", "9": "G722", "18": "G729", "13": "CN"}
"""RFC 3551."""
SIDES: Final = {"caller": 0, "edge-in": 1, "worker": 2, "edge-out": 3, "rung": 4}

Side = Literal["caller", "edge-in", "worker", "edge-out", "rung"]


class Party(Struct, frozen=True, kw_only=True):
    """A column of the ladder."""

    id: str
    title: str
    side: Side


class Arrow(Struct, frozen=True, kw_only=True):
    """One message on one hop."""

    at: float
    call: str
    leg: str
    source: str
    """A party's id."""
    target: str
    label: str
    notes: tuple[str, ...] = ()
    again: bool = False
    """It was sent before: no answer had come."""
    over: str = "udp"


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided meanwhile: a fact."""

    at: float
    name: str
    fields: dict[str, str]


class Sound(Struct, frozen=True, kw_only=True):
    """How a leg sounded, once it had ended."""

    leg: str
    network: str
    ended_by: str
    code: int
    seconds: float
    """Of talk."""
    held: float
    codec: str
    packets_in: int
    packets_out: int
    lost: float
    """Share of the packets that were to come."""
    late: float
    """Share that came too late to be heard."""
    jitter_ms: float
    jitter_max_ms: float
    rtt_ms: float
    far_lost: float
    far_jitter_ms: float
    mos: float | None
    """Of what we heard; None without sound."""
    far_mos: float | None
    """Of what the far end heard, by its own reports."""


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept of a call."""

    contact: str
    """What names it: the contact, or what was asked for where it reached none."""
    messages: tuple[Message, ...]
    """In order."""
    facts: tuple[AnyFact, ...]
    legs: tuple[LegRecord, ...]
    living: bool
    """It goes on."""
    missing: str = ""
    """What could not be found, and why."""


class Story(Struct, frozen=True, kw_only=True):
    """All of it."""

    contact: str
    full: bool
    """Whether messages are whole, names and numbers included."""
    parties: tuple[Party, ...]
    arrows: tuple[Arrow, ...]
    decisions: tuple[Decision, ...]
    sounds: tuple[Sound, ...]
    calls: tuple[str, ...]
    """Call-IDs."""
    living: bool
    missing: str = ""


def tell(kept: Kept) -> Story:
    """Put a call together."""
    stage = _Stage(kept.messages)
    return Story(
        contact=kept.contact,
        full=any(message.full for message in kept.messages),
        parties=stage.parties(),
        arrows=tuple(stage.arrows()),
        decisions=tuple(_decision(fact) for fact in kept.facts),
        sounds=tuple(_sound(leg) for leg in sorted(kept.legs, key=lambda leg: (leg.began, leg.leg))),
        calls=tuple(dict.fromkeys(message.call for message in kept.messages)),
        living=kept.living,
        missing=kept.missing,
    )


def in_order(messages: Iterable[Message]) -> list[Message]:
    """Return messages as they went.

    The edge notes what it sends once that is gone: an answer may be noted before, by another of its processes.
    """
    messages = list(messages)
    asked: dict[tuple[str, str, str, str], float] = {}
    for one in messages:
        if _REQUEST.match(one.start):
            hop = one.call, one.source, one.target, one.header("CSeq")
            asked[hop] = min(one.at, asked.get(hop, one.at))

    def when(one: Message) -> tuple[float, bool]:
        if _REQUEST.match(one.start):
            return one.at, False
        return max(one.at, asked.get((one.call, one.target, one.source, one.header("CSeq")), one.at)), True

    return sorted(messages, key=when)


class _Stage:
    """Finds out who is who: callers stand left of edge and worker, those who were rung right of them."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._messages = messages
        self._inbound: dict[str, bool] = {}
        self._legs: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        """Call-ID to who is at its outer end."""
        self._parties: dict[str, Party] = {}
        for message in messages:
            self._inbound.setdefault(message.call, not message.source_is)
            if message.leg:
                self._legs.setdefault(message.call, message.leg)
            self._entitle(message)

    def parties(self) -> tuple[Party, ...]:
        """Return the columns, from left to right."""
        for message in self._messages:
            self._place(message, message.source, message.source_is)
            self._place(message, message.target, message.target_is)
        return tuple(sorted(self._parties.values(), key=lambda party: SIDES[party.side]))

    def arrows(self) -> Iterator[Arrow]:
        """Yield every message, in order."""
        seen = set()
        for message in self._messages:
            source = self._place(message, message.source, message.source_is).id
            target = self._place(message, message.target, message.target_is).id
            same = message.call, source, target, message.start, message.header("CSeq")
            yield Arrow(
                at=message.at,
                call=message.call,
                leg=message.leg or self._legs.get(message.call, ""),
                source=source,
                target=target,
                label=label(message),
                notes=tuple(notes(message)),
                again=same in seen,
                over=message.over,
            )
            seen.add(same)

    def _entitle(self, message: Message) -> None:
        """Name the outer end of a call as soon as a message tells: the edge and the workers name phones and trunks."""
        phone, network = message.header("X-Vaxel-Phone"), message.header("X-Vaxel-Network")
        if not network:
            return
        if network != "phones":
            title = network
        elif phone:
            title = phone
        else:
            found = _USER.search(message.start)
            title = (found[1] or found[2]) if found is not None else network
        self._titles.setdefault(message.call, title)

    def _place(self, message: Message, address: str, known: str) -> Party:
        inbound = self._inbound[message.call]
        if known == EDGE:
            party = Party(
                id="edge-in" if inbound else "edge-out", title=EDGE, side="edge-in" if inbound else "edge-out"
            )
        elif known:
            party = Party(id=known, title=known, side="worker")
        else:
            title = self._titles.get(message.call, "")
            where = address.rpartition(":")[0] or address
            party = Party(
                id=f"{'caller' if inbound else 'rung'}:{title or where}",
                title=title or where,
                side="caller" if inbound else "rung",
            )
        return self._parties.setdefault(party.id, party)


def label(message: Message) -> str:
    """Return what an arrow says."""
    request = _REQUEST.match(message.start)
    if request is None:
        return message.start.removeprefix("SIP/2.0 ")
    again = request[1] == "INVITE" and ";tag=" in message.header("To")
    return "re-INVITE" if again else request[1]


def notes(message: Message) -> Iterator[str]:
    """Yield what is worth knowing besides: the sound that is offered, proofs, reasons, where a transfer leads."""
    if described := sound_of(message.text.partition("\r\n\r\n")[2]):
        yield described
    for header, note in (
        ("Reason", "because of {}"),
        ("Refer-To", "to {}"),
        ("Retry-After", "again after {} s"),
        ("WWW-Authenticate", "wants a password"),
        ("Proxy-Authenticate", "wants a password"),
        ("Authorization", "with a password"),
        ("Proxy-Authorization", "with a password"),
    ):
        if value := message.header(header):
            yield note.format(value.strip("<>"))
    if message.header("Content-Type").startswith("message/sipfrag"):
        yield message.text.partition("\r\n\r\n")[2].strip().removeprefix("SIP/2.0 ")
    if message.start.startswith("INVITE") and (agent := message.header("User-Agent")):
        yield agent


def sound_of(body: str) -> str:
    """Return codecs, direction and encryption of a session description; empty when there is none."""
    audio = _AUDIO.search(body)
    if audio is None:
        return ""
    mapped = {number: name if rate == "8000" else f"{name}/{rate}" for number, name, rate in _MAPPED.findall(body)}
    mapped = STATIC | mapped | {"9": "G722"}  # whose rate is 8000 by a mistake of RFC 1890
    codecs = [mapped.get(number, number) for number in audio[3].split()]
    direction = _DIRECTION.search(body)
    parts = [" ".join(codec for codec in codecs if codec != "telephone-event")]
    parts += ["no keys"] if "telephone-event" not in codecs else []
    parts += [direction[1]] if direction is not None else []
    parts += ["SRTP"] if "SAVP" in audio[2] or "a=crypto" in body else []
    parts += ["no sound"] if audio[1] == "0" else []
    return ", ".join(part for part in parts if part)


def _decision(fact: AnyFact) -> Decision:
    words = re.sub(r"(?<!^)([A-Z])", lambda found: f" {found[1].lower()}", type(fact).__name__)
    fields = {}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if name in ("at", "contact") or value is None or isinstance(value, float) or value in ("", (), 0, False, {}):
            continue
        if isinstance(value, str | int):
            fields[name] = str(value)
        elif address := getattr(value, "address", ""):
            fields[name] = str(address)
    return Decision(at=fact.at, name=words, fields=fields)


def _sound(leg: LegRecord) -> Sound:
    lost = _share(leg.lost, leg.packets_in + leg.lost)
    late = _share(leg.discarded, leg.packets_in + leg.lost)
    far_lost = _share(leg.far_lost, leg.packets_out)
    heard = leg.packets_in > 0
    reported = leg.packets_out > 0 and (leg.rtt_ms > 0 or leg.far_jitter_ms > 0 or leg.far_lost > 0)
    return Sound(
        leg=leg.leg,
        network=leg.network,
        ended_by=leg.by,
        code=leg.code,
        seconds=max(0.0, leg.at - leg.answered_at) if leg.answered_at else 0.0,
        held=leg.held_for,
        codec=leg.codec,
        packets_in=leg.packets_in,
        packets_out=leg.packets_out,
        lost=lost,
        late=late,
        jitter_ms=leg.jitter_ms,
        jitter_max_ms=leg.jitter_max_ms,
        rtt_ms=leg.rtt_ms,
        far_lost=far_lost,
        far_jitter_ms=leg.far_jitter_ms,
        mos=round(opinion(rating(lost + late, leg.jitter_ms, leg.rtt_ms)), 2) if heard else None,
        far_mos=round(opinion(rating(far_lost, leg.far_jitter_ms, leg.rtt_ms)), 2) if reported else None,
    )


def _share(part: int, whole: int) -> float:
    return min(1.0, max(0, part) / whole) if whole > 0 else 0.0
