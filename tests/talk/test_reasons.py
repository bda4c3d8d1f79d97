"""What a reason does is told by its number: it ends a hold, pauses, or latches."""

from mesogun.gun import explanations
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD, PAUSE

# The guard finds these where it looks for faults, and pauses for them all the same: they are put right without the button.
PAUSES_ALL_THE_SAME = {reasons.SYRINGE_MISSING, reasons.DEPTH_NOT_SET, reasons.JOURNAL_BEHIND}


def test_a_number_says_whether_a_hold_ends_a_pause_is_made_or_a_fault_is_latched() -> None:
    for number, (name, kind, *_) in explanations.REASONS.items():
        if number < reasons.FIRST_PAUSE:
            assert kind in (DONE, HOLD), name
        elif number < reasons.FIRST_FAULT or number in PAUSES_ALL_THE_SAME:
            assert kind == PAUSE, name
        else:
            assert kind in (FAULT, ESTOP), name


def test_only_a_pass_that_is_done_is_done_and_only_the_e_stop_is_one() -> None:
    kinds = {number: row[1] for number, row in explanations.REASONS.items()}
    assert [number for number, kind in kinds.items() if kind == DONE] == [reasons.PASS_DONE]
    assert [number for number, kind in kinds.items() if kind == ESTOP] == [reasons.ESTOP_PRESSED]


def test_no_reason_is_out_of_reach_of_the_bits_by_which_a_motor_is_let_go() -> None:
    assert max(explanations.REASONS) - reasons.FIRST_FAULT < 30
