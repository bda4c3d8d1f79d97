"""Each of the guard's orders to the player, as the Pico's tick obeys it: of the slot and the list that it names, and no other."""

from itertools import pairwise

import pytest
from rigs.pico.bench import AWAKE, Bench, real, shots
from rigs.pico.chip import Chip
from rigs.pico.walk import changes, entries, starts, whole

from mesogun_fw.boards.pico.tick import obey
from mesogun_fw.guard import cells
from mesogun_fw.guard.inputs import PLAYING
from mesogun_fw.stroke.language import DWELL, PLUNGER_DIR, PLUNGER_STEP, RELIEF_ENTRIES, Stroke
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP


@pytest.fixture
def bench(chip: Chip) -> Bench:
    """Slot 1 holds another stroke of shots than slot 0."""
    one = Bench(chip)
    other = shots(chip)
    other.words[other.first] = 1 | 11 << 6
    one.player.load(other, 1)
    one.flow = other
    return one


def order(bench: Bench, what: int, slot: int = 0, figure: int = 0) -> None:
    x = bench.x
    x[cells.ORDER], x[cells.ORDER_SLOT], x[cells.ORDER_FIGURE] = what, slot, figure
    obey(bench.player._at)


def since(bench: Bench, began: int) -> list[tuple[int, int]]:
    return [(at - began - AWAKE, level) for at, level in bench.chip.pins if at > began]


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("slot", [0, 1])
def test_a_start_plays_the_list_that_is_named(bench: Bench, slot: int, variant: int) -> None:
    order(bench, cells.START, slot, variant)
    bench.chip.run_us(3_000)
    assert bench.pins() == changes(whole((bench.shots, bench.flow)[slot], variant))


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("slot", [0, 1])
def test_a_grant_lets_the_list_follow_that_is_named(bench: Bench, slot: int, variant: int) -> None:
    order(bench, cells.START)
    bench.chip.run_us(100)
    order(bench, cells.GRANT, slot, variant)
    bench.chip.run_us(5_000)
    assert bench.pins() == changes(whole(bench.shots, 0) + whole((bench.shots, bench.flow)[slot], variant))


def test_what_is_revoked_does_not_follow(bench: Bench) -> None:
    order(bench, cells.START)
    bench.chip.run_us(100)
    order(bench, cells.GRANT, 1, 0)
    order(bench, cells.REVOKE)
    bench.chip.run_us(5_000)
    assert bench.pins() == changes(whole(bench.shots, 0))


def test_a_halt_puts_all_pins_low_and_nothing_follows(bench: Bench) -> None:
    order(bench, cells.START)
    bench.chip.run_us(100)
    order(bench, cells.GRANT, 1, 0)
    order(bench, cells.HALT)
    halted = bench.chip.cycle
    assert bench.chip.levels == 0
    bench.chip.run_us(5_000)
    bench.tell()
    assert [level for at, level in bench.chip.pins if at > halted + 1] == []
    assert bench.x[PLAYING] == 0


def amid_its_last_word_out(stroke: Stroke, variant: int) -> int:
    """A cycle in which the needle stands at depth for the last time, its direction turned already."""
    words = whole(stroke, variant)
    places = entries(stroke, stroke.lists[variant], 0, DWELL + 1)
    return starts(words)[len(places) - 1] + AWAKE + 100


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("slot", [0, 1])
def test_an_abort_finds_the_way_home_out_of_the_list_that_is_played_to_its_last_word(bench: Bench, slot: int, variant: int) -> None:
    """The two lists differ by a word: judged by the other one, a needle at depth would count as on its way home."""
    stroke = real(bench.chip, 400, 1_000)
    bench.player.load(stroke, slot)
    order(bench, cells.START, slot, variant)
    bench.chip.run(amid_its_last_word_out(stroke, variant))
    order(bench, cells.ABORT, slot, variant)
    aborted = bench.chip.cycle
    bench.chip.run_us(30_000)
    levels = [0, *[level for at, level in bench.chip.pins if at > aborted]]
    home = [now for before, now in pairwise(levels) if now & ~before & NEEDLE_STEP]
    assert len(home) == 40
    assert all(level & NEEDLE_DIR for level in home)


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("playing", [False, True])
def test_the_plunger_of_the_stroke_that_is_named_is_taken_back_by_so_many_steps(bench: Bench, slot: int, playing: bool) -> None:
    stroke = real(bench.chip, 400, 1_000)
    bench.player.load(stroke, slot)
    if playing:
        order(bench, cells.START, slot, 0)
        bench.chip.run_us(500)
    order(bench, cells.RELIEVE, slot, 5)
    began = bench.chip.cycle
    bench.chip.run_us(20)
    bench.tell()
    assert bench.x[PLAYING] == 2
    bench.chip.run_us(20_000)
    words = entries(stroke, stroke.away, 0, RELIEF_ENTRIES)
    assert since(bench, began) == changes(words)
    assert [word & 63 for word in words if word & PLUNGER_STEP] == [PLUNGER_DIR | PLUNGER_STEP] * 5
