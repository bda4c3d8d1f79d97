"""The numbers that the demands state (DOMAIN 5) and that nothing of ours may move, in their own units.

A test that compares with limits.py goes along with whatever stands there. These do not.
"""

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.guard import cells
from mesogun_fw.guard.expected import DOSE_TOLERANCE_NM

MS, S = 1, 1_000
UM, MM = 1, 1_000
NL, UL, ML = 1, 1_000, 1_000_000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEPTH_CAP_UM", 10 * MM),
        ("DEPTH_FAULT_UM", 10 * MM + 50 * UM),
        ("DEPTH_ERROR_UM", 100 * UM),
        ("DEPTH_ERROR_PERCENT", 5),
        ("FOLLOW_ERROR_UM", 250 * UM),
        ("HOME_ERROR_UM", 60 * UM),
        ("HOME_OPEN_UM", 150 * UM),
        ("STOP_ERROR_UM", 50 * UM),
        ("PERIOD_MIN_US", 100_000),
        ("PERIOD_MAX_US", 5_000_000),
        ("DOSE_MIN_NL", 1 * UL),
        ("DOSE_MAX_NL", 200 * UL),
        ("DOSE_ERROR_NL", 1 * UL),
        ("DOSE_ERROR_PERCENT", 5),
        ("SYRINGE_MAX_NL", 10 * ML),
        ("PLUNGER_STILL_NM", 4_000),
        ("SUPPLY_MIN_MV", 20_000),
        ("SUPPLY_LOGIC_MIN_MV", 4_500),
        ("TEMPERATURE_MAX_C", 70),
        ("PRESSURE_MIN_KPA", 300),
        ("PRESSURE_MAX_KPA", 600),
        ("SHOTS_PER_PASS_MAX", 2_000),
        ("SHOTS_PER_ARMING_MAX", 2_000),
        ("TICK_US", 1_000),
        ("TICK_LATE_US", 2_000),
        ("TRIGGER_DEBOUNCE_MS", 20 * MS),
        ("TRIGGER_DISAGREE_MS", 100 * MS),
        ("TRIGGER_RELEASED_MS", 200 * MS),
        ("CONTACT_STABLE_MS", 100 * MS),
        ("LINK_SILENT_MS", 500 * MS),
        ("LOOP_DEAD_MS", 300 * MS),
        ("GUARD_DEAD_MS", 20 * MS),
        ("HOLD_MAX_MS", 60 * S),
        ("IDLE_MAX_MS", 60 * S),
        ("SPRING_MS", 200 * MS),
        ("GRANT_LEAD_US", 6_000),
        ("UPTIME_MAX_MS", 5 * 24 * 3_600 * S),
    ],
)
def test_a_limit_of_the_gun_is_the_number_that_it_was_set_to(name: str, value: int) -> None:
    assert getattr(limits, name) == value


@pytest.mark.parametrize(("dose_ul", "within_nl"), [(5, 1_000), (20, 1_000), (50, 2_500), (200, 10_000)])
def test_a_dose_may_be_off_by_a_microlitre_or_5_percent_whichever_is_more(dose_ul: int, within_nl: int) -> None:
    rig = Rig()
    rig.home()
    rig.load(a_pass(shots=10, dose_nl=dose_ul * UL, flow_nl_s=1_000_000, period_us=2_000_000))
    rig.arm()
    c = rig.device.guard.cells
    swept_mm2 = 3.14159265 * 12.06**2 / 4
    assert c[c[cells.EXPECTED] + DOSE_TOLERANCE_NM] * swept_mm2 / 1_000 == pytest.approx(within_nl, rel=0.002)
