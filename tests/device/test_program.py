"""The device's own check of a program: each figure, the order, the whole. What is refused changes nothing."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.device.program import Program
from mesogun_fw.device.refusal import Refusal
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import BURST, BY_NAME, SINGLE

FIELDS = [field[0] for field in BY_NAME["pass"][2]]
BEGIN = [2, 12_060, 5_000_000, 500_000]
FIRST = [0, SINGLE, 100, 1, 2_000, 300_000, 10_000, 500_000, 0, 200_000]
SECOND = [1, *FIRST[1:]]


def with_(values: list[int], **changes: int) -> list[int]:
    changed = list(values)
    for name, value in changes.items():
        changed[FIELDS.index(name)] = value
    return changed


def by_name(values: list[int]) -> dict[str, int]:
    return dict(frames.named("pass", values))


def begun(values: list[int] = BEGIN) -> Program:
    program = Program(Description())
    program.load(frames.named("begin", values))
    return program


def loaded() -> Program:
    program = begun()
    program.add(by_name(FIRST))
    program.add(by_name(SECOND))
    return program


def digest_of(*passes: list[int], begin: list[int] = BEGIN) -> int:
    return frames.digest([frames.body("begin", begin), *(frames.body("pass", values) for values in passes)])


def refusal_of(ask: Callable[[], object], request: str = "pass") -> list[int]:
    with pytest.raises(Refusal) as refused:
        ask()
    row: list[int] = refused.value.row(request)
    return row


def test_a_program_is_begun_filled_and_committed_and_says_what_was_understood() -> None:
    program = loaded()
    digest = digest_of(FIRST, SECOND)
    assert program.commit(digest) == [digest, 200, 2_000, 2_000_000, 40_000]
    assert program.committed


@pytest.mark.parametrize(
    ("field", "values", "low", "high"),
    [
        ("shots", (0, 2_001), 1, limits.SHOTS_PER_PASS_MAX),
        ("burst", (0, 21), 1, limits.BURST_MAX),
        ("depth_um", (-100, 0, 100, 10_100, 99_900), limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
        ("needle_um_s", (0, 4_999, 300_001), limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
        ("dose_nl", (-1, 200_001), 0, limits.DOSE_MAX_NL),
        ("dose_nl", (1, 999), limits.DOSE_MIN_NL, limits.DOSE_MAX_NL),
        ("flow_nl_s", (0, 499, 2_000_001), limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
        ("dwell_us", (-1, 2_000_001), 0, limits.DWELL_MAX_US),
        ("dwell_us", (1,), limits.DWELL_MIN_US, limits.DWELL_MAX_US),
        ("period_us", (0, 99_999, 5_000_001), limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
    ],
)
def test_each_figure_outside_its_ceiling_is_refused_by_name(field: str, values: tuple[int, ...], low: int, high: int) -> None:
    for value in values:
        row = refusal_of(lambda value=value: begun().add(by_name(with_(FIRST, **{field: value}))))  # type: ignore[misc]
        assert row == [refusals.OUT_OF_RANGE, FIELDS.index(field), value, low, high]


@pytest.mark.parametrize("depth_um", [250, 201, 9_999])
def test_depth_between_two_tenths_of_a_millimetre_is_refused(depth_um: int) -> None:
    assert refusal_of(lambda: begun().add(by_name(with_(FIRST, depth_um=depth_um))))[:3] == [
        refusals.NOT_A_STEP,
        4,
        depth_um,
    ]


@pytest.mark.parametrize("depth_um", [limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM])
def test_the_shallowest_and_the_deepest_depth_are_accepted(depth_um: int) -> None:
    begun().add(by_name(with_(FIRST, depth_um=depth_um, period_us=1_000_000)))


def test_a_burst_goes_with_burst_mode_only() -> None:
    assert refusal_of(lambda: begun().add(by_name(with_(FIRST, burst=2))))[:3] == [refusals.MODE_CONFUSED, 3, 2]
    begun().add(by_name(with_(FIRST, burst=2, mode=BURST)))


def test_a_flow_that_this_needle_does_not_pass_is_refused() -> None:
    assert refusal_of(lambda: begun().add(by_name(with_(FIRST, flow_nl_s=500_001)))) == [
        refusals.FLOW_TOO_FAST,
        7,
        500_001,
        500,
        500_000,
    ]


def test_a_dose_without_a_syringe_to_give_it_is_refused() -> None:
    begin = [1, 12_060, 9_999, 500_000]
    assert refusal_of(lambda: begun(begin).add(by_name(FIRST))) == [refusals.NO_SYRINGE, 6, 10_000, 0, 9_999]
    begun([1, 12_060, 0, 500_000]).add(by_name(with_(FIRST, dose_nl=0)))


def test_a_period_too_short_is_refused_with_the_shortest_that_works() -> None:
    slow = with_(FIRST, dwell_us=500_000)
    code, field, value, shortest_us, _ = refusal_of(lambda: begun().add(by_name(slow)))
    assert (code, field, value) == (refusals.PERIOD_TOO_SHORT, 9, 200_000)
    assert refusal_of(lambda: begun().add(by_name(with_(slow, period_us=shortest_us - 1))))[0] == refusals.PERIOD_TOO_SHORT
    begun().add(by_name(with_(slow, period_us=shortest_us)))


@pytest.mark.parametrize("bore_um", [3_999, 17_001])
def test_a_syringe_of_no_such_bore_is_refused_and_the_program_before_stays(bore_um: int) -> None:
    program = loaded()
    program.commit(digest_of(FIRST, SECOND))
    row = refusal_of(lambda: program.load(frames.named("begin", [1, bore_um, 0, 500])), "begin")
    assert row == [refusals.OUT_OF_RANGE, 1, bore_um, limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM]
    assert program.committed
    assert [frames.row("pass", one.fields) for one in program.passes] == [FIRST, SECOND]


def test_passes_come_in_order_and_no_more_than_were_announced() -> None:
    program = begun()
    assert refusal_of(lambda: program.add(by_name(SECOND))) == [refusals.WRONG_ORDER, 0, 1, 0, 0]
    program.add(by_name(FIRST))
    assert refusal_of(lambda: program.add(by_name(FIRST))) == [refusals.WRONG_ORDER, 0, 0, 1, 1]
    program.add(by_name(SECOND))
    assert refusal_of(lambda: program.add(by_name(with_(FIRST, index=2))))[0] == refusals.WRONG_ORDER


def test_nothing_can_be_added_or_committed_before_begin() -> None:
    program = Program(Description())
    assert refusal_of(lambda: program.add(by_name(FIRST)))[0] == refusals.WRONG_ORDER
    assert refusal_of(lambda: program.commit(digest_of()))[0] == refusals.WRONG_ORDER


def test_an_incomplete_program_is_not_committed() -> None:
    program = begun()
    program.add(by_name(FIRST))
    assert refusal_of(lambda: program.commit(digest_of(FIRST))) == [refusals.WRONG_ORDER, -1, 1, 2, 2]
    assert not program.committed


def test_a_committed_program_is_immutable() -> None:
    program = loaded()
    program.commit(digest_of(FIRST, SECOND))
    assert refusal_of(lambda: program.add(by_name(with_(FIRST, index=2))))[0] == refusals.WRONG_ORDER
    assert [frames.row("pass", one.fields) for one in program.passes] == [FIRST, SECOND]


@pytest.mark.parametrize(
    "other",
    [
        digest_of(SECOND, FIRST),
        digest_of(FIRST),
        digest_of(FIRST, with_(SECOND, depth_um=2_100)),
        digest_of(FIRST, SECOND, begin=[2, 12_061, 5_000_000, 500_000]),
        0,
    ],
)
def test_a_program_that_is_not_what_was_sent_is_refused_by_its_digest(other: int) -> None:
    program = loaded()
    stored = digest_of(FIRST, SECOND)
    assert refusal_of(lambda: program.commit(other), "commit") == [refusals.DIGEST_DIFFERS, 0, other, stored, stored]
    assert not program.committed


def test_more_volume_than_the_syringe_holds_is_refused_when_the_whole_is_known() -> None:
    begin = [2, 12_060, 1_999_999, 500_000]
    program = begun(begin)
    program.add(by_name(FIRST))
    program.add(by_name(SECOND))
    row = refusal_of(lambda: program.commit(digest_of(FIRST, SECOND, begin=begin)))
    assert row == [refusals.VOLUME_TOO_LARGE, -1, 2_000_000, 0, 1_999_999]
    assert not program.committed


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.integers(-(1 << 40), 1 << 40)), max_size=20))
def test_a_refused_pass_changes_nothing(changes: list[tuple[str, int]]) -> None:
    program = begun([1, *BEGIN[1:]])
    for field, value in changes:
        try:
            program.add(by_name(with_(FIRST, **{field: value})))
        except (Refusal, ValueError):
            continue
        return
    program.add(by_name(FIRST))
    digest = digest_of(FIRST, begin=[1, *BEGIN[1:]])
    assert program.commit(digest) == [digest, 100, 2_000, 1_000_000, 20_000]
