"""The ceilings are what was promised, in the words of whoever is held by them: a figure ten percent off is another promise."""

import pytest

from mesogun_fw import limits
from mesogun_fw.device.events import RESERVE
from mesogun_fw.talk.messages import ENDINGS, STATES

MS, US_A_S, NL_A_UL, UM_A_MM = 1, 1_000_000, 1_000, 1_000
DAY_MS = 24 * 60 * 60 * 1_000


PROMISED = (
    # depth (DOMAIN 1 and 5)
    ("the needle goes no deeper than 10 mm", limits.DEPTH_CAP_UM, 10 * UM_A_MM),
    ("and no less deep than 0.2 mm", limits.DEPTH_MIN_UM, UM_A_MM // 5),
    ("in tenths of a millimetre", limits.DEPTH_STEP_UM, UM_A_MM // 10),
    ("measured at 10.05 mm it is a fault", limits.DEPTH_FAULT_UM, 10 * UM_A_MM + 50),
    ("a depth is right within 0.1 mm", limits.DEPTH_ERROR_UM, UM_A_MM // 10),
    ("or within 5 % of it", limits.DEPTH_ERROR_PERCENT, 5),
    ("the depth stop is right within half of that", limits.STOP_ERROR_UM, UM_A_MM // 20),
    # dose (DOMAIN 1, 2 and 5)
    ("a dose is 1 ul at least", limits.DOSE_MIN_NL, NL_A_UL),
    ("and 200 ul at most", limits.DOSE_MAX_NL, 200 * NL_A_UL),
    ("a dose is right within 1 ul", limits.DOSE_ERROR_NL, NL_A_UL),
    ("or within 5 % of what was asked for", limits.DOSE_ERROR_PERCENT, 5),
    ("a syringe holds 10 ml", limits.SYRINGE_MAX_NL, 10_000 * NL_A_UL),
    ("an arming gives no more than a syringe", limits.VOLUME_PER_ARMING_MAX_NL, 10_000 * NL_A_UL),
    ("drug flows no faster than 2 ml a second", limits.FLOW_MAX_NL_S, 2_000 * NL_A_UL),
    # frequency
    ("ten shots a second are the most", limits.PERIOD_MIN_US, US_A_S // 10),
    ("and one in five seconds the least", limits.PERIOD_MAX_US, 5 * US_A_S),
    ("a pass has 2000 shots", limits.SHOTS_PER_PASS_MAX, 2_000),
    ("an arming makes 2000", limits.SHOTS_PER_ARMING_MAX, 2_000),
    ("a burst has 20", limits.BURST_MAX, 20),
    ("a program has eight passes", limits.PASSES_MAX, 8),
    # the hand (DOMAIN 5)
    ("a press is debounced for 20 ms", limits.TRIGGER_DEBOUNCE_MS, 20 * MS),
    ("it is fresh after 0.2 s of release", limits.TRIGGER_RELEASED_MS, 200 * MS),
    ("two contacts differ for 0.1 s before one is broken", limits.TRIGGER_DISAGREE_MS, 100 * MS),
    ("the gun stands for 0.1 s before the first shot", limits.CONTACT_STABLE_MS, 100 * MS),
    ("a hold lasts a minute", limits.HOLD_MAX_MS, 60_000 * MS),
    ("an armed gun that nobody uses disarms after a minute", limits.IDLE_MAX_MS, 60_000 * MS),
    # who watches whom
    ("a host unheard for half a second pauses the gun", limits.LINK_SILENT_MS, 500 * MS),
    ("the loop is dead after 0.3 s", limits.LOOP_DEAD_MS, 300 * MS),
    ("the guard after 20 of its ticks", limits.GUARD_DEAD_MS * 1_000, 20 * limits.TICK_US),
    ("a tick is a millisecond", limits.TICK_US, 1_000),
    ("and late when one was left out", limits.TICK_LATE_US, 2 * limits.TICK_US),
    ("a gun starts again after five days", limits.UPTIME_MAX_MS, 5 * DAY_MS),
    # what it lives on
    ("motors have 20 V at least", limits.SUPPLY_MIN_MV, 20_000),
    ("logic has 4.5 V at least", limits.SUPPLY_LOGIC_MIN_MV, 4_500),
    ("the controller is no hotter than 70 C", limits.TEMPERATURE_MAX_C, 70),
    ("air has 3 bar at least", limits.PRESSURE_MIN_KPA, 300),
    ("and 6 at most", limits.PRESSURE_MAX_KPA, 600),
    # the record
    ("256 events are kept", limits.EVENTS_KEPT, 256),
    ("24 of them for what follows a shot", RESERVE, 24),
    ("a line has 344 bytes", limits.LINE_MAX, 344),
)


@pytest.mark.parametrize(("promised", "limit", "figure"), PROMISED, ids=[row[0] for row in PROMISED])
def test_a_ceiling_is_what_was_promised(promised: str, limit: int, figure: int) -> None:
    assert limit == figure, promised


def test_states_and_endings_are_said_by_their_own_names() -> None:
    assert STATES == ("unhomed", "idle", "homing", "armed", "running", "returning", "fault", "e-stop")
    assert ENDINGS == ("done", "end of hold", "pause", "fault", "e-stop")
