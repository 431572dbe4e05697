"""The look of pages for citizens: plain HTML on any screen, that is read out well.

    page("en", "Be called back", main, other=links)

Pages hold no cookies and load nothing; what they need is in them, scripts too (web/parts; docs/public-pages.md), and
all that somebody may want at home works without these. Texts are in Swedish, English, Finnish and Arabic.
"""

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from router.api import Content
from router.inputs import Refused

LANGUAGES: Final[Mapping[str, str]] = {"sv": "Svenska", "en": "English", "fi": "Suomi", "ar": "العربية"}
"""Language to what it calls itself."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})
FORM: Final = "application/x-www-form-urlencoded"
HTML: Final = "text/html; charset=utf-8"
FIELDS_MAX: Final = 20
STYLE: Final = """\
:root { color-scheme: light dark; background: Canvas; color: CanvasText; --link: #00507a; }
:root { font: 1.125rem/1.6 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --link: #8fd0ff; } }
a { color: var(--link); text-underline-offset: .2em; }
body { max-width: 38rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.3; }
nav ul { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; list-style: none; padding: 0; }
nav a { display: inline-block; padding: .25rem 0; }
fieldset { border: 1px solid; padding: .5rem 1rem 1rem; margin: 1.5rem 0; }
legend { font-weight: 600; padding: 0 .25rem; }
label.choice { display: block; padding: .5rem 0; }
input[type=radio] { width: 1.5rem; height: 1.5rem; vertical-align: middle; margin-inline: 0 .75rem; margin-block: 0; }
input[type=tel] { font: inherit; width: 100%; max-width: 20rem; padding: .5rem; box-sizing: border-box; }
button { font: inherit; min-height: 2.75rem; padding: .5rem 1.25rem; margin-block: .5rem; margin-inline: 0 .75rem; }
:focus-visible { outline: 3px solid; outline-offset: 3px; }
.error { border: 3px solid; padding: .5rem 1rem; margin: 1rem 0; font-weight: 600; }
.big { font-size: 2.5rem; font-weight: 700; margin: .5rem 0; }
#away:not(:empty) { border: 2px solid; padding: .5rem 1rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
"""
PARTS: Final = Path(__file__).with_name("parts")
AGAIN: Final = "again"
"""The part that keeps a page up to date by itself."""
POLICY: Final = (
    "default-src 'none'; style-src {style}; {script}form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SCRIPTED: Final = "script-src {script}; connect-src 'self'; img-src 'self'; "
REFERRER: Final = "same-origin"
"""Who sends no referrer at all sends forms without an origin, and such are not taken (`web.signin.check_origin`)."""
DAYS: Final[Mapping[str, tuple[str, ...]]] = {
    "sv": ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fi": ("maanantaina", "tiistaina", "keskiviikkona", "torstaina", "perjantaina", "lauantaina", "sunnuntaina"),
    "ar": ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد"),
}
MOMENT: Final[Mapping[str, str]] = {
    "sv": "{day} {at:%d}/{month} klockan {at:%H.%M}",
    "en": "{day} {at:%d}/{month} at {at:%H:%M}",
    "fi": "{day} {at:%d}.{month}. kello {at:%H.%M}",
    "ar": "{day} {at:%d}/{month} الساعة {at:%H:%M}",
}

CLOCK: Final[Mapping[str, str]] = {
    "sv": "klockan {at:%H.%M}", "en": "at {at:%H:%M}", "fi": "kello {at:%H.%M}", "ar": "الساعة {at:%H:%M}",
}  # fmt: skip
AWAY: Final[Mapping[str, str]] = {
    "sv": "Förbindelsen är borta. Sidan fortsätter av sig själv.",
    "en": "The connection is lost. This page goes on by itself.",
    "fi": "Yhteys on poikki. Sivu jatkaa itsestään.",
    "ar": "انقطع الاتصال. ستتابع هذه الصفحة من تلقاء نفسها.",
}
"""What is shown while Vaxel does not answer a page that looks again."""

Link = tuple[str, str]
"""An address, and what is shown of it."""


class Worn(Struct, frozen=True):
    """What a page wears of web/parts."""

    style: str
    script: str
    policy: str


def spoken(asked: str, house: str) -> str:
    """Return the language of a page: what is asked for, or the house's, or English."""
    return next((one for one in (asked, house) if one in LANGUAGES), "en")


def direction_of(language: str) -> str:
    """Return in which direction a language is written, as HTML says it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def clock(at: datetime, language: str) -> str:
    """Return a time of day in words."""
    return CLOCK[language].format(at=at)


def moment(at: datetime, language: str) -> str:
    """Return a local time in words."""
    day = DAYS[language][at.weekday()]
    return MOMENT[language].format(day=day, at=at, month=at.month)


def text(value: str) -> str:
    """Return a text as it stands in HTML."""
    return html.escape(value)


@cache
def worn(parts: tuple[str, ...]) -> Worn:
    """Return styles and scripts of some parts, each in one piece, and the policy that lets these alone be used."""
    style = STYLE + "".join(_read(f"{part}.css") for part in parts)
    scripts = "".join(_read(f"{part}.js") for part in parts)
    allowed = SCRIPTED.format(script=_hash(scripts)) if scripts else ""
    return Worn(style, scripts, POLICY.format(style=_hash(style), script=allowed))


def _read(name: str) -> str:
    file = PARTS / name
    return file.read_text() if file.exists() else ""


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def page(
    language: str,
    title: str,
    main: Iterable[str],
    *,
    other: Iterable[tuple[str, str]] = (),
    refresh: int = 0,
    failed: str = "",
    parts: tuple[str, ...] = (),
    told: object = None,
    head: str = "",
) -> Content:
    """Return a page. `main` is HTML; `other` are languages with the address of the page in them.

    Every `refresh` seconds it looks again by itself; `failed` says what was wrong, and stands first. `parts` are files
    of web/parts that it wears, `told` is what their scripts are told. `head` is shown in the browser's tab when it is
    not the title.
    """
    wears = worn((*parts, AGAIN) if refresh else parts)
    again = f'<noscript><meta http-equiv="refresh" content="{refresh}"></noscript>' if refresh else ""
    alert = f'<p class="error" role="alert" id="wrong">{text(failed)}</p>' if failed else ""
    away = f'<p id="away" role="status" data-words="{text(AWAY[language])}"></p>' if wears.script else ""
    links = "".join(
        f'<li><a href="{text(address)}" lang="{one}" hreflang="{one}">{LANGUAGES[one]}</a></li>'
        for one, address in other
    )
    nav = f'<nav aria-label="Språk, language, kieli, لغة"><ul>{links}</ul></nav>' if links else ""
    whole = f"""\
<!doctype html>
<html lang="{language}" dir="{direction_of(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="referrer" content="{REFERRER}">{again}
<title>{"! " if failed else ""}{text(head or title)}</title>
<style>{wears.style}</style>
</head>
<body>
{nav}
<main{f' data-again="{refresh}"' if refresh else ""}>
<h1>{text(title)}</h1>
{alert}
{chr(10).join(main)}
</main>
{away}
{_scripts(wears.script, told)}
</body>
</html>
"""
    return Content(HTML, whole.encode(), wears.policy)


def _scripts(script: str, told: object) -> str:
    """Return what a page's scripts are told, as data that nobody runs, and these."""
    if not script:
        return ""
    data = msgspec.json.encode(told).decode().replace("<", "\\u003c")
    return f'<script type="application/json" id="told">{data}</script>\n<script>{script}</script>'


def form(action: str, inside: Iterable[str], hidden: Mapping[str, str]) -> str:
    """Return a form that is sent to `action`, which is told the page's language; `inside` is HTML."""
    spoken = f"?language={hidden['language']}" if "language" in hidden else ""
    kept = "".join(f'<input type="hidden" name="{text(name)}" value="{text(value)}">' for name, value in hidden.items())
    return f'<form method="post" action="{text(action + spoken)}">{kept}{"".join(inside)}</form>'


def button(label: str, name: str = "", value: str = "") -> str:
    """Return a button that sends a form, with a value if it has a name."""
    named = f' name="{text(name)}" value="{text(value)}"' if name else ""
    return f'<button type="submit"{named}>{text(label)}</button>'


def choice(legend: str, name: str, options: Iterable[Link], chosen: str) -> str:
    """Return a choice of one among values, each with what is shown of it."""
    shown = "".join(
        f'<label class="choice"><input type="radio" name="{text(name)}" value="{text(value)}"'
        f"{' checked' if value == chosen else ''}>{text(label)}</label>"
        for value, label in options
    )
    return f"<fieldset><legend>{text(legend)}</legend>{shown}</fieldset>"


def fields(body: bytes) -> dict[str, str]:
    """Return what a form sent. Raises Refused."""
    try:
        found = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict")
    except (UnicodeDecodeError, ValueError):
        raise Refused("bad_request", "this is no form") from None
    return dict(found)
