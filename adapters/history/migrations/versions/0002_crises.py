"""Crises: when and where each was, and what became of those who were told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

COUNTED = ("announcements", "helpers", "told", "left", "called_back", "triaged", "visitors")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "crises",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("plan", "queues", "triage", "places", "cause")),
        sa.Column("callback_only", sa.Boolean, nullable=False),
        sa.Column("began", sa.Double, nullable=False),
        sa.Column("ended", sa.Double),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in COUNTED),
    )
