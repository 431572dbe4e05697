"""HTML of strangers, made harmless: no scripts, no forms, no styles, nothing fetched from anywhere."""

import html
import itertools
import re
from typing import Final

import nh3
from msgspec import Struct

HTML_MAX: Final = 2 * 1024 * 1024
"""Characters; the rest is not shown, and stays in the original."""
TAGS_MAX: Final = 20_000
"""Likewise. Elements within elements cost the parser the square of their number."""

TAGS: Final = frozenset(
    {
        *("a", "abbr", "b", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup", "dd", "del"),
        *("div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "kbd", "li"),
        *("ol", "p", "pre", "q", "s", "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td"),
        *("tfoot", "th", "thead", "tr", "tt", "u", "ul"),
    }
)
ATTRIBUTES: Final = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align", "scope"},
    "ol": {"start"},
}
SCHEMES: Final = {"http", "https", "mailto", "tel", "cid"}
# Where `>` may be missing, a tag is taken up to the end: text without any is read once, not once for each `<`.
_BREAKS: Final = re.compile(r"<\s*(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^>]*>?", re.IGNORECASE)
_FORMATTING: Final = re.compile(
    r"<(b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)(?=[\s/>])[^>]*>?", re.IGNORECASE
)
_LEADS_OUT: Final = re.compile(r"\s*(?:https?|mailto|tel):", re.IGNORECASE)
_OPENING: Final = re.compile(r"<[a-z]", re.IGNORECASE)
_SPACES: Final = re.compile(r"[ \t\r\f\v\u00a0]+")


class Harmless(Struct, frozen=True):
    """HTML that may be shown."""

    html: str
    blocked: int
    """Pictures from elsewhere that were taken out: fetching one tells its owner that and where the mail is read."""


def sanitise(written: str) -> Harmless:
    """Return what of a stranger's HTML may be shown."""
    blocked = 0

    def permit(tag: str, attribute: str, value: str) -> str | None:
        nonlocal blocked
        if tag == "img" and attribute == "src" and not value.strip().lower().startswith("cid:"):
            blocked += 1
            return None
        if tag == "a" and attribute == "href" and not _LEADS_OUT.match(value):
            # Without a scheme it would lead to whatever serves the page: a mail knows no such place.
            return None
        return value

    clean = nh3.clean(
        _bounded(written),
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=permit,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
    return Harmless(clean, blocked)


def as_text(written: str) -> str:
    """Return HTML as plain text."""
    broken = _BREAKS.sub("\n", _bounded(written))
    bare = html.unescape(nh3.clean(broken, tags=set(), attributes={}))
    lines = (_SPACES.sub(" ", line).strip() for line in bare.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _bounded(written: str) -> str:
    """Return HTML that a parser gets through in little time and memory, whatever a stranger wrote.

    Parsers put formatting that was left open into each paragraph anew, once for each set of attributes (HTML, section
    13.2.4.3): of these, 100 kB would become gigabytes. Without attributes there are at most three of each.
    """
    begun = written[:HTML_MAX]
    beyond = next(itertools.islice(_OPENING.finditer(begun), TAGS_MAX, None), None)
    return _FORMATTING.sub(r"<\1>", begun if beyond is None else begun[: beyond.start()])
