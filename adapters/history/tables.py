"""The tables, in words of SQLAlchemy; `migrations/` makes them in a database. docs/history.md describes each column."""

import types
import typing
from collections.abc import Mapping
from typing import Any, Final, get_args

from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from adapters.history.rows import KEYS, TABLES
from metrics.figures import COUNTED, TALK_S, WAIT_S, Figures, Spread, Truth
from metrics.work import Work
from queues.queue import Obstacle

metadata: Final = MetaData()

OBSTACLES: Final = tuple(one for one in get_args(Obstacle) if one not in ("asked", "crisis"))
TRUTHS: Final[tuple[Truth, ...]] = get_args(Truth)
WAITS: Final = tuple(f"wait_{number}" for number in range(len(WAIT_S) + 1))
TALKS: Final = tuple(f"talk_{number}" for number in range(len(TALK_S) + 1))
_TYPES: Final[dict[type, type]] = {str: Text, int: BigInteger, float: Double, bool: Boolean}


def _column(struct: type[Struct], name: str, *, key: bool) -> Column[Any]:
    kind = typing.get_type_hints(struct)[name]
    may_be_none = isinstance(kind, types.UnionType)
    if may_be_none:
        kind = next(one for one in get_args(kind) if one is not types.NoneType)
    if typing.get_origin(kind) is typing.Literal:
        kind = str
    return Column(name, _TYPES[kind](), primary_key=key, nullable=may_be_none)


def _table(struct: type[Struct], name: str, keys: tuple[str, ...]) -> Table:
    return Table(name, metadata, *(_column(struct, one, key=one in keys) for one in struct.__struct_fields__))


ROWS: Final = {name: _table(struct, name, KEYS[name]) for struct, name in TABLES.items()}
"""By the names of `adapters.history.rows`."""
contacts, asks, segments = ROWS["contacts"], ROWS["asks"], ROWS["segments"]
offers, announced, messages = ROWS["offers"], ROWS["announced"], ROWS["messages"]
agent_states, callbacks, crises = ROWS["agent_states"], ROWS["callbacks"], ROWS["crises"]

_ = Index("contacts_ended", contacts.c.ended)
_ = Index("contacts_began", contacts.c.began)
_ = Index("contacts_person", contacts.c.person)
_ = Index("contacts_matter", contacts.c.matter)
_ = Index("asks_asked", asks.c.asked)
_ = Index("offers_contact", offers.c.contact)
_ = Index("agent_states_ended", agent_states.c.ended)
_ = Index("callbacks_closed", callbacks.c.closed)


def _kind() -> tuple[Column[Any], ...]:
    return (
        Column("day", String(10), primary_key=True),
        *(Column(name, Text, primary_key=True) for name in ("channel", "queue", "language", "needs", "entry")),
    )


MEASURES: Final = (
    *COUNTED,
    *(f"turned_away_{obstacle}" for obstacle in OBSTACLES),
    *(f"told_{truth}" for truth in TRUTHS),
    *(f"told_off_{truth}" for truth in TRUTHS),
    "abandoned_wait",
    "wait_total",
    *WAITS,
    "talk_total",
    *TALKS,
    *Work.__struct_fields__,
)
"""What is added up, day by day."""
SECONDS: Final = frozenset(
    {"abandoned_wait", "wait_total", "talk_total", "desk", "hold", "wrap_up", "until_help"}
    | {f"told_off_{truth}" for truth in TRUTHS}
)
"""Measures that are no counts."""

tallies: Final = Table(
    "tallies",
    metadata,
    *_kind(),
    *(Column(name, Double if name in SECONDS else BigInteger, nullable=False, default=0) for name in MEASURES),
)
presence: Final = Table(
    "presence",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("state", Text, primary_key=True),
    Column("seconds", Double, nullable=False),
)
subjects: Final = Table(
    "subjects",
    metadata,
    *_kind(),
    Column("reason", Text, primary_key=True),
    Column("avoidable", Text, primary_key=True),
    Column("gap", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
)
"""`avoidable` is `yes`, `no` or empty."""
surveys: Final = Table(
    "surveys",
    metadata,
    Column("day", String(10), primary_key=True),
    *(Column(name, Text, primary_key=True) for name in ("channel", "queue", "language")),
    Column("scale", BigInteger, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in ("asked", "answered", "total")),
)
"""By the day on which it was asked how it was; `total` is the sum of the answers."""
forgotten: Final = Table("forgotten", metadata, Column("digest", String(64), primary_key=True))
"""Digests of the pseudonyms of persons who were erased: a rebuild does not bring them back."""
progress: Final = Table(
    "progress",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("at", Double, nullable=False),
    Column("image_epoch", BigInteger, nullable=False),
    Column("image_seq", BigInteger, nullable=False),
    Column("image", LargeBinary, nullable=False),
)
"""One row: up to which journal entry the history is written, and what was open after an entry before that."""


def flat(figures: Figures, work: Work) -> dict[str, float]:
    """Return the measures of a tally."""
    return {
        **{name: getattr(figures, name) for name in COUNTED},
        **{f"turned_away_{obstacle}": figures.turned_away.get(obstacle, 0) for obstacle in OBSTACLES},
        **{f"told_{truth}": figures.told.get(truth, 0) for truth in TRUTHS},
        **{f"told_off_{truth}": figures.told_off.get(truth, 0.0) for truth in TRUTHS},
        "abandoned_wait": figures.abandoned_wait,
        "wait_total": figures.wait.total,
        **dict(zip(WAITS, figures.wait.counts, strict=True)),
        "talk_total": figures.talk.total,
        **dict(zip(TALKS, figures.talk.counts, strict=True)),
        **{name: getattr(work, name) for name in Work.__struct_fields__},
    }


def unflat(measures: Mapping[str, Any]) -> tuple[Figures, Work]:
    """Return the tally that `flat` made measures of, or the sum of several."""
    figures = Figures(
        **{name: int(measures[name]) for name in COUNTED},
        turned_away={one: number for one in OBSTACLES if (number := int(measures[f"turned_away_{one}"]))},
        told={one: number for one in TRUTHS if (number := int(measures[f"told_{one}"]))},
        told_off={one: float(measures[f"told_off_{one}"]) for one in TRUTHS if measures[f"told_{one}"]},
        abandoned_wait=float(measures["abandoned_wait"]),
        wait=Spread([int(measures[name]) for name in WAITS], float(measures["wait_total"])),
        talk=Spread([int(measures[name]) for name in TALKS], float(measures["talk_total"])),
    )
    worked: dict[str, Any] = {
        name: float(measures[name]) if name in SECONDS else int(measures[name]) for name in Work.__struct_fields__
    }
    return figures, Work(**worked)
