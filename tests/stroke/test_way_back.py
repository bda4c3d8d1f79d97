"""Wherever a stroke is halted, its way back brakes no deeper than commanded, moves no plunger and ends home."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.marks import slow
from rigs.strokes import GUN, Played, Shot, compiled, earliest_us, play, shots, words_of

from mesogun_fw.config import Description
from mesogun_fw.limits import PULSE_US
from mesogun_fw.stroke.language import DWELL, Stroke
from mesogun_fw.stroke.retreat import TURN_US

RETRACT_WITHIN_US = 20_000  # needle out of the skin: at most this and the retract stroke (DOMAIN 5)


@dataclass
class Abort:
    """A stroke of which `count` words were put, and what the needle does then. Checks itself."""

    stroke: Stroke
    words: "np.ndarray"
    count: int
    variant: int = 0

    def check(self) -> None:
        before = play(self.words[: self.count])
        entries = self.stroke.way_back(self.stroke, self.count, self.variant)
        if not entries:
            self.on_its_way_home_already(before)
            return
        for place in range(0, 3 * entries, 3):
            offset, length, times = self.stroke.away[place : place + 3]
            assert not times or offset + length <= self.stroke.length, "words that are not this stroke's"
        away = play(words_of(self.stroke.words, self.stroke.away[: 3 * entries]))
        position = int(before.needle_way.sum())
        positions = away.positions(position)
        assert positions.max() <= self.stroke.figures.needle_steps
        assert positions.min() == positions[-1] == 0
        assert len(away.plunger_us) == 0
        assert away.duration_us <= RETRACT_WITHIN_US + self.stroke.figures.back_us
        self.brakes_as_a_motor_can(before, away)
        self.returns_as_a_motor_can(away)

    def on_its_way_home_already(self, before: Played) -> None:
        until_back = len(words_of(self.stroke.words, self.stroke.lists[self.variant][: 3 * (DWELL + 1)]))
        assert self.count > until_back
        assert len(before.plunger_us) == len(play(self.words).plunger_us)
        assert play(self.words).positions()[-1] == 0

    def brakes_as_a_motor_can(self, before: Played, away: Played) -> None:
        """Never faster than it was, at least as many steps as its speed needs, and a standstill before it turns."""
        braking = away.needle_us[away.needle_way > 0]
        if len(before.needle_us) >= 2:
            interval_us = int(before.needle_us[-1] - before.needle_us[-2])
            since_us = before.duration_us - int(before.needle_us[-1])
            if since_us < 2 * interval_us:
                room_us = earliest_us(len(braking) + 2, GUN.needle_nm_per_step, GUN.needle_out_mm_s2)
                assert room_us >= self.stopping_us(interval_us + 1)
            # halted at the beginning of its last word: in the very moment of the step, or right after its pulse
            if len(braking):
                assert braking[0] + (0 if since_us == PULSE_US else PULSE_US) >= interval_us - 1
        assert (np.diff(braking, 2) >= -1).all()
        rest_us = earliest_us(1, GUN.needle_nm_per_step, GUN.needle_out_mm_s2)
        if len(braking):
            # nor later than its own interval: a motor that is kept waiting in its flight has lost the field
            assert braking[0] <= (braking[1] - braking[0] if len(braking) > 1 else rest_us) + PULSE_US
        turned_us = away.needle_us[away.needle_way < 0][:1]
        stands_us = int(braking[-1]) + rest_us if len(braking) else 0
        assert not len(turned_us) or turned_us[0] - stands_us >= TURN_US + rest_us - 2

    def stopping_us(self, interval_us: int) -> int:
        """How long a needle of this speed takes to stop: v / a."""
        return GUN.needle_nm_per_step * 1_000_000 // (interval_us * GUN.needle_out_mm_s2)

    def returns_as_a_motor_can(self, away: Played) -> None:
        back = away.needle_us[away.needle_way < 0]
        if not len(back):
            return
        nm, acc = GUN.needle_nm_per_step, GUN.needle_out_mm_s2
        start_us = back[0] - earliest_us(1, nm, acc)
        rest_us = back[-1] + earliest_us(1, nm, acc)
        steps = np.arange(1, len(back) + 1)
        least_us = np.sqrt(2e6 * nm / acc * steps)
        assert (back - start_us >= least_us - 2).all()
        assert (rest_us - back >= np.append(0, least_us[:-1])[::-1] - 2).all()
        assert len(back) < 2 or np.diff(back).min() >= self.stroke.figures.cruise_us


@pytest.mark.parametrize(
    "shot",
    [
        Shot(depth_um=200, dose_nl=2_000),
        Shot(depth_um=300, dose_nl=0, dwell_us=0),
        Shot(depth_um=500, needle_um_s=100_000),
        Shot(depth_um=2_000, dose_nl=20_000, flow_nl_s=2_000_000),
        Shot(depth_um=2_000, needle_um_s=5_000, dose_nl=0),
        slow(Shot(depth_um=4_000, needle_um_s=20_000, dwell_us=0)),
        slow(Shot(depth_um=10_000)),
        slow(Shot(depth_um=10_000, needle_um_s=80_000, dose_nl=0)),
    ],
    ids=lambda shot: f"{shot.depth_um} um at {shot.needle_um_s} um/s, {shot.dose_nl} nl",
)
def test_from_every_word_of_a_stroke_there_is_a_way_back(shot: Shot) -> None:
    stroke = compiled(shot)
    for variant in (0, 1) if shot.depth_um <= 500 else (1,):
        words = words_of(stroke.words, stroke.lists[variant])
        for count in range(len(words) + 1):
            Abort(stroke, words, count, variant).check()


@given(shots(), st.integers(0, 1), st.data())
def test_from_any_word_of_any_stroke_there_is_a_way_back(shot: Shot, variant: int, data: st.DataObject) -> None:
    stroke = compiled(shot)
    words = words_of(stroke.words, stroke.lists[variant])
    Abort(stroke, words, data.draw(st.integers(0, len(words))), variant).check()


def test_a_way_back_leaves_the_stroke_itself_as_it_was() -> None:
    stroke = compiled(Shot(depth_um=500))
    honest = words_of(stroke.words, stroke.lists[1])
    for count in range(len(honest) + 1):
        stroke.way_back(stroke, count, 1)
        assert np.array_equal(words_of(stroke.words, stroke.lists[1]), honest)
    assert stroke.length == compiled(Shot(depth_um=500)).length


def test_no_way_back_is_deeper_than_commanded_whatever_a_description_says_of_braking() -> None:
    """A description that lets the needle brake later than it could speed up is refused: here the way back holds alone."""
    gun = Description()
    gun.needle_brake_mm_s2 = 2 * gun.needle_out_mm_s2
    shot = Shot(depth_um=500, dose_nl=0)
    stroke = compiled(shot, gun)
    words = words_of(stroke.words, stroke.lists[0])
    for count in range(len(words) + 1):
        entries = stroke.way_back(stroke, count, 0)
        position = int(play(words[:count]).needle_way.sum())
        positions = play(words_of(stroke.words, stroke.away[: 3 * entries])).positions(position) if entries else [0]
        assert max(positions) <= stroke.figures.needle_steps
