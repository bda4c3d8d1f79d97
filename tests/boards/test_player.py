"""Lists on a chip: everything is where a plain walk through the words says, and a dead processor gets one period at most."""

import random

import pytest
from rigs.marks import mostly_slow
from rigs.pico.bench import AWAKE, Bench, Played, real, shots
from rigs.pico.chip import Chip, wired
from rigs.pico.walk import after_link, before_link, changes, entries, from_entry, starts, whole
from rigs.search import stride

from mesogun_fw.boards.pico import player
from mesogun_fw.boards.pico.tick import obey
from mesogun_fw.guard.cells import ABORT, ORDER, ORDER_FIGURE, ORDER_SLOT
from mesogun_fw.guard.inputs import ELAPSED_US, LISTS_PLAYED, PLAYING
from mesogun_fw.stroke.language import AWAY_ENTRIES
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP


@pytest.fixture
def bench(chip: Chip) -> Bench:
    return Bench(chip)


# ---- playing ----


@pytest.mark.slow
@pytest.mark.parametrize(("depth_um", "dose_nl"), [(200, 1_000), (4_000, 10_000), (5_000, 0)])
def test_a_whole_stroke_and_the_granted_one_after_it_are_exact_to_the_cycle(bench: Bench, depth_um: int, dose_nl: int) -> None:
    stroke = real(bench.chip, depth_um, dose_nl)
    bench.player.load(stroke, 0)
    bench.player.start(0, 0)
    bench.chip.run_us(98_000)
    bench.player.grant(0, 1)
    bench.chip.run_us(110_000)
    assert max(stroke.lists[0][3 * i + 2] for i in range(14)) > 1
    assert bench.pins() == changes(whole(stroke, 0) + whole(stroke, 1))
    assert bench.chip.levels == 0


def test_the_first_word_is_put_within_a_microsecond_also_when_it_has_played_before(bench: Bench) -> None:
    for _ in range(3):
        began = bench.chip.cycle
        bench.player.start(0, 0)
        bench.chip.run(5_000)
        assert next(at for at, _ in bench.chip.pins if at > began) - began <= 5


@pytest.mark.parametrize("variant", [0, 1])
def test_ungranted_it_comes_to_rest_after_one_list(bench: Bench, variant: int) -> None:
    bench.player.start(0, variant)
    bench.chip.run_us(800)
    bench.tell()
    assert list(bench.x[PLAYING : LISTS_PLAYED + 1]) == [1, 800, 1]
    bench.chip.run_us(3_000)
    bench.tell()
    assert bench.pins() == changes(whole(bench.shots, variant))
    assert list(bench.x[PLAYING : LISTS_PLAYED + 1]) == [0, 0, 1]


@pytest.mark.parametrize("variant", [0, 1])
def test_a_dead_processor_gets_the_one_granted_period_and_no_more(bench: Bench, variant: int) -> None:
    bench.player.start(0, 0)
    bench.chip.run_us(100)
    bench.player.grant(0, variant)
    bench.chip.run_us(20 * bench.shots.list_us)
    assert bench.pins() == changes(whole(bench.shots, 0) + whole(bench.shots, variant))
    assert bench.chip.levels == 0


def test_a_hundred_periods_granted_one_by_one_have_no_gap(bench: Bench) -> None:
    draw = random.Random(1)
    expected = whole(bench.shots, 0)
    bench.player.start(0, 0)
    for n in range(1, 101):
        bench.chip.run_us(draw.randrange(100, 700))
        variant = draw.randrange(2)
        bench.player.grant(0, variant)
        expected += whole(bench.shots, variant)
        while bench.x[LISTS_PLAYED] != n + 1:
            bench.chip.run_us(7)
            bench.tell()
        assert bench.x[ELAPSED_US] < 10
    bench.chip.run_us(1_000)
    assert bench.pins() == changes(expected)


def test_constant_flow_plays_its_body_again_and_again_and_the_way_back_once(bench: Bench) -> None:
    bench.player.start(1, 0)
    for n in range(5):
        bench.chip.run_us(200)
        bench.player.grant(1, n & 1)
        while bench.x[LISTS_PLAYED] != n + 2:
            bench.chip.run_us(7)
            bench.tell()
        assert 33 <= bench.x[ELAPSED_US] < 33 + 10
    bench.chip.run_us(5_000)
    flow = bench.flow
    assert bench.pins() == changes(before_link(flow, 0) + 5 * from_entry(flow, 0) + after_link(flow, 0))


def test_a_stroke_in_the_other_slot_follows_without_a_gap(bench: Bench) -> None:
    bench.player.start(0, 1)
    bench.chip.run_us(300)
    other = shots(bench.chip)
    other.words[other.first] = 1 | 11 << 6
    bench.player.load(other, 1)
    bench.player.grant(1, 0)
    bench.chip.run_us(5_000)
    assert bench.pins() == changes(whole(bench.shots, 1) + whole(other, 0))


# ---- grants late, and taken back ----


@pytest.mark.parametrize("slot", mostly_slow([0, 1]))
@pytest.mark.parametrize("revoke", [False, True])
def test_around_the_link_what_the_guard_is_told_is_what_the_pins_do(slot: int, revoke: bool) -> None:
    outcomes = set()
    for cycle in range(5 * 816 - 370, 5 * 816 + 40, 7 * stride()):
        chip = Chip()
        with wired(chip):
            bench = Bench(chip)
            bench.player.start(0, 0)
            if revoke:
                chip.run(50)
                bench.player.grant(slot, 1)
            chip.run(cycle - chip.cycle)
            if revoke:
                bench.player.revoke()
            else:
                bench.player.grant(slot, 1)
            for _ in range(5):
                chip.run_us(100)
                bench.tell()
            chip.run_us(3_000)
            bench.tell()
            once = whole(bench.shots, 0)
            granted = from_entry(bench.flow, 1) + after_link(bench.flow, 1) if slot else whole(bench.shots, 1)
            assert bench.pins() == changes(once if bench.x[LISTS_PLAYED] == 1 else once + granted)
            outcomes.add(bench.x[LISTS_PLAYED])
    assert outcomes == {1, 2}


def test_a_late_grant_is_no_grant_for_the_next_start_either(bench: Bench) -> None:
    bench.player.start(0, 0)
    bench.chip.run_us(815)
    bench.player.grant(0, 0)
    bench.chip.run_us(2_000)
    bench.tell()
    bench.chip.pins.clear()
    began = bench.chip.cycle
    bench.player.start(0, 0)
    bench.chip.run_us(5_000)
    assert [level for _, level in bench.chip.pins] == [level for _, level in changes(whole(bench.shots, 0))]
    assert bench.chip.pins[-1][0] - began < 5 * 816


def test_a_grant_that_was_halted_is_no_grant_for_the_next_start(bench: Bench) -> None:
    bench.player.start(0, 0)
    bench.chip.run_us(100)
    bench.player.grant(0, 0)
    bench.player.halt()
    bench.chip.pins.clear()
    began = bench.chip.cycle
    bench.player.start(0, 0)
    bench.chip.run_us(5_000)
    assert [(at - began - AWAKE, level) for at, level in bench.chip.pins] == changes(whole(bench.shots, 0))


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("cycle", mostly_slow(range(5 * 816 - 220, 5 * 816 - 60, 5), 5))
def test_a_grant_that_is_taken_while_it_is_revoked_is_told_as_taken(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, cycle: int, slot: int
) -> None:
    chip = bench.chip
    bench.player.start(0, 0)
    chip.run_us(100)
    bench.player.grant(slot, 0)
    chip.run(cycle - chip.cycle)
    look = player.look

    def slowly(k: int) -> None:
        look(k)
        chip.run(60)

    monkeypatch.setattr(player, "look", slowly)
    bench.player.revoke()
    for _ in range(5):
        chip.run_us(100)
        bench.tell()
    chip.run_us(3_000)
    bench.tell()
    granted = from_entry(bench.flow, 0) + after_link(bench.flow, 0) if slot else whole(bench.shots, 0)
    assert bench.pins() == changes(whole(bench.shots, 0) + (granted if bench.x[LISTS_PLAYED] == 2 else []))


# ---- halts ----


@pytest.mark.parametrize("cycle", mostly_slow([*range(60), *range(60, 4_200, 37)], 12))
def test_the_words_put_are_known_at_any_halt(chip: Chip, cycle: int) -> None:
    bench = Bench(chip)
    bench.player.start(0, 1)
    chip.run(cycle)
    put = bench.player.halt()
    words = whole(bench.shots, 1)
    assert put == len([at for at in starts(words) if at + AWAKE <= cycle])
    assert chip.levels == 0
    chip.run(3_000)
    assert chip.levels == 0
    chip.pins.clear()
    began = chip.cycle
    bench.player.start(0, 0)
    chip.run(5_000)
    assert [(at - began - AWAKE, level) for at, level in chip.pins] == changes(whole(bench.shots, 0))


@pytest.mark.parametrize("slot", [0, 1])
@pytest.mark.parametrize("cycle", mostly_slow(range(5 * 816 - 350, 5 * 816 + 200, 11), 8))
def test_around_the_link_a_halt_counts_the_words_of_the_list_that_was_told_last(chip: Chip, cycle: int, slot: int) -> None:
    bench = Bench(chip)
    bench.player.start(0, 0)
    chip.run_us(100)
    bench.player.grant(slot, 1)
    chip.run(cycle - chip.cycle)
    if cycle % 2:
        bench.tell()
    put = bench.player.halt()
    old = whole(bench.shots, 0)
    new, skipped = (from_entry(bench.flow, 1), len(before_link(bench.flow, 1)) - len(from_entry(bench.flow, 1)))
    if not slot:
        new, skipped = whole(bench.shots, 1), 0
    count = len([at for at in starts(old + new) if at + AWAKE <= cycle])
    # what has begun since the guard was last told counts as not begun
    assert put == (min(count, len(old)) if bench.x[LISTS_PLAYED] < 2 else count - len(old) + skipped)


def halted_count(bench: Bench, cycle: int) -> int:
    bench.player.start(0, 0)
    bench.chip.run(cycle)
    return bench.player.halt()


@pytest.mark.slow
def test_a_halt_in_a_real_stroke_is_exact_too(bench: Bench) -> None:
    stroke = real(bench.chip, 2_000, 5_000)
    bench.player.load(stroke, 0)
    at = starts(whole(stroke, 0))
    draw = random.Random(2)
    for _ in range(12):
        cycle = draw.randrange(500_000)
        assert halted_count(bench, cycle) == len([one for one in at if one + AWAKE <= cycle])


# ---- the way back ----


@pytest.mark.parametrize("count", range(1, AWAY_ENTRIES + 1))
def test_the_way_back_is_played_once_as_far_as_asked(bench: Bench, count: int) -> None:
    bench.player.start(0, 0)
    bench.chip.run_us(200)
    bench.player.halt()
    bench.chip.pins.clear()
    began = bench.chip.cycle
    bench.player.go_away(0, count)
    bench.chip.run_us(20)
    bench.tell()
    assert bench.x[PLAYING] == 2
    bench.chip.run_us(2_000)
    bench.tell()
    words = entries(bench.shots, bench.shots.away, 0, count)
    assert [(at - began - AWAKE, level) for at, level in bench.chip.pins] == changes(words)
    assert bench.x[PLAYING] == 0


def test_no_way_back_plays_nothing(bench: Bench) -> None:
    bench.player.go_away(0, 0)
    bench.chip.run_us(100)
    assert bench.chip.pins == []


def test_a_repeated_block_that_the_dma_cannot_go_round_in_is_refused(bench: Bench) -> None:
    bench.shots.enter(1, bench.shots.first + 1, 2, 4)
    with pytest.raises(ValueError, match="ring"):
        bench.player.load(bench.shots, 0)


@pytest.mark.parametrize("at_us", mostly_slow([3, 60, 200, 400], 2))
def test_an_abort_by_the_loop_leaves_a_stroke_as_the_ticks_own_order_does(at_us: int) -> None:
    played = []
    for abort in (Played.abort, ordered_abort):
        with wired(Chip()) as one:
            bench = Bench(one)
            bench.player.load(real(one, 1_000, 1_000), 0)
            bench.player.start(0, 0)
            one.run_us(10 * at_us)
            abort(bench.player, 0, 0)
            one.run_us(40_000)
            played.append(one.pins)
    assert played[0] == played[1]
    assert steps_out(played[0]) == 0


def steps_out(pins: list[tuple[int, int]]) -> int:
    """Steps out less steps back."""
    edges = zip([0] + [level for _, level in pins], [level for _, level in pins], strict=False)
    return sum(-1 if level & NEEDLE_DIR else 1 for before, level in edges if level & ~before & NEEDLE_STEP)


def ordered_abort(of: Played, slot: int, variant: int) -> None:
    x = of._x
    x[ORDER], x[ORDER_SLOT], x[ORDER_FIGURE] = ABORT, slot, variant
    obey(of._at)
