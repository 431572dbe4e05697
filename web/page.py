"""The page at /: what this is, and where to look."""

import html
from typing import Final

from msgspec import Struct

LANGUAGES: Final = ("sv", "en")

STYLE: Final = """\
:root { color-scheme: light dark; font: 1.125rem/1.6 system-ui, sans-serif; }
body { max-width: 36rem; margin: 12vh auto; padding: 0 1.5rem; }
h1 { font-weight: 600; margin-bottom: 0; }
a { color: LinkText; }
a:focus-visible { outline: 3px solid; outline-offset: 3px; }
li { margin: .5rem 0; }
"""


class Words(Struct, frozen=True):
    """The page's sentences in one language."""

    what: str
    ready: str
    not_ready: str
    health: str
    metrics: str
    api: str


WORDS: Final = {
    "sv": Words(
        what="Här arbetar Vaxel, stadens växel och kontaktcenter. Sidan är till för dig som sköter driften.",
        ready="Allt är igång.",
        not_ready="Allt är inte igång än.",
        health="Hur delarna mår",
        metrics="Mätvärden för Prometheus",
        api="API:t, för program",
    ),
    "en": Words(
        what="This is Vaxel, the city's switchboard and contact centre. The page is for those who operate it.",
        ready="Everything is running.",
        not_ready="Not everything is running yet.",
        health="How the parts are doing",
        metrics="Metrics for Prometheus",
        api="The API, for programs",
    ),
}


def front(language: str, city: str, *, ready: bool) -> str:
    """Return the page as HTML, in one of `LANGUAGES`."""
    words = WORDS[language]
    name = html.escape(f"Vaxel, {city}" if city else "Vaxel")
    return f"""\
<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{name}</h1>
<p>{html.escape(words.what)}</p>
<p><strong>{html.escape(words.ready if ready else words.not_ready)}</strong></p>
<ul>
<li><a href="/health/ready">{html.escape(words.health)}</a></li>
<li><a href="/metrics">{html.escape(words.metrics)}</a></li>
<li><a href="/api">{html.escape(words.api)}</a></li>
</ul>
</main>
</body>
</html>
"""
