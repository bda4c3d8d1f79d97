"""What is left of an order is given in a session of its own: this says whether it may be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mesogun.records.places import command
from mesogun.records.rows import SessionRow
from mesogun.refusal import Problem, Refused
from mesogun.visit.accounting import keep_missing, missing
from mesogun.visit.left import Left
from mesogun_fw.talk.codes import GOOD

if TYPE_CHECKING:
    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.answers import Journaled
    from mesogun.gun.client import Gun
    from mesogun.records import Records


def may_be_given(left: Left, protocol: "Protocol", gun: "Gun", journal: "Journaled", records: "Records") -> None:
    """Passes when the rest of this order may be given by this gun now, of which `journal` is the newest. Else raises Refused."""
    problems = list(_against(left, protocol, gun, journal, records))
    if problems:
        raise Refused(*problems)


def _against(left: Left, protocol: "Protocol", gun: "Gun", journal: "Journaled", records: "Records") -> Sequence[Problem]:
    first = left.first
    if first.protocol_digest != protocol.digest:
        return [_no(first, "its protocol was another file", "Give it with the file of then, unchanged")]
    if first.waived:
        return [_no(first, f"what is left of it was waived, by {first.waived}", "Begin a new session")]
    if not any(left.left.values()):
        return [_no(first, "nothing is left of it", "Begin a new session")]
    problems = not_proven(left, records.path)
    if problems or first.gun_serial != gun.welcome.serial:
        return problems  # another gun's journal knows nothing of it, and the old one's was read to the end
    assert first.began
    newest = max(row.accounted.shots for row in left.sessions if row.accounted and row.accounted.epoch == first.began.epoch)
    forgotten = journal.epoch != first.began.epoch or journal.shots < newest
    if forgotten and gun.welcome.simulated:
        return []  # one that was switched on anew has no memory of what it was: it is another gun
    if journal.condition != GOOD or forgotten:
        return [_no(first, "the gun has another journal since: what it did meanwhile is not known", "Begin a new session")]
    after = first.began.shots
    keep_missing(gun, records, journal, after)
    if lost := missing(records, gun.welcome.serial, journal, after):
        limit = f"the gun made {len(lost)} shots since that are in no record here, nor in reach of its journal"
        return [_no(first, limit, "Begin a new session")]
    ours = {(row.plan_digest, row.tag) for row in left.sessions}
    since = [one for one in records.foreign(gun.welcome.serial) if one.epoch == journal.epoch and (one.number or 0) > after]
    if like := [one for one in since if (one.digest, one.values.get("tag")) in ours]:
        limit = f"the gun made {len(like)} shots of this very session since that its record has no place for"
        return [_no(first, limit, f"Look with: {command('records foreign', records.path)}; then begin a new session")]
    return []


def not_proven(left: Left, record: Path) -> list[Problem]:
    """Returns, for each session of the order, why it is not known what was given in it; `record` is where they are."""
    problems = []
    for row in left.sessions:
        if row.outcome is None:
            look = command(f"records acknowledge {row.id}", record)
            remedy = f"Look at it first, then: {look} --by NAME --note TEXT"
            problems.append(_no(row, "it has no end: it is being given, or broke off", remedy))
        elif row.began is None:
            problems.append(_no(row, "its record does not say what the gun's journal held before", "Begin a new session"))
        elif not row.accounted:
            problems.append(_no(row, f"gun {row.gun_serial} has not told all that it did in it", f"Plug gun {row.gun_serial} in"))
    return problems


def _no(row: SessionRow, limit: str, remedy: str) -> Problem:
    return Problem("rest", f"session {row.id}", limit, remedy)
