"""Real MicroPython leaves the trace that CPython leaves: shots, an abort in mid-stroke, a fault, a request sent twice."""

from pathlib import Path

import pytest
from rigs.micropython import needed_micropython
from rigs.rig import Rig, a_pass

from mesogun_fw.talk import frames, reasons
from mesogun_fw.talk.messages import BURST, FAULTED, IDLE, RUNNING

needed_micropython()

FILES = ("messages.log", "shots.csv", "pins.csv", "device.json")


def visit(engine: str, folder: Path, seed: int) -> dict[str, str]:
    """A visit with everything in it that a bad day has."""
    rig = Rig(seed, engine=engine, trace=folder)
    rig.ready(a_pass(shots=8, depth_um=4_000, period_us=200_000), a_pass(index=1, mode=BURST, burst=2, shots=4, depth_um=10_000))
    rig.press()
    rig.until_lamp(RUNNING)
    rig.release(in_ms=217)  # in mid-stroke, on its way out
    rig.wait(300)
    rig.press(in_ms=250)
    rig.until_lamp(IDLE)
    rig.release()
    rig.arm(1)
    rig.press(in_ms=250)
    rig.until_lamp(RUNNING)
    rig.happen("plunger-stall", in_ms=40)
    rig.until_lamp(FAULTED)
    assert rig.told("ended")[-1]["reason"] == reasons.DOSE_WRONG
    rig.beats = False
    line = frames.encode(rig.seq + 1, "disarm", [])
    rig.desk.send(line + b"0 nonsense *00000000\n")
    rig.wait(20)
    rig.desk.send(line)
    rig.wait(20)
    rig.desk.close()
    return {name: (folder / name).read_text() for name in FILES}


@pytest.mark.parametrize("seed", [1, 77])
def test_both_engines_leave_the_same_bytes(seed: int, tmp_path: Path) -> None:
    one = visit("cpython", tmp_path / "cpython", seed)
    other = visit("micropython", tmp_path / "micropython", seed)
    for name in FILES:
        assert one[name] == other[name], f"{name} differs"
    assert len(one["shots.csv"].splitlines()) >= 10
    answers = [line.split(" ", 2)[2] for line in one["messages.log"].splitlines() if " < " in line]
    assert len(answers) > len(set(answers)), "the request sent twice was answered twice, the same"
