"""This step keeps what the gun's own journal says beside what was heard, so that every shot can be accounted for.

A session of before has no totals of the journal: of it nothing can be proven, and no rest of it is given.
"""

import sqlalchemy as sa
from alembic import op

revision = "records_0003"
down_revision = "records_0002"


def upgrade() -> None:
    op.add_column("sessions", sa.Column("rest_of", sa.Integer))
    op.add_column("sessions", sa.Column("tag", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "journals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("moment", sa.Text, nullable=False),
        sa.Column("read_utc", sa.Text, nullable=False),
        sa.Column("condition", sa.Integer, nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("shots", sa.BigInteger, nullable=False),
        sa.Column("volume_nl", sa.BigInteger, nullable=False),
        sa.Column("uncertain", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("session_id", "moment", name="journals_once"),
    )
    op.create_table(
        "resolutions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), nullable=False),
        sa.Column("boot", sa.BigInteger, nullable=False),
        sa.Column("resolved_utc", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.UniqueConstraint("session_id", "boot", name="resolutions_once"),
    )
    op.create_table(
        "foreign_shots",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("seen_utc", sa.Text, nullable=False),
        sa.Column("gun_serial", sa.BigInteger, nullable=False),
        sa.Column("gun_boot", sa.BigInteger, nullable=False),
        sa.Column("epoch", sa.Integer),
        sa.Column("number", sa.BigInteger),
        sa.Column("digest", sa.BigInteger),
        sa.Column("values_json", sa.Text, nullable=False),
        sa.UniqueConstraint("gun_serial", "epoch", "number", name="foreign_once"),
    )
    op.create_table(
        "waivers",
        sa.Column("session_id", sa.Integer, sa.ForeignKey("sessions.id"), primary_key=True),
        sa.Column("waived_utc", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    for table in ("journals", "resolutions", "foreign_shots", "waivers"):
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'the record is append-only'); END"
            )
