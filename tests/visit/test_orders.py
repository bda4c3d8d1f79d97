"""Two laptops, two databases, one gun, and all that can happen between them: whatever was done is known, and given once.

The gun's own list of what it really did is the truth; each shot in it knows in which run it was made. What is asked of every state:
I1 per pass, over a session and its rests, whole + wrong + uncertain ≤ planned, in truth and by the record.
I2 given + left = planned, left ≥ 0, and the same when it is computed twice.
I3 a number of the journal is in one record at most, that of the run that made it, as the gun has it; or it is foreign.
I4 at every arming the gun's `left` is the host's: else the session would end, in words.
I5 after an ending nothing is armed without an answer that was asked after it.
I6 one rest at most is open, and a complete order has none.
I7 of a syringe no more is given than it was filled with, and one step.
"""

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from rigs.fakegun import FakeGun
from rigs.person import Scripted, consent
from rigs.search import times

from mesogun.clinical.library import library
from mesogun.clinical.protocol import read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.records.rows import SessionRow
from mesogun.refusal import MesogunError, Refused
from mesogun.visit import session
from mesogun.visit.begin import Rest
from mesogun.visit.giving import give
from mesogun.visit.left import left_of, numbers_of
from mesogun.visit.person import Pause, Question
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.codes import CUT_SHORT, DEPTH_OFF, DOSE_OFF, PARTIAL, UNCERTAIN, kind_of
from mesogun_fw.talk.messages import ESTOP, FAULT, PAUSE, RUNNING, UNHOMED

HERE = ("here", "there")
FILLED_NL = 500_000
PLANNED = {1: 4, 2: 3}
TEXT = (library() / "face" / "mesolift.toml").read_text()
TEXT = TEXT.replace("points = 60", "points = 4").replace("points = 15", "points = 3")
PROTOCOL = read_protocol(TEXT.encode())


class Killed(BaseException):
    """The program is gone: nothing is wound up."""


class Told(FakeGun):
    """A gun that remembers what it really did: `truth` has a run for every number of every journal, by (epoch, number)."""

    def __init__(self) -> None:
        super().__init__()
        self.run = -1
        self.truth: dict[tuple[int, int], tuple[int, list[int]]] = {}
        self.used_nl = self.stated_nl = 0
        self.order: list[str] = []  # endings, answers and armings as they came

    def write_down(self, depth_um: int, dose_nl: int, flags: int) -> None:
        super().write_down(depth_um, dose_nl, flags)
        self.truth[self.epoch, len(self.journal)] = (self.run, self.journal[-1])
        self.used_nl += self.passes[self.index][6]
        assert self.used_nl <= self.stated_nl, "I7"

    def ended(self, kind: int, reason: int) -> None:
        if kind in (PAUSE, FAULT, ESTOP):
            self.order.append("ended")
        super().ended(kind, reason)

    def power_cut_amid(self, begun: bool) -> None:
        if self.state == RUNNING and begun and self.done[self.index] < self.passes[self.index][2]:
            self.attempts[self.index] += 1
            self.write_down(0, 0, UNCERTAIN)
        self.power_cut()

    def _watch(self, values: list[int]) -> tuple[str, list[int]]:
        name, row = super()._watch(values)
        return name, [*row[:-1], self.used_nl]

    def _begin(self, values: list[int]) -> tuple[str, list[int]]:
        self.stated_nl = values[2]
        return super()._begin(values)

    def _commit(self, values: list[int]) -> tuple[str, list[int]]:
        if sum(one[2] * one[6] for one in self.passes) > self.stated_nl - self.used_nl:
            return "refused", [refusals.VOLUME_TOO_LARGE, -1, 0, 0, 0]
        return super()._commit(values)

    def _arm(self, values: list[int]) -> tuple[str, list[int]]:
        self.order.append("arm")
        return super()._arm(values)


HAPPENS = st.one_of(
    st.just(("nothing", 0, 0)),
    st.tuples(st.sampled_from(["stop", "kill", "power", "power amid", "fault", "e-stop"]), st.integers(300, 4_000), st.just(0)),
    st.tuples(st.just("cut"), st.integers(500, 9_000), st.sampled_from([300, 3_000, 60_000])),
)
FLAGS = st.lists(st.sampled_from([0, 0, 0, PARTIAL, DEPTH_OFF, DOSE_OFF, UNCERTAIN]), max_size=9)


class Orders(RuleBasedStateMachine):
    template: Path

    @initialize()
    def begin(self) -> None:
        self._folder = TemporaryDirectory()
        self.port = Told()
        self.runs = 0
        self.sessions: dict[int, tuple[str, int]] = {}  # by run
        for name in HERE:
            shutil.copy(self.template, self._path(name))

    def teardown(self) -> None:
        if hasattr(self, "_folder"):
            self._folder.cleanup()

    def _path(self, name: str) -> Path:
        return Path(self._folder.name) / f"{name}.db"

    def _records(self, name: str) -> Records:
        return Records.open(f"sqlite:///{self._path(name)}")

    # ---- what happens ----

    @rule(where=st.sampled_from(HERE), happens=HAPPENS, flags=FLAGS, goes_on=st.booleans())
    def a_session(self, where: str, happens: tuple[str, int, int], flags: list[int], goes_on: bool) -> None:
        self._give(where, None, happens, flags, goes_on)

    @rule(where=st.sampled_from(HERE), which=st.integers(0, 9), happens=HAPPENS, flags=FLAGS, goes_on=st.booleans())
    def a_rest(self, where: str, which: int, happens: tuple[str, int, int], flags: list[int], goes_on: bool) -> None:
        with self._records(where) as records:
            rows = records.sessions()
        if rows:
            self._give(where, rows[which % len(rows)].id, happens, flags, goes_on)

    @rule()
    def another_syringe(self) -> None:
        self.port.used_nl = 0

    @rule()
    def switched_off_and_on(self) -> None:
        self.port.power_cut()

    @rule()
    def a_new_journal(self) -> None:
        self.port._format([])

    # ---- one run of the program ----

    def _give(self, where: str, rest_of: int | None, happens: tuple[str, int, int], flags: list[int], goes_on: bool) -> None:
        port, run = self.port, self.runs
        self.runs += 1
        port.run = run
        port.order.clear()
        self._disturb(happens, flags)
        with self._records(where) as records:
            before = records.sessions(limit=1)
        rest = None if rest_of is None else Rest(rest_of, FILLED_NL)
        refused = None
        winding_up = session.wind_up
        if happens[0] == "kill":
            session.wind_up = lambda *_: self._kill()  # type: ignore[assignment,return-value]
        try:
            with suppress(Killed):
                give(PROTOCOL, Gun(port), self._person(goes_on), db=f"sqlite:///{self._path(where)}", rest=rest)
        except Refused as error:
            refused = error
        except MesogunError:
            pass
        finally:
            session.wind_up = winding_up
            self._calm()
        with self._records(where) as records:
            newest = records.sessions(limit=1)
            if newest[:1] != before[:1] and newest and (not before or newest[0].id != before[0].id):
                self.sessions[run] = (where, newest[0].id)
            assert refused is None or "do not agree" not in str(refused), "I4"
        self._no_arm_unasked(port.order)

    def _person(self, goes_on: bool) -> Scripted:
        def asked(question: Question) -> str:
            self.port.order.append("answer")
            assert isinstance(question.about, Pause)
            return consent(question, goes_on)

        return Scripted(
            {
                "confirm-gun": str(self.port.welcome[4]), "interrupted-initials": "AB", "interrupted-note": "it fell",
                "give-rest": consent, "given-before": consent, "go-on": asked, "after-fault": asked, "after-estop": asked,
            }
        )  # fmt: skip

    def _kill(self) -> Any:
        raise Killed

    def _disturb(self, happens: tuple[str, int, int], flags: list[int]) -> None:
        port = self.port
        what, when, back_ms = happens
        kinds = itertools.chain(flags, itertools.repeat(0))
        shoot = FakeGun.shot
        port.shot = lambda *_: shoot(port, next(kinds))  # type: ignore[method-assign]

        def latch(kind: int) -> Callable[[], None]:
            def happen() -> None:
                port._run += 1
                port.ended(kind, reasons.TOO_HOT if kind == FAULT else reasons.ESTOP_PRESSED)
                port.after(1_000, lambda: port.go(UNHOMED))

            return happen

        def bytes_left() -> Callable[[bytes], list[bytes]]:
            left = when

            def wire(line: bytes) -> list[bytes]:
                nonlocal left
                left -= len(line)
                if left < 0 and not port.cut and left + len(line) >= 0:
                    port.cut = True
                    port.after(back_ms, lambda: setattr(port, "cut", False))
                    return [line[: left + len(line)]]
                return [line]

            return wire

        acts: dict[str, Callable[[], None]] = {
            "stop": lambda: port.ended(PAUSE, reasons.HELD_TOO_LONG) if port.state == RUNNING else None,  # type: ignore[func-returns-value]
            "kill": self._kill,
            "power": lambda: port.power_cut_amid(False),
            "power amid": lambda: port.power_cut_amid(True),
            "fault": latch(FAULT),
            "e-stop": latch(ESTOP),
        }
        if what in acts:
            port.after(when, acts[what])
        elif what == "cut":
            port.wire = bytes_left()

    def _calm(self) -> None:
        """Whatever was to happen has happened, the cable is in, and the gun has noticed that nobody is there."""
        port = self.port
        port.wire = lambda line: [line]
        port.cut = False
        port.open()
        for _ in range(3):
            with suppress(Killed):
                port.sleep_s(40)

    # ---- what holds ----

    @staticmethod
    def _no_arm_unasked(order: list[str]) -> None:
        waits = False
        for what in order:
            assert not (waits and what == "arm"), f"I5: {order}"
            waits = what == "ended" or (waits and what != "answer")

    @invariant()
    def what_was_done_is_known_and_given_once(self) -> None:
        if not hasattr(self, "port"):
            return
        owners: dict[tuple[int, int], tuple[str, int]] = {}
        runs = {session: run for run, session in self.sessions.items()}
        for where in HERE:
            with self._records(where) as records:
                rows = records.sessions()
                mine: set[tuple[int, int]] = set()
                for row in rows:
                    for key, shot in numbered(records, row):
                        run, truth = self.port.truth[key]
                        assert key not in owners, f"I3: {key} is in {owners[key]} and {where} {row.id}"
                        assert run == runs[where, row.id], f"I3: {key} of run {run} is in {where} {row.id}"
                        assert shot == truth[2:8], "I3"
                        owners[key] = (where, row.id)
                        mine.add(key)
                foreign = [(one.epoch, one.number) for one in records.foreign()]
                assert len(set(foreign)) == len(foreign), "I3"
                assert not mine & set(foreign), "I3: foreign, and on record"
                for first in [row for row in rows if not row.rest_of]:
                    self._order(records, first, runs, where)
                assert sum(row.outcome is None for row in rows) <= 1

    def _order(self, records: Records, first: SessionRow, runs: dict[tuple[str, int], int], where: str) -> None:
        order = left_of(records, first.id)
        assert order == left_of(records, first.id), "I2: computed twice"
        for number, planned in PLANNED.items():
            assert order.given[number] <= planned, "I1"
            assert order.given[number] + order.left[number] == planned, "I2"
        assert sum(row.outcome is None for row in order.sessions) <= 1, "I6"
        truly: Counter[int] = Counter()
        for row in order.sessions:
            numbers = numbers_of(row)
            for run, (_, _, pass_index, *_, flags, _) in self.port.truth.values():
                if run == runs.get((where, row.id)) and kind_of(flags) != CUT_SHORT:
                    truly[numbers[pass_index]] += 1
        for number, planned in PLANNED.items():
            assert truly[number] <= planned, f"I1: {where} {first.id}: {truly} were made"


def numbered(records: Records, row: SessionRow) -> list[tuple[tuple[int, int], list[int]]]:
    """A session's shots that the gun told, each by its epoch and number, with pass, number in it, dose, and what was measured."""
    assert row.began is not None
    shots = sorted((shot for shot in records.shots(row.id) if shot.n), key=lambda shot: (shot.pass_index, shot.shot))
    return [
        (
            (row.began.epoch, row.began.shots + i),
            [
                shot.pass_index,
                shot.shot,
                shot.commanded_dose_nl,
                shot.measured_depth_um or 0,
                shot.measured_dose_nl or 0,
                shot.flags,
            ],
        )
        for i, shot in enumerate(shots, 1)
    ]


@pytest.mark.long
@pytest.mark.slow
def test_whatever_happens_between_two_laptops_and_a_gun_what_was_done_is_known_and_given_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    template = tmp_path_factory.mktemp("template") / "records.db"
    with Records.open(f"sqlite:///{template}"):
        pass
    search = settings(max_examples=times(60), stateful_step_count=9)
    run_state_machine_as_test(type("Here", (Orders,), {"template": template}), settings=search)
