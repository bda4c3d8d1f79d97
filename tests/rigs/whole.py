"""Whole sessions for the system tests: protocol, host, cable, firmware and body, in one process or in several."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mesogun.clinical.planning import plan
from mesogun.clinical.plans import Plan
from mesogun.clinical.protocol import read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records, SessionStart
from mesogun.records.tally import Progress, Summary
from mesogun.visit.accounting import account
from mesogun.visit.person import Pause, Question, Shown
from mesogun.visit.session import Session
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import BY_NAME
from rigs.person import Scripted, consent

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60  # of real time, for one session: the longest of these tests takes ten
LIBRARY = {path.stem: path for path in sorted((ROOT / "protocols").glob("*/*.toml"))}

PROTOCOL = """schema = 1
title = "System test"
area = "legs"
indication = "None: a test"
sources = ["A"]

[needle]
gauge = "27G"
length_mm = 13

[syringe]
size_ml = {size_ml}
filled_ml = {filled_ml}

[cocktail]
viscosity_mpa_s = 1

[[cocktail.ingredients]]
name = "water"
group = "other"
volume_ml = {filled_ml}
"""

CONTINUOUS = {
    "technique": '"nappage"', "mode": '"continuous"', "depth_mm": 2.0, "rate_hz": 5, "dose_ul": 10, "dwell_ms": 110,
    "points": 30, "spacing_mm": 4,
}  # fmt: skip
SINGLE = CONTINUOUS | {"technique": '"papule"', "mode": '"single"', "depth_mm": 1.5, "rate_hz": 4, "points": 8, "spacing_mm": 10}


def protocol(*passes: dict[str, object], size_ml: int = 5, filled_ml: float = 3.0) -> str:
    """A protocol's file: these passes, keys as they stand in TOML. Without any, a continuous one and a single one.

    What of a dose is at depth is accepted, whatever it is.
    """
    tables = [[f"{key} = {value}" for key, value in (one | _accepting(one)).items()] for one in passes or (CONTINUOUS, SINGLE)]
    head = PROTOCOL.format(size_ml=size_ml, filled_ml=filled_ml)
    return head + "".join("\n".join(["\n[[passes]]", *table, ""]) for table in tables)


def _accepting(one: dict[str, object]) -> dict[str, object]:
    stands = {"hand_mm_s": 0} if one["mode"] == '"continuous"' else {}
    return stands | {"least_share_percent": 0, "less_share_because": '"a test"'}


def plan_of(text: str) -> Plan:
    return plan(read_protocol(text.encode()))


def give(
    gun: Gun,
    records: Records,
    planned: Plan,
    *,
    on_progress: Callable[[Progress], None] = lambda _: None,
    go_on: Callable[[str], bool] = lambda _: True,
) -> Summary:
    """One session with a person who always goes on, but not for ever."""
    who = gun.welcome
    whose = (who.serial, who.version, who.boot)
    start = SessionStart("system test", "", "", planned.digest, json.dumps(planned.recorded()), *whose, True, "", "")

    def decide(question: Question) -> str:
        assert isinstance(question.about, Pause)
        return consent(question, go_on(question.about.reason))

    def look(shown: Shown) -> None:
        if isinstance(shown, Progress):
            on_progress(shown)

    person = Scripted({"go-on": decide}, on_show=look)
    session = Session(gun, records, planned, start, person=person, began=account(gun, records).journal)
    patience = threading.Timer(PATIENCE_S, session.stop)
    patience.start()
    try:
        return session.run()
    finally:
        patience.cancel()


# ---- what became of it, by the record and by the gun's own trace ----


def recorded(records: Records, session_id: int = 1) -> list[str]:
    """A session's shots as the host recorded them, as rows of shots.csv."""
    return [
        f"{one.shot},{one.pass_index},{one.at_ms * 1000 + one.at_us},{one.period_us},{one.commanded_depth_um},"
        f"{one.measured_depth_um},{one.commanded_dose_nl},{one.measured_dose_nl},{one.flags}"
        for one in records.shots(session_id)
    ]


def reported(trace: Path) -> list[str]:
    """The shots as the gun told them: rows of its shots.csv."""
    return [",".join(row.split(",")[:9]) for row in (trace / "shots.csv").read_text().splitlines()[1:]]


@dataclass(frozen=True)
class Line:
    """A line of messages.log: `way` is > to the gun, < from it."""

    at_us: int
    way: str
    name: str
    fields: dict[str, int]


def messages(trace: Path) -> list[Line]:
    lines = []
    for row in (trace / "messages.log").read_text().splitlines():
        at_us, way, text = row.split(" ", 2)
        _, name, values = frames.decode(text.encode() + b"\n")
        lines.append(Line(int(at_us), way, name, {field[0]: value for field, value in zip(BY_NAME[name][2], values, strict=True)}))
    return lines


# ---- in processes of their own ----

GUN = """
import contextlib, signal, sys
from pathlib import Path
from mesogun_sim.desk import Desk
from mesogun_sim.serve import serve_tcp
signal.signal(signal.SIGTERM, signal.default_int_handler)
seed, port, trace = sys.argv[1:]
with contextlib.suppress(KeyboardInterrupt):
    serve_tcp(Desk(int(seed), trace=Path(trace)), int(port), 1.0, lambda line: print(line, flush=True))
"""

HOST = """
import sys
from mesogun.gun.client import Gun
from mesogun.records import Records
from rigs.whole import give, plan_of
url, db, text = sys.argv[1:]
with Records.open(db) as records, Gun.connect(url) as gun:
    print(give(gun, records, plan_of(text), on_progress=lambda now: print(now.total_done, flush=True)).outcome)
"""


def program(source: str, *arguments: str) -> "subprocess.Popen[str]":
    """A Python of its own that runs `source` and sees what this one sees."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([sys.executable, "-c", source, *arguments], text=True, env=env, **streams)


class GunProcess:
    """A simulated gun in real time at a TCP port. Its trace is complete once it is switched off."""

    def __init__(self, trace: Path, seed: int = 1, port: int = 0) -> None:
        self.trace = trace
        self._process = program(GUN, str(seed), str(port), str(trace))
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()
        self.port = int(self.url.rpartition(":")[2])

    def switch_off(self) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=20)


@contextmanager
def gun_process(trace: Path, seed: int = 1, port: int = 0) -> Iterator[GunProcess]:
    gun = GunProcess(trace, seed, port)
    try:
        yield gun
    finally:
        gun.switch_off()


def wait_for(what: Callable[[], bool], limit_s: float = 20) -> None:
    """Returns as soon as it is so, in real time."""
    until_s = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < until_s, f"not within {limit_s} s"
        time.sleep(0.01)
