"""A press is fresh, debounced, agreed on and begun with the gun standing on the skin; a release is the first edge."""

import itertools
from array import array
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.search import examples

from mesogun_fw import limits
from mesogun_fw.guard.asked import arm
from mesogun_fw.guard.between import PRESSED, look_between
from mesogun_fw.guard.cells import HELD, HOW, LAST_MS, OFF, PHASE, TICK_MS, fresh
from mesogun_fw.guard.inputs import CONTACT_A, CONTACT_B, HOME, TRIGGER_A, TRIGGER_B
from mesogun_fw.guard.lookout import DISAGREE, IN_THE_AIR, look_around
from mesogun_fw.talk import reasons

FRESH, DEBOUNCE, STABLE = limits.TRIGGER_RELEASED_MS, limits.TRIGGER_DEBOUNCE_MS, limits.CONTACT_STABLE_MS


@dataclass
class Hand:
    """A hand on the gun, millisecond by millisecond from power-on; what it did and what was made of it are kept."""

    in_the_air: bool = False
    cells: "array[int]" = field(default_factory=fresh)
    levels: list[tuple[int, int, int, int]] = field(default_factory=list)
    pressed: list[bool] = field(default_factory=list)
    reasons: list[int] = field(default_factory=list)
    armed_ms: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cells[HOW] = IN_THE_AIR if self.in_the_air else 0
        self.cells[HOME] = 1

    def arm(self) -> "Hand":
        self.armed_ms.append(len(self.levels))
        self.cells[PHASE] = OFF
        arm(self.cells, len(self.levels), 0)
        return self

    def does(self, ms: int, trigger: str = "", contact: str = "ab") -> "Hand":
        """For `ms`: which contacts of trigger and skin are closed."""
        x = self.cells
        for _ in range(ms):
            now_ms = len(self.levels)
            row = (int("a" in trigger), int("b" in trigger), int("a" in contact), int("b" in contact))
            x[TRIGGER_A], x[TRIGGER_B], x[CONTACT_A], x[CONTACT_B] = row
            self.levels.append(row)
            x[TICK_MS] = now_ms
            answer = look_around(x, now_ms)
            self.reasons.append(reasons.TRIGGER_DISAGREES if answer & DISAGREE else 0)
            x[LAST_MS] = now_ms
            self.pressed.append(look_between(x) == PRESSED)
        return self

    @property
    def presses(self) -> int:
        """How often it became pressed."""
        return sum(now and not before for before, now in zip([False, *self.pressed], self.pressed, strict=False))


def test_a_press_counts_after_its_debounce_and_ends_at_the_first_edge() -> None:
    hand = Hand().does(FRESH + 1).does(50, "ab").does(1, "a")
    assert hand.pressed == [False] * (FRESH + 1 + DEBOUNCE) + [True] * (50 - DEBOUNCE) + [False]
    assert not hand.cells[HELD]


def test_bounce_before_a_press_is_accepted_neither_counts_nor_loses_the_press() -> None:
    hand = Hand().does(FRESH + 1)
    for _ in range(5):
        hand.does(3, "ab").does(2).does(1, "b")
    assert hand.presses == 0
    assert hand.does(DEBOUNCE + 1, "ab").presses == 1


@pytest.mark.parametrize("released_ms", [1, 50, FRESH - 1])
def test_a_press_soon_after_the_one_that_was_used_does_not_count(released_ms: int) -> None:
    hand = Hand().does(FRESH + 1).does(100, "ab").arm().does(30, "ab").does(released_ms).does(1_000, "ab")
    assert not any(hand.pressed[hand.armed_ms[0] :])
    assert hand.does(FRESH + 1).does(DEBOUNCE + 1, "ab").pressed[-1]


@pytest.mark.parametrize("released_ms", [0, 1, FRESH - 1])
def test_a_press_soon_after_arming_does_not_count_however_long_the_trigger_was_open_before(released_ms: int) -> None:
    assert Hand().does(1_000).arm().does(released_ms).does(500, "ab").presses == 0


@pytest.mark.parametrize("open_ms", [0, 1, FRESH])
def test_a_trigger_stuck_or_held_when_armed_never_starts(open_ms: int) -> None:
    hand = Hand().does(open_ms).does(500, "ab").arm().does(3_000, "ab")
    assert not any(hand.pressed[hand.armed_ms[0] :])


def test_a_trigger_stuck_at_power_on_never_starts() -> None:
    assert Hand().does(5_000, "ab").presses == 0


def test_a_stuck_trigger_whose_contact_flickers_never_starts() -> None:
    hand = Hand().does(500, "ab").arm()
    for _ in range(20):
        hand.does(FRESH // 4, "ab").does(3, "a").does(3).does(2, "b")
    assert hand.presses == 0


@pytest.mark.parametrize(("contact", "stood_ms"), [("", 0), ("", 500), ("a", 500), ("b", 500), ("ab", 1), ("ab", STABLE - 1)])
def test_a_press_begun_before_the_gun_stands_never_counts_however_long_it_is_held(contact: str, stood_ms: int) -> None:
    hand = Hand().does(FRESH + 1, "", "").does(stood_ms, "", contact).does(100, "ab", contact).does(1_000, "ab")
    assert hand.presses == 0
    assert hand.does(FRESH + 1).does(DEBOUNCE + 1, "ab").presses == 1


def test_a_press_begun_the_moment_contact_is_stable_counts() -> None:
    assert Hand().does(FRESH + 1, "", "").does(STABLE).does(DEBOUNCE + 1, "ab").presses == 1


def test_a_gun_lifted_before_the_press_is_accepted_needs_another_press() -> None:
    hand = Hand().does(500).does(DEBOUNCE - 5, "ab").does(2, "ab", "a").does(1_000, "ab")
    assert hand.presses == 0


def test_in_the_air_it_is_the_other_way_round() -> None:
    assert Hand(in_the_air=True).does(500).does(1_000, "ab").presses == 0
    assert Hand(in_the_air=True).does(500, "", "a").does(1_000, "ab", "a").presses == 0
    assert Hand(in_the_air=True).does(500, "", "").does(DEBOUNCE + 1, "ab", "").presses == 1


@pytest.mark.parametrize("stuck", ["a", "b"])
def test_two_trigger_contacts_that_differ_are_reported_after_100_ms_and_never_press(stuck: str) -> None:
    hand = Hand().does(500).does(limits.TRIGGER_DISAGREE_MS + 1, stuck)
    assert set(hand.reasons) == {0}
    assert hand.does(1, stuck).reasons[-1] == reasons.TRIGGER_DISAGREES
    assert hand.does(1).reasons[-1] == 0
    assert hand.presses == 0


def test_contacts_that_differ_in_passing_are_not_reported() -> None:
    hand = Hand()
    for _ in range(10):
        hand.does(90, "a").does(1).does(90, "b").does(1, "ab")
    assert set(hand.reasons) == {0}


# ---- whatever a hand does ----


def run_of(levels: list[bool]) -> int:
    """How long the last value has stood, in milliseconds."""
    count = 0
    while count < len(levels) and levels[-1 - count] == levels[-1]:
        count += 1
    return count


def may_be_pressed(hand: Hand, now: int) -> bool:
    """What has to be true of the past for a press to count now; says nothing of how it is found out."""
    both = [a + b == 2 for a, b, _, _ in hand.levels[: now + 1]]
    standing = [a + b == 2 for _, _, a, b in hand.levels[: now + 1]]
    since = now - run_of(both) + 1
    debounced = both[now] and now - since >= DEBOUNCE
    stood = all(standing[max(0, since - STABLE) : now + 1]) and since >= STABLE
    if not debounced or not stood:
        return False
    # from the first edge of a release after arming, or from arming, open for as long as it takes to be fresh
    armed = max([ms for ms in hand.armed_ms if ms <= now], default=0)
    for open_ms in range(armed, since):
        edge = max([i for i in range(1, open_ms + 1) if both[i - 1] and not both[i]], default=0)
        if sum(hand.levels[open_ms][:2]) == 0 and open_ms - max(armed, edge) >= FRESH:
            return True
    return False


MOVES = st.lists(
    st.tuples(
        st.sampled_from((2, DEBOUNCE - 2, DEBOUNCE + 2, STABLE - 2, STABLE + 2, FRESH - 2, FRESH + 2)),
        st.sampled_from(("", "", "ab", "ab", "a")),
        st.sampled_from(("ab", "ab", "ab", "ab", "ab", "a", "")),
        st.sampled_from((False, False, False, True)),
    ),
    min_size=1,
    max_size=16,
)


@pytest.mark.slow
@examples(500)
@given(MOVES)
def test_whatever_a_hand_does_only_a_fresh_agreed_debounced_press_on_the_skin_counts(
    moves: list[tuple[int, str, str, bool]],
) -> None:
    hand = Hand()
    for ms, trigger, contact, armed in moves:
        if armed:
            hand.arm()
        hand.does(ms, trigger, contact)
    for now, (before, pressed) in enumerate(itertools.pairwise([False, *hand.pressed])):
        if pressed and not before:
            assert may_be_pressed(hand, now)
