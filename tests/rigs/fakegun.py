"""A gun made of bytes: a port that answers lines as the device does, on a clock of its own, and fails when told to.

It knows the wire's rules (sequence, stored answers, kept events, a pause when the host is silent) and plays passes without
any physics. The real firmware on the simulated gun is tested elsewhere; this one can be made to lie.
"""

import heapq
import itertools
from collections.abc import Callable, Sequence

from mesogun.clinical.plans import Head, PassPlan, Plan
from mesogun_fw import limits
from mesogun_fw.config import REFERENCE
from mesogun_fw.talk import frames, reasons, refusals, table
from mesogun_fw.talk.codes import CUT_SHORT, GOOD, kind_of
from mesogun_fw.talk.messages import (
    ARMED,
    BY_NAME,
    DONE,
    ESTOP,
    FAULT,
    FAULTED,
    HOLD,
    HOMING,
    IDLE,
    PAUSE,
    PROTO,
    RETURNING,
    RUNNING,
    STOPPED,
    UNHOMED,
)

BORE_UM = 12_060
WAY_BACK_MS = 80
JOURNAL_ROWS = 232
_AFTER = {DONE: IDLE, HOLD: ARMED, PAUSE: IDLE, FAULT: FAULTED, ESTOP: STOPPED}


def a_plan(
    *shots: int, depth_um: int = 2_000, dose_nl: int = 10_000, period_us: int = 200_000, syringe_nl: int = 5_000_000
) -> Plan:
    """A plan of as many passes as `shots` names, straight from integers."""
    passes = tuple(
        PassPlan(i, 3, n, 1, depth_um, 300_000, dose_nl, 500_000, 0, period_us, "nappage", 0, 0, 0, i + 1)
        for i, n in enumerate(shots)
    )
    head = Head(len(passes), BORE_UM, syringe_nl, 500_000)
    digest = frames.digest(
        [frames.body("begin", list(head)), *(frames.body("pass", list(one.fields().values())) for one in passes)]
    )
    whole = sum(shots)
    return Plan("a plan", "00", head, passes, digest, whole, whole * dose_nl, depth_um, whole * period_us // 1000)


class FakeGun:
    """A port (see mesogun.gun.port.Port) with a gun behind it. `lies` makes it lie; `plays` is the practitioner."""

    def __init__(self, kept: int = 0) -> None:
        self.port = "fake://"
        self.timeout: float | None = None
        self.welcome = [PROTO, table.HASH, 100, 1, 7, 42, 10_000, 200_000, 100_000, 2_000_000]
        self.lies: dict[str, dict[str, int]] = {}  # what is said instead of the truth, by message and field
        self.refuses: dict[str, list[int]] = {}
        self.wire: Callable[[bytes], Sequence[bytes]] = lambda line: [line]  # what becomes of each line of the gun
        self.heard: list[str] = []  # every line of the host, answered or not
        self.asked: list[tuple[str, list[int]]] = []  # every request that was new
        self.plays: Callable[[FakeGun, int], None] = lambda gun, index: gun.play(index)
        self.on_read: Callable[[], None] = lambda: None
        self.cut = False
        self.is_open = True
        self.now_us = 1_000_000
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._input = b""
        self._out = b""
        self.epoch = 1
        self.journal: list[list[int]] = []  # rows of message `logged`, the oldest first; power cuts do not touch it
        self._start(kept)

    def _start(self, kept: int) -> None:
        self.state = UNHOMED
        self.events: list[tuple[str, list[int]]] = []
        self.acked = self.sent = 0
        self._bodies: list[str] = []
        self.tag = 0
        self.left_nl = -1
        self._last = (b"", b"")
        self._seq = -1
        self._said_hello = False
        self._beat_us = self.now_us
        self.index = -1
        self.passes: list[list[int]] = []
        self.done = [0] * 8
        self.attempts = [0] * 8
        self._run = 0
        for _ in range(kept):
            self.event("changed", 0, 1, 0)

    # ---- the port ----

    def monotonic_s(self) -> float:
        return self.now_us / 1e6

    def sleep_s(self, seconds: float) -> None:
        self._advance(self.now_us + round(seconds * 1e6), to_byte=False)

    def open(self) -> None:
        if self.cut:
            raise FileNotFoundError(2, "no such port")
        self.is_open = True
        self._out = self._input = b""

    def close(self) -> None:
        self.is_open = False

    @property
    def in_waiting(self) -> int:
        return len(self._out)

    def read(self, size: int = 1, /) -> bytes:
        self._check()
        self.on_read()
        if not self._out:
            self._advance(self.now_us + round((self.timeout or 0) * 1e6), to_byte=True)
            self._check()
        data, self._out = self._out[:size], self._out[size:]
        return data

    def write(self, data: bytes, /) -> int:
        self._check()
        *lines, self._input = (self._input + data).split(b"\n")
        for line in lines:
            self.heard.append(line.decode())
            self.after(1, lambda line=line: self._request(line + b"\n"))
        return len(data)

    def say(self, data: bytes) -> None:
        """Bytes that arrive at the host, whatever they are."""
        self._out += data

    def _check(self) -> None:
        self.is_open = self.is_open and not self.cut
        if not self.is_open:
            raise OSError(5, "the cable is out")

    # ---- the clock ----

    def after(self, ms: float, what: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self.now_us + round(ms * 1000), next(self._order), what))

    def _advance(self, until_us: int, to_byte: bool) -> None:
        while self._due and self._due[0][0] <= until_us and not (to_byte and self._out):
            self.now_us, _, what = heapq.heappop(self._due)
            what()
        if not (to_byte and self._out):
            self.now_us = until_us

    # ---- the gun ----

    def event(self, name: str, *values: int) -> None:
        self.events.append((name, self._said(name, [len(self.events) + 1, self.now_us // 1000, *values])))
        self.after(0, self._send_events)

    def go(self, state: int) -> None:
        if state != self.state:
            before, self.state = self.state, state
            self.event("changed", before, state, 0)

    def ended(self, kind: int, reason: int) -> None:
        self._run += 1
        self.event("ended", kind, reason, self.index, self.done[self.index])
        self.go(_AFTER[kind])

    def play(self, index: int, shots: int = 10_000, then: tuple[int, int] = (HOLD, reasons.RELEASED)) -> None:
        """The trigger held, from 100 ms after arming: so many shots, then this ending (the end of the pass has its own)."""
        self.after(100, lambda: self._press(index, shots, then))

    def _press(self, index: int, shots: int, then: tuple[int, int]) -> None:
        if self.state == ARMED and self.index == index:
            self.go(RUNNING)
            self._next_shot(self._run, shots, then)

    def _next_shot(self, run: int, shots: int, then: tuple[int, int]) -> None:
        if run != self._run or self.state != RUNNING:
            return
        one = self.passes[self.index]
        if self.done[self.index] >= one[2]:
            self.ended(DONE, reasons.PASS_DONE)
        elif not shots:
            self.ended(*then)
        elif self.now_us - self._beat_us > limits.LINK_SILENT_MS * 1000:
            self.ended(PAUSE, reasons.LINK_SILENT)
        else:
            self.after(one[9] / 1000, lambda: self._shot_over(run, shots, then))

    def _shot_over(self, run: int, shots: int, then: tuple[int, int]) -> None:
        if run == self._run and self.state == RUNNING:
            self.shot()
            self._next_shot(run, shots - 1, then)

    def shot(self, flags: int = 0, depth_um: int = 0, dose_nl: int = 0) -> None:
        one = self.passes[self.index]
        self.done[self.index] += kind_of(flags) != CUT_SHORT
        self.attempts[self.index] += 1
        self.left_nl = max(0, self.left_nl - one[6])
        measured = [depth_um or one[4] - 2, one[6], dose_nl or one[6] + sum(self.attempts) % 3]
        self.event("shot", 0, self.index, self.attempts[self.index], one[9], one[4], *measured, flags)
        self.write_down(measured[0], measured[2], flags)

    def write_down(self, depth_um: int, dose_nl: int, flags: int) -> None:
        """A shot of the armed pass goes into the journal, whether it is told or not."""
        shot = [self.index, self.attempts[self.index], self.passes[self.index][6]]
        self.journal.append([len(self.journal) + 1, frames.digest(self._bodies), *shot, depth_um, dose_nl, flags, self.tag])

    def shots_made(self) -> list[int]:
        """The numbers of the shots, pass by pass, every attempt counted."""
        return [number for made in self.attempts for number in range(1, made + 1)]

    def power_cut(self) -> None:
        """Off and on again: what was not on the host's disk is forgotten."""
        self._run += 1
        self.welcome[5] += 1
        self._start(0)

    # ---- the wire ----

    def _said(self, name: str, row: list[int]) -> list[int]:
        fields = (field[0] for field in BY_NAME[name][2])
        return list((dict(zip(fields, row, strict=True)) | self.lies.get(name, {})).values())

    def _send(self, line: bytes) -> None:
        if not self.cut and self.is_open:
            for piece in self.wire(line):
                self.say(piece)

    def _send_events(self) -> None:
        while self._said_hello and self.sent < len(self.events):
            self.sent += 1
            self._send(frames.encode(0, *self.events[self.sent - 1]))

    def _request(self, line: bytes) -> None:
        try:
            seq, name, values = frames.decode(line)
        except frames.BadFrame:
            return
        if line == self._last[0]:
            self._send(self._last[1])
            return
        if name != "hello" and (not self._said_hello or seq != self._seq % frames.SEQ_MAX + 1):
            self._send(frames.encode(seq, "refused", [refusals.OUT_OF_SEQUENCE, -1, seq, 0, 0]))
            return
        self._seq = seq
        self.asked.append((name, values))
        reply, row = ("refused", self.refuses[name]) if name in self.refuses else getattr(self, f"_{name}")(values)
        self._last = (line, frames.encode(seq, reply, self._said(reply, row)))
        self._send(self._last[1])
        self._send_events()

    def _hello(self, values: list[int]) -> tuple[str, list[int]]:
        self._said_hello = True
        self.sent = self.acked
        self._stop(reasons.DISARMED)
        return "welcome", self.welcome

    def _hardware(self, values: list[int]) -> tuple[str, list[int]]:
        return "gun", list(REFERENCE)

    def _status(self) -> tuple[str, list[int]]:
        last = len(self.events)
        told = [self.state, self.now_us // 1000, 0, self.index, self.done[self.index], last, last - self.acked]
        return "state", [*told, 0, 0, self.left_nl]

    def _beat(self, values: list[int]) -> tuple[str, list[int]]:
        self._beat_us = self.now_us
        self.acked = max(self.acked, values[0])
        return self._status()

    def _events(self, values: list[int]) -> tuple[str, list[int]]:
        self.sent = max(values[0] - 1, self.acked)
        return "ok", []

    def _home(self, values: list[int]) -> tuple[str, list[int]]:
        return self._move()

    def _gauge(self, values: list[int]) -> tuple[str, list[int]]:
        return self._move() if self.state == IDLE else self._not_now()

    def _prime(self, values: list[int]) -> tuple[str, list[int]]:
        return self._move() if self.state == IDLE else self._not_now()

    def _move(self) -> tuple[str, list[int]]:
        """The trigger is held at once, in the air, until the needle is home again."""
        self.go(HOMING)
        self.after(300, lambda: self.go(IDLE) if self.state == HOMING else None)
        return self._status()

    def _not_now(self) -> tuple[str, list[int]]:
        return "refused", [refusals.WRONG_STATE, -1, self.state, 0, 0]

    def _restart(self, values: list[int]) -> tuple[str, list[int]]:
        self.after(1, self.power_cut)
        return "ok", []

    def _selftest(self, values: list[int]) -> tuple[str, list[int]]:
        return "tested", [0]

    def _watch(self, values: list[int]) -> tuple[str, list[int]]:
        return "watched", [self.state, 0, 1, 0, 0, 24_000, 31, 0, 0, 0, 0, 0, 0]

    def _begin(self, values: list[int]) -> tuple[str, list[int]]:
        self._bodies = [frames.body("begin", values)]
        self.left_nl = values[2]
        self.passes = []
        self.done = [0] * 8
        self.attempts = [0] * 8
        return "ok", []

    def _pass(self, values: list[int]) -> tuple[str, list[int]]:
        self._bodies.append(frames.body("pass", values))
        self.passes.append(values)
        return "ok", []

    def _commit(self, values: list[int]) -> tuple[str, list[int]]:
        self.tag = values[1]
        ours = self.passes
        return "program", [
            frames.digest(self._bodies),
            sum(one[2] for one in ours),
            max(one[4] for one in ours),
            sum(one[2] * one[6] for one in ours),
            sum(one[2] * one[9] for one in ours) // 1000,
        ]

    def _arm(self, values: list[int]) -> tuple[str, list[int]]:
        if self.state != IDLE:
            return self._not_now()
        self.index = values[0]
        one = self.passes[self.index]
        left = one[2] - self.done[self.index]
        if not left:
            return "refused", [refusals.PASS_COMPLETE, 0, self.index, 0, 0]
        self._beat_us = self.now_us
        self.go(ARMED)
        self.plays(self, self.index)
        return "armed", [self.index, left, one[4], one[6], one[9], 99]

    def _configure(self, values: list[int]) -> tuple[str, list[int]]:
        return "gun", values

    def _journal(self, values: list[int]) -> tuple[str, list[int]]:
        return "journaled", [GOOD, self.epoch, len(self.journal), 0, 0]

    def _format(self, values: list[int]) -> tuple[str, list[int]]:
        self.epoch += 1
        self.journal = []
        return self._journal(values)

    def _log(self, values: list[int]) -> tuple[str, list[int]]:
        return "logged", self.journal[-1 - values[0]] if values[0] < min(len(self.journal), JOURNAL_ROWS) else [0] * 9

    def _adjust(self, values: list[int]) -> tuple[str, list[int]]:
        if self.state not in (ARMED, RUNNING):
            return self._not_now()
        one = self.passes[self.index] = self.passes[self.index][:4] + values
        left = max(1, one[2] - self.done[self.index])
        return "armed", [self.index, left, one[4], one[6], one[9], 99]

    def _disarm(self, values: list[int]) -> tuple[str, list[int]]:
        self._stop(reasons.DISARMED)
        return self._status()

    def _stop(self, reason: int) -> None:
        if self.state == ARMED:
            self.ended(PAUSE, reason)
        elif self.state == RUNNING:
            self._run += 1
            self.go(RETURNING)
            run = self._run
            self.after(WAY_BACK_MS, lambda: self.ended(PAUSE, reason) if run == self._run else None)


assert all(hasattr(FakeGun, f"_{name}") for name, row in BY_NAME.items() if row[1] == "ask")
