"""What is asked of the history, and what it answers. No database is named here: the engine loads none."""

from datetime import date
from typing import Final, Literal

from msgspec import Struct

from metrics.formulas import Values

Dimension = Literal["channel", "queue", "language", "need", "entry"]
DIMENSIONS: Final[tuple[Dimension, ...]] = ("channel", "queue", "language", "need", "entry")


class Question(Struct, frozen=True, kw_only=True):
    """Which days, and of which contacts. What is left empty holds nothing back."""

    first: date
    last: date
    """Included."""
    channel: str = ""
    queue: str = ""
    language: str = ""
    need: str = ""
    entry: str = ""


class Counts(Struct, frozen=True, kw_only=True):
    """Numbers that the figures are shares of; the words are those of docs/history.md."""

    arrived: int
    answered: int
    in_target: int
    abandoned: int
    short_abandoned: int
    lost: int
    turned_away: dict[str, int]
    """By obstacle."""
    resumed: int
    withdrawn: int
    handled: int
    handed_on: int
    ended: int
    reached: int
    helped: int
    described: int
    avoidable: int
    gaps: int
    callbacks_promised: int
    callbacks_kept: int
    messages_in: int
    messages_out: int


class Line(Struct, frozen=True):
    """One row of a report."""

    name: str
    counts: Counts
    figures: dict[str, Values]
    """Figure to formula to value; seconds, shares from 0 to 1, or means. Null where there is nothing to tell of."""


class Hour(Struct, frozen=True):
    """An hour of a single day, local time."""

    hour: int
    arrived: int
    answered: int
    """Of those who asked in that hour, like the rest."""
    in_target: int
    abandoned: int


class Subject(Struct, frozen=True):
    """What contacts were about, as agents said it."""

    reason: str
    contacts: int
    avoidable: int
    gaps: dict[str, int]


class CrisisPeriod(Struct, frozen=True, kw_only=True):
    """A crisis that was in these days; the words are those of the table `crises` in docs/history.md."""

    id: str
    plan: str
    began: float
    ended: float | None
    """None while it runs."""
    queues: tuple[str, ...]
    """Before which it stood; before everything when there is none."""
    triage: str
    places: tuple[str, ...]
    callback_only: bool
    announcements: int
    helpers: int
    told: int
    left: int
    called_back: int
    triaged: int
    visitors: int


SurveyDimension = Literal["channel", "queue", "language"]
FEW: Final = 5
"""Of fewer answers nothing is told: somebody could guess whose they are."""


class SurveyLine(Struct, frozen=True):
    """What those answered who were asked how it was. Never of an agent."""

    name: str
    scale: int
    """5 for answers from 1 to 5, 2 for yes and no."""
    asked: int
    answered: int | None
    """Null, as what follows, when they are too few, or would tell of others who are."""
    share: float | None
    """Of those who were asked."""
    mean: float | None
    """Of the answers; of yes and no the share that said yes."""


class Surveys(Struct, frozen=True):
    """The question how it was, by the days on which it was asked."""

    whole: tuple[SurveyLine, ...] = ()
    """One for each scale."""
    by: dict[SurveyDimension, tuple[SurveyLine, ...]] = {}


class Report(Struct, frozen=True, kw_only=True):
    """What `vaxel report` prints and `GET /report` answers."""

    first: str
    last: str
    through: float
    """Time of the last fact in the history: what happened later is not in it yet."""
    whole: Line
    by: dict[Dimension, tuple[Line, ...]]
    """The contacts that asked for something; who needs two things is in both lines."""
    occupancy: Values
    """Of all agents, whatever the report is held to."""
    agents: dict[str, float]
    """State to the seconds that agents spent in it."""
    hours: tuple[Hour, ...] = ()
    """Of a report of one day."""
    subjects: tuple[Subject, ...] = ()
    """Most frequent first."""
    crises: tuple[CrisisPeriod, ...] = ()
    """Those that ran in these days, the first begun first; of a report held to a queue, those that stood before it."""
    surveys: Surveys = Surveys()
    """Empty for a report that is held to a need or a way in."""


class PastSegment(Struct, frozen=True):
    """Who had it from when to when, and why it moved on."""

    stage: str
    queue: str
    agent: str
    began: float
    ended: float | None
    why: str
    talk: float
    hold: float
    wrap_up: float


class PastContact(Struct, frozen=True, kw_only=True):
    """A contact, as the history has it; its fields are those of the table `contacts` in docs/history.md."""

    id: str
    channel: str
    entry: str
    began: float
    ended: float | None
    language: str
    needs: tuple[str, ...]
    queue: str
    matter: str
    outcome: str
    resumed_by: str | None
    reached: bool
    helped: bool
    people_met: int
    reason: str
    avoidable: bool | None
    gap: str
    follow_up: bool
    segments: tuple[PastSegment, ...]
