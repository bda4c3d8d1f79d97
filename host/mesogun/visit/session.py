"""One visit, written down before it happens: begin the record, arm pass after pass, keep what the gun reports, finish.

Nothing resumes by itself: after a pause, and after a cut cable, a person says so and the pass is armed again.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from mesogun.gun.client import Gun
from mesogun.gun.ctrl_c import CtrlC
from mesogun.gun.events import Event
from mesogun.gun.words import reason_in_words
from mesogun.records.tally import Progress, Summary
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun.visit.recording import Recording
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD, IDLE, PAUSE, RETURNING, RUNNING, UNHOMED

if TYPE_CHECKING:
    from mesogun.clinical.planning import Plan
    from mesogun.records import Records, SessionStart

RECONNECT_S = 30.0
RECONNECT_PAUSE_S = 0.5

_OUTCOMES = {FAULT: "fault", ESTOP: "estop"}
_CUT = "the connection to the gun was cut: arm again to go on"
_STRANGE_SHOTS = "the gun holds %d shots of a session that is not in these records: it forgets them if you go on"


class _Over(Exception):
    """The session ends here, and why."""

    def __init__(self, outcome: str, reason: str) -> None:
        self.outcome = outcome
        self.reason = reason


class Session:
    """One plan given with one gun, recorded from before the first move until after the last.

    `on_progress` is shown how far it is, and may fail without consequence. `go_on(reason)` asks a person whether to arm
    again after a pause. After `run`: `summary`, None when the record failed; `asked_to_stop` is true after Ctrl-C or `stop`.
    """

    def __init__(
        self,
        gun: Gun,
        records: "Records",
        plan: "Plan",
        start: "SessionStart",
        *,
        on_progress: Callable[[Progress], None],
        go_on: Callable[[str], bool],
    ) -> None:
        self._gun = gun
        self._recording = Recording(records, gun, plan)
        self._plan = plan
        self._start = start
        self._on_progress = on_progress
        self._go_on = go_on
        self._ctrl_c = CtrlC(self.stop)
        self.summary: Summary | None = None
        self.asked_to_stop = False
        self._uploaded = False
        self._index = 0
        self._ended: tuple[int, str] | None = None  # why the armed pass ended, unless the next press goes on
        self._state = IDLE
        self._at_ms = -1

    def run(self) -> Summary:
        """Gives the plan and says what was given. Whatever happens the needle is sent home and the record finished.

        A fault, the e-stop, a stop and a lost gun are outcomes, not errors. Raises Refused when gun or record refuse, and
        what the record raises when it fails in between: then the gun is disarmed, and what was written stays.
        """
        with self._ctrl_c:
            self._recording.begin(self._start)
            try:
                over = self._give()
            except _Over as early:
                over = early
            except BaseException as error:
                self._wind_up(_Over("stopped", str(error) or type(error).__name__))
                raise
            return self._wind_up(over)

    def stop(self) -> None:
        """Ends the session within a turn of the pump: needle home, record complete. From any thread, any number of times."""
        self.asked_to_stop = True

    def _give(self) -> _Over:
        strange = self._recording.hand_over_earlier()
        if strange and not self._consent(_STRANGE_SHOTS % strange):
            return _Over("stopped", _STRANGE_SHOTS % strange)
        self._recording.let_go_of_earlier()
        while self._index < len(self._plan.passes):
            try:
                if not self._uploaded:
                    self._get_ready()
                self._give_pass()
            except LinkLost as lost:
                self._reconnect(str(lost))
            kind, reason = self._ended or (PAUSE, _CUT)
            self._ended = None
            if kind == DONE or not self._left():  # a pause may come when the last dose of the pass is in
                self._index += 1
            if kind != DONE and self._index < len(self._plan.passes) and not self._consent(reason):
                return _Over("stopped", reason)
        return _Over("complete", "")

    def _left(self) -> int:
        """Shots of this pass still to make, by the record."""
        return self._plan.passes[self._index].shots - self._recording.tally.done[self._index]

    def _get_ready(self) -> None:
        self._gun.state()
        self._take([])
        self._show()
        while self._state != IDLE:
            if self._state == UNHOMED:
                self._gun.home()
            self._turn()
        self._gun.upload(self._plan)
        self._uploaded = True

    def _give_pass(self) -> None:
        self._gun.rest()
        self._take(self._gun.turn(0))
        self._raise_if_over()
        self._forget_pause()
        if self._ended is not None:
            return
        armed = self._gun.arm(self._index)
        left = self._left()
        if armed.left != left:
            limit = f"by the record {left} shots of pass {self._index + 1} are left"
            remedy = "Do not go on: gun and record do not agree on what was given"
            raise Refused(Problem("shots", f"{armed.left} left by the gun's account", limit, remedy))
        while self._ended is None:
            self._turn()

    def _forget_pause(self) -> None:
        """What the gun tells late of a pause that a person knows of already is no second one."""
        if self._ended and self._ended[0] == PAUSE:
            self._ended = None

    def _turn(self) -> None:
        events = self._gun.turn()
        self._take(events)
        self._recording.keep(self._at_ms)
        if events:
            self._show()
        self._raise_if_over()

    def _take_heard(self) -> None:
        with suppress(LinkLost, Refused):
            self._take(self._gun.turn(0))

    def _raise_if_over(self) -> None:
        if self._ended and self._ended[0] in _OUTCOMES:
            raise _Over(_OUTCOMES[self._ended[0]], self._ended[1])
        if self.asked_to_stop:
            raise _Over("stopped", "stopped on this computer")

    def _take(self, events: list[Event]) -> None:
        self._recording.take(events)
        for event in events:
            self._at_ms = event.at_ms
            if event.name == "changed":
                self._state = event.values["after"]
            elif event.name == "ended" and event.values["kind"] != HOLD:
                self._ended = (event.values["kind"], reason_in_words(event.values["reason"]))
        latest = self._gun.link.state
        if latest["at_ms"] > self._at_ms:
            self._state, self._at_ms = latest["state"], latest["at_ms"]

    def _show(self, prompt: str = "") -> None:
        index = min(self._index, len(self._plan.passes) - 1)
        try:
            self._on_progress(self._recording.tally.progress(index, self._state, self._at_ms, prompt))
        except Exception:
            logging.getLogger(__name__).exception("progress is not shown any more")
            self._on_progress = lambda _: None

    def _consent(self, reason: str) -> bool:
        self._recording.commit()
        try:
            self._ctrl_c.at_once = True
            return not self.asked_to_stop and self._go_on(reason)
        except KeyboardInterrupt:
            self.stop()
            return False
        finally:
            self._ctrl_c.at_once = False

    # ---- when the gun cannot be heard ----

    def _reconnect(self, lost: str) -> None:
        """The same conversation again, with what was missed. Raises _Over when the gun stays away or was restarted."""
        self._take_heard()
        self._recording.commit()
        link = self._gun.link
        until_s = link.now_s() + RECONNECT_S
        while link.now_s() < until_s:
            self._show(f"Connection lost, trying again: {lost}")
            self._raise_if_over()
            with suppress(LinkLost):
                if not self._gun.reconnect():
                    raise _Over("interrupted", "the gun was switched off and on")
                self._take_heard()
                self._raise_if_over()
                self._forget_pause()
                return
            link.sleep_s(RECONNECT_PAUSE_S)
        raise _Over("interrupted", f"the gun was not reached again: {lost}")

    def _wind_up(self, over: _Over) -> Summary:
        """Needle home, every event on disk, the record finished. A record that fails stays unfinished, to be found."""
        outcome, reason = over.outcome, over.reason
        settled = self._settled()
        if not settled and outcome == "stopped":
            outcome, reason = "interrupted", f"{reason}; the gun could not be reached"
        self._recording.commit()
        in_flight = self._state in (RUNNING, RETURNING) and self._index < len(self._plan.passes)
        if in_flight and not settled:  # counted as given, never repeated
            one = self._plan.passes[self._index]
            self._recording.uncertain(self._at_ms, self._index, one.depth_um, one.dose_nl)
        self.summary = self._recording.finish(outcome, reason)
        self._show()
        if settled:
            with suppress(LinkLost, Refused):
                self._gun.state()  # carries the last acknowledgement
        return self.summary

    def _settled(self) -> bool:
        """Whether the gun, not restarted since, is disarmed and at rest and has told everything."""
        settled = False
        with suppress(LinkLost, Refused):
            try:
                settled = self._recording.same_start() and self._gun.rest()
            except LinkLost:
                self._take_heard()
                settled = self._gun.reconnect() and self._gun.rest()
        if self._recording.same_start():
            self._take_heard()
        return settled
