"""A gun that is asked for its state, watched, and told of shots, ten times a second, without touching the heap for it.

Each turn of the loop in which a line comes or goes runs locked. With an argument, that method allocates a little: the first turn
that calls it must fail.
"""

import gc
import sys

import micropython
from body import Board

from mesogun_fw.device.events import SHOT, Events
from mesogun_fw.device.loop import Device
from mesogun_fw.device.rows import Asked
from mesogun_fw.device.wire import Wire
from mesogun_fw.talk import frames, lines, places

SHOTS = 300


class Listening(Board):
    """Its host is heard and hears without an object being made."""

    def __init__(self):
        super().__init__()
        self.heard = bytearray(1_000)
        self.size = self.told = 0
        self.last = bytearray(400)
        self.last_size = 0

    def read(self, into, at):
        size = self.size
        self.size = 0
        for i in range(size):
            into[at + i] = self.heard[i]
        return size

    def write(self, line, size):
        lines.copy(self.last, line, 0, size)
        self.last_size = size
        self.told += 1
        return True

    def hears(self, line):
        self.heard[: len(line)] = line
        self.size = len(line)


def leak(path):
    owner, name = path.split(".")
    owner = {"Wire": Wire, "Asked": Asked, "Events": Events, "Device": Device}[owner]
    honest = getattr(owner, name)

    def leaking(*figures):
        global leaked
        leaked = [name]
        return honest(*figures)

    setattr(owner, name, leaking)


def shot(device, n):
    row = device.events.rows
    at = device.events.new(SHOT)
    row[at + places.SHOT_AT_MS] = device.now_ms
    row[at + places.SHOT_AT_US] = n
    row[at + places.SHOT_PASS_INDEX] = 0
    row[at + places.SHOT_SHOT] = n
    row[at + places.SHOT_PERIOD_US] = 100_000
    row[at + places.SHOT_COMMANDED_DEPTH_UM] = 2_000
    row[at + places.SHOT_MEASURED_DEPTH_UM] = 2_000 - n
    row[at + places.SHOT_COMMANDED_DOSE_NL] = 10_000
    row[at + places.SHOT_MEASURED_DOSE_NL] = -n
    row[at + places.SHOT_FLAGS] = 0


def main():
    board = Listening()
    device = Device(board)
    if len(sys.argv) > 1:
        leak(sys.argv[1])
    board.hears(frames.encode(1, "hello", [1]))
    for board.now_ms in range(1, 200):
        device.guard.tick(board.now_ms)
        device.step()
    print(bytes(board.last[: board.last_size]).decode(), end="")
    seq = 1
    for n in range(1, SHOTS):
        for name in ("beat", "watch"):
            seq += 1
            board.hears(frames.encode(seq, name, [n - 1] if name == "beat" else []))
            board.now_ms += 50
            device.guard.tick(board.now_ms)
            micropython.heap_lock()
            try:
                if name == "beat":
                    shot(device, n)
                device.step()
            finally:
                micropython.heap_unlock()
            print(bytes(board.last[: board.last_size]).decode(), end="")
    gc.collect()
    before = gc.mem_alloc()
    gc.disable()
    for _ in range(100):
        device.step()
    print("#", board.told, gc.mem_alloc() - before)


main()
