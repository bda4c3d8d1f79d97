"""A syringe gives what it holds and no more: shots stop at the last full dose, one that was cut short counted whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.rig import BORE_UM, Rig, a_pass
from rigs.search import examples

from mesogun_fw.device.shots import swept_nl
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import ARMED, BURST, CONTINUOUS, IDLE, PAUSE, SINGLE

DOSE_NL = 10_000
STEP_NM = 625


def given_nl(rig: Rig) -> int:
    return swept_nl(STEP_NM * rig.dispensed(), BORE_UM)


def press_for(rig: Rig, ms: int) -> None:
    rig.press()
    rig.wait(ms)
    rig.release()
    rig.wait(300)


@pytest.mark.parametrize("mode", [SINGLE, BURST, CONTINUOUS])
def test_after_a_dose_cut_short_the_last_full_dose_is_the_last(mode: int) -> None:
    rig = Rig().ready(a_pass(mode=mode, shots=3, burst=3 if mode == BURST else 1), syringe_nl=3 * DOSE_NL)
    press_for(rig, 52)
    for _ in range(4):
        press_for(rig, 1_500)
    assert rig.board.state == IDLE
    shots = rig.told("shot")
    assert [shot["flags"] & PARTIAL for shot in shots] == [PARTIAL, 0, 0]
    assert [(end["kind"], end["reason"]) for end in rig.told("ended")][-1] == (PAUSE, reasons.SYRINGE_EMPTY)
    assert 2 * DOSE_NL < given_nl(rig) < 3 * DOSE_NL


def test_a_pass_that_fits_its_syringe_exactly_is_made_whole() -> None:
    rig = Rig().ready(a_pass(shots=3), syringe_nl=3 * DOSE_NL)
    press_for(rig, 1_500)
    assert [shot["flags"] for shot in rig.told("shot")] == [0, 0, 0]
    assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE


@examples(30)
@given(st.lists(st.integers(21, 900), min_size=1, max_size=8), st.integers(2, 5))
def test_no_way_of_pressing_gets_more_out_of_a_syringe_than_it_holds(presses: list[int], holds: int) -> None:
    rig = Rig().ready(a_pass(shots=holds, period_us=150_000), syringe_nl=holds * DOSE_NL)
    for ms in presses:
        if rig.board.state == ARMED:
            press_for(rig, ms)
    assert len(rig.told("shot")) <= holds
    assert given_nl(rig) <= holds * DOSE_NL + 100


def test_the_gun_says_what_its_syringe_still_holds_and_nothing_before_a_program_says_what_it_was_filled_with() -> None:
    rig = Rig()
    rig.home()
    assert rig.ask("beat", 0)[1]["left_nl"] == -1
    rig.ready(a_pass(shots=3), syringe_nl=5 * DOSE_NL)
    told = [rig.ask("beat", 0)[1]["left_nl"]]
    for _ in range(3):
        press_for(rig, 200)
        told.append(rig.ask("beat", 0)[1]["left_nl"])
    assert told == [5 * DOSE_NL, 4 * DOSE_NL, 3 * DOSE_NL, 2 * DOSE_NL]
