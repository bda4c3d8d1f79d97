"""Other programs get a session's record from here: everything as plain values, or its shots as a table."""

import csv
import io
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

from mesogun.records.rows import SessionRow, ShotRow, at_depth
from mesogun_fw.talk.codes import SHOT_KINDS

if TYPE_CHECKING:
    from mesogun.records import Records

FORMAT = 1
MORE = ("kind", "estimated_at_depth_low_nl", "estimated_at_depth_high_nl")
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
        "shots": [_told(shot, session) for shot in records.shots(session_id)],
        "events": [{"boot": boot} | asdict(event) for boot, event in records.events_by_boot(session_id)],
    }


def csv_of(records: "Records", session_id: int) -> str:
    """Returns the shots as CSV: a header, ShotRow's field names and MORE, then a line a shot. Where no sensor spoke it is empty.

    Raises Refused when there is no such session.
    """
    session = records.session(session_id)
    text = io.StringIO()
    table = csv.DictWriter(text, [*(field.name for field in fields(ShotRow)), *MORE], lineterminator="\n")
    table.writeheader()
    table.writerows(_told(shot, session) for shot in records.shots(session_id))
    return text.getvalue()


def _told(shot: ShotRow, session: SessionRow) -> dict[str, object]:
    """What of the measured dose is at depth is estimated from the plan, the lowest and the highest: no sensor tells (A)."""
    band = next(map(at_depth, session.passes[shot.pass_index : shot.pass_index + 1]), None)
    dose_nl = shot.measured_dose_nl
    ends = (None, None) if band is None or dose_nl is None else (round(dose_nl * band.low), round(dose_nl * band.high))
    return asdict(shot) | dict(zip(MORE, (SHOT_KINDS[shot.kind], *ends), strict=True))
