"""Skipping ticks, and how a host chunks its reads, change nothing; the seed changes everything that may vary."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.marks import mostly_slow
from rigs.rig import BORE_UM, Rig, a_pass, figures_of
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.talk import frames, reasons
from mesogun_fw.talk.messages import BURST, CONTINUOUS, IDLE, SINGLE

FILES = ("messages.log", "shots.csv", "pins.csv")


def visit(folder: Path, passes: list[list[int]], seed: int = 1, skip: bool = True, bore_um: int = BORE_UM) -> dict[str, bytes]:
    """What a whole visit leaves in the trace: homed, every pass made by the simulated hand."""
    rig = Rig(seed, skip=skip, hand=True, trace=folder, row_shots=4)
    rig.ask("hello", 1)
    rig.ask("home")
    rig.until_lamp(IDLE)
    rig.load(*passes, bore_um=bore_um)
    for one in passes:
        rig.arm(one[0])
        rig.until_lamp(IDLE, limit_ms=600_000)
        assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE
    rig.wait(300)
    rig.desk.close()
    return {name: (folder / name).read_bytes() for name in FILES}


CASES = {
    "ten a second": [a_pass(shots=12, depth_um=1_000, dose_nl=1_000, period_us=100_000)],
    "one in five seconds": [a_pass(shots=3, period_us=5_000_000)],
    "single, no dwell": [a_pass(mode=SINGLE, shots=3, dwell_us=0)],
    "dry, no dwell": [a_pass(shots=9, dose_nl=0, dwell_us=0, period_us=120_000)],
    "dry, burst": [a_pass(mode=BURST, burst=3, shots=7, dose_nl=0)],
    "200 µl": [a_pass(shots=2, dose_nl=200_000, flow_nl_s=100_000, period_us=2_700_000)],
    "long dwell": [a_pass(shots=2, dwell_us=2_000_000, period_us=2_500_000)],
    "10.0 mm, then 0.2 mm": [a_pass(shots=3, depth_um=10_000), a_pass(index=1, shots=3, depth_um=200)],
    "a slow needle": [a_pass(shots=3, depth_um=3_000, needle_um_s=5_000, period_us=1_400_000)],
}


@pytest.mark.parametrize("name", mostly_slow(CASES, 3))
def test_running_every_tick_or_only_those_that_matter_leaves_the_same_bytes(name: str, tmp_path: Path) -> None:
    for seed in (1, 20):
        skipped = visit(tmp_path / f"skipped{seed}", CASES[name], seed)
        every = visit(tmp_path / f"every{seed}", CASES[name], seed, skip=False)
        for file in FILES:
            assert skipped[file] == every[file], f"{file}, seed {seed}"


@st.composite
def passes(draw: st.DrawFn) -> list[int]:
    mode = draw(st.sampled_from((SINGLE, BURST, CONTINUOUS)))
    one = a_pass(
        mode=mode,
        burst=draw(st.integers(1, 4)) if mode == BURST else 1,
        shots=draw(st.integers(1, 6)),
        depth_um=100 * draw(st.integers(2, 100)),
        needle_um_s=draw(st.integers(limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S)),
        dose_nl=draw(st.one_of(st.just(0), st.integers(1_000, 40_000))),
        flow_nl_s=draw(st.integers(50_000, 2_000_000)),
        dwell_us=draw(st.just(0) | st.integers(limits.DWELL_MIN_US, 200_000)),
        period_us=limits.PERIOD_MAX_US,
    )
    shortest = max(figures_of(one).shortest_us, limits.PERIOD_MIN_US)
    one[-1] = shortest + draw(st.integers(0, 300_000))
    return one


@pytest.mark.slow
@examples(25)
@given(passes(), st.integers(1, 1_000))
def test_so_it_does_for_any_settings(tmp_path_factory: pytest.TempPathFactory, one: list[int], seed: int) -> None:
    folder = tmp_path_factory.mktemp("any")
    assert visit(folder / "skipped", [one], seed) == visit(folder / "every", [one], seed, skip=False)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = (visit(tmp_path / str(i), CASES["single, no dwell"], seed) for i, seed in enumerate((4, 4, 5)))
    assert first == again
    for file in FILES:
        assert first[file] != other[file], file


def chunked(folder: Path, chunk_ms: int) -> tuple[bytes, bytes, list[object]]:
    """Pins, shots and what the device said of a visit with the same lines sent at the same times, read every `chunk_ms`."""
    rig = Rig(3, hand=True, trace=folder, row_shots=4)
    one = a_pass(shots=7, period_us=120_000, dwell_us=0)
    begin = (1, BORE_UM, 5_000_000, limits.FLOW_MAX_NL_S)
    digest = frames.digest([frames.body("begin", list(begin)), frames.body("pass", one)])
    sends: dict[int, tuple[str, tuple[int, ...]]] = {
        0: ("hello", (1,)), 100: ("home", ()), 2_000: ("begin", begin), 2_100: ("pass", tuple(one)), 2_200: ("commit", (digest, 0)),
        2_300: ("arm", (0,)),
    }  # fmt: skip
    for ms in range(0, 8_000, 50):
        if ms in sends:
            rig.say(sends[ms][0], *sends[ms][1])
        elif ms:
            rig.say("beat", 0)
        while rig.now_ms < ms + 50:
            rig.desk.advance(rig.now_ms + chunk_ms)
            rig.hear(rig.desk.receive())
    rig.desk.close()
    assert len(rig.told("shot")) >= 7
    return (folder / "pins.csv").read_bytes(), (folder / "shots.csv").read_bytes(), [rig.answers, rig.events]


def test_the_size_of_the_hosts_reads_changes_nothing_on_the_device(tmp_path: Path) -> None:
    fine = chunked(tmp_path / "1", 1)
    assert fine == chunked(tmp_path / "10", 10) == chunked(tmp_path / "50", 50)
