"""Every chat that lives: who is connected to it, what is kept of it, and how much of that each page has been told.

`Rooms` follows the spine. What a page should show is a level (`Room.standing`); a page that comes, comes back or is
slow is told the difference between that and what it has. Nothing is pushed that could be missed.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Protocol

from msgspec import Struct

from adapters.chat.answering import question_of
from adapters.chat.frames import Button, State, Status
from adapters.chat.settings import CHANNEL
from ivr.phrase import Phrase
from router import facts as f
from router.card import Said
from router.contact import Asking, Connected, Contact, InFlow, Offered, Waiting, WrappingUp
from router.inputs import CitizenGone, Input
from router.state import State as House
from router.writing import asks, offered

SECRET_BYTES: Final = 16


class Timer(Protocol):
    """Something that will happen."""

    def cancel(self) -> None:
        """Let it not happen."""


Later = Callable[[float, Callable[[], None]], Timer]
Title = Callable[[Phrase, str], str]


class Standing(Struct, frozen=True):
    """What is kept of a chat."""

    said: tuple[Said, ...]
    status: Status


class Reader(Protocol):
    """A page that is connected."""

    def news(self) -> None:
        """There may be something that the page has not been told."""

    def typing(self) -> None:
        """The agent is writing."""


class Room:
    """One chat."""

    def __init__(self, contact: str, language: str) -> None:
        self.contact = contact
        self.language = language
        self.said: tuple[Said, ...] = ()
        """All that has been decided, kept or not."""
        self.over = False
        self.uploads = 0
        """Files that the citizen has sent."""
        self.standing: Standing | None = None
        """What is kept; None before anything is."""
        self.readers: list[Reader] = []
        self.gone: Timer | None = None
        """Until then a citizen who was cut off may come back."""

    def tell(self, standing: Standing) -> None:
        """Let the pages know how it stands."""
        self.standing = standing
        for reader in self.readers:
            reader.news()


def contact_of(secret: str) -> str:
    """Return the contact of whoever shows `secret`. The other way is not to be found."""
    shown = secret.encode("utf-8", "surrogateescape")  # a header may hold any bytes
    return "c" + hashlib.sha256(b"vaxel chat " + shown).digest()[:SECRET_BYTES].hex()


class Rooms:
    """All chats."""

    def __init__(self, title: Title, submit: Callable[[Input], None], later: Later, back_within: float) -> None:
        self._title = title
        self._submit = submit
        self._later = later
        self._back_within = back_within
        self._rooms: dict[str, Room] = {}
        self.begun = self.cut_off = 0
        """Counted for metrics."""
        self.on_over: Callable[[str], None] = lambda _contact: None

    def __len__(self) -> int:
        return len(self._rooms)

    @property
    def connected(self) -> int:
        """How many chats have a page connected."""
        return sum(bool(room.readers) for room in self._rooms.values())

    def find(self, contact: str) -> Room | None:
        """Return a chat that lives, or is just coming to its end."""
        return self._rooms.get(contact)

    def adopt(self, state: House) -> None:
        """Take over the chats that an earlier engine had; their pages come back, or are gone."""
        for contact in state.contacts.values():
            if contact.card.channel == CHANNEL:
                room = self._open(contact)
                room.said = contact.card.thread.said
                room.standing = self._standing(room, state)
                self._miss(room)

    # ---- following the spine -----------------------------------------------------------------------------------

    def decided(self, facts: Sequence[f.AnyFact], state: House) -> Callable[[], None] | None:
        """Look at what concerns chats; return what tells the pages."""
        touched: dict[str, Room] = {}
        for fact in facts:
            if isinstance(fact, f.ContactArrived) and fact.channel == CHANNEL:
                self.begun += 1
                self._rooms[fact.contact] = Room(fact.contact, fact.language)
            room = self._rooms.get(getattr(fact, "contact", ""))
            if room is not None:
                touched[room.contact] = room
                self._follow(room, fact)
        if not touched:
            return None
        told = [(room, self._standing(room, state)) for room in touched.values()]
        return lambda: self._release(told)

    def _follow(self, room: Room, fact: f.AnyFact) -> None:
        match fact:
            case f.MessageAdded():
                said = Said(fact.at, fact.author, fact.agent, fact.prompt, fact.values, fact.language, fact.count)
                room.said = (*room.said, said)
            case f.LanguageChosen():
                room.language = fact.language
            case f.ContactEnded():
                room.over = True
            case _:
                pass

    def _release(self, told: Iterable[tuple[Room, Standing]]) -> None:
        for room, standing in told:
            room.tell(standing)
            if standing.status.state == "ended":
                self._close(room)
            elif not room.readers:
                self._miss(room)

    def _standing(self, room: Room, state: House) -> Standing:
        contact = state.contacts.get(room.contact)
        heard = max((one.count for one in room.said), default=0)
        if contact is None or room.over:
            return Standing(room.said, Status(state="ended", heard=heard, language=room.language))
        told = contact.spot.told if isinstance(contact, Waiting) else None
        language = contact.card.language
        choices = tuple(Button(key=one.key, title=self._title(one.phrase, language)) for one in offered(state, contact))
        status = Status(
            state=_state_of(contact),
            heard=heard,
            question=question_of(contact),
            asks=asks(state, contact),
            choices=choices,
            place=told.best_position if told is not None else None,
            low=told.low if told is not None else None,
            high=told.high if told is not None else None,
            language=language,
        )
        return Standing(room.said, status)

    # ---- who is there ------------------------------------------------------------------------------------------

    def join(self, room: Room, reader: Reader) -> None:
        """Let a page be told of a chat."""
        room.readers.append(reader)
        if room.gone is not None and not room.over:
            room.gone.cancel()
            room.gone = None

    def part(self, room: Room, reader: Reader) -> None:
        """A page is not connected any more; the citizen may come back."""
        room.readers.remove(reader)
        if not room.readers and not room.over:
            self._miss(room)

    def leave(self, room: Room) -> None:
        """The citizen ends the chat."""
        self._submit(CitizenGone(contact=room.contact, cause="hung_up"))

    def typing(self, contact: str) -> None:
        """An agent is writing to the citizen."""
        room = self._rooms.get(contact)
        for reader in room.readers if room is not None else ():
            reader.typing()

    def _open(self, contact: Contact) -> Room:
        room = self._rooms[contact.card.id] = Room(contact.card.id, contact.card.language)
        return room

    def _miss(self, room: Room) -> None:
        """Wait for a citizen who is not connected."""
        if room.gone is None:
            room.gone = self._later(self._back_within, lambda: self._give_up(room))

    def _give_up(self, room: Room) -> None:
        room.gone = None
        if not room.readers and not room.over:
            self.cut_off += 1
            self._submit(CitizenGone(contact=room.contact, cause="cut_off"))

    def _close(self, room: Room) -> None:
        """Leave a chat that is over to be read, by a page that was away when it came to its end."""
        if room.gone is not None:
            room.gone.cancel()
        room.gone = self._later(self._back_within, lambda: self._clear(room))

    def _clear(self, room: Room) -> None:
        self._rooms.pop(room.contact, None)
        self.on_over(room.contact)


def _state_of(contact: Contact) -> State:
    match contact:
        case WrappingUp(asking=Asking()):
            return "asked"
        case _:
            return _STATES.get(type(contact), "ended")


_STATES: Final[dict[type[Contact], State]] = {
    InFlow: "asked",
    Waiting: "waiting",
    Offered: "offered",
    Connected: "connected",
}
"""Of all other states nothing remains to be written."""
