"""What the legs of a telephone contact should be like, as a function of the contact's state.

    legs_of(contact, sounds) -> what should be     (level, not edge: it does not matter how we got here)

Together with `adapters.sip.difference` this is the only place that turns decisions into call control.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Literal, Protocol

from msgspec import Struct, structs

from adapters.sip.protocol import SILENCE, Media, Then
from adapters.sip.reporting import ANNOUNCEMENT, recording_of
from ivr.actions import Listen, Recording, Speak
from ivr.phrase import Phrase
from queues.channels import CHANNELS
from queues.queue import Waiting as WhileWaiting
from router import crisis
from router.contact import (
    LET_DOWN,
    SURVEY_TURN,
    Connected,
    Contact,
    Forwarded,
    Hearing,
    InFlow,
    Leaving,
    Listener,
    Offered,
    Parked,
    Party,
    Waiting,
    WrappingUp,
)
from router.dialling import Destination
from router.facts import Ear, Returned
from router.taping import are_alone, is_taped

CITIZEN_CHANNELS: Final = frozenset({"call", "callback", "text"})
"""Channels whose citizen is, or will be, on a leg of a SIP worker."""

RINGBACK: Final = "ringback"
"""The music source of somebody who waits for another telephone to be picked up."""


class Tape(Struct, frozen=True):
    """A recording of what one leg says."""

    recording: str
    """Its id on the worker, different for each attempt."""
    path: str
    silence: float
    """Seconds of silence that end it."""
    most: float
    """Seconds it may last."""


class Ringing(Struct, frozen=True):
    """Whom a leg rings, and on whose behalf."""

    agent: str = ""
    """The agent whose phone it is."""
    destination: Destination | None = None
    """Who is rung, when it is no agent's offer."""
    queue: str = ""
    """Whose number is shown to people outside."""
    returned: Returned | None = None
    """Why the contact is back: shown on the agent's phone."""


class LegPlan(Struct, frozen=True):
    """How a leg should be."""

    leg: str
    signal: Literal["ring", "answer", "dial"]
    media: Media | None
    """What it should hear; None leaves it as it is."""
    ringing: Ringing | None = None
    """Whom to ring, when the leg is to be dialled."""
    tape: Tape | None = None
    """What is being recorded of it."""
    refer: Ringing | None = None
    """To whom its far end is asked to connect itself (REFER)."""


class Say(Protocol):
    """Finds the sounds of a phrase."""

    def __call__(self, language: str, phrase: Phrase, contact: str = "") -> tuple[str, ...]:
        """Return the WAV files that say `phrase` in `language`, in order, at least one. `contact` is whose digits or
        recordings the phrase may name. Nothing is made here that takes time: all sounds lie ready.

            sounds.phrase(card.language, Phrase("position", {"number": 3}))
        """


class Sounds(Struct, frozen=True):
    """Where sounds are found."""

    phrase: Say
    while_waiting: Callable[[str], WhileWaiting]
    """Queue to what its callers hear."""
    recording: Callable[[str], str]
    """Name of a recording to its path."""
    whisper: Callable[[str], tuple[str, ...]] = lambda _queue: ()
    """Queue to the files that say its name to an agent who picks up."""
    line: Callable[[Waiting], Iterable[Phrase]] = lambda _contact: ()
    """What somebody in line is told."""
    tape: Callable[[str], str] = str
    """Name of a talk's recording to its path."""
    recorded: Callable[[str], str] = lambda _queue: ""
    """Queue to the prompt that says that its talks are recorded."""


def legs_of(contact: Contact, sounds: Sounds, playing: str = "") -> Iterator[LegPlan]:
    """Yield how the contact's legs should be; a leg that is not named should not exist.

    `playing` is the id of what the citizen's leg was last played: it is not worked out again.
    """
    card = contact.card
    if card.channel not in CITIZEN_CHANNELS:
        return
    if not CHANNELS[card.channel].voice and isinstance(contact, Offered | Connected):
        yield LegPlan(card.leg, "answer", SILENCE)  # the agent reads and writes at the desk
        return
    match contact:
        case InFlow():
            yield LegPlan(card.leg, "answer", _flow_media(contact, sounds), tape=_tape(contact, sounds))
        case Hearing() | WrappingUp():
            yield from _apart(contact, sounds)
        case Waiting():
            yield from _waiting(contact, sounds, playing)
        case Offered():
            yield from _offered(contact, sounds)
        case Connected():
            yield from _recorded(contact, _talk(contact, sounds), sounds)
        case Forwarded():
            yield from _forwarded(contact, sounds)
        case Parked():
            yield LegPlan(card.leg, "answer", Media(then=_then(contact, sounds)))
        case Leaving():
            way = contact.way
            said = "" if way.by_flow else way.name
            files = sounds.phrase(card.language, Phrase(said), card.id) if said else ()
            yield LegPlan(card.leg, "answer", Media(str(contact.turn), files, "hang_up"))
        case _:
            return


# ---- in flows and in line --------------------------------------------------------------------------------------


def _waiting(contact: Waiting, sounds: Sounds, playing: str) -> Iterator[LegPlan]:
    if contact.card.destination is None:
        yield _in_line(contact, sounds, _told(contact, sounds, playing))
    elif contact.spot.reached is not None:
        yield LegPlan(contact.card.leg, "dial", _told(contact, sounds, playing), _citizens_phone(contact))


def _apart(contact: Hearing | WrappingUp, sounds: Sounds) -> Iterator[LegPlan]:
    """What is heard before everything, and after it."""
    card = contact.card
    if isinstance(contact, Hearing):
        said = (sounds.phrase(card.language, crisis.phrase(one), card.id) for one in contact.announcements)
        files = tuple(path for one in said for path in one)
        yield LegPlan(card.leg, "answer", Media(str(contact.turn), files, "music"))
    elif contact.asking is not None:
        question = sounds.phrase(card.language, Phrase(contact.asking.prompt), card.id)
        yield LegPlan(card.leg, "answer", Media(str(SURVEY_TURN), question, "silence"))


def _flow_media(contact: InFlow, sounds: Sounds) -> Media | None:
    card = contact.card
    match contact.action:
        case Speak() as speak:
            files = tuple(path for one in speak.heard for path in sounds.phrase(card.language, one, card.id))
            return Media(str(contact.session.turn), files, "silence" if speak.quiet else "music")
        case Recording():
            return SILENCE
        case Listen():
            return Media(then="music")
        case _:
            return None


def _tape(contact: InFlow, sounds: Sounds) -> Tape | None:
    action, session = contact.action, contact.session
    if not isinstance(action, Recording):
        return None
    path = sounds.recording(f"{contact.card.id}.{session.filing}.{action.name}")
    return Tape(recording_of(contact.card.id, session.turn), path, action.silence, action.timeout)


def _in_line(contact: Waiting | Offered, sounds: Sounds, media: Media | None) -> LegPlan:
    rings = sounds.while_waiting(contact.spot.queue) == "ringing" and not contact.card.announced
    return LegPlan(contact.card.leg, "ring" if rings else "answer", media)


def _told(contact: Waiting, sounds: Sounds, playing: str) -> Media | None:
    """What is heard in line: the last announcement, and then what callers of the queue hear."""
    card, told = contact.card, contact.spot.told
    if told is None or not told.speaks:
        return Media(then=_then(contact, sounds))
    play = f"line {told.at}"
    if play == playing:
        return None
    files = tuple(path for one in sounds.line(contact) for path in sounds.phrase(card.language, one, card.id))
    return Media(play, files, "hang_up" if told.notice == LET_DOWN else _then(contact, sounds))


def _then(contact: Waiting | Offered | Connected | Parked, sounds: Sounds) -> Then:
    return "silence" if sounds.while_waiting(contact.spot.queue) == "silence" else "music"


# ---- with an agent ---------------------------------------------------------------------------------------------


def _offered(contact: Offered, sounds: Sounds) -> Iterator[LegPlan]:
    """The worker joins the two as soon as the agent answers, without asking anybody; until then the caller hears what
    callers in line hear, and goes on hearing it if the agent does not answer."""
    card, spot = contact.card, contact.spot
    ringing = Ringing(contact.agent, queue=spot.queue, returned=spot.returned)
    if contact.calling:
        yield LegPlan(card.leg, "dial", Media(then="music"), _citizens_phone(contact))
        return
    if spot.reached is not None:
        yield LegPlan(card.leg, "dial", _greeted(contact, sounds), _citizens_phone(contact))
        yield LegPlan(contact.offer, "dial", _beside_citizen(contact), ringing)
        return
    if card.destination is not None:  # a callback: the citizen is rung once the agent is there
        yield LegPlan(contact.offer, "dial", Media(then="music", music=RINGBACK), ringing)
        return
    yield _in_line(contact, sounds, Media(peers=(contact.offer,), then=_then(contact, sounds)))
    first = sounds.whisper(contact.spot.queue)
    yield LegPlan(contact.offer, "dial", structs.replace(_beside_citizen(contact), first=first), ringing)


def _citizens_phone(contact: Waiting | Offered) -> Ringing:
    return Ringing(destination=contact.card.destination, queue=contact.spot.queue)


def _greeted(contact: Offered | Connected, sounds: Sounds) -> Media:
    """What a citizen hears whom we called first: who is there, before anything else, and then the agent; one play, so
    that the agent's answer does not cut it off."""
    card = contact.card
    word = sounds.phrase(card.language, Phrase("callback_word"), card.id)
    return Media(f"word {contact.spot.reached}", then=_then(contact, sounds), peers=(contact.offer,), first=word)


def _beside_citizen(contact: Offered | Connected) -> Media:
    """What an agent hears who talks with the citizen alone. It is one play, so that what a worker was told to whisper
    first, unheard by the citizen, is neither cut off by the answer nor said again after it."""
    return Media(contact.offer, then="hang_up", peers=(contact.card.leg,))


def _talk(contact: Connected, sounds: Sounds) -> Iterator[LegPlan]:
    """Who is not held talks with everybody else of the same group; who is held hears music."""
    card, offer = contact.card, contact.offer
    called = card.destination is not None
    talkers = [*([offer] if contact.retry_at is None else []), *_unheld(contact)]
    if called and contact.calling_until is not None:
        yield from _calling(contact)
        return
    citizen = Media(peers=_others(talkers, card.leg), then=_then(contact, sounds))
    if contact.spot.reached is not None and citizen.peers == (offer,):
        citizen = _greeted(contact, sounds)
    held = Media(then="music")
    ringing = Ringing(destination=card.destination, queue=contact.spot.queue) if called else None
    yield LegPlan(card.leg, "dial" if called else "answer", held if card.leg in contact.held else citizen, ringing)
    if contact.retry_at is None:
        yield _agent_leg(contact, talkers)
    for party in contact.parties:
        yield from _party_legs(contact, party, talkers)
    if contact.listener is not None:
        yield _listener_leg(contact, contact.listener, talkers)


def _recorded(contact: Connected, plans: Iterator[LegPlan], sounds: Sounds) -> Iterator[LegPlan]:
    """Record citizen and agent, each on a track of their own, once both have heard that they will be: until then they
    hear that, and not each other."""
    taping, card = contact.taping, contact.card
    announcing = taping is not None and taping.state == "announcing" and are_alone(contact)
    taped = is_taped(contact)
    for plan in plans:
        if taping is None or plan.leg not in (card.leg, contact.offer):
            yield plan
        elif announcing:
            language = card.language if plan.leg == card.leg else ""
            files = sounds.phrase(language, Phrase(sounds.recorded(contact.spot.queue)), card.id)
            yield structs.replace(plan, media=Media(f"{ANNOUNCEMENT}{contact.offer}", files))
        elif taped:
            track = f"{card.id}~{round(taping.since * 1000)}~{'citizen' if plan.leg == card.leg else 'agent'}"
            yield structs.replace(plan, tape=Tape(track, sounds.tape(track), 0.0, 0.0))
        else:
            yield plan


def _unheld(contact: Connected) -> Iterator[str]:
    """Yield who talks, or is about to, with the agent's first leg."""
    if contact.card.leg not in contact.held:
        yield contact.card.leg
    for party in contact.parties:
        here = party.joined or not party.interprets  # while an interpreter is rung, people talk on
        if party.leg not in contact.held and not party.via and here:
            yield party.leg
    if _is_heard(contact, "barge"):
        assert contact.listener is not None
        yield contact.listener.leg


def _is_heard(contact: Connected, mode: Ear) -> bool:
    """Tell whether somebody who leads listens in this way."""
    return contact.listener is not None and contact.listener.there and contact.listener.mode == mode


def _others(talkers: list[str], leg: str) -> tuple[str, ...]:
    return tuple(one for one in talkers if one != leg)


def _agent_leg(contact: Connected, talkers: list[str]) -> LegPlan:
    """An agent with the citizen alone is hung up on by the worker when the citizen is gone; others stay."""
    alone = talkers == [contact.offer, contact.card.leg] and not contact.parties
    media = _beside_citizen(contact) if alone else Media(peers=_others(talkers, contact.offer))
    if _is_heard(contact, "whisper"):
        assert contact.listener is not None
        media = structs.replace(media, peers=(*media.peers, contact.listener.leg))
    return LegPlan(contact.offer, *_agent_signal(contact, media))


def _agent_signal(contact: Connected, media: Media) -> tuple[Literal["answer", "dial"], Media, Ringing | None]:
    """A leg that the agent dialled is answered; any other is dialled."""
    if is_dialled(contact.offer):
        return "dial", media, Ringing(contact.agent, queue=contact.spot.queue)
    return "answer", media, None


def is_dialled(leg: str) -> bool:
    """Tell whether a leg is one that we dial: named after its contact, while workers name those who ring us."""
    return "." in leg


def _party_legs(contact: Connected, party: Party, talkers: list[str]) -> Iterator[LegPlan]:
    """A party talks with the agent's second leg if it was dialled from there, else with everybody not held. It hears
    music while the agent's telephone holds."""
    ringing = Ringing(destination=party.destination, queue=contact.spot.queue)
    if party.via:
        heard = Media(peers=(party.leg,), then="music", music="" if party.joined else RINGBACK)
        yield LegPlan(party.via, "answer" if party.joined else "ring", heard)
    talks_with = (party.via,) if party.via else _others(talkers, party.leg)
    media = Media(peers=() if party.leg in contact.held else talks_with, then="music")
    yield LegPlan(party.leg, "dial", media, ringing)


def _listener_leg(contact: Connected, listener: Listener, talkers: list[str]) -> LegPlan:
    """Whoever listens hears those who talk with the agent, and is named by those who are to hear."""
    ringing = Ringing(destination=listener.destination, queue=contact.spot.queue)
    return LegPlan(listener.leg, "dial", Media(peers=_others(talkers, listener.leg)), ringing)


def _calling(contact: Connected) -> Iterator[LegPlan]:
    """The agent hears how the citizen is rung; the citizen is rung once the agent is there."""
    card, offer = contact.card, contact.offer
    if not is_dialled(offer):
        yield LegPlan(offer, "ring", Media(peers=(card.leg,), then="hang_up"))
    elif contact.retry_at is None:
        heard = Media(peers=(card.leg,) if contact.agent_there else (), then="music", music=RINGBACK)
        yield LegPlan(offer, "dial", heard, Ringing(contact.agent, queue=contact.spot.queue))
    if contact.agent_there:
        ringing = Ringing(destination=card.destination, queue=contact.spot.queue)
        yield LegPlan(card.leg, "dial", Media(peers=(offer,), then="hang_up"), ringing)


# ---- sent on ---------------------------------------------------------------------------------------------------


def _forwarded(contact: Forwarded, sounds: Sounds) -> Iterator[LegPlan]:
    """Who was sent on hears music until the destination talks; it comes back if that fails."""
    card, party = contact.card, contact.party
    waits_unanswered = contact.spot is None and not card.entry and not (party is not None and party.joined)
    signal: Literal["ring", "answer"] = "ring" if waits_unanswered else "answer"
    queue = contact.spot.queue if contact.spot is not None else ""
    if party is None:
        yield LegPlan(card.leg, signal, Media(then="music"))
        return
    if contact.by_trunk:
        to = Ringing(destination=party.destination, queue=queue)
        yield LegPlan(card.leg, signal, Media(then="music"), refer=to)
        return
    called = card.destination is not None
    ringing = Ringing(destination=card.destination, queue=queue) if called else None
    yield LegPlan(card.leg, "dial" if called else signal, Media(peers=(party.leg,), then="music"), ringing)
    # The worker alone lets go of somebody whose citizen is gone; the citizen stays, and may come back.
    to = Ringing(destination=party.destination, queue=queue)
    yield LegPlan(party.leg, "dial", Media(peers=(card.leg,), then="hang_up"), to)
