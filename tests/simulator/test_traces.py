"""What pins.csv alone proves, read as anyone could: depth, period and dose to the step, every shot ends at home."""

import csv
import json
import math
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from rigs.marks import mostly_slow
from rigs.rig import Rig, a_pass

from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, IDLE, SINGLE
from mesogun_sim.desk import Desk


def step_nl(bore_um: int) -> float:
    """What one plunger step of the reference gun dispenses."""
    return math.pi / 4 * bore_um * bore_um * 625 / 1e9


@dataclass
class Shot:
    """One stroke by its edges: needle position is counted in steps from home, outwards."""

    start_us: int
    deepest: int = 0
    ends_at: int = 0
    dispensed: list[int] = field(default_factory=list)  # needle position at each plunger step


def strokes(folder: Path) -> list[Shot]:
    """pins.csv cut where the needle leaves home. Without power the spring brings the needle home."""
    shots: list[Shot] = []
    level = {"needle_step": 0, "needle_dir": 0, "plunger_step": 0, "plunger_dir": 0}
    position = last_ns = 0
    with (folder / "pins.csv").open() as rows:
        for row in csv.DictReader(rows):
            time_ns, pin, value = int(row["time_ns"]), row["pin"], int(row["level"])
            assert time_ns >= last_ns, "rows are in the order of time"
            last_ns = time_ns
            if pin == "enable":
                position = position if value else 0
                continue
            assert level[pin] != value, f"{time_ns}: {pin} does not change"
            level[pin] = value
            if pin == "needle_step" and value:
                if position == 0 and not level["needle_dir"]:
                    shots.append(Shot(time_ns // 1000))
                position += -1 if level["needle_dir"] else 1
                shots[-1].deepest = max(shots[-1].deepest, position)
                shots[-1].ends_at = position
            elif pin == "plunger_step" and value:
                assert not level["plunger_dir"], "never backwards"
                shots[-1].dispensed.append(position)
    return shots


def test_the_trace_says_the_mode_of_each_pass_and_whether_the_needle_stays_in(tmp_path: Path) -> None:
    made(
        tmp_path,
        a_pass(0, shots=3, mode=SINGLE),
        a_pass(1, shots=3, depth_um=3_000, dose_nl=10_000, period_us=1_000_000, mode=CONSTANT_FLOW),
    )
    told = json.loads((tmp_path / "device.json").read_text())["passes"]
    assert told == [
        {"pass": 0, "mode": "single", "needle_stays_in": False},
        {"pass": 1, "mode": "constant flow", "needle_stays_in": True},
    ]
    shots = strokes(tmp_path)
    rows = reports(tmp_path)
    assert [row["pass"] for row in rows] == [0, 0, 0, 1, 1, 1]
    assert len(shots) == 3 + 1, "three ways in and back, and one for all three seconds of flow"
    assert 1_000_000 < rows[4]["start_us"] - rows[3]["start_us"] < 1_100_000, "the way in comes on top"
    assert rows[5]["start_us"] - rows[4]["start_us"] == 1_000_000


def reports(folder: Path) -> list[dict[str, int]]:
    with (folder / "shots.csv").open() as rows:
        return [{key: int(value) for key, value in row.items()} for row in csv.DictReader(rows)]


def made(folder: Path, *passes: list[int], seed: int = 1, bore_um: int = 12_060, row_shots: int = 25) -> list[Shot]:
    rig = Rig(seed, hand=True, trace=folder, row_shots=row_shots)
    rig.ask("hello", 1)
    rig.ask("home")
    rig.until_lamp(IDLE)
    rig.load(*passes, bore_um=bore_um)
    for one in passes:
        rig.arm(one[0])
        rig.until_lamp(IDLE, limit_ms=3_000_000)
        assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE
    rig.wait(300)
    rig.desk.close()
    return strokes(folder)


@pytest.mark.parametrize("depth_um", mostly_slow([200, 500, 1_000, 2_000, 3_900, 6_000, 9_900, 10_000], 3))
def test_the_needle_goes_exactly_as_deep_as_asked_and_comes_home(depth_um: int, tmp_path: Path) -> None:
    shots = made(tmp_path, a_pass(shots=30, depth_um=depth_um, period_us=200_000), row_shots=7)
    whole = [shot for shot in reports(tmp_path) if not shot["flags"] & PARTIAL]
    assert len(whole) == 30
    nm = json.loads((tmp_path / "device.json").read_text())["needle_nm_per_step"]
    assert all(shot.ends_at == 0 for shot in shots)
    assert max(shot.deepest for shot in shots) * nm <= 10_000_000
    deep = [shot for shot in shots if shot.deepest * nm == depth_um * 1000]
    assert len(deep) >= 30
    assert len(shots) == len(reports(tmp_path))


@pytest.mark.parametrize("depth_um", [300, 10_000])
def test_drug_flows_only_at_full_depth(depth_um: int, tmp_path: Path) -> None:
    shots = made(tmp_path, a_pass(shots=5, depth_um=depth_um))
    assert all(set(shot.dispensed) == {depth_um // 10} for shot in shots if shot.deepest == depth_um // 10)


@pytest.mark.parametrize("period_us", [100_000, 111_111, 333_333, 5_000_000])
def test_the_period_of_a_held_trigger_is_exact_to_the_microsecond(period_us: int, tmp_path: Path) -> None:
    count = 4 if period_us > 1_000_000 else 40
    shots = made(tmp_path, a_pass(shots=count, depth_um=1_000, dose_nl=1_000, period_us=period_us), row_shots=1_000)
    assert {later.start_us - earlier.start_us for earlier, later in pairwise(shots)} == {period_us}
    assert [report["start_us"] for report in reports(tmp_path)] == [
        reports(tmp_path)[0]["start_us"] + i * period_us for i in range(count)
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("bore_um", "dose_nl"), [(12_060, 10_000), (4_780, 1_000), (15_900, 1_000), (15_900, 7_777)])
def test_a_syringe_in_two_passes_is_dispensed_to_one_plunger_step(bore_um: int, dose_nl: int, tmp_path: Path) -> None:
    one = {"depth_um": 1_000, "dose_nl": dose_nl, "period_us": 200_000, "flow_nl_s": 500_000}
    shots = made(tmp_path, a_pass(shots=150, **one), a_pass(index=1, shots=151, **one), bore_um=bore_um, row_shots=1_000)
    assert not any(report["flags"] for report in reports(tmp_path))
    given = 0
    for i, shot in enumerate(shots, 1):
        given += len(shot.dispensed)
        assert abs(given - i * dose_nl / step_nl(bore_um)) <= 1, f"shot {i}"
    assert len(shots) == 301


@pytest.mark.slow
def test_a_whole_five_millilitre_syringe_leaves_less_than_a_step(tmp_path: Path) -> None:
    shots = made(tmp_path, a_pass(mode=BURST, burst=20, shots=500, depth_um=500, period_us=150_000, dwell_us=0))
    assert abs(sum(len(shot.dispensed) for shot in shots) - 5_000_000 / step_nl(12_060)) <= 1


def test_single_and_burst_make_the_shots_of_a_press_and_no_more(tmp_path: Path) -> None:
    for mode, burst in ((SINGLE, 1), (BURST, 3)):
        folder = tmp_path / str(mode)
        shots = made(folder, a_pass(mode=mode, burst=burst, shots=7))
        gaps = [later.start_us - earlier.start_us for earlier, later in pairwise(shots)]
        within = [gap for gap in gaps if gap == 333_333]
        assert len(within) == (0 if mode == SINGLE else 4)
        assert all(gap > 500_000 for gap in gaps if gap != 333_333)
        assert len(shots) == 7


def test_dry_needling_moves_no_plunger(tmp_path: Path) -> None:
    shots = made(tmp_path, a_pass(shots=10, dose_nl=0, period_us=120_000))
    assert not any(shot.dispensed for shot in shots)


@pytest.mark.slow
def test_measured_figures_of_whole_shots_are_within_the_encoders_errors(tmp_path: Path) -> None:
    made(tmp_path, a_pass(shots=60, depth_um=4_000), row_shots=9)
    for report in reports(tmp_path):
        if not report["flags"]:
            assert abs(report["measured_depth_um"] - 4_000) <= 2
            assert abs(report["measured_dose_nl"] - 10_000) <= 150  # a step is 71 nl, an encoder count 57


def test_what_commands_a_terminal_is_spelt_out_in_a_trace_as_in_a_wire_log(tmp_path: Path) -> None:
    desk = Desk(trace=tmp_path / "trace")
    desk.send(b"\x1b[2J\x9b31m\r\n")
    desk.close()
    text = (tmp_path / "trace" / "messages.log").read_text()
    assert text == "0 > \\x1b[2J\\x9b31m\\x0d\n"
