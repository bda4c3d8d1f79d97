"""The serial port as a Pico has it: its USB controller, MicroPython's driver behind it, and a host at the other end.

Bytes to the gun come by MicroPython's stream, lines to the host by the endpoint. What the host gets is looked up when it reads: a
line that was changed meanwhile arrives changed.
"""

import sys
from array import array
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from mesogun_fw import shim

MEMORY, LET_IN, KEEP_AWAY = 0x50100000, 0xE000E100, 0xE000E180
ENDPOINT, BUFFER = 4, 36  # words of the controller's memory
CONFIGURED, TO_SEND = 1 << 31, 1 << 10
SERIAL_TO_HOST = 0x82
INTERRUPTS = (1 << 5, 1 << 14)  # the controller's, of RP2040 and RP2350
EBUSY, EINVAL = 16, 22


class Struct:
    """`uctypes.struct`: as many bytes from an address on as its description says at the moment."""

    def __init__(self, address: Any, description: dict[str, int]) -> None:
        bus: Any = shim.bus
        self._place = bus.at(address) if bus else address
        self._description = description

    def __bytes__(self) -> bytes:
        return bytes(self._place[: max(self._description.values()) + 1])


class Switch:
    """A register that lets the controller's interrupt in, or keeps it away."""

    def __init__(self, usb: "Usb", in_: bool) -> None:
        self._usb = usb
        self._in = in_

    def __setitem__(self, at: int, value: int) -> None:
        assert at == 0
        assert value in INTERRUPTS, "no interrupt but the controller's"
        self._usb.interrupt = self._in


class Usb:
    """`say` and `hear` are the host's. It has configured the gun as soon as that is active."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.memory = array("I", bytes(256))
        self.registers: dict[int, Any] = {MEMORY: self.memory, LET_IN: Switch(self, True), KEEP_AWAY: Switch(self, False)}
        self.interrupt = True
        self.active = False
        self.builtin_driver = ""
        self.to_gun = bytearray()
        self.begun = 0  # lines
        self._claimed = False
        self._line: object = None

    # ---- the host ----

    def say(self, data: bytes) -> None:
        self.to_gun += data

    def hear(self) -> bytes:
        """The host reads until nothing comes any more: that is what is in flight."""
        if not self.memory[BUFFER] & TO_SEND:
            return b""
        self.memory[BUFFER] = 0
        return bytes(self._line)  # type: ignore[call-overload, no-any-return]

    def reset(self) -> None:
        """The host, or a cable, resets the bus: what was in flight is lost, and no endpoint is configured."""
        self.memory[ENDPOINT] = self.memory[BUFFER] = 0

    def configure(self) -> None:
        self._claimed = False
        self.memory[ENDPOINT] = CONFIGURED

    # ---- MicroPython ----

    def task(self) -> None:
        """MicroPython looks after its driver: only now it knows that the endpoint is free again."""
        if not self.memory[BUFFER] & TO_SEND:
            self._claimed = False

    def submit(self, endpoint: int, line: object) -> bool:
        if not self.active:
            raise OSError(EINVAL)
        assert endpoint == SERIAL_TO_HOST
        if self._claimed:
            raise OSError(EBUSY)
        assert self.memory[ENDPOINT] & CONFIGURED, "the driver writes to address 0"
        assert not self.interrupt, "a reset of the bus may come between looking and sending"
        self._claimed = True
        self._line = line
        self.begun += 1
        self.memory[BUFFER] = TO_SEND
        return True

    def readinto(self, place: bytearray) -> None:
        assert self.to_gun, "waits for the host"
        place[0] = self.to_gun.pop(0)
        assert len(place) == 1, "waits for the host"

    def arrived(self, ms: int) -> Iterator[tuple[object, int]]:
        assert ms == 0, "waits for the host"
        self.task()
        if self.to_gun:
            yield (sys.stdin, 1)


usb = Usb()


class USBDevice:
    """`machine.USBDevice`: there is one."""

    BUILTIN_NONE, BUILTIN_DEFAULT = "none", "default"

    def __setattr__(self, name: str, value: str) -> None:
        assert name == "builtin_driver"
        if usb.active:
            raise OSError(EINVAL)
        usb.builtin_driver = value

    def active(self, on: bool) -> None:
        assert usb.builtin_driver == self.BUILTIN_DEFAULT, "the serial port would be gone"
        usb.active = on
        usb.configure()

    def submit_xfer(self, endpoint: int, line: object) -> bool:
        return usb.submit(endpoint, line)


def install() -> None:
    module: Any = ModuleType("uctypes")  # without addressof: where things are is the chip's to say
    module.UINT8, module.struct = 0, Struct
    sys.modules["uctypes"] = module


def plug_in(patch: pytest.MonkeyPatch) -> Usb:
    """MicroPython's streams are this port's."""
    poll = SimpleNamespace(register=lambda stream, flags: None, ipoll=usb.arrived)
    patch.setattr("mesogun_fw.boards.pico.link.select", SimpleNamespace(poll=lambda: poll, POLLIN=1))
    patch.setattr(sys, "stdin", SimpleNamespace(buffer=usb))
    return usb


def activate() -> None:
    """What main.py does first."""
    device = USBDevice()
    device.builtin_driver = USBDevice.BUILTIN_DEFAULT
    device.active(True)
