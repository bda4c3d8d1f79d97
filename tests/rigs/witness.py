"""A witness beside a running gun: sees contacts, lamp, player and needle, knows nothing of the guard, and objects."""

from collections import Counter

import numpy as np

from mesogun.gun import explanations
from mesogun_fw import limits
from mesogun_fw.device.events import KINDS
from mesogun_fw.guard.inputs import CONTACT_A, CONTACT_B, ESTOP_OPEN, TRIGGER_A, TRIGGER_B
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ARMED, HOMING, IDLE, RETROGRADE, RUNNING, STATES, UNHOMED
from mesogun_sim.timeline import Timeline
from rigs.rig import Rig

NEVER_MS = -(10**9)
seen: Counter[str] = Counter()  # what all witnesses together have seen


class Witness:
    """Sees contacts, lamp, player and needle, tick by tick, and objects."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._board = rig.board
        self._lamp = rig.board.state
        x = rig.board.inputs
        self._held = bool(x[TRIGGER_A] and x[TRIGGER_B])
        self._standing = bool(x[CONTACT_A] and x[CONTACT_B])
        self._fresh = True
        self._open_ms = self._press_ms = self._contact_ms = self._ready_ms = NEVER_MS
        self.begun = self.reported = 0
        self._walked: dict[int, Timeline] = {}
        board, player = rig.board, rig.board.player
        self._start, self._grant, self._play = player.start, player.grant, player._play
        self._show = board.show
        player.start, player.grant, player._play = self._started, self._granted, self._begun  # type: ignore[method-assign]
        board.show = self._shown  # type: ignore[method-assign]
        self._listen()
        rig.desk.watch = self._tick_over

    def _listen(self) -> None:
        """To what the device of now reports: a gun that started again has another."""
        self._events = self._rig.device.events
        self._heard = self._events.last

    def _look(self) -> None:
        """Take in the contacts of this tick."""
        x, now = self._board.inputs, self._rig.now_ms
        held = bool(x[TRIGGER_A] and x[TRIGGER_B])
        standing = bool(x[CONTACT_A] and x[CONTACT_B])
        if held and not self._held:
            self._press_ms = now
        elif self._held and not held:
            self._open_ms = now
        if not held and now - max(self._open_ms, self._ready_ms) >= limits.TRIGGER_RELEASED_MS:
            self._fresh = True
        if standing and not self._standing:
            self._contact_ms = now
        self._held, self._standing = held, standing

    def _only_a_new_press(self) -> None:
        self._fresh, self._ready_ms = False, self._rig.now_ms

    def _started(self, slot: int, variant: int) -> None:
        self._look()
        now, x = self._rig.now_ms, self._board.inputs
        assert self._held, "a stroke without a held trigger"
        assert self._fresh, "a stroke without a fresh press"
        assert self._press_ms > self._ready_ms, "a stroke by an old press"
        assert now - self._press_ms >= limits.TRIGGER_DEBOUNCE_MS, "a stroke by a bounce"
        assert not x[ESTOP_OPEN], "a stroke during an e-stop"
        if self._lamp == HOMING:
            assert not x[CONTACT_A] + x[CONTACT_B], "homing on the skin"
        else:
            # a dead loop switches no lamp until the guard ends everything, 0.3 s later
            assert self._lamp == ARMED or not self._rig.desk.loop_runs, f"a stroke while {STATES[self._lamp]}"
            assert self._standing, "a stroke without skin contact"
            assert now - self._contact_ms >= limits.CONTACT_STABLE_MS, "a stroke before the gun stands"
        self._only_a_new_press()
        self._start(slot, variant)

    def _granted(self, slot: int, variant: int) -> None:
        self._look()
        assert self._lamp in (ARMED, RUNNING), f"a period granted while {STATES[self._lamp]}"
        assert self._held, "a period granted without a held trigger"
        assert self._standing, "a period granted without skin contact"
        assert not self._board.inputs[ESTOP_OPEN], "a period granted during an e-stop"
        self._grant(slot, variant)

    def _begun(self, timeline: Timeline, start_us: int, playing: int, entered_us: int = 0) -> None:
        self.begun += playing == 1 and self._lamp != HOMING
        seen["homing" if self._lamp == HOMING else ("", "shot", "way back")[playing]] += 1
        mode = self._rig.device.guard.stroke.settings.mode
        seen[f"mode {mode}"] += playing == 1
        if id(timeline) not in self._walked:
            self._walked[id(timeline)] = timeline
            deepest = max(timeline.needle_at)
            ways = np.diff(timeline.plunger_at)
            assert (ways > 0 if playing == 1 else ways < 0).all(), "the plunger goes the wrong way"
            positions = [timeline.needle_steps(us) for us in timeline.plunger_us]
            if mode == RETROGRADE and playing == 1:
                out_us = timeline.needle_us[timeline.needle_at.index(deepest) - 1]
                assert all(position > 0 for position in positions), "drug outside the skin"
                assert all(us > out_us for us in timeline.plunger_us), "drug on the way out"
            else:
                assert all(position == deepest for position in positions), "drug outside the depth window"
            assert deepest * self._board.description.needle_nm_per_step <= limits.DEPTH_CAP_UM * 1000, "commanded past the cap"
        self._play(timeline, start_us, playing, entered_us)

    def _shown(self, state: int) -> None:
        if state in (ARMED, HOMING) and self._lamp in (IDLE, UNHOMED):
            self._only_a_new_press()
        self._lamp = state
        assert 0 <= state < len(STATES)
        self._show(state)

    def _read_reports(self) -> None:
        while self._heard < self._events.last:
            self._heard += 1
            kind, values = self._events.row(self._heard)
            self.reported += KINDS[kind] == "shot"
            if KINDS[kind] == "ended":
                assert values[3] != reasons.LOGIC, "something happened that cannot happen"
                seen[f"ended: {explanations.REASONS[values[3]][0]}"] += 1

    def _tick_over(self) -> None:
        self._look()
        if self._rig.device.events is not self._events:
            self._listen()
        self._read_reports()
        assert self._rig.tip_um <= limits.DEPTH_FAULT_UM, "past the cap"
