"""A gun tells late, or only by its own journal, what it did while nobody here heard it: each shot is put where it belongs.

A shot is known by its gun, the epoch of its journal, and its number there. It is a session's when everything goes on where that
session's record stands: its number in the journal, its pass and its number in that; and when the journal's row has the session's
program and tag. The run is cut at the first shot that does not. What belongs to nobody is kept as foreign: shown, and never added
to anybody.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.client import Gun
from mesogun.gun.events import Event
from mesogun.records import Records
from mesogun.records.rows import Account, ForeignShot, Resolution, SessionRow, ShotRow
from mesogun.refusal import Problem, Refused
from mesogun.times import now_utc
from mesogun_fw.talk.codes import GOOD
from mesogun_fw.talk.messages import BY_NAME

LOOKED_AT = 16  # so many of the newest shots tell whose program was given last
_BACK_MAX = next(high for name, _, high in BY_NAME["log"][2] if name == "back")


@dataclass(frozen=True)
class Accounted:
    """What the gun's journal adds up to now, and the shots, new here, that no session of these records has made."""

    journal: Journaled
    foreign: tuple[ForeignShot, ...]


class _Told:
    """What the gun holds: its journal's rows, read when they are asked for, and kept events that no session here has."""

    def __init__(self, gun: Gun, records: Records, journal: Journaled) -> None:
        self.boot = gun.welcome.boot
        self.journal = journal
        self._gun = gun
        self._rows: dict[int, Logged | None] = {}
        kept = gun.earlier
        serial = gun.welcome.serial
        heard = records.heard(serial, self.boot, kept[0].n, kept[-1].n) if kept else {}
        self.fresh = [event for event in kept if heard.get(event.n) != event]
        shots = [event for event in kept if event.name == "shot"]
        # The gun is at rest and has told everything: the newest of these is the newest of its journal.
        self.number_of = {event.n: journal.shots - back for back, event in enumerate(reversed(shots))}
        self.event_of = {self.number_of[event.n]: event for event in self.fresh if event.name == "shot"}

    def row(self, number: int) -> Logged | None:
        """Returns the journal's row of this shot; None where it does not reach back so far."""
        back = self.journal.shots - number
        if number not in self._rows:
            logged = self._gun.log(back) if 0 <= back <= _BACK_MAX else None
            self._rows[number] = logged if logged and logged.number == number else None
        return self._rows[number]

    def between(self, after_n: int, until_n: int) -> list[Event]:
        """Returns the events after one and until another, all of them; none when one of them is missing."""
        found = [event for event in self.fresh if after_n < event.n <= until_n]
        return found if len(found) == until_n - after_n else []


def account(gun: Gun, records: Records) -> Accounted:
    """Puts on record what the gun tells of sessions here that are not accounted for, and what nobody here has made.

    The gun is at rest when this returns. Raises LinkLost, and what the record raises when it fails.
    """
    if not gun.rest():
        raise Refused(Problem("gun", "not at rest", "it was told to disarm, and still moves", "Switch it off, and do not use it"))
    gun.earlier += gun.turn(0)
    journal = gun.journal()
    told = _Told(gun, records, journal)
    serial = gun.welcome.serial
    sessions = [row for row in records.of_gun(serial) if row.began and row.began.epoch == journal.epoch]
    taken: set[int] = set()
    unclaimed: set[int] = set()
    if journal.condition == GOOD:
        begins = [row.began.shots for row in sessions if row.began]
        for row, begin, until in zip(sessions, begins, [*begins[1:], journal.shots], strict=False):
            if not row.accounted and until >= begin:
                last = _take_up(records, row, begin, until, told, newest=row is sessions[-1])
                taken |= set(range(begin + 1, last + 1))
                unclaimed |= set(range(last + 1, until + 1))
    foreign = [_foreign(gun, journal, number, told) for number in sorted(unclaimed)]
    for event in told.fresh:
        number = told.number_of.get(event.n)
        if event.name == "shot" and (journal.condition != GOOD or number not in taken | unclaimed):
            good = number if journal.condition == GOOD else None
            foreign.append(_foreign(gun, journal, good, told, event))
    known = {(one.epoch, one.number) for one in records.foreign(serial) if one.number is not None}
    fresh = tuple(one for one in foreign if (one.epoch, one.number) not in known)
    records.keep_foreign(fresh)
    if gun.earlier:
        gun.on_disk(gun.earlier[-1].n)
        gun.earlier = []
    return Accounted(journal, fresh)


def _take_up(records: Records, row: SessionRow, begin: int, until: int, told: _Told, *, newest: bool) -> int:
    """Puts on record all that is this session's, of the numbers after `begin` up to `until`; returns the last that is."""
    shots = records.shots(row.id)
    heard = [shot for shot in shots if shot.n]
    assumed = next((shot for shot in shots if not shot.n), None)
    attempts = _attempts(heard)
    number = first = begin + len(heard)
    if number > until:
        return begin  # the gun has forgotten what it told: it proves nothing
    same_start = row.gun_boot == told.boot
    last_n = max((event.n for boot, event in records.events_by_boot(row.id) if boot == told.boot), default=0)
    events: list[Event] = []
    logged: list[Logged] = []
    reached = True
    while number < until:
        shot = told.row(number + 1)
        if shot is None:
            reached = False
            break
        if (shot.digest, shot.tag) != (row.plan_digest, row.tag) or not _goes_on(attempts, shot):
            break
        event = told.event_of.get(number + 1) if same_start else None
        run = told.between(events[-1].n if events else last_n, event.n) if event else []
        if event and _shots(run) == [event] and _same(event, shot):
            events += run
        else:
            logged.append(shot)  # its event is gone, with the gun's memory or to somebody else's disk
        attempts[shot.pass_index] = shot.shot
        number += 1
    if same_start and number == until and newest and told.fresh:
        after = told.between(events[-1].n if events else last_n, told.fresh[-1].n)
        events += [] if _shots(after) else after
    resolution = None
    if assumed and number > first:
        by = "the gun told it later" if same_start else "the gun's journal holds it"
        resolution = Resolution(assumed.boot, first + 1, by)
    elif assumed and reached:
        resolution = Resolution(assumed.boot, None, f"the gun's journal has only {number - begin} shots of this session")
    journal = told.journal if reached else None
    records.account(row.id, Account(row.gun_boot, events, logged, resolution, journal))
    return number


def missing(records: Records, serial: int, journal: Journaled, after: int) -> set[int]:
    """Returns the numbers of the gun's journal after this one that are in no session here, and are not known as foreign."""
    known = {one.number for one in records.foreign(serial) if one.epoch == journal.epoch}
    for row in records.of_gun(serial):
        if row.began and row.began.epoch == journal.epoch and row.began.shots + row.made > after:
            made = sum(1 for shot in records.shots(row.id) if shot.n)
            known |= set(range(row.began.shots + 1, row.began.shots + made + 1))
    return set(range(after + 1, journal.shots + 1)) - known


def keep_missing(gun: Gun, records: Records, journal: Journaled, after: int) -> None:
    """Keeps as foreign what the gun made after this number and no session here has, as far as its journal reaches back."""
    told = _Told(gun, records, journal)
    numbers = [number for number in sorted(missing(records, gun.welcome.serial, journal, after)) if told.row(number)]
    records.keep_foreign([_foreign(gun, journal, number, told) for number in numbers])


def newest_elsewhere(gun: Gun, records: Records, journal: Journaled, digest: int) -> int:
    """Returns how many of the gun's newest shots are of this program, and of no session here."""
    told = _Told(gun, records, journal)
    known = {one.number: one.digest for one in records.foreign(gun.welcome.serial) if one.epoch == journal.epoch}
    numbers = missing(records, gun.welcome.serial, journal, max(0, journal.shots - LOOKED_AT)) | known.keys()
    newest = [number for number in numbers if number is not None and number > journal.shots - LOOKED_AT]
    rows = [told.row(number) for number in newest]
    return sum(1 for row in rows if row and row.digest == digest)


def _attempts(shots: Sequence[ShotRow]) -> dict[int, int]:
    """Returns, by pass, the number of its last shot."""
    attempts: dict[int, int] = {}
    for shot in shots:
        attempts[shot.pass_index] = max(attempts.get(shot.pass_index, 0), shot.shot)
    return attempts


def _goes_on(attempts: dict[int, int], shot: Logged) -> bool:
    """Tells whether this is the next shot of its pass, and no pass before the last one."""
    return shot.shot == attempts.get(shot.pass_index, 0) + 1 and shot.pass_index >= max(attempts, default=0)


def _shots(events: Sequence[Event]) -> list[Event]:
    return [event for event in events if event.name == "shot"]


def _same(event: Event, shot: Logged) -> bool:
    """Tells whether event and row of the journal are of one shot."""
    fields = asdict(shot)
    return all(event.values[name] == fields[name] for name in fields if name in event.values)


def _foreign(gun: Gun, journal: Journaled, number: int | None, told: _Told, event: Event | None = None) -> ForeignShot:
    shot = told.row(number) if number is not None else None
    event = event or (told.event_of.get(number) if number is not None else None)
    values: dict[str, int] = asdict(shot) if shot else {}
    if event:
        values |= {"n": event.n, "at_ms": event.at_ms} | event.values
    return ForeignShot(
        seen_utc=now_utc(),
        gun_serial=gun.welcome.serial,
        gun_boot=gun.welcome.boot,
        epoch=journal.epoch if number is not None else None,
        number=number,
        digest=shot.digest if shot else None,
        values=values,
    )
