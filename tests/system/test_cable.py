"""The cable is out for a while, or what is at its other end was switched off and on: each shot is given once, and on record."""

import select
import socket
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import Phase, example, settings
from hypothesis import given as for_any
from hypothesis import strategies as st
from rigs import outside
from rigs.search import examples
from rigs.whole import (
    CONTINUOUS,
    SINGLE,
    GunProcess,
    give,
    gun_process,
    messages,
    plan_of,
    protocol,
    recorded,
    reported,
)

from mesogun.gun.client import Gun
from mesogun.records import Records, ShotRow
from mesogun.records.tally import Progress
from mesogun_fw import limits
from mesogun_fw.talk.codes import PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ARMED, PAUSE, RUNNING

PROTOCOL = protocol()
STEP_UM = 10
POINTS = {0: 30, 1: 8}
SILENT = "nothing heard from the laptop"
CUT = "the connection to the gun was cut"
SAME_SERIAL = 900_000  # seeds so far apart are the same gun at another start


class Visit:
    """A session over a simulated cable that is out from one millisecond to another, as often as named; and its witnesses."""

    def __init__(self, folder: Path, *outages: tuple[int, int]) -> None:
        self.questions: list[str] = []
        self.trace = folder / "trace"
        url = f"sim://?trace={self.trace}" + "".join(f"&fault=link-down@{out}-{back}" for out, back in outages)
        with Records.open(f"sqlite:///{folder}/records.db") as records, Gun.connect(url) as gun:
            self.summary = give(gun, records, plan_of(PROTOCOL), go_on=self._go_on)
            self.shots = records.shots(self.summary.session_id)
            self.rows = recorded(records, self.summary.session_id)

    def _go_on(self, reason: str) -> bool:
        self.questions.append(reason)
        return True

    def start_ms(self, index: int, number: int) -> int:
        return next(shot.at_ms for shot in self.shots if (shot.pass_index, shot.shot) == (index, number))

    def each_shot_once(self) -> None:
        """By the host's record, by the gun's own account, and by its pins."""
        assert self.summary.outcome == "complete"
        assert self.rows == reported(self.trace)
        assert whole(self.shots) == POINTS
        assert [len(one) for one in outside.check(self.trace, PROTOCOL)] == list(POINTS.values())
        assert len({shot.n for shot in self.shots}) == len(self.shots)
        # stopped in the very tick in which it began, a shot is reported whose needle never left home
        assert len([shot for shot in self.shots if shot.measured_depth_um > STEP_UM]) == len(outside.strokes(self.trace))


def whole(shots: list[ShotRow]) -> dict[int, int]:
    """Whole shots of each pass."""
    return dict(Counter(shot.pass_index for shot in shots if not shot.flags & (PARTIAL | UNCERTAIN)))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Visit:
    visit = Visit(tmp_path_factory.mktemp("undisturbed"))
    visit.each_shot_once()
    assert visit.questions == []
    return visit


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("later_ms", range(0, 100, 20))
@pytest.mark.parametrize("during", POINTS)
def test_a_third_of_a_second_without_cable_is_not_even_noticed(
    during: int, later_ms: int, undisturbed: Visit, tmp_path: Path
) -> None:
    out_ms = undisturbed.start_ms(during, 5) + later_ms  # wherever it falls between two beats
    visit = Visit(tmp_path, (out_ms, out_ms + 300))
    assert visit.questions == []
    visit.each_shot_once()


@pytest.mark.slow
@pytest.mark.parametrize(("cut_ms", "question"), [(700, SILENT), (5_000, CUT)])
@pytest.mark.parametrize("during", POINTS)
def test_a_longer_cut_pauses_and_goes_on_only_when_told_to(
    during: int, cut_ms: int, question: str, undisturbed: Visit, tmp_path: Path
) -> None:
    out_ms = undisturbed.start_ms(during, 5) + 30
    visit = Visit(tmp_path, (out_ms, out_ms + cut_ms))
    (asked,) = visit.questions
    assert asked.startswith(question)
    visit.each_shot_once()
    armed = [line for line in messages(visit.trace) if line.name == "armed"]
    assert Counter(line.fields["index"] for line in armed) == {0: 1, 1: 1} | {during: 2}


@pytest.mark.slow
@pytest.mark.parametrize("cut_ms", [700, 5_000])
@pytest.mark.parametrize("during", POINTS)
def test_a_pause_after_the_last_dose_of_a_pass_leaves_nothing_to_arm_again(
    during: int, cut_ms: int, undisturbed: Visit, tmp_path: Path
) -> None:
    dwelling_ms = undisturbed.start_ms(during, POINTS[during]) + 140  # its dose is in, the needle not yet out
    beats_ms = [line.at_us // 1000 for line in messages(undisturbed.trace) if line.name == "beat"]
    last_heard_ms = max(at_ms for at_ms in beats_ms if at_ms <= dwelling_ms - limits.LINK_SILENT_MS)
    visit = Visit(tmp_path, (last_heard_ms + 5, last_heard_ms + 5 + cut_ms))
    paused = {line.fields["n"]: line.fields["done"] for line in messages(visit.trace) if line.fields.get("kind") == PAUSE}
    assert list(paused.values()) == [POINTS[during]]
    assert len(visit.questions) == (1 if during == 0 else 0), "asked only when there is something to go on with"
    visit.each_shot_once()


@pytest.mark.long
@pytest.mark.slow
@settings(examples(15), derandomize=True, phases=[Phase.explicit, Phase.generate])  # shrinking whole sessions takes minutes
@example([(594, 600), (3_700, 1_500), (502, 600)])  # the last one stops a shot in the tick in which it begins
@for_any(st.lists(st.tuples(st.integers(0, 9_000), st.sampled_from([40, 350, 600, 1_500, 2_100, 9_000])), min_size=1, max_size=3))
def test_no_shot_is_lost_or_doubled_however_the_cable_fails(
    tmp_path_factory: pytest.TempPathFactory, outages: list[tuple[int, int]]
) -> None:
    at_ms = 20  # the gun was reached
    times = []
    for after_ms, cut_ms in outages:
        times.append((at_ms + after_ms, at_ms + after_ms + cut_ms))
        at_ms = times[-1][1]
    Visit(tmp_path_factory.mktemp("cut"), *times).each_shot_once()


# ---- a cable of real sockets ----


class Cable(threading.Thread):
    """A TCP port that leads to a gun. `pull` takes both ends out for a while; meanwhile nobody can connect."""

    def __init__(self, gun_port: int) -> None:
        super().__init__(daemon=True)
        self._gun_port = gun_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._address = self._listener.getsockname()
        self.url = f"socket://127.0.0.1:{self._address[1]}"
        self._out_s = 0.0

    def pull(self, for_s: float) -> None:
        self._out_s = for_s

    def run(self) -> None:
        while True:
            host, _ = self._listener.accept()
            self._listener.close()
            self._carry(host)
            time.sleep(self._out_s)
            self._out_s = 0.0
            self._listener = socket.create_server(self._address)

    def _carry(self, host: socket.socket) -> None:
        with host, socket.create_connection(("127.0.0.1", self._gun_port)) as gun:
            while not self._out_s:
                for end in select.select([host, gun], [], [], 0.01)[0]:
                    data = end.recv(4_096)
                    if not data:
                        return
                    (gun if end is host else host).sendall(data)


@pytest.mark.long
@pytest.mark.slow
def test_a_plug_pulled_in_either_pass_is_plugged_in_again_and_every_shot_is_given_once(tmp_path: Path) -> None:
    text = protocol(CONTINUOUS | {"points": 6}, SINGLE | {"points": 3})
    pulled = set()
    questions = []

    def watch(now: Progress) -> None:
        if now.done == (3, 1)[now.pass_index] and now.pass_index not in pulled and now.state in (ARMED, RUNNING):
            pulled.add(now.pass_index)
            cable.pull((0.1, 0.8)[now.pass_index])

    with gun_process(tmp_path / "trace") as process:
        cable = Cable(process.port)
        cable.start()
        with Records.open(f"sqlite:///{tmp_path}/records.db") as records, Gun.connect(cable.url) as gun:
            summary = give(gun, records, plan_of(text), on_progress=watch, go_on=lambda why: questions.append(why) or True)
            shots, rows = records.shots(1), recorded(records)
    assert summary.outcome == "complete"
    assert pulled == {0, 1}
    assert len([why for why in questions if why.startswith(CUT)]) == 2
    assert whole(shots) == {0: 6, 1: 3}
    assert rows == reported(tmp_path / "trace")
    assert [len(one) for one in outside.check(tmp_path / "trace", text)] == [6, 3]


@pytest.mark.slow
def test_a_gun_switched_off_and_on_in_mid_pass_ends_the_session_and_its_shot_in_flight_is_uncertain(tmp_path: Path) -> None:
    after: list[GunProcess] = []

    def watch(now: Progress) -> None:
        if now.done >= 4 and now.state == RUNNING and not after:
            time.sleep(0.05)  # the next shot is under way
            before.switch_off()
            after.append(GunProcess(tmp_path / "after", seed=1 + SAME_SERIAL, port=before.port))

    before = GunProcess(tmp_path / "before")
    try:
        with Records.open(f"sqlite:///{tmp_path}/records.db") as records, Gun.connect(before.url) as gun:
            summary = give(gun, records, plan_of(PROTOCOL), on_progress=watch)
            *certain, uncertain = records.shots(1)
            rows = recorded(records)
            assert records.unfinished() == []
    finally:
        for process in (before, *after):
            process.switch_off()
    assert (summary.outcome, summary.uncertain) == ("interrupted", 1)
    assert "switched off and on" in summary.reason
    assert (uncertain.flags, uncertain.measured_dose_nl, uncertain.commanded_dose_nl) == (UNCERTAIN, None, 10_000)
    assert len(certain) >= 4
    assert rows[:-1] == reported(tmp_path / "before")
    assert reported(tmp_path / "after") == []
    assert not [line for line in messages(tmp_path / "after") if line.name in ("arm", "home")]
