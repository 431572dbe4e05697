"""HTML of strangers, made harmless: no scripts, no forms, no styles, nothing fetched from anywhere."""

import html
import re
from typing import Final

import nh3
from msgspec import Struct

HTML_MAX: Final = 2 * 1024 * 1024
"""Characters; the rest is not shown, and stays in the original."""

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
_BREAKS: Final = re.compile(r"<\s*(?:br|/p|/div|/tr|/li|/h[1-6]|/blockquote)\b[^>]*>", re.IGNORECASE)
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
        if tag == "a" and value.strip().lower().startswith("cid:"):
            return None
        return value

    clean = nh3.clean(
        written[:HTML_MAX],
        tags=set(TAGS),
        attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
        attribute_filter=permit,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return Harmless(clean, blocked)


def as_text(written: str) -> str:
    """Return HTML as plain text."""
    broken = _BREAKS.sub("\n", written[:HTML_MAX])
    bare = html.unescape(nh3.clean(broken, tags=set(), attributes={}))
    lines = (_SPACES.sub(" ", line).strip() for line in bare.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
