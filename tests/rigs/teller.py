"""A gun by what it tells late: its journal and the events that it kept. Nothing moves, and no cable is between."""

import json
from dataclasses import asdict, replace
from itertools import count
from types import SimpleNamespace
from typing import Any

from mesogun.gun.answers import Journaled, Logged
from mesogun.gun.events import Event
from mesogun.records import Records, SessionStart
from mesogun_fw.talk.codes import GOOD

DIGEST, TAG, BOOT = 4_711, 9, 42
PLAN = json.dumps({"passes": [{"index": index, "shots": 9, "depth_um": (2 + index) * 1_000} for index in range(3)]})
START = SessionStart("late", "", "", DIGEST, PLAN, 0, 100, BOOT, False, "0", "", tag=TAG)
SERIALS = count(100)  # each test has a gun of its own, in one record


class Teller:
    """A gun at rest, by its journal and the events that it kept; what is on our disk it forgets."""

    def __init__(self) -> None:
        self.serial = next(SERIALS)
        self.boot = BOOT
        self.epoch, self.condition = 1, GOOD
        self.rows: list[Logged] = []
        self.earlier: list[Event] = []
        self.last_n = 0
        self.asked: list[int] = []
        self.forgotten = 0
        self.rests = True
        self.simulated = 0
        self.now_ms = 0

    @property
    def welcome(self) -> SimpleNamespace:
        return SimpleNamespace(serial=self.serial, boot=self.boot, simulated=self.simulated)

    @property
    def link(self) -> SimpleNamespace:
        return SimpleNamespace(state={"at_ms": self.now_ms})

    def rest(self) -> bool:
        return self.rests

    def turn(self, seconds: float) -> list[Event]:
        return []

    def journal(self) -> Journaled:
        return Journaled(self.condition, self.epoch, len(self.rows), 0, 0)

    def log(self, back: int) -> Logged | None:
        self.asked.append(back)
        return self.rows[-1 - back] if back < len(self.rows) else None

    def on_disk(self, n: int) -> None:
        self.forgotten = n

    # ---- what it did ----

    def shot(self, index: int, number: int, *, told: bool = True, event: dict[str, int] | None = None, **changed: int) -> Event:
        """Makes a shot of this pass, with this number in it; without `told` only the journal has it. `event` lies about it."""
        row = Logged(len(self.rows) + 1, DIGEST, index, number, 10_000, 1_998, 9_990, 0, TAG)
        self.rows.append(replace(row, **changed))
        values = asdict(self.rows[-1])
        fields = {name: values[name] for name in values if name not in ("number", "digest", "tag")}
        return self.tell("shot", told, **fields | {"at_us": 0, "period_us": 1, "commanded_depth_um": 2_000} | (event or {}))

    def tell(self, name: str, told: bool = True, **values: int) -> Event:
        self.last_n += 1
        event = Event(self.last_n, name, 1_000 * self.last_n, values)
        if told:
            self.earlier.append(event)
        return event


def begun(records: Records, gun: Teller, **changed: Any) -> int:
    """A session of this gun, begun where its journal stands."""
    return records.begin(replace(START, gun_serial=gun.serial, **changed), journal=gun.journal())


def heard(records: Records, session: int, *events: Event) -> None:
    """What that session has on record."""
    records.append(session, BOOT, events)
