"""One pump runs between host and gun: one request at a time, numbered events without gaps, a beat ten times a second.

Whoever waits, waits in the port's blocking read, 50 ms unless it asks for longer, and never past the next beat: there is no
second thread, on a real port and on `sim://` alike.
Sending a request again is always harmless (the gun gives its stored answer), so a lost line costs time and nothing else.

What is asked of a gun has five shapes on its way from a plan to the cable, each made from the one before:
1. the plan is what a session goes by (clinical.plans);
2. values by name are what `ask` takes and a refusal is told with (clinical.plans.told; a mapping);
3. the row is the same integers in the order of the table of messages (a list);
4. the text is a row with its names, over which the plan's digest is made (frames.body);
5. the line is the text with sequence number and CRC, and is kept to be sent again (frames.encode).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from mesogun.gun.events import Event
from mesogun.gun.port import Port, close_quietly, open_again
from mesogun.gun.wire import WireLog
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import LinkLost
from mesogun_fw.limits import EVENTS_KEPT, LINE_MAX
from mesogun_fw.talk import frames, messages, refusals

TURN_S = 0.05  # a turn waits no longer unless it is told to: a stop request is not hidden for longer
BEAT_S = 0.1  # the gun pauses after limits.LINK_SILENT_MS without a beat
SLOW_RESEND_S = 0.3  # the slow ones are asked again less often: no gun takes longer to answer but to start
RESEND_S = 0.1  # this is as often as a beat: a cut of 0.3 s, whenever it falls, is no silence to the gun
TRIES = 20  # they are counted, not timed: a host that was frozen finds the answer waiting and does not give up
# The gun takes longer to start, to compile and audit a stroke, to read all its files, or to write all its journal.
SLOW_TRIES = 17
SLOW = ("hello", "home", "arm", "adjust", "gauge", "prime", "selftest", "configure", "format")
GRAIN_S = 0.001  # what is this near is due: a wait below the grain of a simulated clock would never end
SILENT_S = 0.5  # the gun pauses by itself then (limits.LINK_SILENT_MS), and whoever looks on is told
READ_MAX = 4_096  # one turn takes no more bytes, so that a flood cannot keep the beat from going out

ANSWERS = {
    "hello": "welcome",
    "hardware": "gun",
    "beat": "state",
    "events": "ok",
    "home": "state",
    "begin": "ok",
    "pass": "ok",
    "commit": "program",
    "arm": "armed",
    "adjust": "armed",
    "gauge": "state",
    "prime": "state",
    "selftest": "tested",
    "configure": "gun",
    "journal": "journaled",
    "log": "logged",
    "format": "journaled",
    "watch": "watched",
    "restart": "ok",
    "disarm": "state",
}
_KEYS = {row[0]: tuple(field[0] for field in row[2]) for row in messages.MESSAGES}
_EVENTS = {row[0] for row in messages.MESSAGES if row[1] == messages.EVENT}


@dataclass(slots=True)
class _Request:
    name: str
    values: dict[str, int]
    seq: int
    line: bytes
    tries_left: int
    sent_s: float
    resend_s: float
    answer: dict[str, int] | None = None


def nobody_looks(silent: bool) -> None:
    pass


class Link:
    """A Link is a conversation over an open port. It raises LinkLost when the port fails or the gun stays silent.

    `state` is the gun's latest full status; `next_n` is the event expected next, 0 while none are wanted; `acked` is the last
    event that is on the host's disk. `bad_lines` counts lines that were no message, `stale` those that were nobody's answer.
    `on_silence` is told by the pump when the gun was not heard for SILENT_S, and when it is heard again.
    """

    def __init__(self, port: Port, wire: WireLog | None = None, *, slow_tries: int = SLOW_TRIES) -> None:
        self._port = port
        self._wire = wire
        self._slow_tries = slow_tries
        self.not_closed = ""  # why closing it failed
        self.url = str(port.port)
        # Time comes from here and nowhere else.
        self.now_s: Callable[[], float] = getattr(port, "monotonic_s", time.monotonic)
        self.sleep_s: Callable[[float], None] = getattr(port, "sleep_s", time.sleep)
        self.state: dict[str, int] = {}
        self.on_silence: Callable[[bool], None] = nobody_looks
        self._silent = False
        self.next_n = 0
        self.acked = 0
        self.bad_lines = self.stale = self.bytes_heard = 0
        self.last_bad = b""
        self._seq = 0
        self._events: list[Event] = []
        self._reset()

    def _reset(self) -> None:
        self._buffer = b""
        self._waiting: _Request | None = None
        self._wait_s: float | None = None
        self._gap = False
        self._gap_asks = 0
        self._claimed = 0
        self._heard_s = self.now_s()
        self._beat_s = self._heard_s + BEAT_S

    def ask(self, name: str, **values: int) -> dict[str, int]:
        """Returns the gun's answer to one request, its fields by name. Raises DeviceRefused, LinkLost."""
        while self._waiting is not None:
            self.wait(TURN_S)
        request = self._send(name, values)
        while request.answer is None:
            self.wait(TURN_S)
        return request.answer

    def turn(self, timeout_s: float = TURN_S) -> list[Event]:
        """Returns new events, in order, each once, none left out. It is an empty list after `timeout_s` without any."""
        if not self._events:
            self.wait(timeout_s)
        events, self._events = self._events, []
        return events

    def wait(self, timeout_s: float) -> None:
        """Turns the pump once: it sends what is due, and waits for bytes or `timeout_s`. Events stay here for `turn`."""
        soon_s = self.now_s() + GRAIN_S
        waiting = self._waiting
        if waiting is not None:
            if soon_s >= waiting.resend_s:
                self._send_again(waiting)
        elif soon_s >= self._beat_s:
            waiting = self._send("beat", {"ack": self.acked})
        elif self._gap:
            waiting = self._ask_for_missing()
        due_s = self._beat_s if waiting is None else waiting.resend_s
        data = self._read(max(0.0, min(timeout_s, due_s + GRAIN_S - soon_s)))
        if data:
            self._split(data)
        self._tell_silence()

    def catch_up(self, first_n: int, last_n: int) -> None:
        """Lets events from `first_n` on come out of the next turns, and returns when all up to `last_n` are here.

        More than a gun can keep are not waited for.
        """
        self.next_n = first_n
        if not self._can_be(last_n):
            return
        self._gap = first_n <= last_n
        while self.next_n <= last_n:
            self.wait(TURN_S)

    def on_disk(self, n: int) -> None:
        """Lets the gun forget events up to `n`, with the next beat. It is called when they are on disk, not before."""
        self.acked = n

    def reopen(self) -> None:
        """Begins a new conversation over the same port; hello comes next. Events that were heard stay heard."""
        if self._wire:
            self._wire.broke_off()
        close_quietly(self._port)
        open_again(self._port)
        self._reset()

    def heard_after(self, said: bytes, within_s: float) -> bytes:
        """Says what is no line of ours, and returns the end of what comes back within this time: it tells what else is there."""
        self._write(said)
        until_s = self.now_s() + within_s
        heard = b""
        while (left_s := until_s - self.now_s()) > 0:
            heard = (heard + self._read(left_s))[-LINE_MAX:]
        return heard

    def close(self) -> None:
        self.not_closed = close_quietly(self._port)

    def _send(self, name: str, values: dict[str, int]) -> _Request:
        self._seq = self._seq % frames.SEQ_MAX + 1
        line = frames.encode(self._seq, name, [values[key] for key in _KEYS[name]])
        tries = self._slow_tries if name in SLOW else TRIES
        now_s = self.now_s()
        if name == "beat":
            self._beat_s = now_s + BEAT_S
        self._waiting = _Request(name, values, self._seq, line, tries - 1, now_s, now_s + _resend_s(name))
        self._write(line)
        return self._waiting

    def _send_again(self, request: _Request) -> None:
        if not request.tries_left:
            raise LinkLost(f"the gun does not answer ({request.name}): check the cable, and that it is switched on")
        request.tries_left -= 1
        request.resend_s = self.now_s() + _resend_s(request.name)
        self._write(request.line)

    def _ask_for_missing(self) -> _Request:
        if self._gap_asks >= TRIES:
            raise LinkLost(f"the gun does not give event {self.next_n} again: another program may have taken it")
        self._gap = False
        self._gap_asks += 1
        return self._send("events", {"since": self.next_n})

    def _read(self, wait_s: float) -> bytes:
        port = self._port
        data = b""
        try:
            if wait_s != self._wait_s:
                port.timeout = self._wait_s = wait_s
            data = port.read(port.in_waiting or 1)
            while data and len(data) < READ_MAX and (more := port.in_waiting):
                data += port.read(min(more, READ_MAX))
        except OSError as error:
            if not data:  # what came before the port failed counts; it fails again next time
                raise LinkLost(f"the port failed: {error}. Check the cable") from error
        if data and self._wire:
            self._wire.heard(self.now_s(), data)
        return data

    def _write(self, line: bytes) -> None:
        try:
            self._port.write(line)
        except OSError as error:
            raise LinkLost(f"the port failed: {error}. Check the cable") from error
        if self._wire:
            self._wire.said(self.now_s(), line)

    def _tell_silence(self) -> None:
        waiting = self._waiting
        if waiting is not None and waiting.name in SLOW:  # it may be at work
            return
        silent = waiting is not None and self.now_s() - max(waiting.sent_s, self._heard_s) >= SILENT_S
        if silent != self._silent:
            self._silent = silent
            self.on_silence(silent)

    def _split(self, data: bytes) -> None:
        self.bytes_heard += len(data)
        *lines, unfinished = (self._buffer + data).split(b"\n")
        # It keeps one byte more than a line may have: so it stays too long to be one, and endless garbage takes no memory.
        self._buffer = unfinished[-LINE_MAX - 1 :]
        for line in lines:
            self._take(line + b"\n")

    def _take(self, line: bytes) -> None:
        try:
            seq, name, row = frames.decode(line)
        except frames.BadFrame:
            self.bad_lines += 1
            self.last_bad = line[-LINE_MAX:]
            return
        values = dict(zip(_KEYS[name], row, strict=True))
        self._heard_s = self.now_s()
        if seq == 0 and name in _EVENTS:
            self._event(name, values)
        else:
            self._answer(seq, name, values)

    def _event(self, name: str, values: dict[str, int]) -> None:
        n = values.pop("n")
        if n == self.next_n:
            self._events.append(Event(n, name, values.pop("at_ms"), values))
            self.next_n += 1
            self._gap_asks = 0
        elif n > self.next_n > 0 and (self._waiting is None or self._waiting.name != "events"):
            self._gap = True

    def _answer(self, seq: int, name: str, values: dict[str, int]) -> None:
        request = self._waiting
        if request is None or seq != request.seq or name not in (ANSWERS[request.name], "refused"):
            self.stale += 1
            return
        self._waiting = None
        if name == "refused":
            if values["code"] == refusals.OUT_OF_SEQUENCE:
                raise LinkLost("the gun lost the thread: it restarted, or another program talks to it")
            raise DeviceRefused(request.name, request.values, **values)
        request.answer = values
        if name == "state":
            self._heed_state(values)

    def _heed_state(self, state: dict[str, int]) -> None:
        # An event made before the last status and not here by this one is lost; a newer one may still be on its way.
        if 0 < self.next_n <= self._claimed:
            self._gap = True
        self._claimed = state["events"] if self._can_be(state["events"]) else 0
        self.state = state

    def _can_be(self, last_n: int) -> bool:
        """Tells whether the gun can have made events up to this one: those that were not heard it keeps."""
        return last_n - self.next_n < EVENTS_KEPT


def _resend_s(name: str) -> float:
    return SLOW_RESEND_S if name in SLOW else RESEND_S
