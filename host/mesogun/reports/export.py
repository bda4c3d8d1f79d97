"""A session's record for other programs: everything as plain values, or its shots as a table."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields

from mesogun.gun.events import Event
from mesogun.records.rows import SessionRow, ShotRow

FORMAT = 1


def everything(session: SessionRow, shots: Sequence[ShotRow], events: Sequence[tuple[int, Event]]) -> dict[str, object]:
    """A dictionary that json.dumps takes: format, session, shots, events with the boot they belong to."""
    return {
        "format": FORMAT,
        "session": asdict(session),
        "shots": [asdict(shot) for shot in shots],
        "events": [{"boot": boot} | asdict(event) for boot, event in events],
    }


def csv_of(shots: Sequence[ShotRow]) -> str:
    """The shots as CSV: a header of ShotRow's field names, then a line a shot; empty where no sensor said anything."""
    text = io.StringIO()
    table = csv.DictWriter(text, [field.name for field in fields(ShotRow)], lineterminator="\n")
    table.writeheader()
    table.writerows(asdict(shot) for shot in shots)
    return text.getvalue()
