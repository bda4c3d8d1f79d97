"""Each thing that a report is held to, alone: one event, one limit, the last value that is believed and the first that is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from rigs.fakegun import a_plan

from mesogun.clinical.plans import Plan
from mesogun.gun.events import Event
from mesogun.gun.tolerances import dose_tolerance_nl, plunger_step_nl, plunger_still_nl
from mesogun.records.tally import Tally
from mesogun.visit.contradiction import Contradiction
from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD, PAUSE

PLAN = a_plan(20, 10)
STEP_NL = plunger_step_nl(Description(), PLAN.head.syringe_bore_um)
STILL_NL = plunger_still_nl(PLAN.head.syringe_bore_um)


class Told:
    """A gun that tells one event after another, of a plan of which the first pass is armed."""

    def __init__(self, plan: Plan = PLAN) -> None:
        self.tally = Tally()
        self.held = Contradiction(plan, Description(), self.tally, heard_n=0)
        self.held.armed = plan.passes[0]
        self.n = 0
        self.at_ms = 0
        self.made = 0

    @property
    def words(self) -> str:
        return self.held.words

    def event(self, name: str, *, at_ms: int | None = None, n: int = 0, **values: int) -> "Told":
        self.n = n or self.n + 1
        self.at_ms = self.at_ms + 200 if at_ms is None else at_ms
        event = Event(self.n, name, self.at_ms, values)
        self.tally.take(event)
        self.held.take(event)
        return self

    def shot(self, *, at_ms: int | None = None, at_us: int = 0, **changed: int) -> "Told":
        one = self.held.armed or PLAN.passes[0]
        self.made += 1
        values = {"pass_index": one.index, "shot": self.made, "at_us": at_us, "period_us": one.period_us, "flags": 0}
        values |= {"commanded_depth_um": one.depth_um, "measured_depth_um": one.depth_um}
        values |= {"commanded_dose_nl": one.dose_nl, "measured_dose_nl": one.dose_nl}
        return self.event("shot", at_ms=at_ms, **values | changed)

    def changed(self, at_ms: int | None = None) -> "Told":
        return self.event("changed", at_ms=at_ms, before=0, after=0, event=0)

    def ended(self, kind: int, *, index: int = 0, done: int = 0) -> "Told":
        return self.event("ended", kind=kind, reason=reasons.RELEASED, pass_index=index, done=done)


def believed(told: Callable[[int], Told], *values: int) -> list[bool]:
    return [told(value).words == "" for value in values]


EXACT = {"commanded_depth_um": 2_000, "commanded_dose_nl": 10_000, "period_us": 200_000}


@pytest.mark.parametrize("field", EXACT)
def test_what_was_commanded_is_the_plans_to_the_unit(field: str) -> None:
    planned = EXACT[field]
    assert believed(lambda value: Told().shot(**{field: value}), planned - 1, planned, planned + 1) == [False, True, False]


def test_a_whole_shot_is_a_tenth_of_a_millimetre_off_at_most() -> None:
    seen = believed(lambda um: Told().shot(measured_depth_um=um), 1_899, 1_900, 2_100, 2_101)
    assert seen == [False, True, True, False]


def test_a_deep_shot_may_be_five_percent_shallow_and_a_tenth_too_deep() -> None:
    deep = a_plan(20, depth_um=6_000)
    seen = believed(lambda um: Told(deep).shot(measured_depth_um=um), 5_699, 5_700, 6_100, 6_101)
    assert seen == [False, True, True, False]


@pytest.mark.parametrize("flags", [0, PARTIAL, DEPTH_OFF, DOSE_OFF])
def test_no_shot_is_believed_past_what_the_guard_takes_for_a_fault(flags: int) -> None:
    deepest = a_plan(20, depth_um=10_000)
    around = (limits.DEPTH_FAULT_UM, limits.DEPTH_FAULT_UM + 1)
    seen = believed(lambda um: Told(deepest).shot(measured_depth_um=um, flags=flags).changed(), *around)
    assert seen == [True, False]


@pytest.mark.parametrize("flags", [PARTIAL, DEPTH_OFF, DOSE_OFF, DEPTH_OFF | PARTIAL])
def test_a_shot_that_was_cut_short_or_is_off_is_no_deeper_than_a_whole_one_unless_the_gun_stops_for_it(flags: int) -> None:
    def told(um: int) -> Told:
        return Told().shot(measured_depth_um=um, flags=flags)

    assert believed(lambda um: told(um).changed(), 0, 2_100, 2_101, 9_000) == [True, True, False, False]
    assert believed(lambda um: told(um).ended(PAUSE), 2_100, 2_101) == [True, False]
    assert believed(lambda um: told(um).ended(FAULT), 2_101, 9_000) == [True, True]
    assert believed(lambda um: told(um).ended(ESTOP), 2_101, 9_000) == [True, True]


def test_what_a_needle_that_never_left_home_measures_is_believed() -> None:
    none = {"flags": PARTIAL, "measured_dose_nl": 0}
    assert believed(lambda um: Told().shot(measured_depth_um=um, **none).changed(), -101, -100) == [False, True]


def test_an_uncertain_shot_says_nothing_that_could_be_judged() -> None:
    assert Told().shot(measured_depth_um=20_000, measured_dose_nl=1_000_000, flags=UNCERTAIN).changed().words == ""


@pytest.mark.parametrize("dose_nl", [10_000, 50_000])
def test_a_whole_dose_is_off_by_the_guns_own_tolerance_and_one_step_at_most(dose_nl: int) -> None:
    off_nl = dose_tolerance_nl(dose_nl) + STEP_NL
    plan = a_plan(20, dose_nl=dose_nl)
    around = (dose_nl - off_nl - 1, dose_nl - off_nl, dose_nl + off_nl, dose_nl + off_nl + 1)
    assert believed(lambda nl: Told(plan).shot(measured_dose_nl=nl), *around) == [False, True, True, False]


def test_a_part_of_a_dose_is_from_the_noise_of_none_to_a_whole_one() -> None:
    most_nl = 10_000 + dose_tolerance_nl(10_000) + STEP_NL
    around = (-STILL_NL - 1, -STILL_NL, most_nl, most_nl + 1)
    seen = believed(lambda nl: Told().shot(measured_dose_nl=nl, flags=PARTIAL).changed(), *around)
    assert seen == [False, True, True, False]


def test_a_dose_that_is_off_by_its_flag_is_at_most_what_was_in_the_syringe() -> None:
    around = (-STILL_NL - 1, -STILL_NL, 1_000_000, 5_000_000, 5_000_001)
    seen = believed(lambda nl: Told().shot(measured_dose_nl=nl, flags=DOSE_OFF).changed(), *around)
    assert seen == [False, True, True, True, False]
    assert believed(lambda nl: Told().shot(measured_dose_nl=nl, flags=DEPTH_OFF).changed(), 11_000, 60_000) == [True, False]


def test_what_is_doubted_is_said_when_the_next_event_does_not_explain_it_and_forgotten_when_it_does() -> None:
    told = Told().shot(measured_dose_nl=60_000, flags=PARTIAL)
    assert told.words == ""
    assert "measured dose of 60 µl" in told.changed().words
    fault = Told().shot(measured_dose_nl=60_000, flags=PARTIAL).ended(FAULT)
    assert fault.changed().changed().words == ""
    assert Told().shot(measured_dose_nl=60_000, flags=PARTIAL).ended(HOLD).words != ""


def test_the_syringe_holds_what_it_was_filled_with_and_a_step_and_the_noise_of_one_that_stands_still() -> None:
    plan = a_plan(60, dose_nl=100_000)
    room_nl = STEP_NL + STILL_NL
    for more_nl in (room_nl, room_nl + 1):
        told = Told(replace(plan, head=plan.head._replace(syringe_nl=200_000)))
        told.shot(flags=UNCERTAIN).shot(measured_dose_nl=100_000 + more_nl)
        assert ("the syringe was filled with" in told.words) == (more_nl > room_nl)


def test_a_shot_is_of_the_armed_pass_by_number_and_by_count() -> None:
    assert "pass 2: pass 1 of 2 is armed" in Told().shot(pass_index=1).words
    assert "shot 2 of pass 1: by our count it is shot 1" in Told().shot(shot=2).words
    unarmed = Told()
    unarmed.held.armed = None
    assert "a shot of pass 1: none is armed" in unarmed.shot(pass_index=0).words


def test_the_last_planned_shot_is_believed_and_one_more_is_not() -> None:
    told = Told(a_plan(2))
    assert told.shot().shot(flags=PARTIAL).shot().words == ""
    assert "3 shots of pass 1: 2 are planned" in told.shot().words


# ---- order and time ----


@pytest.mark.parametrize("n", [1, 3])
def test_each_event_has_the_number_behind_the_one_before(n: int) -> None:
    assert Told().changed().event("changed", n=2, before=0, after=0, event=0).words == ""
    assert f"event {n}: event 2 comes next" in Told().changed().event("changed", n=n, before=0, after=0, event=0).words


def test_a_status_may_know_of_as_many_events_more_as_a_gun_keeps() -> None:
    told = Told().changed()
    told.held.heed({"events": 1 + limits.EVENTS_KEPT})
    assert told.words == ""
    told.held.heed({"events": 2 + limits.EVENTS_KEPT})
    assert f"{2 + limits.EVENTS_KEPT} events" in told.words


def test_an_event_is_not_earlier_than_the_one_before() -> None:
    assert believed(lambda at_ms: Told().changed(500).changed(at_ms), 499, 500) == [False, True]


def test_a_shot_began_not_earlier_than_the_shot_before_to_the_microsecond() -> None:
    first = {"at_ms": 500, "at_us": 300}
    assert believed(lambda at_us: Told().shot(**first).shot(at_ms=500, at_us=at_us), 299, 300) == [False, True]


def test_a_shot_is_told_when_it_is_over_by_the_time_of_its_begin() -> None:
    assert Told().changed(500).shot(at_ms=300).words == ""
    assert Told().shot(at_ms=500).changed(499).words != ""


# ---- the end of a pass ----


def after_two(kind: int, *, index: int = 0, done: int = 2, planned: int = 2) -> str:
    return Told(a_plan(planned, 5)).shot().shot().ended(kind, index=index, done=done).words


def test_a_pass_is_done_with_all_its_shots_and_no_other_number() -> None:
    assert after_two(DONE) == ""
    assert "done with 1 shots: 2 of 2 are" in after_two(DONE, done=1)
    assert "done with 3 shots" in after_two(DONE, done=3)
    assert "done with 2 shots: 2 of 3 are" in after_two(DONE, planned=3)
    assert after_two(PAUSE, done=1, planned=3) == "", "only an end of the pass is an account"


def test_a_pass_is_not_done_while_another_is_armed() -> None:
    assert "pass 2 done with 2 shots: pass 1 of 2 is armed" in after_two(DONE, index=1)


def test_a_pass_is_not_done_while_none_is_armed() -> None:
    told = Told(a_plan(2, 2)).shot().shot().ended(DONE, done=2)
    assert told.words == ""
    assert "pass 1 done with 2 shots: none is armed" in told.ended(DONE, done=2).words


@pytest.mark.parametrize(("kind", "stays"), [(HOLD, True), (PAUSE, False), (DONE, False), (FAULT, False), (ESTOP, False)])
def test_after_any_ending_but_that_of_a_hold_nothing_is_armed(kind: int, stays: bool) -> None:
    told = Told(a_plan(1)).shot().ended(kind, done=1)
    assert (told.held.armed is not None) == stays


def test_the_first_contradiction_stays_the_one_that_is_said() -> None:
    told = Told().shot(commanded_depth_um=9_000)
    words = told.words
    told.shot(period_us=1).held.heed({"events": 9_999})
    assert told.words == words
