"""The tables of the first version. What stands here never changes; the next change is a file of its own."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KIND = ("channel", "queue", "language", "needs", "entry")
COUNTS = (
    "arrived answered in_target abandoned short_abandoned abandoned_in_target lost resumed withdrawn "
    "turned_away_closed turned_away_full turned_away_nobody turned_away_too_long told_held told_sooner told_later"
).split()
WORK = (
    "handled handed_on ended reached passed_on helped people_met contacts_made described avoidable gaps "
    "callbacks_promised callbacks_kept callbacks_cancelled callbacks_needless callbacks_failed messages_in messages_out"
).split()
SECONDS = (
    "told_off_held told_off_sooner told_off_later abandoned_wait wait_total talk_total desk hold wrap_up until_help"
).split()
WAITS = 16
TALKS = 14


def _text(*names: str, key: bool = False, empty: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, primary_key=key, nullable=empty) for name in names]


def _count(*names: str, key: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger, primary_key=key, nullable=False) for name in names]


def _seconds(*names: str, key: bool = False, empty: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Double, primary_key=key, nullable=empty) for name in names]


def _yes(*names: str, empty: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Boolean, nullable=empty) for name in names]


def _day() -> sa.Column[Any]:
    return sa.Column("day", sa.String(10), primary_key=True)


def upgrade() -> None:
    """Make them."""
    _contacts()
    _rest()
    op.create_table(
        "tallies",
        _day(),
        *_text(*KIND, key=True),
        *_count(
            *COUNTS, *(f"wait_{number}" for number in range(WAITS)), *(f"talk_{number}" for number in range(TALKS))
        ),
        *_count(*WORK),
        *_seconds(*SECONDS),
    )
    op.create_table("presence", _day(), *_text("state", key=True), *_seconds("seconds"))
    op.create_table("subjects", _day(), *_text(*KIND, "reason", "avoidable", "gap", key=True), *_count("number"))
    op.create_table("forgotten", sa.Column("digest", sa.String(64), primary_key=True))
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        *_count("epoch", "seq"),
        *_seconds("at"),
        *_count("image_epoch", "image_seq"),
        sa.Column("image", sa.LargeBinary, nullable=False),
    )


def _contacts() -> None:
    op.create_table(
        "contacts",
        *_text("id", key=True),
        *_text("channel", "entry"),
        *_seconds("began"),
        *_text("person", empty=True),
        *_text("matter", "language", "needs", "queue"),
        *_seconds("ended", empty=True),
        *_text("outcome"),
        *_text("resumed_by", empty=True),
        *_yes("reached", "helped"),
        *_count("people_met", "contacts_made"),
        *_seconds("until_help", empty=True),
        *_yes("passed_on"),
        *_text("reason"),
        *_yes("avoidable", empty=True),
        *_text("gap"),
        *_yes("follow_up"),
        *_text("described_by"),
    )
    for column in ("ended", "began", "person", "matter"):
        op.create_index(f"contacts_{column}", "contacts", [column])
    op.create_table(
        "asks",
        *_text("contact", key=True),
        *_count("number", key=True),
        *_text(*KIND),
        *_seconds("asked"),
        *_seconds("settled", empty=True),
        *_text("outcome", "obstacle"),
        *_seconds("waited", empty=True),
        *_yes("in_target", empty=True),
    )
    op.create_index("asks_asked", "asks", ["asked"])
    op.create_table(
        "segments",
        *_text("contact", key=True),
        *_count("number", key=True),
        *_text("stage", "queue", "agent"),
        *_seconds("began"),
        *_seconds("ended", empty=True),
        *_text("why"),
        *_seconds("talk", "hold", "wrap_up"),
    )


def _rest() -> None:
    op.create_table(
        "offers",
        *_text("id", key=True),
        *_text("contact", "agent", "queue", "rule"),
        *_count("step"),
        *_seconds("made"),
        *_seconds("ended", empty=True),
        *_text("outcome"),
    )
    op.create_index("offers_contact", "offers", ["contact"])
    op.create_table(
        "announced",
        *_text("contact", key=True),
        *_seconds("at", key=True),
        *_text("queue"),
        *_seconds("low", "high"),
        *_text("truth"),
        *_seconds("off"),
    )
    op.create_table(
        "agent_states",
        *_text("agent", key=True),
        *_seconds("began", key=True),
        *_text("state", "reason"),
        *_seconds("ended", empty=True),
    )
    op.create_index("agent_states_ended", "agent_states", ["ended"])
    op.create_table(
        "callbacks",
        *_text("id", key=True),
        *_text("contact", "queue"),
        *_seconds("registered"),
        *_seconds("due", empty=True),
        *_text("agent", empty=True),
        *_count("attempts"),
        *_seconds("closed", empty=True),
        *_text("cause"),
    )
    op.create_index("callbacks_closed", "callbacks", ["closed"])
    op.create_table(
        "messages",
        *_text("contact", key=True),
        *_count("number", key=True),
        *_text("author", "agent"),
        *_seconds("at"),
        *_yes("automatic"),
        *_seconds("sent", empty=True),
        *_text("failed"),
    )
