"""Each limit of a program is crossed by one, on either side, on the device itself; and each of its checks refuses alone."""

import pytest

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.program import Pass, Program
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import BURST, BY_NAME, CONSTANT_FLOW, CONTINUOUS, RETROGRADE, SINGLE
from mesogun_sim.desk import described_with

FIELDS = [field[0] for field in BY_NAME["pass"][2]]
BORE_UM = 12_060
FLOW_MAX = limits.FLOW_MAX_NL_S
# A pass that any one figure may be changed of, within its limits: there is time for everything.
ROOMY = {
    "index": 0, "mode": BURST, "shots": 10, "burst": 2, "depth_um": 2_000, "needle_um_s": 200_000, "dose_nl": 2_000,
    "flow_nl_s": 20_000, "dwell_us": 100, "period_us": 4_900_000,
}  # fmt: skip


def begun(
    passes: int = 1, syringe_nl: int = 5_000_000, used_nl: int = 0, drive: str = "stepper", flow_max: int = FLOW_MAX
) -> Program:
    program = Program(described_with(drive))
    head = {"passes": passes, "syringe_bore_um": BORE_UM, "syringe_nl": syringe_nl, "flow_max_nl_s": flow_max}
    program.load(head, used_nl)
    return program


def refused(program: Program, **changed: int) -> list[int]:
    with pytest.raises(Refusal) as refusal:
        program.check(Pass(ROOMY | changed))
    return list(refusal.value.row("pass"))


def digest_of(program: Program) -> int:
    return frames.digest(program._bodies)


# ---- one figure ----


@pytest.mark.parametrize(
    ("field", "low", "high"),
    [
        ("shots", 1, limits.SHOTS_PER_PASS_MAX),
        ("burst", 1, limits.BURST_MAX),
        ("needle_um_s", limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
        ("dose_nl", limits.DOSE_MIN_NL, limits.DOSE_MAX_NL),
        ("flow_nl_s", limits.FLOW_MIN_NL_S, None),
        ("dwell_us", limits.DWELL_MIN_US, limits.DWELL_MAX_US),
        ("period_us", None, limits.PERIOD_MAX_US),
        ("depth_um", limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
    ],
)
def test_each_figure_may_be_what_its_limits_are_and_not_one_more(field: str, low: int | None, high: int | None) -> None:
    others = {"flow_nl_s": 200_000} if field == "dose_nl" else {"dose_nl": 1_000} if field == "flow_nl_s" else {}
    step = limits.DEPTH_STEP_UM if field == "depth_um" else 1
    for limit, beyond in ((low, -step), (high, step)):
        if limit is not None:
            begun().check(Pass(ROOMY | others | {field: limit}))
            row = refused(begun(), **others, **{field: limit + beyond})
            assert row[:3] == [refusals.OUT_OF_RANGE, FIELDS.index(field), limit + beyond]


def test_the_shortest_period_is_a_tenth_of_a_second() -> None:
    quick = {"depth_um": 200, "dose_nl": 0, "dwell_us": 0, "needle_um_s": 300_000}
    begun().check(Pass(ROOMY | quick | {"period_us": limits.PERIOD_MIN_US}))
    assert refused(begun(), **quick, period_us=limits.PERIOD_MIN_US - 1)[0] == refusals.OUT_OF_RANGE


def test_nothing_at_all_is_a_dose_and_a_dwell_and_less_than_the_least_is_not() -> None:
    begun().check(Pass(ROOMY | {"dose_nl": 0, "dwell_us": 0}))
    assert refused(begun(), dose_nl=limits.DOSE_MIN_NL - 1)[3:] == [limits.DOSE_MIN_NL, limits.DOSE_MAX_NL]
    assert refused(begun(), dwell_us=limits.DWELL_MIN_US - 1)[3:] == [limits.DWELL_MIN_US, limits.DWELL_MAX_US]
    assert refused(begun(), dose_nl=-1)[3:] == [0, limits.DOSE_MAX_NL]


@pytest.mark.parametrize("mode", [SINGLE - 1, RETROGRADE + 1])
def test_a_mode_that_there_is_not_is_refused(mode: int) -> None:
    assert refused(begun(), mode=mode, burst=1) == [refusals.OUT_OF_RANGE, 1, mode, SINGLE, RETROGRADE]


@pytest.mark.parametrize("mode", [SINGLE, CONTINUOUS, RETROGRADE, CONSTANT_FLOW])
def test_every_mode_but_burst_has_a_burst_of_one(mode: int) -> None:
    period_us = BODY_US if mode == CONSTANT_FLOW else ROOMY["period_us"]
    assert refused(begun(), mode=mode, period_us=period_us) == [refusals.MODE_CONFUSED, 3, 2, 1, 1]
    begun().check(Pass(ROOMY | {"mode": mode, "burst": 1, "period_us": period_us}))


@pytest.mark.parametrize("period_us", [BODY_US - 1, BODY_US + 1])
def test_a_shot_of_constant_flow_is_one_second(period_us: int) -> None:
    row = refused(begun(), mode=CONSTANT_FLOW, burst=1, period_us=period_us)
    assert row == [refusals.OUT_OF_RANGE, 9, period_us, BODY_US, BODY_US]


@pytest.mark.parametrize("mode", [CONSTANT_FLOW, RETROGRADE])
def test_flow_and_tracts_have_a_dose(mode: int) -> None:
    row = refused(begun(), mode=mode, burst=1, dose_nl=0, period_us=BODY_US)
    assert row == [refusals.OUT_OF_RANGE, 6, 0, limits.DOSE_MIN_NL, limits.DOSE_MAX_NL]


def test_air_cannot_draw_back_slowly() -> None:
    row = refused(begun(drive="pneumatic"), mode=RETROGRADE, burst=1)
    assert row == [refusals.MODE_NOT_HERE, 1, RETROGRADE, SINGLE, CONSTANT_FLOW]
    begun(drive="pneumatic").check(Pass(ROOMY))


def test_a_flow_is_held_to_what_the_needle_passes_though_the_plunger_could() -> None:
    begun(flow_max=20_000).check(Pass(ROOMY))
    assert refused(begun(flow_max=19_999)) == [refusals.FLOW_TOO_FAST, 7, 20_000, limits.FLOW_MIN_NL_S, 19_999]


def test_a_second_of_flow_must_hold_its_dose_though_the_needle_would_pass_more() -> None:
    flow = {"mode": CONSTANT_FLOW, "burst": 1, "dose_nl": 100_000, "period_us": BODY_US}
    row = refused(begun(), **flow, flow_nl_s=90_000)
    assert row == [refusals.FLOW_TOO_FAST, 7, 90_000, limits.FLOW_MIN_NL_S, FLOW_MAX]
    begun().check(Pass(ROOMY | flow | {"flow_nl_s": 150_000}))


# ---- the syringe ----


@pytest.mark.parametrize("bore_um", [limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM])
def test_the_narrowest_and_the_widest_syringe_are_taken(bore_um: int) -> None:
    program = begun()
    program.load({"passes": 1, "syringe_bore_um": bore_um, "syringe_nl": 7, "flow_max_nl_s": 500})
    assert (program.syringe_bore_um, program.holds_nl) == (bore_um, 7)


@pytest.mark.parametrize(("used_nl", "holds_nl"), [(0, 30_000), (1, 29_999), (29_999, 1), (30_000, 0), (30_001, 0)])
def test_a_syringe_holds_what_it_was_filled_with_less_what_has_left_it(used_nl: int, holds_nl: int) -> None:
    program = begun(syringe_nl=30_000, used_nl=used_nl)
    assert program.holds_nl == holds_nl
    if holds_nl < 2_000:
        assert refused(program) == [refusals.NO_SYRINGE, 6, 2_000, 0, holds_nl]


def test_the_last_dose_that_fits_is_taken_and_one_nanolitre_more_is_not() -> None:
    begun(syringe_nl=2_000).check(Pass(ROOMY))
    assert refused(begun(syringe_nl=1_999))[0] == refusals.NO_SYRINGE
    for syringe_nl in (20_000, 19_999):
        program = begun(syringe_nl=syringe_nl)
        program.add(ROOMY)
        if syringe_nl == 20_000:
            assert program.commit(digest_of(program))[3] == 20_000
            continue
        with pytest.raises(Refusal) as refusal:
            program.commit(digest_of(program))
        assert refusal.value.row("commit") == [refusals.VOLUME_TOO_LARGE, -1, 20_000, 0, 19_999]
        assert not program.committed


# ---- the whole ----


def test_what_a_program_is_understood_as_is_of_all_its_passes() -> None:
    program = begun(3)
    program.add(ROOMY | {"depth_um": 3_000})
    program.add(ROOMY | {"index": 1, "depth_um": 7_000, "shots": 3, "dose_nl": 5_000})
    program.add(ROOMY | {"index": 2, "depth_um": 1_000, "shots": 1, "period_us": 1_000_000})
    digest = digest_of(program)
    assert program.commit(digest, 0xABCD) == [digest, 14, 7_000, 37_000, 10 * 4_900 + 3 * 4_900 + 1_000]
    assert program.number == 0xABCD << 48 | digest
    assert digest < 1 << 48


def test_a_committed_program_takes_no_pass_even_if_one_more_was_announced() -> None:
    program = begun()
    program.add(ROOMY)
    program.commit(digest_of(program))
    program._expected = 2
    with pytest.raises(Refusal) as refusal:
        program.add(ROOMY | {"index": 1})
    assert refusal.value.row("pass") == [refusals.WRONG_ORDER, 0, 1, 1, 1]


def test_no_pass_is_taken_before_begin_whatever_was_announced() -> None:
    program = Program(Description())
    program._expected = 1
    program._flow_max_nl_s, program.holds_nl, program.syringe_bore_um = FLOW_MAX, 5_000_000, BORE_UM
    with pytest.raises(Refusal) as refusal:
        program.add(ROOMY)
    assert refusal.value.code == refusals.WRONG_ORDER


def test_a_program_begun_again_forgets_passes_fingerprint_and_what_it_was_held_to() -> None:
    program = begun(flow_max=20_000)
    program.add(ROOMY)
    first = digest_of(program)
    program.commit(first)
    program.load({"passes": 1, "syringe_bore_um": BORE_UM, "syringe_nl": 5_000_000, "flow_max_nl_s": 19_999})
    assert (program.passes, program.committed) == ([], False)
    with pytest.raises(Refusal) as refusal:
        program.commit(first)
    assert refusal.value.row("commit") == [refusals.WRONG_ORDER, -1, 0, 1, 1]
    assert refused(program)[0] == refusals.FLOW_TOO_FAST
    program.add(ROOMY | {"flow_nl_s": 19_999})
    with pytest.raises(Refusal) as refusal:
        program.commit(first)
    assert refusal.value.code == refusals.DIGEST_DIFFERS
    assert program.commit(digest_of(program))[1] == 10


def test_a_pass_adjusted_is_another_one_with_what_it_was_given_and_its_own_mode_and_shots() -> None:
    one = Pass(dict(ROOMY))
    other = one.adjusted({"depth_um": 3_000, "dose_nl": 4_000})
    assert other.fields == ROOMY | {"depth_um": 3_000, "dose_nl": 4_000}
    assert (other.mode, other.shots, other.depth_um, one.depth_um) == (BURST, 10, 3_000, 2_000)
    assert one.fields == ROOMY


def test_a_stroke_is_made_of_the_figures_of_its_pass() -> None:
    settings = Pass(ROOMY).settings(BORE_UM)
    for name in ("depth_um", "needle_um_s", "dose_nl", "flow_nl_s", "dwell_us", "period_us", "mode"):
        assert getattr(settings, name) == ROOMY[name]
    assert settings.syringe_bore_um == BORE_UM
