"""What citizens answered when they were asked how it was."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "surveys",
        sa.Column("day", sa.String(10), primary_key=True),
        *(sa.Column(name, sa.Text, primary_key=True, nullable=False) for name in ("channel", "queue", "language")),
        sa.Column("scale", sa.BigInteger, primary_key=True, nullable=False),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("asked", "answered", "total")),
    )
