"""A board to flash: real MicroPython behind its real raw REPL, at a pseudo-terminal, with a littlefs that outlives it.

It says that it is a board with a chip named TEST and has this computer's architecture, so that what is compiled for it
runs here. A test makes the host know that chip.
"""

import json
import os
import subprocess
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mesogun.gun.flash.repl import Repl
from mesogun_sim.engines.micropython import HEAP_64_BIT, find_micropython

SCRIPT = Path(__file__).with_name("rawrepl_board.py")
SECTOR = 4096
NO_FILE = "no such file"
CHIP = "TEST"


class Board:
    """Its flash lies in `folder`. Plug it in as often as you like; what it stored is there again."""

    def __init__(self, folder: Path, sectors: int = 100, *, fat: bool = False) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._flash = folder / "flash.bin"
        self._sectors = sectors
        self._fat = fat
        self._flash.write_bytes(b"\xff" * SECTOR * sectors)
        self._blank = True

    def copy(self, folder: Path) -> "Board":
        """Another board, on which the same is stored."""
        other = Board(folder, self._sectors)
        other._flash.write_bytes(self._flash.read_bytes())
        other._blank = False
        return other

    @contextmanager
    def plugged_in(self, *, cut_at: int = 0, stored: bool = False, flip: str = "", hang: str = "", **says: Any) -> Iterator[str]:
        """The name of its port.

        `cut_at`: the power goes in the middle of this write to the flash; with `stored`, at the end of it. `flip`: the file
        whose path ends so has a bit stored wrong. `hang`: it falls silent at that file. `says`: of itself, to `import sys`.
        """
        flash = {"flash": str(self._flash), "sectors": self._sectors, "blank": self._blank, "fat": self._fat}
        faults = {"cut_at": cut_at, "stored": stored, "flip": flip or NO_FILE, "hang": hang or NO_FILE}
        path = self._folder / "board.json"
        path.write_text(json.dumps(flash | faults | {"says": {"_machine": f"a PC with {CHIP}"} | says}))
        self._blank = False
        powered = _Powered(path)
        try:
            yield powered.port
        finally:
            powered.off()

    def stored(self) -> bytes:
        return self._flash.read_bytes()

    def ask(self, code: str) -> str:
        """What this code prints on the board."""
        with self.plugged_in() as port, Repl(port) as repl:
            return repl.run(code).strip()


class _Powered(threading.Thread):
    """The board as long as it has power. A soft reset is its REPL's end and beginning, as on a board."""

    def __init__(self, config: Path) -> None:
        super().__init__(daemon=True)
        self._config = config
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._process = self._boot()
        self.start()

    def _boot(self) -> "subprocess.Popen[bytes]":
        command = [find_micropython(), "-X", f"heapsize={HEAP_64_BIT}", "-i", str(SCRIPT), str(self._config)]
        return subprocess.Popen(command, stdin=self._master, stdout=self._master, stderr=self._master)

    def run(self) -> None:
        while self._process.wait() == 0:
            os.write(self._master, b"MPY: soft reboot\r\n")
            self._process = self._boot()
            os.write(self._slave, b"\r\x01")  # it stays in the raw REPL
        os.close(self._slave)
        os.close(self._master)

    def off(self) -> None:
        while self.is_alive():
            self._process.kill()
            self.join(0.1)
