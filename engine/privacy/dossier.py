"""All that is kept of some contacts, put together: for the person whose they are, or for the city's records system."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from adapters.history.answers import PastContact
from engine.privacy.retention import Places
from router.answers import answers_in
from router.letters import Letter, written_by
from router.outbox import message_id
from router.secondline import remark_id

BLANKS_MAX: Final = 10
"""So many messages in a row of which nothing is kept end a conversation: the house's own stand in no vault."""
INNER: Final = frozenset({"thread", "letter", "by", "chat", "digits", "answers", "draft", "voucher", "unsent"})
"""Kinds of the vault that are no value of a person's by themselves, or are shown otherwise."""


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message of a conversation."""

    number: int
    author: str
    agent: str = ""
    at: float | None = None
    text: str = ""
    letter: Letter | None = None
    files: tuple[str, ...] = ()
    """Where its files lie in the package."""


class Remark(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one of the house wrote for colleagues."""

    number: int
    writer: str = ""
    at: float | None = None
    text: str


class ContactFile(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is kept of a contact."""

    contact: str
    secret: bool = False
    """Its matter is secret, and this package is not for it: values are left out."""
    facts: PastContact | None = None
    """As the history has them; None once they are not kept any more, or when no history is."""
    personal: dict[str, str] = {}
    answers: dict[str, str] = {}
    """Name to what was typed."""
    messages: tuple[Message, ...] = ()
    sounds: tuple[str, ...] = ()
    """Where recordings lie in the package."""
    remarks: tuple[Remark, ...] = ()


class Dossier(Struct, frozen=True, kw_only=True):
    """What a package holds."""

    about: str
    """`person` or `matter`."""
    name: str
    """The matter; of a person a hash."""
    made: float
    """UTC seconds."""
    person: dict[str, str] = {}
    """What is kept of the person apart from contacts."""
    contacts: tuple[ContactFile, ...] = ()


class Collected(Struct):
    """A dossier, and the files that go with it, by their names in the package."""

    dossier: Dossier
    files: dict[str, bytes]


async def contact_file(
    places: Places, contact: str, facts: PastContact | None, files: dict[str, bytes], *, masked: bool
) -> ContactFile:
    """Return all that is kept of a contact; what are files is added to `files`. Raises StoreAway."""
    if masked:
        return ContactFile(contact=contact, secret=True, facts=facts)
    personal = await places.vault.get(contact)
    messages = await _messages(places, contact, files)
    sounds: list[str] = []
    for name in await asyncio.to_thread(places.recordings.lengths, contact):
        sound = await asyncio.to_thread(places.recordings.sound, contact, name)
        if sound is not None:
            files[_place(contact, "sounds", f"{name}.wav")] = sound
            sounds.append(_place(contact, "sounds", f"{name}.wav"))
    for tape in await asyncio.to_thread(places.tapes.of, contact):
        sound = await asyncio.to_thread(places.tapes.sound, contact, tape.recording)
        if sound is not None:
            files[_place(contact, "talk", f"{tape.recording}.wav")] = sound
            sounds.append(_place(contact, "talk", f"{tape.recording}.wav"))
    return ContactFile(
        contact=contact,
        facts=facts,
        personal={kind: value for kind, value in personal.items() if kind not in INNER},
        answers=answers_in(personal),
        messages=tuple(messages),
        sounds=tuple(sounds),
        remarks=tuple(await _remarks(places, contact)),
    )


async def _messages(places: Places, contact: str, files: dict[str, bytes]) -> Sequence[Message]:
    found: list[Message] = []
    number = blanks = 0
    while blanks < BLANKS_MAX:
        number += 1
        kept = await places.vault.get(message_id(contact, number))
        if not kept:
            blanks += 1
            continue
        blanks = 0
        found.append(await _message(places, contact, number, kept, files))
    return found


async def _remarks(places: Places, contact: str) -> Sequence[Remark]:
    found: list[Remark] = []
    number = blanks = 0
    while blanks < BLANKS_MAX:
        number += 1
        kept = await places.vault.get(remark_id(contact, number))
        blanks = 0 if "remark" in kept else blanks + 1
        if "remark" in kept:
            _, writer, at = written_by(kept.get("by", ""))
            found.append(Remark(number=number, writer=writer, at=at, text=kept["remark"]))
    return found


async def _message(
    places: Places, contact: str, number: int, kept: Mapping[str, str], files: dict[str, bytes]
) -> Message:
    author, agent, at = written_by(kept.get("by", ""))
    key = kept.get("letter", "")
    letter = await places.contents.letter(contact, key) if key else None
    named: list[str] = []
    if key:
        for file in await asyncio.to_thread(places.contents.files, contact, key):
            data = await places.contents.file(contact, key, file)
            if data is not None:
                place = _place(contact, f"{number:04}", _named(file, letter))
                files[place] = data
                named.append(place)
    text = (letter.text if letter is not None else "") or kept.get("text", "")
    return Message(
        number=number, author=author, agent=agent, at=at, text=text, letter=letter, files=tuple(sorted(named))
    )


def _named(file: str, letter: Letter | None) -> str:
    """Return under which name a file of a letter goes into the package: its own, made safe, behind ours."""
    own = next((one.name for one in letter.attachments if one.file == file), "") if letter is not None else ""
    return f"{file}-{_safe(own)}" if own else _safe(file)


def _place(contact: str, folder: str, name: str) -> str:
    return f"contacts/{_safe(contact)}/{folder}/{_safe(name)}"


def _safe(name: str) -> str:
    """Return a name that is no way elsewhere on any system.

    >>> _safe("../a b?.pdf")
    '_a b_.pdf'
    """
    kept = "".join(one if one.isalnum() or one in " ._-" else "_" for one in name)
    return kept.lstrip(". ")[:150].rstrip(". ") or "_"
