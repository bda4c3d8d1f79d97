"""Other programs get a session's record from here: everything as plain values, or its shots as a table."""

import csv
import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from mesogun.records.rows import ShotRow
from mesogun_fw.talk.codes import SHOT_KINDS

if TYPE_CHECKING:
    from mesogun.records import Records

FORMAT = 1
# Files made of these have one of them.
MARKS = (b'"format": %d,\n "session"' % FORMAT, ",".join(field.name for field in fields(ShotRow)).encode())


def everything(records: "Records", session_id: int) -> dict[str, object]:
    """Returns a dictionary that json.dumps takes: format, session with its summary, answers, shots, events with their boot.

    Raises Refused when there is no such session.
    """
    session = records.session(session_id)
    return {
        "format": FORMAT,
        "session": asdict(session) | {"summary": records.summary(session_id).to_dict()},
        "answers": [asdict(answered) for answered in records.answers(session_id)],
        "shots": [_told(shot) for shot in records.shots(session_id)],
        "events": [{"boot": boot} | asdict(event) for boot, event in records.events_by_boot(session_id)],
    }


def csv_of(records: "Records", session_id: int) -> str:
    """Returns the shots as CSV: a header, ShotRow's field names and kind, then a line a shot. Where no sensor spoke it is empty.

    Raises Refused when there is no such session.
    """
    records.session(session_id)
    text = io.StringIO()
    table = csv.DictWriter(text, [*(field.name for field in fields(ShotRow)), "kind"], lineterminator="\n")
    table.writeheader()
    table.writerows(_told(shot) for shot in records.shots(session_id))
    return text.getvalue()


def _told(shot: ShotRow) -> dict[str, object]:
    return asdict(shot) | {"kind": SHOT_KINDS[shot.kind]}
