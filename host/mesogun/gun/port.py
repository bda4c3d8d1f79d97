"""A URL names a serial port: `/dev/ttyACM0`, `COM3`, `socket://host:port`, `sim://`. Each is used alike."""

import errno
from typing import Protocol

import serial

from mesogun.refusal import LinkLost, Problem, Refused

# pyserial looks in this package for the handler of `sim://`. It is named, not imported, so that this room knows no simulator.
SIMULATOR = "mesogun_sim"

_CAUSES = {
    errno.ENOENT: ("there is no such port", "Plug the gun in, then look up its port's name"),
    errno.EACCES: ("it may not be used", "Ask for access to serial ports, or close the program that uses it"),
    errno.EBUSY: ("another program is using it", "Close the other program"),
    errno.EAGAIN: ("another program is using it", "Close the other program"),
    errno.ECONNREFUSED: ("nothing listens there", "Start what shall listen there, or correct the number of the port"),
}
_WINDOWS = {"FileNotFoundError": errno.ENOENT, "PermissionError": errno.EACCES}


class NoGun(Refused, LinkLost):
    """There is no gun at this port. It is bad input at first (exit 2), and a lost link to whoever tries to reconnect."""


class Port(Protocol):
    """A Port is what the link needs of one. One with a time of its own also brings `monotonic_s()` and `sleep_s(seconds)`."""

    port: str | None
    timeout: float | None

    @property
    def in_waiting(self) -> int: ...
    def open(self) -> None: ...
    def close(self) -> None: ...
    def read(self, size: int = 1, /) -> bytes: ...
    def write(self, data: bytes, /) -> int | None: ...


def open_port(url: str) -> Port:
    """Returns an open port that no other program can use. Raises NoGun saying why there is none."""
    if SIMULATOR not in serial.protocol_handler_packages:
        serial.protocol_handler_packages.append(SIMULATOR)
    try:
        port: Port = serial.serial_for_url(url, baudrate=115_200, write_timeout=1.0, exclusive=True, do_not_open=True)
    except (ValueError, OSError) as error:
        remedy = "Use a device such as /dev/ttyACM0 or COM3, socket://HOST:PORT or sim://"
        raise NoGun(Problem("port", url, str(error), remedy)) from error
    open_again(port)
    return port


def open_again(port: Port) -> None:
    """Opens a closed port. Raises NoGun saying why it cannot be opened."""
    try:
        port.open()
    except (ValueError, OSError) as error:
        number = getattr(error, "errno", None) or getattr(error.__context__, "errno", None)
        number = number or next((code for name, code in _WINDOWS.items() if name in str(error)), 0)
        otherwise = (
            "Correct that option"
            if str(port.port).startswith("sim:")
            else "Check the name of the port, and that it belongs to a gun"
        )
        what, remedy = _CAUSES.get(number, (str(error), otherwise))
        raise NoGun(Problem("port", str(port.port), what, remedy)) from error


def close_quietly(port: Port) -> str:
    """Closes the port; one whose cable is out may say so, which is returned, and is closed all the same."""
    try:
        port.close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
