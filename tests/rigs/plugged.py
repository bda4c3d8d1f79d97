"""What is plugged in at this computer, as the tests want it: ports by name, and what answers there."""

from collections.abc import Callable

import pytest
import serial.tools.list_ports
from serial.tools.list_ports_common import ListPortInfo

from mesogun.gun import ports
from mesogun.gun.port import Port
from mesogun.gun.ports import RASPBERRY_PI

Opens = Callable[[], Port]


class Answering:
    """A port on a clock of its own, where `answer` says what comes back for a piece that was written."""

    def __init__(self, answer: Callable[[bytes], bytes] = lambda said: b"") -> None:
        self.port: str | None = "fake://"
        self.timeout: float | None = None
        self.answer = answer
        self.written = b""
        self._out = b""
        self._now_s = 0.0

    def monotonic_s(self) -> float:
        return self._now_s

    @property
    def in_waiting(self) -> int:
        return len(self._out)

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def read(self, size: int = 1, /) -> bytes:
        if not self._out:
            self._now_s += self.timeout or 0.0
        data, self._out = self._out[:size], self._out[size:]
        return data

    def write(self, data: bytes, /) -> int:
        self.written += data
        self._out += self.answer(data)
        return len(data)


class PicoPrompt(Answering):
    """The prompt of a Pico's MicroPython: it echoes what is typed, ends a line at a carriage return and at nothing else.

    `raw` is the mode in which a program that was killed may have left it: it echoes nothing, and runs nothing until Ctrl-D.
    """

    def __init__(self, *, raw: bool = False) -> None:
        super().__init__(self._typed)
        self.raw = raw
        self.run: list[str] = []  # the lines that it took for Python
        self._line = ""

    def _typed(self, said: bytes) -> bytes:
        return b"".join(self._key(chr(one)) for one in said)

    def _key(self, key: str) -> bytes:
        if key == "\x02" and (self.raw or not self._line):
            self.raw, self._line = False, ""
            return b"\r\nMicroPython v1.28.0 on 2026-01-01; Raspberry Pi Pico with RP2040\r\n>>> "
        if self.raw:
            return b""
        if key == "\r":
            line, self._line = self._line, ""
            self.run += [line] if line else []
            return b"\r\nTraceback\r\nSyntaxError: invalid syntax\r\n>>> " if line else b"\r\n>>> "
        if key.isprintable():
            self._line += key
            return key.encode()
        return b""


def pico(device: str, description: str = "Board in FS mode") -> ListPortInfo:
    return _port(device, description, RASPBERRY_PI)


def modem(device: str, description: str = "USB Serial") -> ListPortInfo:
    return _port(device, description, 0x1A86)


def _port(device: str, description: str, vendor: int) -> ListPortInfo:
    port = ListPortInfo(device)
    port.description, port.vid = description, vendor
    return port


def plugged_in(patch: pytest.MonkeyPatch, opens: dict[ListPortInfo, Opens] | None = None) -> list[str]:
    """These ports are there; each is opened as it says. Returns which were opened, in the order in which they are."""
    there = opens or {}
    opened: list[str] = []

    def open_port(url: str) -> Port:
        opened.append(url)
        port = next(make for info, make in there.items() if info.device == url)()
        port.port = url
        return port

    patch.setattr(serial.tools.list_ports, "comports", lambda: list(there))
    patch.setattr(ports, "open_port", open_port)
    return opened
