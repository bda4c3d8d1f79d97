"""A visit during which the guard may not touch the heap: every tick, and everything the player does in it, runs locked.

Prints what the gun said. With an argument, that method allocates a little: the first locked tick that calls it must fail.
"""

import gc
import sys

import micropython
from body import Board, NullPlayer

from mesogun_fw import limits
from mesogun_fw.boards import unhurried
from mesogun_fw.device import shots
from mesogun_fw.device.loop import Device
from mesogun_fw.device.shots import keep_ahead, take_notes
from mesogun_fw.device.supervisor import Guard
from mesogun_fw.guard import cells
from mesogun_fw.guard.inputs import CLEAR, CONTACT_A, CONTACT_B, ESTOP_OPEN, TRIGGER_A, TRIGGER_B
from mesogun_fw.memory.journal import Journal
from mesogun_fw.stroke import stepper
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import BURST, CONSTANT_FLOW, CONTINUOUS, PAUSE, RETROGRADE

PIECES = 5  # so many turns a stroke takes to be made


class Visit:
    """A host that beats and a hand, in milliseconds."""

    def __init__(self):
        self.board = Board()
        self.device = Device(self.board)
        self.seq = 0
        self.locked = 0
        self.noted = 0  # so many notes went through the loop with the heap locked

    def ticks(self, ms):
        """Nothing in here may allocate."""
        board = self.board
        supervisor = self.device.guard
        micropython.heap_lock()
        try:
            for _ in range(ms):
                board.now_ms += 1
                board.sense()
                supervisor.tick(board.now_ms)
        finally:
            micropython.heap_unlock()
        self.locked += ms

    def shots(self):
        """What the guard has noted is closed in the journal and told, the next shots are prepared. Nothing allocates."""
        cells_ = self.device.guard.cells
        noted = cells_[cells.NOTED] - cells_[cells.READ]
        micropython.heap_lock()
        try:
            take_notes(self.device)
            keep_ahead(self.device)
        finally:
            micropython.heap_unlock()
        self.noted += noted

    def say(self, name, *values):
        self.seq += 1
        self.board.to_device += frames.encode(self.seq, name, list(values))
        self.device.step()
        for _ in range(PIECES):
            self.device.step()

    def wait(self, ms, beat=True):
        while ms > 0:
            some = min(ms, 40)
            self.ticks(some)
            told = self.device.events.last
            self.shots()
            ms -= some
            if beat:
                self.say("beat", told)
            else:
                self.device.step()

    def hand(self, trigger, contact):
        x = self.board.inputs
        x[TRIGGER_A] = x[TRIGGER_B] = trigger
        x[CONTACT_A] = x[CONTACT_B] = contact

    def home(self):
        self.hand(0, 0)
        self.say("home")
        self.wait(250)
        self.hand(1, 0)
        self.wait(400)
        self.hand(0, 0)
        self.wait(10)

    def press(self, ms, beat=True):
        """Set down and rest, press for `ms`, release."""
        self.hand(0, 1)
        self.wait(250)
        self.hand(1, 1)
        self.wait(ms, beat)
        self.hand(0, 1)
        self.wait(60)

    def clear(self):
        self.hand(0, 0)
        x = self.board.inputs
        x[ESTOP_OPEN] = 0
        self.board.player.stuck = False
        self.wait(250)
        x[CLEAR] = 1
        self.wait(30)
        x[CLEAR] = 0
        self.wait(10)

    def lift(self):
        self.hand(1, 0)

    def stick(self):
        """The encoder stands still: the needle seems lost."""
        self.board.player.stuck = True

    def jump(self):
        """The needle flies on."""
        self.board.player.needle += 60

    def push(self):
        """A hand pushes the plunger."""
        self.board.player.plunger += 200

    def stop(self):
        self.board.inputs[ESTOP_OPEN] = 1

    def load(self):
        begin = [4, 12_060, 5_000_000, 2_000_000]
        passes = [
            [0, CONTINUOUS, 200, 1, 9_000, 300_000, 10_000, 1_000_000, 5_000, 250_000],
            [1, BURST, 20, 2, 2_000, 300_000, 10_000, 1_000_000, 5_000, 200_000],
            [2, RETROGRADE, 20, 1, 2_000, 300_000, 10_000, 1_000_000, 5_000, 400_000],
            [3, CONSTANT_FLOW, 20, 1, 2_000, 300_000, 10_000, 1_000_000, 5_000, 1_000_000],
        ]
        self.say("begin", *begin)
        for one in passes:
            self.say("pass", *one)
        bodies = [frames.body("begin", begin)] + [frames.body("pass", one) for one in passes]
        self.say("commit", frames.digest(bodies), 0)


def leak(path):
    """Let a method, or a function where it is called, allocate a list, and otherwise do what it did."""
    owner, name = path.split(".")
    owner = {
        "Board": Board,
        "Guard": Guard,
        "NullPlayer": NullPlayer,
        "guard": unhurried,
        "stepper": stepper,
        "Journal": Journal,
        "shots": shots,
    }[owner]
    honest = getattr(owner, name)

    def leaking(*figures):
        global leaked
        leaked = [name]
        return honest(*figures)

    setattr(owner, name, leaking)


def main():
    if len(sys.argv) > 1:
        leak(sys.argv[1])
    gc.collect()
    visit = Visit()
    x = visit.board.inputs
    visit.say("hello", 1)
    visit.home()
    visit.load()

    visit.say("arm", 0)
    visit.press(1_100)  # several granted periods
    for ms in (22, 30, 45, 60, 80, 100, 130):  # released in every part of a stroke
        visit.press(limits.TRIGGER_DEBOUNCE_MS + ms)
    visit.press(900, beat=False)  # the host is silent
    visit.say("arm", 1)
    visit.press(600)  # a whole burst
    visit.press(100)
    visit.say("adjust", 3_000, 300_000, 12_000, 1_000_000, 5_000, 220_000)
    visit.press(600)  # the burst goes on with another setting
    visit.say("disarm")
    for index in (2, 3):
        visit.say("arm", index)
        visit.press(500)
        for ms in (30, 45, 60, 100, 200):
            visit.press(limits.TRIGGER_DEBOUNCE_MS + ms)
        visit.press(2_300)
        visit.say("disarm")

    supervisor = visit.device.guard
    micropython.heap_lock()  # what the loop asks of the guard allocates nothing either
    supervisor.arm(visit.board.now_ms)
    supervisor.stop(PAUSE, 10)
    micropython.heap_unlock()
    visit.wait(10)

    for ms, breaks in ((20, visit.lift), (20, visit.stick), (25, visit.jump), (10, visit.push), (30, visit.stop)):
        visit.say("arm", 0)
        visit.hand(0, 1)
        visit.wait(250)
        visit.hand(1, 1)
        visit.wait(limits.TRIGGER_DEBOUNCE_MS + ms)
        breaks()
        visit.wait(100)
        visit.clear()
        visit.say("disarm")
        visit.home()

    x[TRIGGER_A] = 1
    visit.wait(limits.TRIGGER_DISAGREE_MS + 50)
    visit.clear()
    gc.collect()
    print("#", visit.locked, visit.noted, gc.mem_alloc())


main()
