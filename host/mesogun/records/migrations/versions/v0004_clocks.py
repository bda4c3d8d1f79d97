"""This step keeps by how much a computer's clock was off, where something else told the time better."""

import sqlalchemy as sa
from alembic import op

revision = "records_0004"
down_revision = "records_0003"


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("clock_utc", sa.Text, nullable=False),
        sa.Column("off_ms", sa.BigInteger, nullable=False),
        sa.Column("against", sa.Text, nullable=False),
        sa.UniqueConstraint("session_id", "moment", name="clocks_once"),
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER clocks_no_{change.lower()} BEFORE {change} ON clocks "
            f"BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
        )
