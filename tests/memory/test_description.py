"""What a gun may be described as, figure by figure, and how that is kept."""

import pytest

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE, Description, supply_min_mv
from mesogun_fw.memory import copies, description
from mesogun_fw.memory.copies import NoDescription
from mesogun_fw.memory.promises import Flash
from mesogun_fw.talk.messages import GUN, PNEUMATIC, STEPPER

RANGES = {name: (low, high) for name, low, high in GUN}
ROOM = {"needle_out_mm_s2": 30_000, "needle_brake_mm_s2": 1_000}  # either may then be at either end of its range


class TwoCopies(Flash):
    def __init__(self) -> None:
        self.copies = [b"", b""]

    def copy_read(self, copy: int) -> bytes:
        return self.copies[copy]

    def copy_write(self, copy: int, data: bytes) -> None:
        self.copies[copy] = data


def described(**figures: int) -> Description:
    return Description(tuple({**dict(zip(RANGES, REFERENCE, strict=True)), **figures}.values()))


@pytest.mark.parametrize("name", RANGES)
def test_a_figure_may_be_at_the_ends_of_its_range_and_not_one_further(name: str) -> None:
    low, high = RANGES[name]
    for value in (low, high):
        assert getattr(described(**{**ROOM, name: value}), name) == value
    for value in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"^{name}={value} is outside {low}[.][.]{high}$"):
            described(**{**ROOM, name: value})


@pytest.mark.parametrize("name", ["needle_nm_per_step", "stop_nm_per_step"])
def test_a_step_that_divides_no_tenth_of_a_millimetre_is_refused(name: str) -> None:
    """Of the needle and of the depth stop: a depth in tenths would not be a whole number of them."""
    for value in (6_250, 10_000):
        described(**{name: value})
    for value in (6_251, 7_000, 8_000, 9_999):  # 8 um divide 10 mm
        with pytest.raises(ValueError, match=f"{name}={value} does not divide"):
            described(**{name: value})


def test_braking_is_a_quarter_of_the_way_out_at_most() -> None:
    """The guard has the rest to stop the needle with."""
    described(needle_out_mm_s2=12_000, needle_brake_mm_s2=3_000)
    for figures in ({"needle_out_mm_s2": 11_999}, {"needle_brake_mm_s2": 3_001}):
        with pytest.raises(ValueError, match="is more than a quarter of needle_out_mm_s2"):
            described(**{"needle_out_mm_s2": 12_000, "needle_brake_mm_s2": 3_000, **figures})


@pytest.mark.parametrize("figures", [REFERENCE[:-1], (*REFERENCE, 1), ()])
def test_a_figure_too_few_or_too_many_is_refused(figures: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"{len(GUN)} figures, not {len(figures)}"):
        Description(figures)


def test_every_figure_has_the_name_of_its_place_and_comes_out_as_it_went_in() -> None:
    """No two of these are the same."""
    figures = (5_000, 200_000, 29_000, 7_000, 601, 19_000, 4_900, 70_001, 5_003, 499, PNEUMATIC, 17_000, 23_000, 2_000, 900)
    one = Description(figures)
    assert one.figures() == figures
    assert {name: getattr(one, name) for name in RANGES} == dict(zip(RANGES, figures, strict=True))


def test_each_drive_has_the_least_supply_of_what_it_lives_on() -> None:
    assert supply_min_mv(described(drive=STEPPER)) == limits.SUPPLY_MIN_MV == 20_000
    assert supply_min_mv(described(drive=PNEUMATIC)) == limits.SUPPLY_LOGIC_MIN_MV == 4_500


# ---- kept ----


def test_what_is_stored_is_the_description_again() -> None:
    flash = TwoCopies()
    for gun in (described(needle_um_s=100_001, drive=PNEUMATIC), described(stop_um_s=777)):
        description.store(flash, gun)
        assert description.stored(flash).figures() == gun.figures()


def test_what_is_stored_in_another_format_is_no_description() -> None:
    for version in (description.FORMAT - 1, description.FORMAT + 1):
        flash = TwoCopies()
        copies.write(flash, version, REFERENCE)
        with pytest.raises(NoDescription, match=f"format {version}"):
            description.stored(flash)


def test_what_is_stored_and_not_plausible_is_refused_by_name() -> None:
    """A firmware with wider ranges wrote it."""
    flash = TwoCopies()
    copies.write(flash, description.FORMAT, (RANGES["needle_nm_per_step"][1] + 1, *REFERENCE[1:]))
    with pytest.raises(ValueError, match="needle_nm_per_step=10001 is outside"):
        description.stored(flash)
