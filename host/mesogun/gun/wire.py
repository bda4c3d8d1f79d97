"""A wire log keeps every line on the cable, both ways, in a file: for whoever has to find out later what was said.

A line of it is that of a simulated gun's messages.log (docs/TRACES.md): time in µs, `>` to the gun or `<` from it, the line. Here
the time is the laptop's, since 1970 in UTC. Each line is with the system before the next thing happens, so that it outlives this
program. Whatever becomes of the log, the conversation goes on.
"""

import os
import time
from pathlib import Path

from mesogun.refusal import Problem, Refused
from mesogun_fw.limits import LINE_MAX

PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)  # Windows would write other line ends
TO_GUN, FROM_GUN = ">", "<"


class WireLog:
    """A new file in `folder`, which only its owner may read. `lost` says why there is no more in it, "" while all is."""

    def __init__(self, folder: str) -> None:
        began = time.time_ns() // 1000
        self._fd, self.path = _new_file(Path(folder), time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(began // 1_000_000)))
        self.lost = ""
        self._zero_us = began
        self._zero_s: float | None = None
        self._unfinished = b""
        self._heard_s = 0.0

    def said(self, now_s: float, line: bytes) -> None:
        """Keeps a line that went to the gun."""
        self._keep(now_s, TO_GUN, [line.removesuffix(b"\n")])

    def heard(self, now_s: float, data: bytes) -> None:
        """Keeps what came from the gun, once a line of it is whole, or too long to be one."""
        self._heard_s = now_s
        *lines, self._unfinished = (self._unfinished + data).split(b"\n")
        if len(self._unfinished) > LINE_MAX:
            lines.append(self._unfinished)
            self._unfinished = b""
        self._keep(now_s, FROM_GUN, lines)

    def broke_off(self) -> None:
        """Keeps the piece of a line that came last: no more of it will come."""
        if self._unfinished:
            self.heard(self._heard_s, b"\n")

    def close(self) -> None:
        self.broke_off()
        try:
            os.close(self._fd)
        except OSError as error:
            self.lost = self.lost or _why(error)

    def _keep(self, now_s: float, way: str, lines: list[bytes]) -> None:
        if self.lost or not lines:
            return
        self._zero_s = now_s if self._zero_s is None else self._zero_s
        at_us = self._zero_us + round((now_s - self._zero_s) * 1_000_000)
        data = "".join(f"{at_us} {way} {_spelt(line)}\n" for line in lines).encode("ascii")
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            self.lost = _why(error)


def _new_file(folder: Path, name: str) -> tuple[int, Path]:
    """Returns a file that was not there before. Raises Refused when none can be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for number in range(1, 1000):
            path = folder / f"{name}{f'-{number}' if number > 1 else ''}.log"
            try:
                return os.open(path, _NEW, PRIVATE), path
            except FileExistsError:
                continue
        why = "it is full of logs of this second"
    except OSError as error:
        why = _why(error)
    raise Refused(Problem("log", str(folder), why, "Name another folder, or make this one writable"))


def _spelt(line: bytes) -> str:
    """Returns the line with each byte that no message has spelt out: none commands a terminal on which the file is shown."""
    return "".join(chr(one) if 32 <= one <= 126 else f"\\x{one:02x}" for one in line)


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
