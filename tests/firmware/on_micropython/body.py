"""The least of a gun: a player that counts instead of moving pins, and inputs that follow it. Allocates nothing once made."""

from array import array

from mesogun_fw.config import Hardware
from mesogun_fw.inputs import ELAPSED_US, HOME, INPUTS, NEEDLE_UM, PERIODS, PLAYING, PLUNGER_NM
from mesogun_fw.stroke import ENTRIES, HOLD_SHIFT, NEEDLE_DIR, NEEDLE_STEP, PLUNGER_STEP

SPRING_STEPS_MS = 40
KEPT = 64


class NullPlayer:
    """Plays words into counters: no pins, no heap. `calls` are the last ones it got."""

    def __init__(self):
        self.calls = array("i", bytes(4 * KEPT))
        self.called = 0
        self.playing = self.elapsed_us = self.periods = self.needle = self.plunger = 0
        self.entries = self.left_us = self.place = self.round = self.word = self.put = self.pins = 0
        self.listed = self.calls
        self.stuck = False
        self.granted = -1

    def load(self, stroke):
        self.stroke = stroke

    def start(self, variant):
        self._call(1)
        self.periods = 1
        self.granted = -1
        self._begin(self.stroke.lists[variant], ENTRIES, 1)

    def grant(self, variant):
        self._call(2)
        self.granted = variant

    def revoke(self):
        self._call(3)
        self.granted = -1

    def halt(self):
        self._call(4)
        self.playing = 0
        self.granted = -1
        return self.put

    def go_away(self, entries):
        self._call(5)
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
                self._over()
                continue
            some = us if us < self.left_us else self.left_us
            us -= some
            self.left_us -= some
            self.elapsed_us += some

    def _next_word(self):
        listed = self.listed
        while self.place < self.entries:
            at = 3 * self.place
            if self.round < listed[at + 2] and self.word < listed[at + 1]:
                self._put_word(self.stroke.words[listed[at] + self.word])
                self.word += 1
                return True
            self.word = 0
            self.round += 1
            if self.round >= listed[at + 2]:
                self.round = 0
                self.place += 1
        return False

    def _put_word(self, word):
        pins = word & 63
        rising = pins & ~self.pins
        self.pins = pins
        self.left_us = word >> HOLD_SHIFT
        self.put += 1
        if rising & NEEDLE_STEP:
            self.needle += -1 if pins & NEEDLE_DIR else 1
        if rising & PLUNGER_STEP:
            self.plunger += 1

    def _over(self):
        if self.granted >= 0 and self.playing == 1:
            self._begin(self.stroke.lists[self.granted], ENTRIES, 1)
            self.periods += 1
            self.granted = -1
        else:
            self.playing = 0


class Board:
    simulated = 1
    serial = boot = 7

    def __init__(self):
        self.hardware = Hardware()
        self.inputs = array("i", bytes(4 * INPUTS))
        self.player = NullPlayer()
        self.now_ms = 0
        self.energised = False
        self.to_device = b""

    def ms(self):
        return self.now_ms

    def read(self):
        received = self.to_device
        self.to_device = b""
        return received

    def write(self, line):
        print(line.decode(), end="")
        return len(line)

    def enable(self, on):
        self.energised = on

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
        x[PERIODS] = player.periods
