"""What a session adds up to: each figure of the summary and of the progress, told apart by its value."""

import pytest
from rigs.fakegun import a_plan

from mesogun.gun.events import Event
from mesogun.records.tally import PROMPTS, Tally
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, RETURNING, RUNNING, STATES, STOPPED, UNHOMED


def shot(n: int, flags: int = 0, *, index: int = 0, depth_um: int = 2_000, dose_nl: int = 10_000, at_ms: int = 0) -> Event:
    values = {"pass_index": index, "shot": n, "commanded_dose_nl": 10_500, "flags": flags}
    return Event(n, "shot", at_ms or 1_000 * n, values | {"measured_depth_um": depth_um, "measured_dose_nl": dose_nl})


def tally(*events: Event, flows: tuple[int, ...] = ()) -> Tally:
    made = Tally(flows)
    for event in events:
        made.take(event)
    return made


MIXED = (
    shot(1, depth_um=1_990, dose_nl=10_100),
    shot(2, PARTIAL, depth_um=1_200, dose_nl=3_000),
    shot(3, depth_um=2_010, dose_nl=9_900),
    shot(4, DOSE_OFF, index=1, depth_um=2_050, dose_nl=20_000),
    shot(5, UNCERTAIN, index=1, depth_um=9_000, dose_nl=90_000),
)


def test_a_summary_counts_every_shot_once_by_its_kind_and_measures_what_was_measured() -> None:
    made = tally(*MIXED, Event(6, "ended", 7_500, {}))
    made.lost(0, 10_500)
    summary = made.summary(3, "fault", "it broke")
    assert (summary.session_id, summary.outcome, summary.reason) == (3, "fault", "it broke")
    assert (summary.shots, summary.partial, summary.wrong, summary.uncertain) == (2, 1, 1, 2)
    assert summary.volume_nl == 10_100 + 3_000 + 9_900 + 20_000
    assert summary.commanded_volume_nl == 5 * 10_500, "all but the partial one"
    assert (summary.deepest_um, summary.depth_spread_um, summary.dose_spread_nl) == (2_050, 20, 200)
    assert summary.duration_ms == 6_500
    assert (made.made, made.uncertain_nl) == (6, 21_000)


def test_a_part_that_was_deepest_counts_as_deepest_and_spreads_nothing() -> None:
    summary = tally(shot(1), shot(2, PARTIAL, depth_um=2_090, dose_nl=1), shot(3)).summary(1, "", "")
    assert (summary.deepest_um, summary.depth_spread_um, summary.dose_spread_nl) == (2_090, 0, 0)


def test_a_spread_is_within_a_pass_and_the_worst_counts() -> None:
    two = tally(shot(1), shot(2, depth_um=2_005), shot(3, index=1, depth_um=9_000), shot(4, index=1, depth_um=8_990))
    assert two.summary(1, "", "").depth_spread_um == 10
    flow = tally(shot(1), shot(2, depth_um=2_005), shot(3, index=1, depth_um=9_000), shot(4, index=1), flows=(1,))
    assert flow.summary(1, "", "").depth_spread_um == 5


@pytest.mark.parametrize(("times_ms", "lasted_ms"), [((5_000,), 0), ((5_000, 9_000), 4_000), ((5_000, 4_000), 1_000)])
def test_it_lasts_from_the_first_shot_to_the_last_of_all(times_ms: tuple[int, ...], lasted_ms: int) -> None:
    made = tally(*(shot(n, at_ms=at_ms) for n, at_ms in enumerate(times_ms, 1)))
    assert made.summary(1, "", "").duration_ms == lasted_ms


def test_a_session_without_a_shot_lasts_no_time() -> None:
    assert tally(Event(1, "ended", 9_000, {})).summary(1, "", "").duration_ms == 0


def test_progress_is_of_the_pass_and_of_all() -> None:
    made = tally(*MIXED)
    now = made.progress(a_plan(20, 10), 1, RUNNING, 8_000)
    assert (now.pass_index, now.passes, now.technique, now.unit) == (1, 2, "nappage", "shots")
    assert (now.done, now.shots, now.total_done, now.total_shots) == (2, 10, 4, 30)
    assert (now.volume_nl, now.last_depth_um, now.last_dose_nl) == (43_000, 2_050, 20_000)
    assert (now.state, now.at_ms) == (RUNNING, 8_000)
    first = made.progress(a_plan(20, 10), 0, RUNNING, 8_000)
    assert (first.pass_index, first.done, first.shots) == (0, 2, 20), "a part of a dose is no point"


def test_the_hand_is_told_what_its_state_asks_for_unless_something_else_comes_first() -> None:
    plan, made = a_plan(20), Tally()
    said = {state: made.progress(plan, 0, state, 0).prompt for state in range(len(STATES))}
    press = "Set the gun down and hold the trigger, moving along"
    assert said == {
        UNHOMED: "Hold the gun in the air and press the trigger",
        HOMING: "Hold the gun in the air and keep the trigger pressed",
        IDLE: "Wait",
        ARMED: press,
        RUNNING: press,
        RETURNING: "Wait until the needle is home",
        FAULTED: "Take the gun off the skin, then press the clear button at the gun",
        STOPPED: "Release the emergency stop, then press the clear button at the gun",
    }
    assert made.progress(plan, 0, IDLE, 0, "Connection lost").prompt == "Connection lost"
    assert set(PROMPTS) < set(STATES)
