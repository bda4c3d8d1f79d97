"""This step makes tables of sessions, how they ended, what the gun reported, and the shots; all of them are append-only."""

import sqlalchemy as sa
from alembic import op

revision = "records_0001"
down_revision = None


def upgrade() -> None:
    _create_sessions()
    _create_reports()
    for table in ("sessions", "endings", "events", "shots"):
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
            )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("started_utc", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("protocol_text", sa.Text, nullable=False),
        sa.Column("protocol_digest", sa.Text, nullable=False),
        sa.Column("plan_digest", sa.BigInteger, nullable=False),
        sa.Column("plan_json", sa.Text, nullable=False),
        sa.Column("gun_serial", sa.BigInteger, nullable=False),
        sa.Column("gun_version", sa.Integer, nullable=False),
        sa.Column("gun_boot", sa.BigInteger, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.Column("host_version", sa.Text, nullable=False),
        sa.Column("operator", sa.Text, nullable=False),
    )
    op.create_table(
        "endings",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("ended_utc", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("summary_json", sa.Text, nullable=False),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("note", sa.Text),
    )


def _create_reports() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("boot", sa.BigInteger, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("at_ms", sa.Integer, nullable=False),
        sa.Column("values_json", sa.Text, nullable=False),
        sa.UniqueConstraint("session_id", "boot", "n", name="events_once"),
    )
    op.create_table(
        "shots",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("boot", sa.BigInteger, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("at_ms", sa.Integer, nullable=False),
        sa.Column("at_us", sa.Integer, nullable=False),
        sa.Column("pass_index", sa.Integer, nullable=False),
        sa.Column("shot", sa.Integer, nullable=False),
        sa.Column("period_us", sa.Integer, nullable=False),
        sa.Column("commanded_depth_um", sa.Integer, nullable=False),
        sa.Column("measured_depth_um", sa.Integer),
        sa.Column("commanded_dose_nl", sa.Integer, nullable=False),
        sa.Column("measured_dose_nl", sa.Integer),
        sa.Column("flags", sa.Integer, nullable=False),
        sa.UniqueConstraint("session_id", "boot", "n", name="shots_once"),
    )
