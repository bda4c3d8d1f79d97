"""A blocked needle or line: found within the shot, the pressure taken back, and nothing comes out when it clears (DOMAIN 5).

Where the plunger is, is what the simulated body says; what it was told, the edges of its pins.
"""

import pytest
from rigs.guns import SETUPS, Ended, Gun, armed, moments, shooting
from rigs.marks import mostly_slow

from mesogun_fw.guard.cells import BACK, RUN
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL
from mesogun_fw.talk.messages import FAULT, FAULTED, HOLD, UNHOMED

STEP_NM = 625
ENCODER_NM = 500
NAMES = pytest.mark.parametrize("name", mostly_slow(SETUPS, 2))


def plunger_nm(gun: Gun) -> int:
    return gun.board.plunger.travel_nm(gun.desk.now_us(), gun.board.player.tell(gun.board.inputs)[1])


class Travel:
    """Where the plunger was, millisecond by millisecond."""

    def __init__(self, gun: Gun) -> None:
        self._gun = gun
        self.at = {gun.now_ms: plunger_nm(gun)}

    def until_rest(self, limit_ms: int) -> None:
        gun = self._gun
        end_ms = gun.now_ms + limit_ms
        while gun.guard.phase in (RUN, BACK) and gun.now_ms < end_ms:
            gun.wait(1)
            self.at[gun.now_ms] = plunger_nm(gun)
        gun.wait(20)


@NAMES
def test_an_occlusion_is_found_in_its_shot_and_the_plunger_goes_back_to_where_it_stood_and_no_further(name: str) -> None:
    found = 0
    for at, gun in moments(name, every_ms=9, apart=1):
        travel = Travel(gun)
        gun.happen("occlusion")
        travel.until_rest(6_000)
        if gun.told("ended")[-1]["kind"] <= HOLD:
            continue  # this press had given its dose already
        found += 1
        assert gun.told("ended")[-1]["reason"] == reasons.DOSE_WRONG, at
        blocked = next(shot for shot in gun.told("shot") if shot["flags"] & DOSE_OFF)
        assert not blocked["flags"] & PARTIAL, f"{at}: every step of it was made"
        assert blocked["measured_dose_nl"] < blocked["commanded_dose_nl"] - 1_000, at
        seen = blocked["shot"] == 1 or blocked["at_ms"] in travel.at
        before_nm = plunger_nm(armed(name)) if blocked["shot"] == 1 else travel.at.get(blocked["at_ms"], min(travel.at.values()))
        after_nm = plunger_nm(gun)
        if seen:
            assert abs(after_nm - before_nm) <= STEP_NM + ENCODER_NM, f"{at}: {after_nm - before_nm} nm from where it stood"
            lowest_nm = min(nm for ms, nm in travel.at.items() if ms >= blocked["at_ms"])
            assert lowest_nm >= before_nm - STEP_NM - ENCODER_NM, f"{at}: sucked back"
        drawn = gun.plunger_steps()[1]
        assert drawn * STEP_NM <= max(travel.at.values()) - min(after_nm, before_nm) + ENCODER_NM, at
        assert gun.board.state == FAULTED, at
    assert found > 3


@NAMES
def test_nothing_comes_out_when_it_clears_and_the_next_shot_gives_one_dose(name: str) -> None:
    gun = shooting(name).again()
    Ended(gun, lambda gun: gun.happen("occlusion"), 2_500)
    assert gun.told("ended")[-1]["kind"] == FAULT
    held_nm = plunger_nm(gun)
    gun.board.fluid.blocked_us = -1
    gun.wait(500)
    assert plunger_nm(gun) == held_nm, "it came out when it cleared"
    gun.clear()
    assert gun.board.state == UNHOMED
    gun.wait(300)
    gun.home()
    gun.arm()
    assert plunger_nm(gun) == held_nm
    reports = len(gun.told("shot"))
    gun.shoot(ms=20)
    gun.until(lambda: len(gun.told("shot")) > reports)
    dose_nm = max(len(play.timeline.plunger_us) for play in gun.strokes()) * STEP_NM
    made = len(gun.strokes()) - len([play for play in gun.strokes() if play.start_us < 1000 * (gun.now_ms - 3_000)])
    assert plunger_nm(gun) - held_nm <= dose_nm * max(1, made) + STEP_NM
    shot = gun.told("shot")[-1]
    assert (shot["flags"], abs(shot["measured_dose_nl"] - shot["commanded_dose_nl"]) < 150) == (0, True)


@pytest.mark.slow
def test_a_plunger_that_gave_too_much_is_not_drawn_back() -> None:
    pushed = 0
    for at, gun in moments("motor, single", every_ms=9, apart=1):
        gun.board.plunger.pushed_nm += 60_000
        gun.wait(2_000)
        if gun.told("ended")[-1]["reason"] == reasons.DOSE_WRONG:
            pushed += 1
            assert gun.plunger_steps()[1] == 0, at
    assert pushed


def occluded(gun: Gun) -> int:
    """The present shot meets a blocked needle: how far the plunger came to stand from where this press began, in nm."""
    before_nm = plunger_nm(gun)
    gun.shoot(ms=1)
    gun.happen("occlusion")
    gun.wait(1_500)
    assert (gun.told("ended")[-1]["reason"], gun.board.state) == (reasons.DOSE_WRONG, FAULTED)
    return plunger_nm(gun) - before_nm


def test_a_second_occlusion_is_relieved_like_the_first_when_the_gun_was_cleared_homed_and_armed_again() -> None:
    gun = armed("motor, single").again()
    stands_nm = []
    for _ in range(2):
        stands_nm.append(occluded(gun))
        gun.board.fluid.blocked_us = -1
        gun.clear()
        gun.wait(300)
        gun.home()
        gun.arm()
    assert [abs(nm) <= STEP_NM + ENCODER_NM for nm in stands_nm] == [True, True], stands_nm


def test_a_later_relief_goes_back_no_further_than_where_its_own_shot_began() -> None:
    """Though an earlier one took back what two shots had pressed: in constant flow the next body had begun already."""
    gun = armed("motor, constant flow").again()
    stands_nm = []
    for _ in range(2):
        before_nm = plunger_nm(gun)
        gun.shoot(ms=1)
        gun.happen("occlusion")
        lowest_nm = before_nm
        while gun.board.state != FAULTED:
            gun.wait(1)
            lowest_nm = min(lowest_nm, plunger_nm(gun))
        stands_nm.append(lowest_nm - before_nm)
        gun.board.fluid.blocked_us = -1
        gun.clear()
        gun.wait(300)
        gun.home()
        gun.load(list(SETUPS["motor, single"].one))
        gun.arm()
    assert [nm >= -STEP_NM - ENCODER_NM for nm in stands_nm] == [True, True], stands_nm
