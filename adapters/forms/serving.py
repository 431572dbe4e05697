"""Forms become contacts: checked, photos and values kept first, then one input, which the router takes once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

import msgspec
from msgspec import Struct, structs

from adapters.forms import reading
from adapters.forms.photos import Photo
from adapters.forms.reading import Photos, Received
from adapters.forms.seal import LEAST_S, MOST_S, Seal, Sealed, contact_of
from adapters.forms.settings import BODY_MAX, CHANNEL, Form, FormsSettings, entry_of
from ivr.forms import Field, Mistake, check, kept, noted
from router.contact import Connected, Contact, WrappingUp
from router.inputs import Arrived, Input, Refused
from router.letters import CITIZEN, UPLOADED, Attachment, Contents, Letter, Place, by_whom
from router.outbox import message_id
from router.ports import Secret
from router.state import State

LETTER: Final = "form"
"""The key of what a form is beside its values: its photos, and how it reads as a letter."""
ANSWERS: Final = "answers"
"""The vault's kind of values."""
FROM_PHOTO: Final = ".photo"
"""Ends the name under which a place stands that a photo told."""
TOKEN: Final = "token"
TRAP: Final = "website"
"""A field that nobody sees; programs fill it in."""
AT_ONCE: Final = 4
"""Forms with photos being read at the same time; others wait."""
PENDING_MAX: Final = 24
"""So many may wait."""

Wording = Callable[[State], tuple[Input, tuple[Secret, ...]]]
Standing = str
"""How a form stands: `waiting`, `working`, `done`."""


class House(Protocol):
    """What forms need of the engine."""

    def now(self) -> float:
        """Return UTC seconds."""

    def state(self) -> State:
        """Return the state."""

    async def tell(self, word: Wording) -> None:
        """Have an input decided; return once that is kept. Raises Refused, also when nothing can be kept just now."""

    async def kept(self, owner: str) -> Mapping[str, str]:
        """Return kind to value of what the vault keeps. Raises Refused."""


class Work(Protocol):
    """The process pool."""

    async def __call__(self, work: Callable[..., Any], /, *arguments: Any) -> Any:
        """Return what `work` returns, from another process."""


class Known(Struct, frozen=True):
    """Whom a number is, and what is kept so that it can be called."""

    person: str | None = None
    secrets: tuple[Secret, ...] = ()


class Again(Struct, frozen=True):
    """A form that could not be taken as it was, to be shown again with what is to be mended."""

    written: Mapping[str, str]
    mistakes: tuple[Mistake, ...] = ()
    notice: str = ""
    """A word of the house about the whole."""
    token: str = ""
    """Under which it is to be sent again."""


class Sent(Struct, frozen=True):
    """A form that was taken, now or before."""

    token: str


class Forms:
    """Takes forms."""

    def __init__(
        self,
        settings: FormsSettings,
        house: House,
        contents: Contents,
        work: Work,
        seal: Seal,
        person: Callable[[str], str],
        number: Callable[[str], Known],
        reference: Callable[[str], str],
        found_by: Callable[[str], str],
    ) -> None:
        """`person` returns whose address something is, `number` whose number; `reference` the number by which citizens
        know a matter, and `found_by` under which name the vault leads from there to it."""
        self.settings = settings
        self.house = house
        self.contents = contents
        self.reference = reference
        self._work = work
        self._seal = seal
        self._person = person
        self._number = number
        self._found_by = found_by
        self._reading = asyncio.Semaphore(AT_ONCE)
        self._pending = 0
        self.outcomes: Counter[tuple[str, str]] = Counter()
        """Form and `taken`, `again`, or why it was sent back, to how often since the start."""

    # ---- from citizens -------------------------------------------------------------------------------------------

    def token(self, form: Form) -> str:
        """Return the token of a page that is made now."""
        return self._seal.make(form.name, self.house.now())

    async def take(self, form: Form, language: str, body: bytes, boundary: bytes) -> Sent | Again:
        """Take what a browser sent, once. Raises Refused for what no browser sends, and while nothing can be kept."""
        received = await self._read(form, body, boundary)
        token = received.written.get(TOKEN, "")
        sealed = self._seal.read(form.name, token)
        if sealed is not None and await self._known(sealed):
            self.outcomes[form.name, "again"] += 1
            return Sent(token)
        notice = self._objection(sealed, received)
        filled = check(form.fields, received.written)
        mistakes = in_order(form.fields, (*filled.mistakes, *received.taken.mistakes))
        if sealed is None or notice or mistakes:
            self.outcomes[form.name, notice or "mistakes"] += 1
            fresh = sealed is None or notice == "too_late"
            return Again(received.written, mistakes, notice, self.token(form) if fresh else token)
        try:
            await self.file(form, language, filled.values, received.taken.photos, sealed.contact, sealed.mark)
        except Refused as refused:
            if not refused.retryable:
                raise
            self.outcomes[form.name, refused.error_id] += 1
            return Again(received.written, (), "busy", token)
        self.outcomes[form.name, "taken"] += 1
        return Sent(token)

    async def _read(self, form: Form, body: bytes, boundary: bytes) -> Received:
        async with self._turn():
            found: Received = await self._work(reading.read, body, boundary, form.fields)
            return found

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait until photos may be read. Raises Refused when too many wait."""
        if self._pending >= PENDING_MAX:
            raise Refused("too_busy", "too many forms are being read just now", retryable=True)
        self._pending += 1
        try:
            async with self._reading:
                yield
        finally:
            self._pending -= 1

    async def _known(self, sealed: Sealed) -> bool:
        return sealed.contact in self.house.state().contacts or bool(await self.house.kept(sealed.contact))

    def _objection(self, sealed: Sealed | None, received: Received) -> str:
        """Return a word of the house about what speaks against whoever sent it; empty when nothing does."""
        age = self.house.now() - sealed.made if sealed is not None else MOST_S
        if received.written.get(TRAP):
            return "trap"
        return "too_late" if age >= MOST_S else "too_fast" if age < LEAST_S else ""

    async def standing(self, form: Form, token: str) -> tuple[str, Standing]:
        """Return reference number and standing of a form that was sent. Raises Refused when we know of none."""
        sealed = self._seal.read(form.name, token)
        contact = self.house.state().contacts.get(sealed.contact) if sealed is not None else None
        if sealed is not None and contact is not None:
            return self.reference(contact.card.matter), _standing(contact)
        place = (await self.house.kept(sealed.contact)).get("thread") if sealed is not None else None
        if place is None:
            raise Refused("unknown_form", "nothing was sent from that page, or it is not kept any more")
        return self.reference(msgspec.json.decode(place, type=Place).matter), "done"

    # ---- from guides ---------------------------------------------------------------------------------------------

    async def photos(self, form: Form, contact: str, chosen: Mapping[str, Sequence[str]]) -> Photos:
        """Take files of the contact in hand as photos of a form: field to what was uploaded for the contact (`u12…`),
        and to what came with its messages (`2/1`). None is required. Raises Refused."""
        fields = tuple(structs.replace(one, required=False) for one in form.fields if one.kind == "photo")
        names = [asked.name for asked in fields]
        if not chosen.keys() <= set(names):
            raise Refused("bad_request", f"form {form.name} takes photos in: {', '.join(names) or 'no field'}")
        if not any(chosen.values()):
            return Photos()
        async with self._turn():
            files: dict[str, list[bytes]] = {}
            left = BODY_MAX  # as if they had come together, like those of a browser
            for asked in fields:
                files[asked.name] = []
                for one in chosen.get(asked.name, ())[: asked.most + 1]:
                    files[asked.name].append(await self._file(contact, one))
                    left -= len(files[asked.name][-1])
                    if left < 0:
                        raise Refused("body_too_large", f"the photos of a form have at most {BODY_MAX} bytes together")
            found: Photos = await self._work(reading.take, fields, files)
            return found

    async def _file(self, contact: str, one: str) -> bytes:
        """Return a file of a contact. Raises Refused when it is none of its own."""
        message, _, file = one.rpartition("/")
        key = (await self.house.kept(message_id(contact, int(message)))).get("letter", "") if message else one
        data = await self.contents.file(contact, key, file if message else UPLOADED)
        if data is None:
            raise Refused("unknown_attachment", "a photo was neither uploaded for this contact nor came with a message")
        return data

    # ---- becoming a contact ----------------------------------------------------------------------------------------

    async def file(
        self,
        form: Form,
        language: str,
        values: Mapping[str, str],
        photos: Mapping[str, Sequence[Photo]],
        contact: str,
        mark: str,
        by: str = CITIZEN,
        beside: str = "",
    ) -> None:
        """Let sound values become a contact; return once it is kept. `by` is an agent's id when one filled it in, then
        `beside` may name the contact of whose matter it is. Raises Refused."""
        stored = _stored(form, values, photos)
        address = _of_kind(form, values, "mail")
        letter = Letter(
            sender=address,
            subject=form.said(form.title, language),
            text=_text(form, stored, language),
            language=language,
            attachments=tuple(
                Attachment(file=photo.name, name=photo.name, media=photo.media, size=len(photo.data))
                for photo in _all(photos)
            ),
        )
        # It may be there already, from before a crash; then it stays as it is.
        await self.contents.put(contact, LETTER, letter, {photo.name: photo.data for photo in _all(photos)})
        phone = _of_kind(form, values, "phone")
        known = self._number(phone) if phone else Known()
        person = known.person or (self._person(address.lower()) if address else None)
        first, now = message_id(contact, 1), self.house.now()

        def word(state: State) -> tuple[Input, tuple[Secret, ...]]:
            joined = state.contacts.get(beside)
            if beside and joined is None:
                raise Refused("unknown_contact", "there is no such contact now")
            matter = joined.card.matter if joined is not None else ""
            whose = person or (joined.card.person if joined is not None else None)
            said = noted(form.fields, values)
            arrived = Arrived(
                contact=contact,
                channel=CHANNEL,
                entry=entry_of(form.name, language, form.languages[0]),
                person=whose,
                matter=matter,
                written=True,
                mark=mark,
                told=not address,
                speaks=said.language,
                needs=(*(joined.card.needs if joined is not None else ()), *said.needs),
                keep=said.keep,
            )
            place = msgspec.json.encode(Place(matter or contact)).decode()
            secrets = [
                *known.secrets,
                Secret(contact, ANSWERS, msgspec.json.encode(stored).decode()),
                Secret(contact, "thread", place),
                Secret(self._found_by(self.reference(matter or contact)), "thread", contact),
                Secret(first, "text", letter.text),
                Secret(first, "letter", LETTER),
                Secret(first, "by", by_whom(by, now)),
            ]
            if address:
                secrets.append(Secret(contact, "address", address))
            return arrived, tuple(secrets)

        await self.house.tell(word)

    async def forget(self, contact: str, chosen: Mapping[str, Sequence[str]]) -> None:
        """Delete what was uploaded for a form, now that its pictures are kept: of the files nothing else is."""
        for one in {one for some in chosen.values() for one in some if "/" not in one}:
            await self.contents.drop(contact, one)

    def contact(self, form: Form, mark: str) -> str:
        """Return the id of the contact that a form becomes."""
        return contact_of(form.name, mark)


def _standing(contact: Contact) -> Standing:
    return "working" if isinstance(contact, Connected) else "done" if isinstance(contact, WrappingUp) else "waiting"


def _all(photos: Mapping[str, Sequence[Photo]]) -> list[Photo]:
    return [photo for some in photos.values() for photo in some]


def _of_kind(form: Form, values: Mapping[str, str], kind: str) -> str:
    return next((values[one.name] for one in form.fields if one.kind == kind and one.name in values), "")


def in_order(fields: tuple[Field, ...], mistakes: Sequence[Mistake]) -> tuple[Mistake, ...]:
    """Return mistakes in the order in which their fields are read."""
    order = {asked.name: number for number, asked in enumerate(fields)}
    return tuple(sorted(mistakes, key=lambda one: order[one.field]))


def _stored(form: Form, values: Mapping[str, str], photos: Mapping[str, Sequence[Photo]]) -> dict[str, str]:
    """Return what the vault keeps: what is sensitive masked or empty, photos by the names of their files."""
    stored = {one.name: kept(one, values[one.name]) for one in form.fields if one.name in values}
    stored |= {name: ",".join(photo.name for photo in some) for name, some in photos.items() if some}
    places = [photo.place for photo in _all(photos) if photo.place]
    located = [one.name for one in form.fields if one.located]
    return stored | {name + FROM_PHOTO: places[0] for name in located if places}


def shown(form: Form, asked: Field, value: str, language: str) -> str:
    """Return a value as people read it."""
    if asked.kind == "choice":
        return form.said(form.words[asked.name].choices.get(value, {}), language) or value
    return value


def _text(form: Form, stored: Mapping[str, str], language: str) -> str:
    """Return how a form reads as a letter."""
    lines = []
    for asked in form.fields:
        label, value = form.said(form.words[asked.name].label, language), stored.get(asked.name)
        if value is not None and asked.kind != "photo":
            lines.append(f"{label}:\n{shown(form, asked, value, language) or '•••'}")
    return "\n\n".join(lines)
