"""One arming makes so many shots and no more, whole or cut short; the next arming counts anew."""

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import CONTINUOUS, IDLE, PAUSE, SINGLE

CEILING = 4


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SHOTS_PER_ARMING_MAX", CEILING)


def press_for(rig: Rig, ms: int) -> None:
    rig.press()
    rig.wait(ms)
    rig.release()
    rig.wait(300)


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("mode", [SINGLE, CONTINUOUS])
@pytest.mark.parametrize("presses_ms", [[30, 40, 30, 40, 30], [1_500] * 5, [30, 1_500, 1_500, 1_500, 1_500]])
def test_the_last_shot_of_an_arming_is_the_last_however_it_is_pressed(mode: int, presses_ms: list[int]) -> None:
    rig = Rig().ready(a_pass(mode=mode, shots=20))
    for ms in presses_ms:
        press_for(rig, ms)
    assert len(rig.told("shot")) == CEILING
    assert (rig.told("ended")[-1]["kind"], rig.told("ended")[-1]["reason"]) == (PAUSE, reasons.SHOTS_CEILING)
    assert rig.board.state == IDLE
    whole = len([shot for shot in rig.told("shot") if not shot["flags"] & PARTIAL])
    assert rig.arm()["left"] == 20 - whole
    rig.wait(300)
    press_for(rig, 30)
    assert len(rig.told("shot")) == CEILING + 1


@pytest.mark.usefixtures("low")
@pytest.mark.parametrize("mode", [SINGLE, CONTINUOUS])
def test_a_pass_of_as_many_shots_as_an_arming_may_make_is_made_whole(mode: int) -> None:
    rig = Rig().ready(a_pass(mode=mode, shots=CEILING))
    for _ in range(CEILING):
        press_for(rig, 1_500)
    assert [shot["flags"] for shot in rig.told("shot")] == [0] * CEILING
    assert rig.told("ended")[-1]["reason"] == reasons.PASS_DONE
