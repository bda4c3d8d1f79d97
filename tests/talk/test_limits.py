"""The ceilings are said twice, in limits.py and in the table of messages: both must say the same."""

import pytest

from mesogun.gun import explanations
from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.device import events
from mesogun_fw.guard import cells, notes
from mesogun_fw.talk import codes, messages, reasons, refusals
from mesogun_fw.talk.messages import BY_NAME, EVENT, GUN, MESSAGES

RANGES = {(row[0], field[0]): field[1:] for row in MESSAGES for field in row[2]}


@pytest.mark.parametrize(
    ("message", "field", "low", "high"),
    [
        ("begin", "passes", 1, limits.PASSES_MAX),
        ("begin", "syringe_bore_um", limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM),
        ("begin", "syringe_nl", 0, limits.SYRINGE_MAX_NL),
        ("begin", "flow_max_nl_s", limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
        ("pass", "index", 0, limits.PASSES_MAX - 1),
        ("pass", "mode", messages.SINGLE, messages.RETROGRADE),
        ("pass", "shots", 1, limits.SHOTS_PER_PASS_MAX),
        ("pass", "burst", 1, limits.BURST_MAX),
        ("pass", "depth_um", limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
        ("pass", "needle_um_s", limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
        ("pass", "dose_nl", 0, limits.DOSE_MAX_NL),
        ("pass", "flow_nl_s", limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
        ("pass", "dwell_us", 0, limits.DWELL_MAX_US),
        ("pass", "period_us", limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
        ("adjust", "depth_um", limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
        ("adjust", "needle_um_s", limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
        ("adjust", "dose_nl", 0, limits.DOSE_MAX_NL),
        ("adjust", "flow_nl_s", limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
        ("adjust", "dwell_us", 0, limits.DWELL_MAX_US),
        ("adjust", "period_us", limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
        ("gauge", "depth_um", limits.DEPTH_MIN_UM, limits.DEPTH_CAP_UM),
        ("prime", "volume_nl", limits.DOSE_MIN_NL, limits.DOSE_MAX_NL),
        ("prime", "flow_nl_s", limits.FLOW_MIN_NL_S, limits.FLOW_MAX_NL_S),
        ("prime", "syringe_bore_um", limits.SYRINGE_BORE_MIN_UM, limits.SYRINGE_BORE_MAX_UM),
        ("welcome", "depth_cap_um", 0, limits.DEPTH_CAP_UM),
        ("welcome", "dose_max_nl", 0, limits.DOSE_MAX_NL),
        ("gun", "needle_um_s", limits.NEEDLE_SPEED_MIN_UM_S, limits.NEEDLE_SPEED_MAX_UM_S),
        ("state", "state", 0, len(messages.STATES) - 1),
        ("state", "kept", 0, limits.EVENTS_KEPT),
        ("program", "shots", 1, limits.PASSES_MAX * limits.SHOTS_PER_PASS_MAX),
        ("program", "deepest_um", 0, limits.DEPTH_CAP_UM),
        ("armed", "left", 1, limits.SHOTS_PER_PASS_MAX),
        ("armed", "deepest_um", 0, limits.DEPTH_CAP_UM),
        ("armed", "period_us", limits.PERIOD_MIN_US, limits.PERIOD_MAX_US),
        ("shot", "commanded_depth_um", 0, limits.DEPTH_CAP_UM),
        ("shot", "flags", 0, codes.PARTIAL | codes.UNCERTAIN | codes.DEPTH_OFF | codes.DOSE_OFF),
        ("ended", "kind", 0, len(messages.ENDINGS) - 1),
    ],
)
def test_the_table_of_messages_says_the_same_as_the_limits(message: str, field: str, low: int, high: int) -> None:
    assert RANGES[message, field] == (low, high)


def test_depth_is_capped_at_ten_millimetres_and_measured_depth_just_above() -> None:
    assert (limits.DEPTH_CAP_UM, limits.DEPTH_FAULT_UM) == (10_000, 10_050)
    assert limits.DEPTH_CAP_UM % limits.DEPTH_STEP_UM == limits.DEPTH_MIN_UM % limits.DEPTH_STEP_UM == 0


def test_every_time_in_a_message_fits_the_devices_clock() -> None:
    for name, way, fields in MESSAGES:
        for key, _, high in fields:
            if way == EVENT or key == "at_ms":
                assert high < 1 << 30, (name, key)
    assert RANGES["state", "at_ms"][1] > limits.UPTIME_MAX_MS + limits.HOLD_MAX_MS


def test_every_reason_and_refusal_can_be_said_and_says_what_to_do() -> None:
    for code, (name, kind, happened, _, remedy) in explanations.REASONS.items():
        assert RANGES["ended", "reason"][0] <= code <= RANGES["ended", "reason"][1]
        assert 0 <= kind < len(messages.ENDINGS)
        assert name
        assert happened
        assert remedy
    for code, (name, what, remedy) in explanations.REFUSALS.items():
        assert RANGES["refused", "code"][0] <= code <= RANGES["refused", "code"][1]
        assert name
        assert what
        assert remedy
    for explained in (explanations.REASONS, explanations.REFUSALS):
        assert len({row[0] for row in explained.values()}) == len(explained)


def test_every_constant_of_faults_is_a_reason_or_a_refusal() -> None:
    names = {row[0].replace("-", " ").replace(" ", "_").upper() for row in explanations.REASONS.values()} | {
        row[0].replace(" ", "_").upper() for row in explanations.REFUSALS.values()
    }
    assert len(names) == len(explanations.REASONS) + len(explanations.REFUSALS)
    for module, explained in ((reasons, explanations.REASONS), (refusals, explanations.REFUSALS)):
        assert {value for name, value in vars(module).items() if name.isupper()} == set(explained)


def test_every_event_fits_a_row_of_the_ring() -> None:
    for kind in events.KINDS:
        assert len(BY_NAME[kind][2]) <= events.ROW
    assert len(codes.EVENTS) - 1 <= RANGES["changed", "event"][1]


def test_256_shots_are_kept_and_the_guards_notes_hold_whatever_follows_the_last_grant() -> None:
    assert limits.EVENTS_KEPT >= 256
    follows = ("shot", "swapped", "stopping", "shot", "ended: pause", "ended: fault", "ended: e-stop", "cleared")
    assert notes.NOTES_FULL - 1 + len(follows) < cells.NOTES


@pytest.mark.parametrize("place", range(len(GUN)))
def test_a_gun_that_is_not_plausible_is_refused_by_name(place: int) -> None:
    name, low, high = GUN[place]
    for value in (low - 1, high + 1):
        figures = (*REFERENCE[:place], value, *REFERENCE[place + 1 :])
        with pytest.raises(ValueError, match=f"{name}={value}"):
            Description(figures)


def test_a_gun_that_brakes_as_hard_as_it_aborts_is_refused() -> None:
    with pytest.raises(ValueError, match="quarter"):
        Description((*REFERENCE[:2], 29_999, *REFERENCE[3:]))
    assert Description().figures() == REFERENCE
