"""This is the device's end of the link: lines go in and out, and each request is answered once.

Events are kept until they are on a disk. Reading never waits, writing never blocks: what does not fit stays here for the next
turn.
"""

from mesogun_fw import limits
from mesogun_fw.boards.board import Board
from mesogun_fw.device.events import KINDS, Events
from mesogun_fw.talk import frames, refusals
from mesogun_fw.talk.messages import ANSWER, ASK, BY_NAME, EVENT

ANSWERS_WAITING = 4  # more requests are taken when the host has read these
BUFFER = 1_024


class Wire:
    """Lines go over a board's `read` and `write`. `request` gives new ones only; a repeated one gets its stored answer."""

    def __init__(self, board: Board, events: Events) -> None:
        self._read = board.read
        self._write = board.write
        self.events = events
        self.bad_lines = 0
        self._buffer = bytearray()
        self._skipping = False
        self._out = b""
        self._answers: list = []  # type: ignore[type-arg]
        self.sent = 0
        self._last_seq = -1
        self._last_line = b""
        self._last_answer = b""
        self.said_hello = False

    def request(self) -> tuple:  # type: ignore[type-arg]
        """The next new request is (seq, name, values), or () when there is none. At most one is taken a turn."""
        if len(self._answers) >= ANSWERS_WAITING:
            return ()
        line = self._line()
        if not line:
            return ()
        refused: list = []  # type: ignore[type-arg]
        values: list = []  # type: ignore[type-arg]
        try:
            seq, name, values = frames.decode(line)
        except frames.OutOfRange as wrong:
            seq, name = wrong.seq, wrong.name
            refused = [refusals.OUT_OF_RANGE, wrong.field, wrong.value, wrong.low, wrong.high]
        except frames.BadFrame:
            self.bad_lines += 1
            return ()
        if BY_NAME[name][1] != ASK or seq == 0:
            self.bad_lines += 1
            return ()
        if seq == self._last_seq and line == self._last_line:
            self._answers.append(self._last_answer)
            return ()
        expected = self._last_seq % frames.SEQ_MAX + 1
        if name != "hello" and (seq != expected or not self.said_hello):
            self._answers.append(frames.encode(seq, "refused", [refusals.OUT_OF_SEQUENCE, -1, seq, expected, expected]))
            return ()
        self._last_seq = seq
        self._last_line = line
        if refused:
            self.answer("refused", refused)
            return ()
        return seq, name, values

    def answer(self, name: str, values: list) -> None:  # type: ignore[type-arg]
        assert BY_NAME[name][1] == ANSWER
        self._last_answer = frames.encode(self._last_seq, name, values)
        self._answers.append(self._last_answer)

    def flush(self) -> bool:
        """What the link takes is written: answers first, then events not yet sent. It is True when something is left."""
        while True:
            if not self._out and self._answers:
                self._out = self._answers.pop(0)
            elif not self._out:
                self.sent = max(self.sent, self.events.acked)
                if not self.said_hello or self.sent >= self.events.last:
                    return False
                self.sent += 1
                self._out = self._event(self.sent)
            taken = self._write(self._out)
            if not taken:
                return True
            self._out = self._out[taken:]

    def _event(self, n: int) -> bytes:
        row = self.events.row(n)
        name = KINDS[row[0]]
        return frames.encode(0, name, [n] + list(row[1 : len(BY_NAME[name][2])]))

    def resend(self, since: int) -> None:
        self.sent = min(max(since - 1, self.events.acked), self.events.last)

    def _line(self) -> bytes:
        if len(self._buffer) < BUFFER:
            self._buffer.extend(self._read())
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > limits.LINE_MAX:
                self._buffer = bytearray()
                self._skipping = True
            return b""
        line = bytes(self._buffer[: end + 1])
        self._buffer = self._buffer[end + 1 :]
        if self._skipping:
            self._skipping = False
            self.bad_lines += 1
            return b""
        return line

    def waiting(self) -> bool:
        """It says whether a whole line is already here."""
        return self._buffer.find(b"\n") >= 0


assert all([BY_NAME[kind][1] == EVENT for kind in KINDS])
