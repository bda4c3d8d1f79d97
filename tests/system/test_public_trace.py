"""A whole session judged from outside: pins.csv, device.json and the protocol's file, by code that imports nothing of ours."""

import ast
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from rigs import outside
from rigs.rig import Rig, a_pass
from rigs.whole import CONTINUOUS, LIBRARY, SINGLE, give, plan_of, protocol

from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.records.tally import Summary
from mesogun_fw.talk.messages import RUNNING

DEEP = CONTINUOUS | {
    "technique": '"hypodermic"', "mode": '"burst"', "burst": 8, "depth_mm": 10.0, "rate_hz": 2, "dose_ul": 33.3, "dwell_ms": 40,
    "spacing_mm": 10,
}  # fmt: skip


def given(folder: Path, text: str, *faults: str) -> Summary:
    url = f"sim://?trace={folder}" + "".join(f"&fault={fault}" for fault in faults)
    with Records.open(f"sqlite:///{folder}/records.db") as records, Gun.connect(url) as gun:
        return give(gun, records, plan_of(text))


def held(whole: Sequence[outside.Stroke], period_us: int) -> int:
    """How many shots followed the one before by exactly the period, to the microsecond."""
    return sum(later.start_us - earlier.start_us == period_us for earlier, later in pairwise(whole))


def agree(trace: Path) -> None:
    """What the gun reported is what its pins did, shot by shot, as well as encoders with half a micrometre can tell."""
    gun = outside.device(trace)
    made = outside.strokes(trace)
    rest = outside.shots(trace)
    for stroke in made:
        # one, or as many as there were seconds of constant flow
        reported = [shot for shot in rest if shot["start_us"] <= stroke.end_us]
        rest = rest[len(reported) :]
        assert 0 < stroke.start_us - reported[0]["start_us"] < 2_000
        dose_nl = sum(shot["measured_dose_nl"] for shot in reported)
        assert abs(dose_nl - len(stroke.plunger_at) * gun.plunger_nl) <= 1.5 * gun.plunger_nl * len(reported)
        for shot in reported:
            assert abs(shot["measured_depth_um"] - stroke.deepest * gun.needle_nm / 1000) <= 3
    assert not rest, "shots without a stroke"


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_every_shot_of_the_library_is_as_its_protocol_says(name: str, library_trace: Callable[[str, str], Path]) -> None:
    trace = library_trace(name, "cpython")
    text = LIBRARY[name].read_text()
    whole = outside.check(trace, text)
    for shots, one in zip(whole, outside.passes(text, outside.device(trace)), strict=True):
        # the hand lifts after every row of 25, and single and retrograde shots are one a press
        rows = -(-one.points // 25)
        if one.mode == outside.FLOW:
            assert rows <= len(shots) <= rows + 1, one
        else:
            assert held(shots, one.period_us) == (0 if one.mode in ("single", outside.DRAW) else one.points - rows), one
    agree(trace)


@pytest.mark.slow
def test_the_deepest_shot_goes_to_ten_millimetres_and_not_a_step_further(tmp_path: Path) -> None:
    text = protocol(DEEP | {"points": 20})
    assert given(tmp_path, text).outcome == "complete"
    (whole,) = outside.check(tmp_path, text)
    gun = outside.device(tmp_path)
    assert {stroke.deepest * gun.needle_nm for stroke in whole} == {outside.CAP_NM}
    assert held(whole, 500_000) == 17, "bursts of 8, 8 and 4"
    agree(tmp_path)


@pytest.mark.slow
def test_a_whole_syringe_is_emptied_without_drift(tmp_path: Path) -> None:
    passes = [SINGLE | {"depth_mm": 0.5, "dose_ul": 41.7, "points": points} for points in (50, 1, 188)]
    text = protocol(*passes, size_ml=10, filled_ml=10.0)
    assert given(tmp_path, text).volume_nl > 9_960_000
    assert [len(whole) for whole in outside.check(tmp_path, text)] == [50, 1, 188]
    steps = sum(len(stroke.plunger_at) for stroke in outside.strokes(tmp_path))
    assert abs(steps - 239 * 41_700 / outside.device(tmp_path).plunger_nl) <= 1


@pytest.mark.slow
@pytest.mark.parametrize(("part", "partial"), [(0.02, 1), (0.2, 1), (0.4, 1), (0.6, 1), (0.95, 0)])
def test_a_shot_cut_short_ends_at_home_and_all_others_are_whole(part: float, partial: int, tmp_path: Path) -> None:
    text = protocol(DEEP | {"points": 12}, SINGLE)
    given(tmp_path / "undisturbed", text)
    third = outside.strokes(tmp_path / "undisturbed")[2]
    lifted_ms = round(third.start_us + part * (third.turned_us - third.start_us)) // 1000

    summary = given(tmp_path, text, f"lift@{lifted_ms}-{lifted_ms + 50}")
    assert (summary.outcome, summary.shots, summary.partial) == ("complete", 20, partial)
    cut = outside.strokes(tmp_path)[2]
    assert cut.start_us == third.start_us
    assert cut.end_us < third.end_us
    assert [len(whole) for whole in outside.check(tmp_path, text)] == [12, 8]
    agree(tmp_path)


def test_a_trace_written_in_mid_stroke_shows_where_the_needle_is(tmp_path: Path) -> None:
    rig = Rig(trace=tmp_path).ready(a_pass(depth_um=10_000))
    rig.press()
    rig.until(lambda: rig.board.state == RUNNING)
    rig.wait(20)
    rig.desk.save()
    (stroke,) = outside.strokes(tmp_path)
    assert 0 < stroke.ends_at < 1_000
    assert abs(stroke.ends_at * 10 - rig.tip_um) <= 10


def test_the_code_that_judges_imports_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(outside.__file__).read_text())
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
