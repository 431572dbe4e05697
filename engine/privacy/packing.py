"""A dossier as a ZIP: data for programs, a page for people, files as they are, and a manifest that vouches for each.

The same dossier makes the same bytes, so that whoever gets it twice can tell.
"""

import hashlib
import html
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from engine.privacy.dossier import Collected, ContactFile, Dossier, Message

FORMAT: Final = "vaxel-package-1"
MANIFEST: Final = "manifest.json"
SUMS: Final = "sha256sums.txt"
PAGE: Final = "index.html"
DATA: Final = "dossier.json"
EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a ZIP can name; times of files say nothing here."""

WORDS: Final[dict[str, dict[str, str]]] = {
    "sv": {
        "person": "Uppgifter om en person", "matter": "Ärende", "made": "Framställd", "contact": "Kontakt",
        "began": "Började", "channel": "Kanal", "queue": "Kö", "outcome": "Avslut", "personal": "Personuppgifter",
        "answers": "Svar", "messages": "Meddelanden", "files": "Filer", "secret": "Sekretess: uppgifter utelämnade.",
        "citizen": "Medborgaren", "agent": "Kommunen", "house": "Kommunen (automatiskt)",
        "number": "Nummer", "name": "Namn", "address": "Adress",
    },
    "en": {
        "person": "What is kept of a person", "matter": "Matter", "made": "Made", "contact": "Contact",
        "began": "Began", "channel": "Channel", "queue": "Queue", "outcome": "Outcome", "personal": "Personal values",
        "answers": "Answers", "messages": "Messages", "files": "Files", "secret": "Secret: the values are left out.",
        "citizen": "The citizen", "agent": "The city", "house": "The city (automatic)",
        "number": "Number", "name": "Name", "address": "Address",
    },
    "fi": {
        "person": "Henkilöstä tallennetut tiedot", "matter": "Asia", "made": "Laadittu", "contact": "Yhteydenotto",
        "began": "Alkoi", "channel": "Kanava", "queue": "Jono", "outcome": "Päättyi", "personal": "Henkilötiedot",
        "answers": "Vastaukset", "messages": "Viestit", "files": "Tiedostot", "secret": "Salainen: tiedot puuttuvat.",
        "citizen": "Asukas", "agent": "Kaupunki", "house": "Kaupunki (automaattinen)",
        "number": "Numero", "name": "Nimi", "address": "Osoite",
    },
}  # fmt: skip


class FileEntry(Struct, frozen=True):
    """A file of the package."""

    name: str
    bytes: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """What the package is, and what belongs to it."""

    format: str
    about: str
    name: str
    made: float
    city: str
    contacts: tuple[str, ...]
    files: tuple[FileEntry, ...]


def pack(collected: Collected, city: str, language: str) -> bytes:
    """Return the ZIP. It takes long, for large files."""
    dossier = collected.dossier
    files = dict(collected.files)
    for contact in dossier.contacts:
        for message in contact.messages:
            files[_text_place(contact, message)] = message.text.encode()
    files[DATA] = msgspec.json.format(msgspec.json.encode(dossier))
    files[PAGE] = "".join(_page(dossier, city, language)).encode()
    entries = tuple(
        FileEntry(name, len(data), hashlib.sha256(data).hexdigest()) for name, data in sorted(files.items())
    )
    manifest = Manifest(
        format=FORMAT,
        about=dossier.about,
        name=dossier.name,
        made=dossier.made,
        city=city,
        contacts=tuple(one.contact for one in dossier.contacts),
        files=entries,
    )
    files[MANIFEST] = msgspec.json.format(msgspec.json.encode(manifest))
    files[SUMS] = "".join(f"{one.sha256}  {one.name}\n" for one in entries).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name in (MANIFEST, SUMS, *(one.name for one in entries)):
            package.writestr(zipfile.ZipInfo(name, EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _text_place(contact: ContactFile, message: Message) -> str:
    return f"contacts/{contact.contact}/{message.number:04}.txt"


# ---- the page --------------------------------------------------------------------------------------------------


def _page(dossier: Dossier, city: str, language: str) -> Iterator[str]:
    words = WORDS.get(language, WORDS["en"])
    title = html.escape(f"{words[dossier.about]}, {city}")
    yield f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8"><title>{title}</title>'
    yield "<style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
    yield "dt{font-weight:bold}pre{white-space:pre-wrap;background:#f4f4f4;padding:.5em}</style>"
    yield f"<h1>{title}</h1><p>{html.escape(dossier.name)}. {words['made']}: {_time(dossier.made)}</p>"
    yield from _values(words["personal"], _titled(dossier.person, words))
    for contact in dossier.contacts:
        yield from _contact(contact, words)
    yield "</html>\n"


def _contact(contact: ContactFile, words: dict[str, str]) -> Iterator[str]:
    yield f"<h2>{words['contact']} {html.escape(contact.contact)}</h2>"
    facts = contact.facts
    if facts is not None:
        shown = {
            words["began"]: _time(facts.began),
            words["channel"]: facts.channel,
            words["queue"]: facts.queue,
            words["outcome"]: facts.outcome,
        }
        yield from _values("", shown)
    if contact.secret:
        yield f"<p>{words['secret']}</p>"
    yield from _values(words["personal"], _titled(contact.personal, words))
    yield from _values(words["answers"], contact.answers)
    if contact.messages:
        yield f"<h3>{words['messages']}</h3>"
    for message in contact.messages:
        at = f", {_time(message.at)}" if message.at is not None else ""
        yield f"<h4>{message.number}. {words.get(message.author, message.author)}{at}</h4>"
        yield f"<pre>{html.escape(message.text)}</pre>"
        yield from _files(message.files, words)
    yield from _files(contact.sounds, words)


def _titled(values: dict[str, str], words: dict[str, str]) -> dict[str, str]:
    return {words.get(kind, kind): value for kind, value in values.items()}


def _values(title: str, values: dict[str, str]) -> Iterator[str]:
    if values:
        rows = "".join(f"<dt>{html.escape(name)}<dd>{html.escape(value)}" for name, value in values.items())
        yield f"{f'<h3>{title}</h3>' if title else ''}<dl>{rows}</dl>"


def _files(names: tuple[str, ...], words: dict[str, str]) -> Iterator[str]:
    if names:
        items = "".join(f'<li><a href="{html.escape(name)}" download>{html.escape(name)}</a>' for name in names)
        yield f"<p>{words['files']}:</p><ul>{items}</ul>"


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
