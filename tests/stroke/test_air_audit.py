"""The audit of a gun driven by air: its valves, its dose between them, its depth stop. Each check refuses alone."""

from collections.abc import Callable
from dataclasses import replace
from math import floor

import pytest
from rigs.airstrokes import AIR, VALVE_BACK, VALVE_OUT, VALVES, air_gun, instead_of_the_rest, thrown
from rigs.strokes import PIN_BITS, Shot, entry, exact_steps, longer, played

from mesogun_fw import limits
from mesogun_fw.stroke.audit import Audit, AuditFailed, audit_stop
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.language import BACK_UP, DOSE_UP, DWELL, OUT_CRUISE, OUT_UP, PLUNGER_DIR, PLUNGER_STEP, REST, Stroke
from mesogun_fw.stroke.pneumatic import STOP_DIR, STOP_STEP, compile_stop
from mesogun_fw.talk.messages import CONSTANT_FLOW

SHOT = Shot(depth_um=4_000, dose_nl=10_000, flow_nl_s=500_000, dwell_us=30_000, period_us=400_000)
DRY = replace(SHOT, dose_nl=0)
FLOWING = replace(SHOT, mode=CONSTANT_FLOW, dose_nl=20_000, flow_nl_s=200_000, period_us=BODY_US)
THE_VALVES = "both valves are open, or one for too short a time"
OFF_DEPTH = "the plunger moves while the needle is not at depth"


def refused(stroke: Stroke, shot: Shot) -> str:
    with pytest.raises(AuditFailed) as failed:
        Audit(stroke, shot.settings(AIR), AIR)
    return str(failed.value)


def passed(stroke: Stroke, shot: Shot) -> Audit:
    return Audit(stroke, shot.settings(AIR), AIR)


@pytest.mark.parametrize("shot", [SHOT, DRY, FLOWING], ids=["a dose", "dry", "constant flow"])
def test_an_honest_shot_by_air_passes_and_is_what_was_asked_for(shot: Shot) -> None:
    audit = passed(thrown(shot), shot)
    assert (audit.deepest_um, audit.period_us) == (shot.depth_um, shot.period_us)
    assert audit.dose_steps == floor(exact_steps(shot))


# ---- the valves ----


def pins_of(place: int, pins: int) -> Callable[[Stroke], None]:
    """The one word of a place puts these pins."""

    def change(stroke: Stroke) -> None:
        at = entry(stroke, place)[0]
        stroke.words[at] = stroke.words[at] >> PIN_BITS << PIN_BITS | pins

    return change


def earlier_by(place: int, us: int) -> Callable[[Stroke], None]:
    """What follows a place begins sooner; the rest is so much longer."""

    def change(stroke: Stroke) -> None:
        longer(stroke, entry(stroke, place)[0], -us)
        longer(stroke, entry(stroke, REST)[0], us)

    return change


def moved_valves_after_the_shot(*moves: tuple[int, int]) -> Callable[[Stroke], None]:
    def change(stroke: Stroke) -> None:
        instead_of_the_rest(stroke, (0, 5_000), *moves)

    return change


def never_back(stroke: Stroke) -> None:
    """The valve that throws shuts and none brings the needle back: a spring may do it, in its own time."""
    pins_of(BACK_UP, 0)(stroke)


def both_for_a_while(stroke: Stroke) -> None:
    pins_of(DWELL, VALVES)(stroke)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(earlier_by(BACK_UP, 1), id="back for one microsecond too short"),
        pytest.param(both_for_a_while, id="both at once"),
        pytest.param(never_back, id="out is followed by nothing"),
        pytest.param(moved_valves_after_the_shot((VALVE_BACK, 40_000)), id="back without out"),
        pytest.param(moved_valves_after_the_shot((VALVES, 40_000), (VALVE_BACK, 40_000)), id="both from none"),
    ],
)
def test_valves_that_would_do_otherwise_are_refused_for_that(change: Callable[[Stroke], None]) -> None:
    stroke = thrown(SHOT)
    change(stroke)
    assert THE_VALVES in refused(stroke, SHOT)


def test_a_needle_thrown_for_one_microsecond_too_short_a_time_is_refused_also_without_a_dose() -> None:
    quick = replace(DRY, dwell_us=0)
    stroke = thrown(quick)
    passed(stroke, quick)
    earlier_by(OUT_UP, 1)(stroke)
    assert THE_VALVES in refused(stroke, quick)


def test_each_valve_is_judged_by_its_own_time() -> None:
    """The one that brings it back takes longer: what does for the other is too short for it."""
    quick = replace(DRY, dwell_us=0)
    stroke, settings = thrown(quick), quick.settings(AIR)
    for slower in (air_gun(valve_out_us=AIR.valve_out_us + 1), air_gun(valve_back_us=AIR.valve_back_us + 1)):
        with pytest.raises(AuditFailed, match=THE_VALVES):
            Audit(stroke, settings, slower)
    Audit(stroke, settings, air_gun(valve_out_us=AIR.valve_out_us - 1, valve_back_us=AIR.valve_back_us - 1))


def test_a_time_begins_anew_with_every_change_of_a_valve() -> None:
    """The valve out has been open for long: that does not count for the valve back."""
    patient = replace(SHOT, dwell_us=100_000)
    stroke = thrown(patient)
    earlier_by(BACK_UP, AIR.valve_back_us - 10)(stroke)
    assert THE_VALVES in refused(stroke, patient)


def test_a_needle_thrown_twice_in_one_shot_is_refused() -> None:
    """Each time for as long as it takes, and brought back: nobody asked for the second prick, and nobody would count it."""
    stroke = thrown(DRY)
    moved_valves_after_the_shot((VALVE_OUT, 40_000), (VALVE_BACK, 40_000))(stroke)
    assert "the needle goes out a second time" in refused(stroke, DRY)


def test_a_valve_that_stays_open_at_the_end_is_refused() -> None:
    stroke = thrown(FLOWING)
    pins_of(REST, VALVE_BACK)(stroke)
    assert "a pin stays on" in refused(stroke, FLOWING)


def test_a_needle_that_is_never_thrown_is_not_at_its_depth() -> None:
    stroke = thrown(DRY)
    for place in (OUT_UP, DWELL, BACK_UP):
        pins_of(place, 0)(stroke)
    assert refused(stroke, DRY) == "depth is 0 um, asked for 4000"


def test_the_audit_alone_refuses_an_air_shot_past_the_cap() -> None:
    """How deep air throws is the stop's: of a stroke's words none knows of the cap."""
    deepest = replace(DRY, depth_um=limits.DEPTH_CAP_UM)
    assert passed(thrown(deepest), deepest).deepest_um == limits.DEPTH_CAP_UM
    deeper = replace(DRY, depth_um=limits.DEPTH_CAP_UM + 1)
    assert refused(thrown(deeper), deeper) == "depth is 10001 um, asked for 10001"


# ---- the dose ----


def test_a_dose_may_begin_in_the_microsecond_in_which_the_needle_is_out_and_not_in_the_one_before() -> None:
    stroke = thrown(SHOT)
    first_us = int(played(stroke).plunger_us[0])
    earlier_by(OUT_UP, first_us - AIR.valve_out_us)(stroke)
    assert played(stroke).plunger_us[0] == AIR.valve_out_us
    passed(stroke, SHOT)
    earlier_by(OUT_UP, 1)(stroke)
    assert OFF_DEPTH in refused(stroke, SHOT)


def test_a_dose_that_begins_one_step_early_is_refused() -> None:
    """It looks right from its end: as many steps, in the same time, the first of them on the way out."""
    stroke = thrown(SHOT)
    at, _, _ = entry(stroke, OUT_UP)
    out_us = stroke.words[at] >> PIN_BITS
    first = stroke.length
    for pins, us in ((VALVE_OUT, out_us - 505), (VALVE_OUT | PLUNGER_STEP, 5), (VALVE_OUT, 500)):
        stroke.words[stroke.length] = pins | us << PIN_BITS
        stroke.length += 1
    for listed in stroke.lists:
        listed[3 * OUT_UP : 3 * OUT_UP + 2] = listed.__class__("H", [first, 3])
    assert OFF_DEPTH in refused(stroke, SHOT)


@pytest.mark.parametrize(
    ("place", "valve"), [(BACK_UP, VALVE_BACK), (REST, 0)], ids=["while the needle comes back", "after it is home"]
)
def test_a_step_of_the_plunger_with_the_needle_not_thrown_is_refused(place: int, valve: int) -> None:
    stroke = thrown(SHOT)
    at, _, _ = entry(stroke, place)
    whole_us = stroke.words[at] >> PIN_BITS
    late_us = max(AIR.valve_out_us, AIR.valve_back_us) - 1_000  # the valve has been as it is for as long as throwing takes
    first = stroke.length
    for pins, us in ((valve, late_us), (valve | PLUNGER_STEP, 5), (valve, whole_us - late_us - 5)):
        stroke.words[stroke.length] = pins | us << PIN_BITS
        stroke.length += 1
    for listed in stroke.lists:
        listed[3 * place : 3 * place + 2] = listed.__class__("H", [first, 3])
    assert OFF_DEPTH in refused(stroke, SHOT)


def test_flow_and_acceleration_of_the_plunger_are_judged_of_an_air_shot_too() -> None:
    assert "flow is more than the needle passes" in refused(thrown(SHOT), replace(SHOT, flow_nl_s=400_000))
    weak = air_gun(plunger_mm_s2=AIR.plunger_mm_s2 // 3)
    with pytest.raises(AuditFailed, match="accelerates harder"):
        Audit(thrown(SHOT), SHOT.settings(AIR), weak)


def test_constant_flow_by_air_is_left_and_entered_with_the_needle_out_and_no_other_pin_on() -> None:
    stroke = thrown(FLOWING)
    stroke.entry, stroke.entry_us = OUT_UP, 0
    assert "cannot be left there for its entry" in refused(stroke, FLOWING), "it would be thrown again from where it is out"
    stroke = thrown(FLOWING)
    at = stroke.leave
    offset, length, _ = entry(stroke, at - 1)
    stroke.words[offset + length - 1] |= PLUNGER_STEP
    assert "cannot be left there for its entry" in refused(stroke, FLOWING)


def test_priming_a_gun_driven_by_air_throws_no_needle() -> None:
    prime = Shot(depth_um=0, dose_nl=10_000, dwell_us=0, period_us=400_000)
    stroke = thrown(prime)
    assert passed(stroke, prime).dose_steps == floor(exact_steps(prime))
    instead_of_the_rest(stroke, (0, 5_000), (VALVE_OUT, 40_000), (VALVE_BACK, 40_000))
    assert "cannot be left there" in refused(stroke, prime)
    stroke = thrown(prime)
    stroke.words[entry(stroke, DOSE_UP)[0]] |= VALVE_OUT
    assert OFF_DEPTH in refused(stroke, prime)


# ---- the depth stop ----


def the_stops_way(from_um: int = 2_000, to_um: int = 6_000) -> Stroke:
    """In memory that held a shot."""
    stroke = thrown(SHOT)
    compile_stop(stroke, from_um, to_um, AIR)
    return stroke


@pytest.mark.parametrize(("from_um", "to_um"), [(2_000, 6_000), (6_000, 2_000), (1_998, 2_000), (9_000, 10_000)])
def test_the_stop_is_found_where_its_steps_lead(from_um: int, to_um: int) -> None:
    um = AIR.stop_nm_per_step // 1_000
    assert audit_stop(the_stops_way(from_um, to_um), from_um, AIR) == from_um + (to_um - from_um) // um * um


@pytest.mark.parametrize("by_um", [5, -5])
def test_the_stop_goes_to_the_cap_and_to_zero_and_not_one_step_further(by_um: int) -> None:
    from_um, end_um = (limits.DEPTH_CAP_UM - 100, limits.DEPTH_CAP_UM) if by_um > 0 else (100, 0)
    assert audit_stop(the_stops_way(from_um, end_um), from_um, AIR) == end_um
    with pytest.raises(AuditFailed, match=f"the depth stop would go to {end_um + by_um} um"):
        audit_stop(the_stops_way(from_um, end_um + by_um), from_um, AIR)


@pytest.mark.parametrize("pin", [VALVE_OUT, VALVE_BACK, PLUNGER_STEP, PLUNGER_DIR])
def test_nothing_moves_with_the_depth_stop(pin: int) -> None:
    for place in (OUT_UP, OUT_CRUISE, REST):
        stroke = the_stops_way()
        offset, length, _ = entry(stroke, place)
        stroke.words[offset + length - 1] |= pin
        with pytest.raises(AuditFailed, match="needle or plunger moves with the depth stop"):
            audit_stop(stroke, 2_000, AIR)


def test_a_stop_that_turns_on_its_way_is_found_where_it_really_ends() -> None:
    stroke = the_stops_way()
    cell = entry(stroke, OUT_CRUISE)[0]
    assert stroke.words[cell] & STOP_STEP
    for i in (cell, cell + 1):
        stroke.words[i] |= STOP_DIR
    with pytest.raises(AuditFailed, match="would go to -2000 um"):
        audit_stop(stroke, 2_000, AIR)
