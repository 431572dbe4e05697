"""A page to try a chat with, in one file; the citizen's own page is another matter (desk/)."""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from adapters.chat.settings import Page

TEMPLATE: Final = Path(__file__).with_name("page.html")
SCRIPT: Final = Path(__file__).with_name("embed.js")
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {
        "write": "Skriv här", "send": "Skicka", "save": "Spara samtalet", "leave": "Avsluta", "citizen": "Du",
        "agent": "Medarbetare", "house": "Vaxel", "asked": "", "waiting": "Du står i kö.",
        "offered": "En medarbetare är på väg.", "connected": "En medarbetare läser.", "ended": "Chatten är avslutad.",
        "typing": "Medarbetaren skriver …", "away": "Förbindelsen bröts. Vi försöker igen.",
        "place": "Du är nummer {number}.",
    },
    "en": {
        "write": "Write here", "send": "Send", "save": "Save the conversation", "leave": "End", "citizen": "You",
        "agent": "Agent", "house": "Vaxel", "asked": "", "waiting": "You are in line.",
        "offered": "Somebody is on the way.", "connected": "Somebody is reading.", "ended": "This chat has ended.",
        "typing": "The agent is writing …", "away": "The connection was lost. We try again.",
        "place": "You are number {number}.",
    },
    "fi": {
        "write": "Kirjoita tähän", "send": "Lähetä", "save": "Tallenna keskustelu", "leave": "Lopeta",
        "citizen": "Sinä", "agent": "Työntekijä", "house": "Vaxel", "asked": "", "waiting": "Olet jonossa.",
        "offered": "Työntekijä on tulossa.", "connected": "Työntekijä lukee.", "ended": "Keskustelu on päättynyt.",
        "typing": "Työntekijä kirjoittaa …", "away": "Yhteys katkesi. Yritämme uudelleen.",
        "place": "Olet numero {number}.",
    },
    "ar": {
        "write": "اكتب هنا", "send": "إرسال", "save": "احفظ المحادثة", "leave": "إنهاء", "citizen": "أنت",
        "agent": "الموظف", "house": "Vaxel", "asked": "", "waiting": "أنت في قائمة الانتظار.",
        "offered": "سينضم إليك موظف قريبا.", "connected": "الموظف يقرأ.", "ended": "انتهت المحادثة.",
        "typing": "الموظف يكتب …", "away": "انقطع الاتصال. نحاول مجددا.",
        "place": "ترتيبك {number}.",
    },
}  # fmt: skip
BUTTON: Final[Mapping[str, Mapping[str, str]]] = {
    "sv": {"open": "Chatta med oss", "close": "Stäng", "back": "Tillbaka till chatten", "news": "Nytt meddelande"},
    "en": {"open": "Chat with us", "close": "Close", "back": "Back to the chat", "news": "New message"},
    "fi": {"open": "Avaa chat", "close": "Sulje", "back": "Takaisin chattiin", "news": "Uusi viesti"},
    "ar": {"open": "تحدث معنا", "close": "إغلاق", "back": "العودة إلى المحادثة", "news": "رسالة جديدة"},
}
"""What stands on the button that other sites have."""
FIELDS: Final = ("write", "send", "save", "leave")
RIGHT_TO_LEFT: Final = frozenset({"ar"})


def render(page: Page, language: str) -> tuple[bytes, str]:
    """Return the page and the policy under which it is shown (CSP level 3)."""
    spoken = language if language in page.languages else page.languages[0]
    words = WORDS.get(spoken, WORDS["en"])
    values = {name: html.escape(words[name]) for name in FIELDS}
    values |= {"title": html.escape(page.title or "Vaxel"), "language": html.escape(spoken)}
    values["direction"] = "rtl" if spoken in RIGHT_TO_LEFT else "ltr"
    # A flow may go on in another language of the page.
    others = {one: WORDS[one] for one in page.languages if one in WORDS}
    told = {"own": spoken, "rtl": sorted(RIGHT_TO_LEFT), "of": {**others, spoken: words}}
    values["words"] = _inline(told)
    text = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), _read(TEMPLATE))
    style, script = (_hash(text, tag) for tag in ("style", "script"))
    sites = " ".join(page.embedded_by) or "'none'"
    policy = (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; connect-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors {sites}"
    )
    return text.encode(), policy


def embedding(name: str, page: Page) -> bytes:
    """Return the script that puts a button for the page `name` on another site, and the chat in a frame there."""
    own = page.languages[0]
    words = {one: BUTTON.get(one, BUTTON["en"]) for one in page.languages}
    told = {
        "page": name,
        "title": page.title or "Vaxel",
        "sites": page.embedded_by,
        "own": own,
        "rtl": sorted(RIGHT_TO_LEFT),
        "of": words,
    }
    return _read(SCRIPT).replace("{told}", _inline(told), 1).encode()


def _inline(value: object) -> str:
    """Return JSON that may stand within a script."""
    return json.dumps(value).replace("<", "\\u003c")


@cache
def _read(file: Path) -> str:
    return file.read_text()


def _hash(text: str, tag: str) -> str:
    inside = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
    return "sha256-" + base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
