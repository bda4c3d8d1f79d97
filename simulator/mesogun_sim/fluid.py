"""The way of the drug: pins and sensed positions move one chamber, list by list, whenever one has ended or something is asked.

What was played says to the microsecond where the plunger was; the ticks, between which a needle moves evenly, where the tip was.
Nothing depends on who looks when: a question in between is answered by a twin.
"""

import math
from collections.abc import Callable, Iterable
from copy import deepcopy
from itertools import pairwise

from mesogun_fw.config import Description
from mesogun_sim.plant.chamber import DEPTH, Outlet, Sinks
from mesogun_sim.plant.drawn import Fitted, SetUp
from mesogun_sim.plant.given import Given, Moment, between
from mesogun_sim.plant.needle_end import NeedleEnd
from mesogun_sim.plant.plunger import Plunger
from mesogun_sim.plant.skin import weeping
from mesogun_sim.plant.syringe import Seal
from mesogun_sim.timeline import Timeline

BORE_UM = 12_060  # a syringe of 5 ml is fitted until a program says otherwise
STALL_HALVINGS = 24
HIGHEST_OPENING_KPA = 60  # no skin holds back more

TIP, TOUCH, BLOCK, HOLD, PUSH = range(5)
Heard = tuple[int, int, int, int, int]  # from, until, what, before, after
Played = tuple[int, Timeline, int, int, bool]


class FluidPath:
    """`sense` at every tick that is run, `played` when a list has ended; `given` and `pressure_kpa` answer.

    Set from outside: by `blocked_us` needle or line lets nothing through from then on. `split` is for tests of the steps.
    """

    def __init__(self, seed: int, gun: Description, setup: SetUp, split: int = 1) -> None:
        self._seed, self._setup, self._split = seed, setup, split
        self._nm_per_step, self._plunger_um_s = gun.plunger_nm_per_step, gun.plunger_um_s
        self.in_play: Callable[[], list[Played]] = list
        self.blocked_us = -1
        self._us = self._flowed_us = 0
        self._heard: list[Heard] = []
        self._seen_us = self._tip_um = 0
        self._touching = 0
        self._usual_nm = self._unusual = 0  # so far a hand has pushed; whether there is more to look at
        self._state = (0, 0, 0)  # blocked, stalled, pushed by so many nm: as last sensed
        self._steps = 0  # commanded until the last list ended
        self._rod_nm = self._lost_nm = self._plunger_nl = 0.0
        self._told_lost_nm = self._held = 0
        self._end = NeedleEnd()
        self._deposit_nl = 0.0  # at depth before this point
        self._began: list[tuple[Moment, int]] = []  # shots, and how deep the one before it was in the skin
        self._syringes = 0
        self.sinks = Sinks()
        self._fit(BORE_UM)

    # ---- what happens ----

    def fit_syringe(self, bore_um: int) -> None:
        """The program is for a syringe of this bore: another one is fitted, with no pressure in it. The same one stays."""
        if self._setup.syringe_bore_um is None and bore_um != self._bore_um and not self.in_play():
            self._syringes += 1
            self._fit(bore_um)
            self._end.new_needle()

    def _fit(self, bore_um: int) -> None:
        self._bore_um = bore_um
        self.fitted = Fitted(self._seed, self._setup, bore_um, self._syringes)
        self.chamber = self.fitted.chamber(self._split)
        self.chamber.sinks = self.sinks
        self._seal = Seal(self.fitted.syringe)
        self._rod_nm = 0.0
        self._safe_steps = self._safe(self._steps)
        fastest_ul_s = self._plunger_um_s / 1_000 * self.fitted.syringe.nl_per_um
        self._passes = self.fitted.resistance.drop(fastest_ul_s) + HIGHEST_OPENING_KPA < self.fitted.stall_kpa

    def sense(self, now_us: int, tip_um: int, touching: int, steps: int, plunger: Plunger) -> int:
        """So it is now: tip, skin contact, steps commanded, and what else befalls the plunger. The answer: how many nm of its steps
        it has lost against the pressure.
        """
        if tip_um != self._tip_um:
            self._heard.append((self._seen_us, now_us, TIP, self._tip_um, tip_um))
            self._tip_um = tip_um
        self._seen_us = now_us
        if touching != self._touching:
            self._heard.append((now_us, now_us, TOUCH, self._touching, touching))
            self._touching = touching
        if (
            steps > self._safe_steps
            or plunger.pushed_nm != self._usual_nm
            or self.blocked_us >= 0
            or plunger.stalled_us >= 0
            or self._unusual
        ):
            self._look(now_us, steps, plunger)
        return self._told_lost_nm

    def _look(self, now_us: int, steps: int, plunger: Plunger) -> None:
        """Something is not as usual, or the pressure may have become too much for the motor."""
        state = (int(0 <= self.blocked_us <= now_us), int(0 <= plunger.stalled_us <= now_us), plunger.pushed_nm)
        for what, before, after in zip((BLOCK, HOLD, PUSH), self._state, state, strict=True):
            if before != after:
                self._heard.append((now_us, now_us, what, before, after))
                self._safe_steps = -math.inf  # a plunger may have been pushed
        self._state = state
        self._usual_nm, self._unusual = state[2], state[0] or state[1]
        if steps > self._safe_steps and (state[0] or not self._passes):
            twin = self._twin(now_us)
            self._told_lost_nm = round(twin._lost_nm)
            self._safe_steps = twin._safe(steps)

    def played(self, start_us: int, timeline: Timeline, entered_us: int, until_us: int, shot: bool) -> None:
        """This list was played from `entered_us` of it until that time of the clock; `shot` unless it was a way back."""
        self._settle(start_us + entered_us, ())
        if shot:
            self._began.append((self._moment(), self._end.skin_um))
            self._end.skin_um = 0
        base, end_us = timeline.plunger_steps(entered_us), until_us - start_us
        last = timeline.plunger_steps(end_us) - base
        made = [(start_us + us, steps - base) for us, steps in timeline.plunger_knots if entered_us < us < end_us]
        self._settle(until_us, [*made, (until_us, last)])
        self._steps += last
        self._told_lost_nm, self._safe_steps = round(self._lost_nm), self._safe(self._steps)

    # ---- what is asked ----

    def pressure_kpa(self, now_us: int) -> float:
        return self._twin(now_us).chamber.pressure_kpa

    def given(self, now_us: int) -> list[Given]:
        """Every shot that was begun until now, and what became of it."""
        twin = self._twin(now_us)
        marks = [*twin._began, (twin._moment(), twin._end.skin_um)]
        return [between(begin, end, skin_um) for (begin, _), (end, skin_um) in pairwise(marks)]

    def _moment(self) -> Moment:
        behind_nl = self._seal.behind_um * self.fitted.syringe.nl_per_um
        return Moment(self._us, self.chamber.sinks.copy(), self.chamber.stored_nl + behind_nl, self._plunger_nl)

    def __deepcopy__(self, memo: dict[int, object]) -> "FluidPath":
        memo[id(self)] = twin = self._copy()
        twin.in_play = deepcopy(self.in_play, memo)
        return twin

    def _copy(self) -> "FluidPath":
        twin = object.__new__(FluidPath)
        twin.__dict__.update(self.__dict__)
        twin.chamber, twin._seal, twin._end = self.chamber.copy(), self._seal.copy(), self._end.copy()
        twin._heard, twin._began = self._heard.copy(), self._began.copy()
        return twin

    def _twin(self, now_us: int) -> "FluidPath":
        """Another one, at this moment, which nobody else has."""
        twin = self._copy()
        for play in self.in_play():
            twin.played(*play)
        twin._settle(now_us, ())
        return twin

    def _safe(self, steps: int) -> float:
        """So far the plunger may be commanded without stalling the motor, whatever becomes of these steps: `steps` are made."""
        room_kpa = self.fitted.stall_kpa - max(0.0, self.chamber.highest_kpa)
        step_nl = self.fitted.syringe.nl_per_um * self._nm_per_step / 1_000
        return steps + room_kpa * self.chamber.elastic.fast / step_nl

    # ---- from then to now ----

    def _settle(self, until_us: int, made: Iterable[tuple[int, int]]) -> None:
        """Time goes on to `until_us`; the plunger was commanded (us, steps from now) there."""
        self._made, self._gone_nm = list(made)[::-1], 0.0
        heard, self._heard, end = self._heard, [], self._end
        if heard and end.tip_um > 0:
            end.will_reach(_deepest(heard))
        for at, (from_us, us, what, before, after) in enumerate(heard):
            if us > until_us:
                self._heard = heard[at:]
                break
            if what != TIP:
                self._go(us)
                self._change(what, before, after)
                continue
            if end.free_um[0] < after < end.free_um[1] and before > 0:
                end.tip_um = after
                continue
            if before <= 0:
                self._go(from_us)
                self._deposit_nl = self.chamber.sinks.out[DEPTH]
                end.meets(self.fitted)
                end.will_reach(_deepest(heard[at:]))
            for level in end.between(after):
                self._go(from_us + (us - from_us) * (level - before) // (after - before))
                end.move(level, end.touching)
            if after <= 0:
                self._go(us)
            self._move_end(after, end.touching)
        self._go(until_us)

    def _move_end(self, tip_um: int, touching: int) -> None:
        if self._end.move(tip_um, touching):
            # What was put at depth weeps a little after the needle.
            sinks = self.chamber.sinks
            left_nl = max(0.0, sinks.out[DEPTH] - self._deposit_nl)
            weeps_nl = left_nl * self._end.weeps * weeping(left_nl, (self._us - self._flowed_us) / 1_000)
            sinks.out[DEPTH] -= weeps_nl
            sinks.leak += weeps_nl

    def _change(self, what: int, before: int, after: int) -> None:
        if what == TOUCH:
            self._move_end(self._end.tip_um, after)
        elif what == BLOCK:
            self._end.block(after)
        elif what == HOLD:
            self._held = after
        else:
            self._push(0.0, float(after - before))

    def _go(self, us: int) -> None:
        """Knot by knot of the plunger's way, which is even between them."""
        made = self._made
        while made and made[-1][0] <= us:
            at_us, steps = made.pop()
            self._piece(at_us, steps * self._nm_per_step)
        if us > self._us:
            gone_nm = self._gone_nm
            if made:
                at_us, steps = made[-1]
                gone_nm += (steps * self._nm_per_step - gone_nm) * (us - self._us) / (at_us - self._us)
            self._piece(us, gone_nm)

    def _piece(self, us: int, gone_nm: float) -> None:
        ms, moved_nm = (us - self._us) / 1_000, gone_nm - self._gone_nm
        self._us, self._gone_nm = us, gone_nm
        if moved_nm and not self._held:
            until_nm = 1_000 * (self._seal.at_um + self._seal.held_um) - self._rod_nm
            if 0 < until_nm < moved_nm:  # the seal lets go on the way
                self._push(ms * until_nm / moved_nm, until_nm)
                self.chamber.run(0.0, self._seal.let_go() * self.fitted.syringe.nl_per_um, self._outlet())
                ms, moved_nm = ms * (1 - until_nm / moved_nm), moved_nm - until_nm
            self._push(ms, moved_nm)
        elif ms:
            self._seal.rest(ms)
            self.chamber.run(ms, 0.0, self._outlet())

    def _outlet(self) -> Outlet:
        return self._end.outlet(self.fitted, self.chamber.sinks.out[DEPTH] - self._deposit_nl)

    def _push(self, ms: float, moved_nm: float) -> None:
        """The rod moves; against more than it can overcome the motor loses its steps."""
        chamber, stall_kpa = self.chamber, self.fitted.stall_kpa
        nl_per_um, outlet = self.fitted.syringe.nl_per_um, self._outlet()
        part = 1.0
        if moved_nm > 0 and chamber.pressure_kpa + moved_nm / 1_000 * nl_per_um / chamber.elastic.fast > stall_kpa:
            low, high = 0.0, 2.0
            for _ in range(STALL_HALVINGS):
                part = (low + high) / 2
                twin = chamber.copy()
                twin.run(ms, self._seal.copy().move((self._rod_nm + part * moved_nm) / 1_000) * nl_per_um, outlet)
                low, high = (part, high) if twin.pressure_kpa <= stall_kpa else (low, part)
                if low >= 1:
                    break
            part = min(1.0, low)
        made_nm = moved_nm * part
        self._lost_nm += moved_nm - made_nm
        self._rod_nm += made_nm
        self._plunger_nl += made_nm / 1_000 * nl_per_um
        chamber.run(ms, self._seal.move(self._rod_nm / 1_000) * nl_per_um, outlet)
        if moved_nm > 0:
            self._flowed_us = self._us


def _deepest(heard: list[Heard]) -> int:
    """How deep the tip goes until it is home again."""
    deepest = 0
    for _, _, what, _, after in heard:
        if what == TIP:
            if after <= 0:
                break
            deepest = max(deepest, after)
    return deepest
