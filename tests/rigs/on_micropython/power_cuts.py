"""A journal whose power is cut, and someone outside who knows what really happened. Runs on either Python.

A history is a string: p prepare, b begin, d done, v void, x discard, o open again; P and D are with a begin amid the first write
of more than `amid` bytes, V is a prepare with a void amid. As a program: of two histories on a line
the second is cut at every byte, and opening again is, too; it prints what came of it, the same on both.
"""

import binascii
import sys

from mesogun_fw.boards.unhurried import rewrite
from mesogun_fw.guard.asked import CHANGED, change
from mesogun_fw.guard.cells import MARK, MARK_AT
from mesogun_fw.guard.marks import ROW_SIZE, begin, void
from mesogun_fw.memory.journal import WAITING_MAX, Journal
from mesogun_fw.memory.promises import Fram
from mesogun_fw.shim import addressof
from mesogun_fw.talk.codes import GOOD, UNCERTAIN

try:
    from micropython import heap_lock, heap_unlock
except ImportError:

    def heap_lock():
        pass

    heap_unlock = heap_lock

SERIAL = 0x1234567890AB
ROWS = 2 * WAITING_MAX
SIZE = 56 + ROWS * ROW_SIZE
UNSEEN = (0, 0, UNCERTAIN)  # how a shot ends of which nobody saw the end
TORN = (-1, 0x5A, 0xA5)  # the byte being written stays as it was, or becomes one of the marks


class Obeyed(Journal):
    """A journal whose orders are obeyed at once, as a board does it after the tick that gave them."""

    def begin(self):
        return begin(addressof(self.cells)) != 0 and self._obey()

    def rewrite(self):
        """The loop asks for the doses that it has laid."""
        answer = change(addressof(self.cells), 0, 0)
        if answer == CHANGED:
            rewrite(self._fram, self.cells)
        return answer

    def void(self):
        void(addressof(self.cells))
        self._obey()

    def _obey(self):
        self._fram.mark(self.cells[MARK_AT], self.cells[MARK])
        self.cells[MARK_AT] = 0
        return True


class PowerCut(Exception):
    pass


class CutFram(Fram):
    """Holds `left` more bytes, then the power fails for good. The byte after them becomes `torn`, unless that is -1.

    With `amid` = (n, act) a tick comes after n bytes of the next write that has more, and does `act`.
    """

    amid = None

    def __init__(self, image, left=1 << 29, torn=-1):
        self.image = bytearray(image)
        self.size = len(image)
        self.left = left
        self.torn = torn
        self.written = 0
        self.powered = True

    def read(self, at, place, start, end):
        for i in range(start, end):
            place[i] = self.image[at + i]

    def write(self, at, place, start, end):
        amid = self.amid
        if amid and amid[0] < end - start:
            self.amid = None
            self._write(at, place, start, start + amid[0])
            amid[1]()
        self._write(at, place, start, end)
        return 1 if self.image[at + start : at + end] == bytes(place[start:end]) else 0

    def _write(self, at, place, start, end):
        for i in range(start, end):
            self.mark(at + i, place[i])
            self.demand()

    def mark(self, at, value):
        """Raises nothing, for there is no heap: whoever marks demands power after it."""
        if self.left:
            self.left -= 1
            self.written += 1
            self.image[at] = value
        elif self.powered:
            self.powered = False
            if self.torn >= 0:
                self.image[at] = self.torn

    def demand(self):
        if not self.powered:
            raise PowerCut


class Gun:
    """A gun that keeps a journal, and the truth: `closed` records, intents `flying` and `ready`, and what is `doing` now."""

    def __init__(self, fram, closed=()):
        self.fram = fram
        self.journal = Obeyed(fram)
        self.closed = list(closed)
        self.flying = []
        self.ready = []
        self.doing = ""
        self.amid = 0
        self.amid_of = ""
        self.end = ()
        self.count = 7 * len(self.closed)

    def live(self, history):
        """Raises PowerCut when it happens; `doing` is then what was going on."""
        for letter in history:
            self.count += 1
            self.doing = letter
            getattr(self, "_" + letter)()
        self.doing = ""

    def outcomes(self):
        """Every history that may be read after a power cut now, as records."""
        left = [intent + UNSEEN for intent in self.flying]
        may = [self.closed + left]
        if "d" in (self.doing, self.amid_of) and left:
            ended = [self.flying[0] + self.end]
            may.append(self.closed + ended + left[1:])
        if self.doing == "b":
            begun = [intent + UNSEEN for intent in self.ready[:1]]
            may += [records + begun for records in may if begun]
        elif self.doing == "v" and left:
            may += [records[:-1] for records in may]
        return may

    def _p(self):
        if len(self.ready) + len(self.flying) == WAITING_MAX:
            return
        k = self.count
        number = len(self.closed) + len(self.flying) + len(self.ready) + 1
        intent = (number, k * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFF, k % 8, 1 + k % 2000, k * 7919 % 200_001)
        self.journal.prepare(*intent[1:])
        self.ready.append(intent)

    def _b(self):
        assert self._locked(self.journal.begin) == bool(self.ready)
        if self.ready:
            self.flying.append(self.ready.pop(0))

    def _P(self):
        self._with(self._b, self._p)

    def _D(self):
        self._with(self._b, self._d)

    def _V(self):
        self._with(self._v, self._p)

    def _with(self, tick, act):
        """The tick comes amid what the loop writes: what it was amid is written again."""
        letter = self.doing.lower() if self.doing != "V" else "p"

        def amid():
            self.amid_of, self.doing = letter, "b" if tick == self._b else "v"
            tick()
            self.amid_of, self.doing = "", letter

        self.doing = letter
        self.fram.amid = (self.amid, amid)
        act()
        self.fram.amid = None

    def _v(self):
        if self.flying:
            self._locked(self.journal.void)
            self.ready.insert(0, self.flying.pop())

    def _locked(self, method):
        """As the guard's tick calls it."""
        heap_lock()
        try:
            return method()
        finally:
            heap_unlock()
            self.fram.demand()

    def _d(self):
        if self.flying:
            k = self.count
            self.end = (k * 131 % 12_000 - 900, k * 104_729 % 300_000 - 50_000, k % 5)
            self.journal.done(*self.end)
            self.closed.append(self.flying.pop(0) + self.end)

    def _x(self):
        self.journal.discard()
        self.ready = []

    def _o(self):
        assert self.journal.take_up(SERIAL) == GOOD
        self.closed = self.outcomes()[0]
        self.flying = []
        self.ready = []


def formatted(size=SIZE):
    """The bytes of a new journal."""
    fram = CutFram(bytes(size))
    Obeyed(fram).format(SERIAL)
    return fram.image


def told(journal, outcomes):
    """Which of the outcomes the journal tells, all of it, after it was opened. AssertionError if none."""
    kept = list(journal.rows())
    kept.reverse()
    for records in outcomes:
        uncertain = len([1 for record in records if record[7] & UNCERTAIN])
        same = journal.summary() == (len(records), sum([record[4] for record in records]), uncertain)
        if same and len(kept) >= min(len(records), ROWS - WAITING_MAX) and kept == records[len(records) - len(kept) :]:
            return records
    raise AssertionError(f"told {journal.summary()} and {kept}, not one of {outcomes}")


def opened_again(image, outcomes, torn=-1):
    """What is told after opening again; cutting that at every byte and opening once more does not change it."""
    fram = CutFram(image)
    journal = Obeyed(fram)
    assert journal.take_up(SERIAL) == GOOD
    records = told(journal, outcomes)
    for left in range(fram.written):
        second = CutFram(image, left, torn)
        try:
            Obeyed(second).take_up(SERIAL)
            raise AssertionError("no power cut")
        except PowerCut:
            pass
        third = Obeyed(CutFram(second.image))
        assert third.take_up(SERIAL) == GOOD
        assert told(third, outcomes) == records
    settled = bytes(fram.image)
    gun = Gun(fram, records)
    gun.live("o")
    assert fram.image == settled  # written down once
    gun.live("ppbbpdd")
    assert told(gun.journal, [gun.closed]) == gun.closed
    return records


def aged(history):
    """The bytes of a journal with this history, and its records: whatever was in flight is uncertain."""
    gun = Gun(CutFram(formatted()))
    gun.live("o" + history + "o")
    return gun.fram.image, gun.closed


def cut_everywhere(image, closed, history, amid=0):
    """(bytes cut, shots told in all, check over what was told) of a history that is cut at every byte, in every way."""
    cuts = shots = check = 0
    for torn in TORN:
        left = 0
        while True:
            gun = Gun(CutFram(image, left, torn), closed)
            gun.amid = amid
            try:
                gun.live("o" + history)
                break
            except PowerCut:
                pass
            records = opened_again(gun.fram.image, gun.outcomes(), torn)
            cuts += 1
            shots += len(records)
            check = binascii.crc32(repr(records[-3:]).encode(), check)
            left += 1
    return cuts, shots, check


if __name__ == "__main__":
    for given in sys.stdin:
        before, history = given.strip("\n").split(" ")
        print(*cut_everywhere(*aged(before), history))
