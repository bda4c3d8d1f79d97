"""These are the tables of the record, as the newest migration leaves them. Rows are only added: triggers refuse all else."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, MetaData, Table, Text, TypeDecorator, UniqueConstraint

from mesogun.plain import one_line

HEAD = "records_0004"  # this is the newest migration; the prefix tells our databases from those of others

METADATA = MetaData()


class Words(TypeDecorator[str]):
    """What a person wrote, on one line."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return None if value is None else one_line(value)


def _session_id() -> Column[int]:
    return Column("session_id", Integer, ForeignKey("sessions.id"), nullable=False)


SESSIONS = Table(
    "sessions",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("started_utc", Text, nullable=False),
    Column("title", Words, nullable=False),
    Column("protocol_text", Text, nullable=False),
    Column("protocol_digest", Text, nullable=False),
    Column("plan_digest", BigInteger, nullable=False),
    Column("plan_json", Text, nullable=False),
    Column("gun_serial", BigInteger, nullable=False),
    Column("gun_version", Integer, nullable=False),
    Column("gun_boot", BigInteger, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("host_version", Text, nullable=False),
    Column("operator", Words, nullable=False),
    Column("rest_of", Integer),  # the first session of an order, of which this one gives what was left
    Column("tag", Integer, nullable=False, server_default="0"),  # the gun's journal keeps it with every shot of the session
)

# How a session ended is a row of its own, so that a session's row never changes; the key makes the first ending the only one.
ENDINGS = Table(
    "endings",
    METADATA,
    Column("session_id", Integer, ForeignKey("sessions.id"), primary_key=True),
    Column("ended_utc", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("summary_json", Text, nullable=False),
    Column("acknowledged_by", Words),
    Column("note", Words),
)

EVENTS = Table(
    "events",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("boot", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("values_json", Text, nullable=False),
    UniqueConstraint("session_id", "boot", "n", name="events_once"),
)

# These are the fields of message `shot`. A shot that was assumed, because nobody told what became of it, has n = 0, which no
# device uses; a boot has one at most, and no sensor says anything of it. One that only the gun's journal told has n = -number.
SHOTS = Table(
    "shots",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("boot", BigInteger, nullable=False),
    Column("n", Integer, nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("at_us", Integer, nullable=False),
    Column("pass_index", Integer, nullable=False),
    Column("shot", Integer, nullable=False),
    Column("period_us", Integer, nullable=False),
    Column("commanded_depth_um", Integer, nullable=False),
    Column("measured_depth_um", Integer),
    Column("commanded_dose_nl", Integer, nullable=False),
    Column("measured_dose_nl", Integer),
    Column("flags", Integer, nullable=False),
    UniqueConstraint("session_id", "boot", "n", name="shots_once"),
)

# A row says what a person was asked for a session, what was answered, and by whom.
ANSWERS = Table(
    "answers",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("answered_utc", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("words", Words, nullable=False),
    Column("answer", Words, nullable=False),
    Column("answered_by", Words, nullable=False),
)

# The totals of the gun's own journal when a session began, and when all of it was accounted for. Between them lie its shots.
JOURNALS = Table(
    "journals",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("moment", Text, nullable=False),  # "begin" or "accounted"
    Column("read_utc", Text, nullable=False),
    Column("condition", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("shots", BigInteger, nullable=False),
    Column("volume_nl", BigInteger, nullable=False),
    Column("uncertain", BigInteger, nullable=False),
    UniqueConstraint("session_id", "moment", name="journals_once"),
)

# What became of an assumed shot: its number in the journal, none when it was never made. It counts no longer; its row stays.
RESOLUTIONS = Table(
    "resolutions",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("boot", BigInteger, nullable=False),
    Column("resolved_utc", Text, nullable=False),
    Column("number", BigInteger),
    Column("evidence", Words, nullable=False),
    UniqueConstraint("session_id", "boot", name="resolutions_once"),
)

# Shots that no session here can be proven to have made, with all that is known of each. They are added to nobody.
FOREIGN_SHOTS = Table(
    "foreign_shots",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seen_utc", Text, nullable=False),
    Column("gun_serial", BigInteger, nullable=False),
    Column("gun_boot", BigInteger, nullable=False),
    Column("epoch", Integer),
    Column("number", BigInteger),
    Column("digest", BigInteger),
    Column("values_json", Text, nullable=False),
    UniqueConstraint("gun_serial", "epoch", "number", name="foreign_once"),
)

# How far a computer's clock was off at the begin or the end of a session, where something else told the time better.
CLOCKS = Table(
    "clocks",
    METADATA,
    Column("id", Integer, primary_key=True),
    _session_id(),
    Column("moment", Text, nullable=False),  # "begin" or "end"
    Column("clock_utc", Text, nullable=False),  # what the clock said
    Column("off_ms", BigInteger, nullable=False),
    Column("against", Text, nullable=False),
    UniqueConstraint("session_id", "moment", name="clocks_once"),
)

# A person has said that what is left of a session is not to be given.
WAIVERS = Table(
    "waivers",
    METADATA,
    Column("session_id", Integer, ForeignKey("sessions.id"), primary_key=True),
    Column("waived_utc", Text, nullable=False),
    Column("by", Words, nullable=False),
    Column("note", Words, nullable=False),
)
