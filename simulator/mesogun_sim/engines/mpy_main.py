"""This runs on MicroPython: the firmware is behind a pipe. It reads a turn, runs it, writes what the firmware did, in order.

A turn is `<IBBH` now_ms, tick, step, length; the int32 inputs; and so many bytes from the host. Answers are one letter each with
its figures, see micropython.py; `D` with wake_ms, quiet_ms, bytes not yet read, and the two figures of costs.py ends the turn.
"""

import gc
import struct
import sys
from array import array

from mesogun_fw.boards.player import Player
from mesogun_fw.boards.unhurried import Unhurried
from mesogun_fw.config import Description
from mesogun_fw.device.loop import Device
from mesogun_fw.guard.cells import fresh
from mesogun_fw.guard.inputs import INPUTS, LATE_US
from mesogun_fw.memory.description import stored
from mesogun_fw.memory.journal import Journal
from mesogun_fw.memory.promises import Flash, Fram
from mesogun_fw.stroke.language import Stroke
from mesogun_sim.costs import Costs
from mesogun_sim.quiet import quiet_ms

source = sys.stdin.buffer
sink = sys.stdout.buffer
out = bytearray()
costs = Costs()


def say(letter: bytes, *figures: int) -> None:
    out.extend(letter)
    for figure in figures:
        out.extend(struct.pack("<i", figure))


class PipedPlayer(Player):
    def __init__(self) -> None:
        self.strokes: list = [None, None]  # type: ignore[type-arg]

    def load(self, stroke: Stroke, slot: int) -> None:
        costs.loaded()
        self.strokes[slot] = stroke
        say(b"L", slot, stroke.length, stroke.leave_us, stroke.entry_us)
        out.extend(stroke.words[: stroke.length])
        out.extend(stroke.lists[0])
        out.extend(stroke.lists[1])

    def start(self, slot: int, variant: int) -> None:
        say(b"S", slot, variant)

    def grant(self, slot: int, variant: int) -> None:
        say(b"G", slot, variant)

    def revoke(self) -> None:
        say(b"R")

    def halt(self) -> int:
        say(b"H")
        return answer()

    def go_away(self, slot: int, entries: int) -> None:
        stroke = self.strokes[slot]
        say(b"A", slot, entries, stroke.words[stroke.away[0]])
        out.extend(stroke.away)


class Memory(Fram, Flash):
    """FRAM and flash copies live as long as the process."""

    size = 8_192

    def __init__(self) -> None:
        self._cells = bytearray(self.size)
        self._copies = [b"", b""]

    def read(self, at: int, place: "array[int]", start: int, end: int) -> None:
        for i in range(start, end):
            place[i] = self._cells[at + i]
        costs.remembered()

    def write(self, at: int, place: "array[int]", start: int, end: int) -> int:
        for i in range(start, end):
            self._cells[at + i] = place[i]
        costs.remembered()
        return 1

    def mark(self, at: int, value: int) -> None:
        self._cells[at] = value

    def copy_read(self, copy: int) -> bytes:
        return self._copies[copy]

    def copy_write(self, copy: int, data: bytes) -> None:
        self._copies[copy] = data


class PipedBoard(Unhurried):
    simulated = 1
    described = True

    def __init__(self, serial: int, boot: int, description: Description) -> None:
        self.serial = serial
        self.boot = boot
        self.description = description
        self.inputs = fresh()
        self.player = PipedPlayer()
        self.fram = self.flash = Memory()
        Journal(self.fram).format(serial)  # it is as from the factory
        self.now_ms = 0
        self.failing = 0
        self.restarts = 0
        self.received = b""

    def ms(self) -> int:
        return self.now_ms

    def read(self, into: bytearray, at: int) -> int:
        size = min(len(into) - at, len(self.received))
        for i in range(size):
            into[at + i] = self.received[i]
        self.received = self.received[size:]
        costs.read(into, at, size)
        return size

    def write(self, line: bytearray, size: int) -> bool:
        say(b"X", size)
        out.extend(line[:size])
        if not answer():
            return False
        costs.written()
        return True

    def enable(self, on: bool) -> None:
        say(b"E", 1 if on else 0)

    def vent(self, open_: bool) -> None:
        say(b"V", 1 if open_ else 0)

    def align(self, words: "array[int]") -> int:
        return 0

    def selftest(self) -> int:
        return self.failing

    def alone(self, act, a: int, b: int):  # type: ignore[no-untyped-def]
        costs.masked()
        return Unhurried.alone(self, act, a, b)

    def tidy(self, idle: bool) -> None:
        costs.swept(self.now_ms)

    def restart(self) -> None:
        self.player.halt()
        anew = fresh()
        for i in range(INPUTS, len(anew)):
            self.inputs[i] = anew[i]
        self.boot += 1
        if self.flash.copy_read(0):
            self.description = stored(self.flash)
        self.restarts += 1

    def worst(self) -> tuple:  # type: ignore[type-arg]
        return costs.worst(self.inputs[LATE_US])

    def show(self, state: int) -> None:
        say(b"W", state)

    def click(self) -> None:
        say(b"K")


def answer() -> int:
    """What was said so far is sent, and the one figure it asks for is waited for."""
    flush()
    return int(struct.unpack("<i", source.read(4))[0])


def flush() -> None:
    global out
    sink.write(out)
    out = bytearray()


def main() -> None:
    serial, boot, count = struct.unpack("<qqi", source.read(20))
    board = PipedBoard(serial, boot, Description(struct.unpack(f"<{count}i", source.read(4 * count))))
    device = Device(board)
    costs.take()  # its start has a time of its own
    guard = device.guard
    inputs = board.inputs
    wake_ms = starts = 0
    while True:
        head = source.read(8 + 4 * INPUTS)
        if len(head) < 8 + 4 * INPUTS:
            return
        board.now_ms, tick, step, length = struct.unpack("<IBBH", head)
        figures = struct.unpack_from(f"<{INPUTS}i", head, 8)
        for i in range(INPUTS):
            inputs[i] = figures[i]
        if length:
            board.received += source.read(length)
        if tick:
            guard.tick(board.now_ms)
        if step and (board.now_ms >= wake_ms or device.noted() or board.received):
            wake_ms = board.now_ms + device.step()
            costs.turned(bool(device.later))
            if board.restarts != starts:
                starts = board.restarts
                strokes = device.strokes
                del device, guard  # there is room for one only
                gc.collect()
                device = Device(board, strokes)
                costs.take()
                guard = device.guard
                wake_ms = 0
        us, masked_us = costs.take()
        say(b"D", wake_ms, quiet_ms(inputs, board.now_ms) if tick else 0, len(board.received), us, masked_us)
        flush()


main()
