"""This is the device's end of the link: lines go in and out, and each request is answered once.

Events are kept until they are on a disk. Reading never waits, writing never blocks: what the link does not take stays here for
the next turn. All lines stand in buffers that are made once, and each function that a beat or a shot's line passes through is so
short that the board finds its frame on the stack.
"""

from array import array

from mesogun_fw import limits
from mesogun_fw.boards.board import Board
from mesogun_fw.device.events import KINDS, Events
from mesogun_fw.device.rows import Asked, fill
from mesogun_fw.talk import frames, lines, refusals, table

BUFFER = limits.LINE_MAX + 64  # bytes of the host, of which one line is taken a turn, and as many come


class Wire:
    """Lines go over a board's `read` and `write`. `request` gives new ones only; a repeated one gets its stored answer."""

    def __init__(self, board: Board, events: Events) -> None:
        self._read = board.read
        self._write = board.write
        self.events = events
        self.bad_lines = 0
        self._buffer = bytearray(BUFFER)
        self._filled = 0
        self._skipping = False
        self._asked = Asked()
        self.values = array("i", bytes(4 * table.VALUES_MAX))
        self._answer = bytearray(limits.LINE_MAX)  # the last one, kept for a request that is repeated
        self._answer_size = 0
        self._refusal = bytearray(lines.longest("refused"))  # of a request that was not the next one
        self._event = bytearray(lines.longest(*KINDS))
        self._event_size = 0  # an event waits for the link when this is not 0
        self._waiting = self._answer  # so does an answer, of these two ...
        self._waiting_size = 0  # ... when this is not 0
        self.sent = 0
        self._last_seq = -1
        self._last_line = bytearray(limits.LINE_MAX)
        self._last_size = 0
        self.said_hello = False

    def request(self) -> "Asked | None":
        """The next new request, None when there is none. At most one is taken a turn, and none while an answer waits."""
        if self._waiting_size:
            return None
        size = self._line()
        if not size:
            return None
        new = self._understood(size)
        self._drop(size)
        return self._asked if new else None

    def _understood(self, size: int) -> bool:
        """The line at the start of the buffer is a new request, to be done. Whatever else it is has been seen to."""
        message = lines.take(self._buffer, size, self._asked.place, lines.TABLES)
        if message < 0:
            return self._decoded(size)
        self._asked.name = table.NAMES[message]
        self._asked.values = self._asked.place
        return self._is_next(size)

    def _decoded(self, size: int) -> bool:
        asked = self._asked
        try:
            seq, name, values = frames.decode(bytes(self._buffer[:size]))
            refused = None
        except frames.OutOfRange as wrong:
            seq, name, values = wrong.seq, wrong.name, []
            refused = [refusals.OUT_OF_RANGE, wrong.field, wrong.value, wrong.low, wrong.high]
        except frames.BadFrame:
            self.bad_lines += 1
            return False
        if not table.is_request(name) or seq == 0:
            self.bad_lines += 1
            return False
        asked.name = name
        asked.values = [seq] + values
        if not self._is_next(size):
            return False
        if refused:
            self.answer(self.says("refused", refused))
        return not refused

    def _is_next(self, size: int) -> bool:
        """It is neither the last one again, which gets its answer again, nor another than the next, which is refused."""
        seq = self._asked.values[0]
        if seq == self._last_seq and size == self._last_size and lines.same(self._buffer, self._last_line, size):
            self._waiting = self._answer
            self._waiting_size = self._answer_size
            return False
        expected = self._last_seq % frames.SEQ_MAX + 1
        if (seq != expected or not self.said_hello) and self._asked.name != "hello":
            return self._out_of_sequence(seq, expected)
        self._last_seq = seq
        self._last_size = size
        lines.copy(self._last_line, self._buffer, 0, size)
        return True

    def _out_of_sequence(self, seq: int, expected: int) -> bool:
        self.says("refused", [refusals.OUT_OF_SEQUENCE, -1, seq, expected, expected])
        self._waiting = self._refusal
        message = table.NUMBER_OF["refused"]
        self._waiting_size = lines.write(message, seq, 0, self.values, self._refusal, lines.TABLES) or _unsound()
        return False

    def says(self, name: str, values: list = ()) -> str:  # type: ignore[type-arg, assignment]
        """An answer of this name has these values. Its name is given back, for `answer`.

        Who answers often puts them into `self.values` instead, as talk/places.py has it.
        """
        fill(self.values, 0, name, values)
        return name

    def answer(self, name: str) -> None:
        """The last request has this answer, whose values stand in `self.values`."""
        self._answer_size = self._written(table.NUMBER_OF[name])
        self._waiting = self._answer
        self._waiting_size = self._answer_size

    def _written(self, message: int) -> int:
        return lines.write(message, self._last_seq, 0, self.values, self._answer, lines.TABLES) or _unsound()

    def flush(self) -> bool:
        """What the link takes is sent: an answer first, then events not yet sent. It is True when something is left."""
        while True:
            if self._waiting_size:
                if not self._write(self._waiting, self._waiting_size):
                    return True
                self._waiting_size = 0
            elif self._event_size or self._next_event():
                if not self._write(self._event, self._event_size):
                    return True
                self._event_size = 0
            else:
                return False

    def _next_event(self) -> bool:
        self.sent = max(self.sent, self.events.acked)
        if not self.said_hello or self.sent >= self.events.last:
            return False
        self.sent += 1
        self._event_size = self.events.line(self.sent, self._event) or _unsound()
        return True

    def resend(self, since: int) -> None:
        """Events are sent from this one on, as far as they are kept."""
        self.sent = min(max(since - 1, self.events.acked), self.events.last)
        self._event_size = 0

    def _line(self) -> int:
        """A whole line of so many bytes stands at the start of the buffer; 0 is none."""
        self._filled += self._read(self._buffer, self._filled)
        size = self._buffer.find(b"\n", 0, self._filled) + 1
        if not size and self._filled > limits.LINE_MAX:
            self._filled = 0
            self._skipping = True
        if size and self._skipping:
            self._skipping = False
            self.bad_lines += 1
            self._drop(size)
            return 0
        return size

    def _drop(self, size: int) -> None:
        """The first line of the buffer goes."""
        self._filled -= size
        if self._filled:
            lines.copy(self._buffer, self._buffer, size, self._filled)

    def waiting(self) -> bool:
        """It says whether a whole line is already here."""
        return self._buffer.find(b"\n", 0, self._filled) >= 0


def _unsound() -> int:
    """A line of no bytes is none: what was to be said is not what the table allows."""
    raise ValueError("outside its row")
