"""MicroPython's `machine` over the emulated chip: pins, clocks and watchdog that a test can look at."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

from . import usb as usb_of_tests
from .usb import USBDevice as USBDevice
from .usb import usb

levels: dict[int, int] = {}  # what drives a pin: the firmware an output, the test an input
pulled_up: set[int] = set()
sent: list[bytes] = []  # to the lamp
alone: list[bool] = []  # interrupts off, on, ...
fed: list[int] = []
timers: list[Callable[[object], None]] = []
baud: list[int] = []


class Pin:
    IN, OUT, PULL_UP = 0, 1, 1

    def __init__(self, number: int, mode: int = -1, pull: int = -1, value: int | None = None) -> None:
        self.number = number
        if mode == Pin.OUT and value is not None:
            levels[number] = value
        if pull == Pin.PULL_UP:
            pulled_up.add(number)

    def __call__(self, value: int | None = None) -> int:
        if value is not None:
            levels[self.number] = int(value)
        return levels.get(self.number, 1)


class ADC:
    CORE_TEMP = 4

    def __init__(self, channel: object) -> None:
        pass


class SPI:
    def __init__(self, number: int, baudrate: int, sck: Pin, mosi: Pin, miso: Pin) -> None:
        baud.append(baudrate)


class WDT:
    def __init__(self, timeout: int) -> None:
        fed.append(timeout)

    def feed(self) -> None:
        fed.append(0)


class Timer:
    PERIODIC = 1

    def __init__(self, number: int, *, period: int, mode: int, hard: bool, callback: Callable[[object], None]) -> None:
        assert (number, period, mode, hard) == (-1, 1, Timer.PERIODIC, True)
        timers.append(callback)
        self._callback = callback

    def deinit(self) -> None:
        timers.remove(self._callback)


def bitstream(pin: Pin, encoding: int, timing: tuple[int, ...], data: bytes) -> None:
    sent.append(bytes(data))


def disable_irq() -> int:
    alone.append(True)
    return 7


def enable_irq(state: int) -> None:
    assert state == 7
    alone.append(False)


def freq() -> int:
    return 125_000_000


def unique_id() -> bytes:
    return bytes(range(0xE0, 0xE8))


def forget() -> None:
    for thing in (levels, pulled_up, sent, alone, fed, timers, baud):
        thing.clear()  # type: ignore[attr-defined]
    usb.forget()


def install() -> None:
    module: Any = ModuleType("machine")
    module.__dict__.update({name: value for name, value in globals().items() if not name.startswith("_")})
    sys.modules["machine"] = module
    usb_of_tests.install()
