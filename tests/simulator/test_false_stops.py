"""The guard stops nothing that is well: no false stop in 18,000 shots (DOMAIN 5), encoder noise and all."""

import pytest
from rigs.marks import mostly_slow, slow
from rigs.rig import Rig, a_pass, figures_of
from rigs.search import stride

from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import IDLE

# depth, dose, shots, seed; as fast as the needle can, so that nothing but work is judged
RUNS = [
    (10_000, 0, 1_500, 1),
    (10_000, 1_000, 500, 2),
    (9_900, 0, 400, 3),
    (4_000, 10_000, 600, 4),
    (2_000, 3_000, 2_000, 5),
    (1_000, 1_000, 3_000, 6),
    (500, 0, 4_000, 7),
    (200, 0, 6_000, 8),
]


def test_the_runs_below_are_18_000_shots() -> None:
    assert sum(shots for _, _, shots, _ in RUNS) >= 18_000


@pytest.mark.parametrize(("depth_um", "dose_nl", "shots", "seed"), [run if run[2] < 500 else slow(run) for run in RUNS])
def test_shots_in_order_are_never_stopped(depth_um: int, dose_nl: int, shots: int, seed: int) -> None:
    rig = Rig(seed, hand=True, row_shots=300)
    rig.ask("hello", 1)
    rig.ask("home")
    rig.until_lamp(IDLE)
    one = {"depth_um": depth_um, "dose_nl": dose_nl, "dwell_us": 0}
    # 37 µs out of step with the ticks: every phase of a tick is met
    period_us = max(figures_of(a_pass(**one)).shortest_us + 7_000, 100_000) // 1000 * 1000 + 37
    passes = [a_pass(index=i, shots=min(1_000, shots), period_us=period_us, **one) for i in range(-(-shots // 1_000))]
    rig.load(*passes)
    for index in range(len(passes)):
        rig.arm(index)
        rig.until(lambda: rig.board.state != IDLE)
        rig.until_lamp(IDLE, limit_ms=10_000_000)
    stops = {ended["reason"] for ended in rig.told("ended")}
    assert stops <= {reasons.RELEASED, reasons.PASS_DONE}
    assert sum(not shot["flags"] & PARTIAL for shot in rig.told("shot")) >= shots
    assert not any(shot["flags"] & ~PARTIAL for shot in rig.told("shot"))


PHASES_US = range(0, 1_000, 20)


@pytest.mark.parametrize("depth_um", mostly_slow([500, 2_000, 10_000], 1))
def test_no_phase_of_the_tick_against_the_clock_stops_a_good_shot(depth_um: int) -> None:
    """A tick that comes now in this millisecond and now in the next is two ticks in one, or none: a needle is no faster for it."""
    one = a_pass(shots=10, depth_um=depth_um, dose_nl=1_000, dwell_us=0)
    for phase_us in PHASES_US[:: stride()]:
        rig = Rig(phase_us, phase_us=phase_us).ready(one)
        rig.press()
        rig.until_lamp(IDLE)
        assert [ended["reason"] for ended in rig.told("ended")] == [reasons.PASS_DONE], f"phase {phase_us} us"
        assert len(rig.told("shot")) == 10
