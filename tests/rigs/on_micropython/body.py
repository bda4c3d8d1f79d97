"""The least of a gun: a player that counts instead of moving pins, and inputs that follow it. Allocates nothing once made."""

from array import array

from mesogun_fw.boards.player import Player
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.config import Description
from mesogun_fw.guard.cells import fresh
from mesogun_fw.guard.inputs import (  # fmt: skip
    ELAPSED_US,
    HOME,
    LISTS_PLAYED,
    NEEDLE_UM,
    PLAYING,
    PLUNGER_NM,
    SINCE_US,
    SUPPLY_MV,
    SYRINGE,
    TEMPERATURE_C,
)
from mesogun_fw.memory.journal import Journal
from mesogun_fw.memory.promises import Flash, Fram
from mesogun_fw.stroke.language import ENTRIES, PLUNGER_STEP, TIME_SHIFT
from mesogun_fw.stroke.retreat import NEEDLE_DIR, NEEDLE_STEP

SPRING_STEPS_MS = 40
KEPT = 64


class NullPlayer(Player):
    """Plays words into counters: no pins, no heap. `calls` are the last ones it got."""

    def __init__(self):
        self.calls = array("i", bytes(4 * KEPT))
        self.called = 0
        self.playing = self.elapsed_us = self.lists_played = self.needle = self.plunger = 0
        self.entries = self.left_us = self.place = self.round = self.word = self.put = self.pins = 0
        self.strokes = [None, None]
        self.listed = self.calls
        self.stuck = False
        self.granted_slot = self.granted = -1

    def load(self, stroke, slot):
        self.strokes[slot] = stroke

    def start(self, slot, variant):
        self._call(1)
        self.lists_played = 1
        self.granted = -1
        self.stroke = self.strokes[slot]
        self._begin(self.stroke.lists[variant], ENTRIES, 1)

    def grant(self, slot, variant):
        self._call(2)
        self.granted_slot = slot
        self.granted = variant

    def revoke(self):
        self._call(3)
        self.granted = -1

    def halt(self):
        self._call(4)
        self.playing = 0
        self.granted = -1
        return self.put

    def go_away(self, slot, entries):
        self._call(5)
        self.stroke = self.strokes[slot]
        if entries:
            self._begin(self.stroke.away, entries, 2)

    def _call(self, which):
        self.calls[self.called % KEPT] = which
        self.called += 1

    def _begin(self, listed, entries, playing):
        self.listed = listed
        self.entries = entries
        self.playing = playing
        self.elapsed_us = self.left_us = self.place = self.round = self.word = self.put = self.pins = 0

    def run(self, us):
        """So many microseconds pass."""
        while us and self.playing:
            if not self.left_us and not self._next_word():
                self.playing = 0
                continue
            some = us if us < self.left_us else self.left_us
            us -= some
            self.left_us -= some
            self.elapsed_us += some

    def _next_word(self):
        while True:
            if self.granted >= 0 and self.playing == 1 and self.place == self.stroke.leave:
                self._enter()
            if self.place >= self.entries:
                return False
            at = 3 * self.place
            if self.round < self.listed[at + 2] and self.word < self.listed[at + 1]:
                self._put_word(self.stroke.words[self.listed[at] + self.word])
                self.word += 1
                return True
            self.word = 0
            self.round += 1
            if self.round >= self.listed[at + 2]:
                self.round = 0
                self.place += 1

    def _put_word(self, word):
        pins = word & 63
        rising = pins & ~self.pins
        self.pins = pins
        self.left_us = word >> TIME_SHIFT
        self.put += 1
        if rising & NEEDLE_STEP:
            self.needle += -1 if pins & NEEDLE_DIR else 1
        if rising & PLUNGER_STEP:
            self.plunger += 1

    def _enter(self):
        """The granted list, from its entry: as if what lies before had been played."""
        stroke = self.stroke = self.strokes[self.granted_slot]
        self._begin(stroke.lists[self.granted], ENTRIES, 1)
        self.lists_played += 1
        self.granted = -1
        self.elapsed_us = stroke.entry_us
        while self.place < stroke.entry:
            at = 3 * self.place
            self.put += self.listed[at + 1] * self.listed[at + 2]
            self.place += 1


class Memory(Fram, Flash):
    """FRAM, and two copies in flash, that hold what is written. A mark touches no heap."""

    size = 2_048

    def __init__(self):
        self.cells = bytearray(self.size)
        self.copies = [b"", b""]

    def read(self, at, place, start, end):
        while start < end:
            place[start] = self.cells[at + start]
            start += 1

    def write(self, at, place, start, end):
        while start < end:
            self.cells[at + start] = place[start]
            start += 1
        return 1

    def mark(self, at, value):
        self.cells[at] = value

    def copy_read(self, copy):
        return self.copies[copy]

    def copy_write(self, copy, data):
        self.copies[copy] = data


class Board(Unhurried):
    simulated = 1
    described = True
    serial = boot = 7

    def __init__(self):
        self.description = Description()
        self.inputs = fresh()
        self.player = NullPlayer()
        self.inputs[SYRINGE], self.inputs[SUPPLY_MV], self.inputs[TEMPERATURE_C], self.inputs[SINCE_US] = 1, 24_000, 31, 1_000
        self.fram = self.flash = Memory()
        Journal(self.fram).format(self.serial)
        self.now_ms = 0
        self.energised = False
        self.to_device = b""

    def ms(self):
        return self.now_ms

    def read(self, into, at):
        size = min(len(into) - at, len(self.to_device))
        for i in range(size):
            into[at + i] = self.to_device[i]
        self.to_device = self.to_device[size:]
        return size

    def write(self, line, size):
        print(line[:size].decode(), end="")
        return True

    def enable(self, on):
        self.energised = on

    def vent(self, open_):
        pass

    def align(self, words):
        return 0

    def selftest(self):
        return 0

    def worst(self):
        return 0, 0

    def show(self, state):
        pass

    def click(self):
        pass

    def sense(self):
        """One millisecond of the body: steps are followed, a needle without power is drawn home by its spring."""
        player = self.player
        x = self.inputs
        player.run(1000)
        if not self.energised:
            player.needle = max(0, player.needle - SPRING_STEPS_MS)
        if not player.stuck:
            x[NEEDLE_UM] = 777 + 10 * player.needle
        x[PLUNGER_NM] = 625 * player.plunger
        x[HOME] = player.needle < 10
        x[PLAYING] = player.playing
        x[ELAPSED_US] = player.elapsed_us if player.playing else 0
        x[LISTS_PLAYED] = player.lists_played
