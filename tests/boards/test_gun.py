"""The whole gun, firmware and board, on the emulated chip: what the pins do, what is reported, what the journal holds."""

import pytest
from rigs.pico.bench import Bench, real
from rigs.pico.chip import Chip, wired
from rigs.pico.gun import Gun, QuickChip
from rigs.pico.session import (
    CYCLES_MS,
    DEPTH_UM,
    DOSE_NL,
    PERIOD_MS,
    STEP_NL,
    Assemble,
    armed,
    changes_since,
    is_safe,
    running,
    variants,
)
from rigs.pico.walk import before_link, changes, from_entry, whole

from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import ARMED, CONSTANT_FLOW, DONE, HOLD, IDLE

WRAP_US = 1 << 30
BOOT_TO_SHOTS_US = 800_000


@pytest.mark.slow
@pytest.mark.parametrize("at_us", [0, WRAP_US - BOOT_TO_SHOTS_US - 250_000, 4 * WRAP_US - BOOT_TO_SHOTS_US - 330_000])
def test_from_power_on_to_the_last_shot_every_edge_is_where_the_stroke_says(assemble: Assemble, at_us: int) -> None:
    gun = armed(assemble(at_us).start())
    assert gun.needle.most_nm == 500_000  # of the check of its way home
    began = running(gun)
    gun.until(lambda: gun.device.state == IDLE)
    gun.run(50)
    stroke = gun.device.strokes[0]
    assert changes_since(gun, began) == changes([word for variant in variants(gun, 5) for word in whole(stroke, variant)])
    assert is_safe(gun)
    assert gun.chip.now_us - at_us % WRAP_US < (0 if at_us else 2_000_000)

    first, *others = gun.said("shot")
    assert len(others) == 4
    for n, shot in enumerate((first, *others)):
        assert 1_000 * (shot["at_ms"] - first["at_ms"]) + shot["at_us"] - first["at_us"] == 100_000 * n
        assert (shot["measured_depth_um"], shot["flags"]) == (DEPTH_UM, 0)
        assert abs(shot["measured_dose_nl"] - DOSE_NL) < 2 * STEP_NL
    assert abs(gun.plunger.nm / 625 * STEP_NL - 5 * DOSE_NL) <= STEP_NL
    assert [(end["kind"], end["done"]) for end in gun.said("ended")] == [(DONE, 5)]
    assert gun.ask("journal")[1] == {"condition": 3, "epoch": 0, "shots": 5, "volume_nl": 5 * DOSE_NL, "uncertain": 0}
    assert [gun.ask("log", back)[1]["shot"] for back in range(6)] == [5, 4, 3, 2, 1, 0]


@pytest.mark.slow
def test_the_periods_are_equal_to_the_cycle_and_the_first_follows_the_press(gun: Gun) -> None:
    pressed = gun.chip.cycle
    began = running(gun)
    gun.until(lambda: gun.device.state == IDLE)
    rises = gun.rises(NEEDLE_STEP, began)
    each = len(rises) // 5
    assert each == 2 * DEPTH_UM // 10
    assert {late - early for early, late in zip(rises, rises[each:], strict=False)} == {PERIOD_MS * CYCLES_MS}
    assert began - pressed < (20 + 3) * CYCLES_MS


@pytest.mark.slow
def test_a_released_press_goes_on_with_the_next(gun: Gun) -> None:
    running(gun, 250)
    gun.press(False)
    gun.run(400)
    assert gun.device.state == ARMED
    running(gun)
    gun.until(lambda: gun.device.state == IDLE)
    gun.run(5)
    assert [shot["flags"] for shot in gun.said("shot")].count(0) == 5
    assert [end["kind"] for end in gun.said("ended")] == [HOLD, DONE]


@pytest.mark.slow
def test_a_new_setting_is_swapped_in_at_the_end_of_a_period(gun: Gun) -> None:
    began = running(gun, 130)
    old = whole(gun.device.strokes[0], variants(gun, 2)[0]) + whole(gun.device.strokes[0], variants(gun, 2)[1])
    assert gun.ask("adjust", 300, 200_000, 0, 100_000, 0, 120_000)[0] == "armed"
    gun.until(lambda: gun.device.state == IDLE)
    gun.run(5)
    assert changes_since(gun, began) == changes(old + 3 * whole(gun.device.strokes[1], 0))
    assert [shot["measured_depth_um"] for shot in gun.said("shot")] == 2 * [400] + 3 * [300]


@pytest.mark.slow
def test_constant_flow_goes_on_second_by_second_until_the_release(assemble: Assemble) -> None:
    gun = armed(assemble(WRAP_US - BOOT_TO_SHOTS_US - 1_500_000).start(), 20, CONSTANT_FLOW, 10_000, 1_000)
    began = running(gun, 2_990)
    until = gun.chip.cycle - began
    gun.press(False)
    gun.run(100)
    stroke = gun.device.strokes[0]
    first, second, third = variants(gun, 3)
    expected = changes(before_link(stroke, first) + from_entry(stroke, second) + from_entry(stroke, third))
    assert [one for one in changes_since(gun, began) if one[0] < until] == [one for one in expected if one[0] < until]
    assert is_safe(gun)
    assert gun.chip.now_us < WRAP_US // 2
    shots = gun.said("shot")
    assert [shot["flags"] for shot in shots] == [0, 0, PARTIAL]
    assert abs(sum(shot["measured_dose_nl"] for shot in shots) - gun.plunger.nm / 625 * STEP_NL) < 3 * STEP_NL


def test_a_chip_that_waits_out_long_holds_at_once_plays_as_one_that_does_not() -> None:
    played = []
    for kind in (Chip, QuickChip):
        chip = kind()
        with wired(chip):
            bench = Bench(chip)
            bench.player.load(real(chip, 300, 1_000), 0)
            bench.player.start(0, 0)
            chip.run_us(95_000)
            bench.player.grant(0, 1)
            chip.run_us(13_000)
            bench.tell()
            played.append((chip.pins, chip.now_us, list(bench.x), bench.player.halt()))
    assert played[0] == played[1]
