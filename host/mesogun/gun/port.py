"""A URL names a serial port: `/dev/ttyACM0`, `COM3`, `socket://host:port`, `sim://`. Each is used alike."""

import errno
import os
import re
import sys
from typing import Protocol

import serial

from mesogun.refusal import LinkLost, Problem, Refused

ROOT = 0
READ_WRITE = 0o060  # of a file's group

# pyserial looks in this package for the handler of `sim://`. It is named, not imported, so that this room knows no simulator.
SIMULATOR = "mesogun_sim"


class NoGun(Refused, LinkLost):
    """There is no gun at this port. It is bad input at first (exit 2), and a lost link to whoever tries to reconnect."""


class Busy(NoGun):
    """Another program has this port."""


class NoRights(NoGun):
    """This account may not use this port."""


class AtPrompt(NoGun):
    """The board at this port is at MicroPython's prompt: it runs no firmware of ours."""


_BUSY = (
    Busy,
    "another program is using it",
    "Close the other program; a system may look at what was just plugged in for ten seconds",
)
_CAUSES: dict[int, tuple[type[NoGun], str, str]] = {
    errno.ENOENT: (NoGun, "there is no such port", "Plug the gun in; mesogun ports lists what is plugged in"),
    errno.EACCES: (NoRights, "this account may not use it", "Ask for access to serial ports, then log out and in"),
    errno.EBUSY: _BUSY,
    errno.EAGAIN: _BUSY,
    errno.ECONNREFUSED: (NoGun, "nothing listens there", "Start what shall listen there, or correct the number of the port"),
}
# Windows says "access denied" of a port that another program has open.
_WINDOWS = {"FileNotFoundError": errno.ENOENT, "PermissionError": errno.EBUSY}


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
        kind, what, remedy = _CAUSES.get(number, (NoGun, str(error), otherwise))
        if number == errno.EACCES:
            remedy = _rights(str(port.port)) or remedy
        raise kind(Problem("port", str(port.port), what, remedy)) from error


def close_quietly(port: Port) -> str:
    """Closes the port; one whose cable is out may say so, which is returned, and is closed all the same."""
    try:
        port.close()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def may_have_a_needle(url: str) -> bool:
    """Tells whether a cable of this computer may lead there: to a pseudo-terminal, a TCP port and `sim://` none does."""
    if url.startswith(("sim://", "socket://")):
        return False
    return os.path.dirname(os.path.realpath(url)) != "/dev/pts" and not re.fullmatch(r"/dev/ttys\d+", os.path.realpath(url))


def _rights(device: str) -> str:
    """Returns how this account gets the right to use a device, "" where that is not known. Not every system calls it dialout."""
    if sys.platform == "win32":
        return ""
    import grp

    try:
        stat = os.stat(device)
        group = grp.getgrgid(stat.st_gid).gr_name
    except (OSError, KeyError):
        return ""
    if stat.st_gid == ROOT or stat.st_mode & READ_WRITE != READ_WRITE:
        return ""  # the group has no right either, or has every right
    return f"Join the group that may, then log out and in: sudo usermod -aG {group} $USER"
