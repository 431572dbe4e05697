"""How a city's directory is set up; `directory.yaml` changes what it likes."""

from datetime import date
from typing import Final, Literal

from msgspec import Struct, field

from queues.hours import Span

HOUR: Final = 3600.0


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why somebody is away."""

    words: dict[str, str]
    """Language to what is said after "is": `på lunch`, `at lunch`."""
    digit: str = ""
    """Stands for the reason when it is told by telephone."""
    private: bool = False
    """Callers hear only that the person is away: illness and family are nobody's business."""
    lasts: float | Literal["day"] | None = None
    """Seconds until the end when none is named; `day` for the rest of the day, None until further notice."""
    reachable: bool = False
    """Works elsewhere: calls go to the mobile phone."""


STANDARD: Final[dict[str, Reason]] = {
    "lunch": Reason(words={"sv": "på lunch", "en": "at lunch", "fi": "lounaalla"}, digit="1", lasts=HOUR),
    "meeting": Reason(words={"sv": "i möte", "en": "in a meeting", "fi": "kokouksessa"}, digit="2", lasts=HOUR),
    "out": Reason(
        words={"sv": "tillfälligt ute", "en": "out for a moment", "fi": "hetken poissa"}, digit="3", lasts=HOUR
    ),
    "gone": Reason(
        words={"sv": "gått för dagen", "en": "gone for the day", "fi": "lähtenyt tältä päivältä"},
        digit="4",
        lasts="day",
    ),
    "trip": Reason(words={"sv": "på tjänsteresa", "en": "on a business trip", "fi": "työmatkalla"}, digit="5"),
    "course": Reason(words={"sv": "på kurs", "en": "on a course", "fi": "koulutuksessa"}, digit="6", lasts="day"),
    "holiday": Reason(words={"sv": "på semester", "en": "on holiday", "fi": "lomalla"}, digit="7"),
    "ill": Reason(words={"sv": "sjuk", "en": "ill", "fi": "sairaana"}, digit="8", private=True, lasts="day"),
    "off": Reason(words={"sv": "ledig", "en": "off duty", "fi": "vapaalla"}, digit="9", lasts="day"),
    "elsewhere": Reason(
        words={"sv": "på annan plats", "en": "working elsewhere", "fi": "muualla töissä"},
        digit="0",
        lasts="day",
        reachable=True,
    ),
    "child_ill": Reason(
        words={"sv": "hemma med sjukt barn", "en": "at home with a sick child", "fi": "hoitamassa sairasta lasta"},
        private=True,
        lasts="day",
    ),
    "parental_leave": Reason(
        words={"sv": "föräldraledig", "en": "on parental leave", "fi": "vanhempainvapaalla"}, private=True
    ),
    "leave": Reason(words={"sv": "tjänstledig", "en": "on leave", "fi": "virkavapaalla"}),
}
"""What a Swedish switchboard offers, with its usual digits."""

AWAY: Final = Reason(words={"sv": "inte på plats", "en": "not available", "fi": "ei paikalla"})
"""What callers hear of a private reason, or of one that the configuration does not know any more."""


class DirectorySettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the directory."""

    country: str = "SE"
    """ISO 3166 code of numbers written without their country."""
    extension_digits: tuple[int, int] = (3, 5)
    """An extension has from so many to so many digits."""
    extension_prefix: str = ""
    """What stands before an extension in its full number, such as `+464034`; empty when extensions have none."""
    reasons: dict[str, Reason] = field(default_factory=lambda: dict(STANDARD))
    synonyms: tuple[tuple[str, ...], ...] = ()
    """Groups of words of which one finds what another names."""
    special_days: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    """Days on which fewer are at work: nobody outside these times."""
    first: str = ""
    """A CSV file that is read while the directory is empty."""
