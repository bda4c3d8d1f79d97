"""A board's own Python is spoken to through its raw REPL, by mpremote. Only `mesogun flash` talks to a board like this.

The extra `flash` brings mpremote. What it raises for a cable that is out comes in many kinds; here it is one, LinkLost.
"""

import contextlib
import io
import struct
from base64 import b64encode
from collections.abc import Callable
from typing import Self

from mesogun.gun.flash.extra import require
from mesogun.gun.hello import hello
from mesogun.gun.link import Link
from mesogun.gun.port import NoGun, close_quietly, open_port
from mesogun.gun.ports import RASPBERRY_PI
from mesogun.refusal import LinkLost, MesogunError, Problem, Refused

WAIT_S = 3.0  # while it takes a line, a board says nothing for 0.4 s at most: a flash erase
ANSWER_S = 30.0  # so long may pass between two bytes of an answer: deleting a version takes dozens of erases
CHUNK = 1_024  # a line takes so many bytes of a file: the board holds the line, its base64 and the bytes at once

_BROKEN = (OSError, ValueError, struct.error)  # pyserial raises these, and mpremote when an answer breaks off


class BoardError(MesogunError):
    """The board's Python raised. The text is the last line of its traceback."""


class Repl:
    """A Repl is an open raw REPL after a soft reset: the board's heap is fresh and its main.py has not run.

    Every method raises LinkLost when the board goes away or falls silent, BoardError when its Python raises.
    """

    def __init__(self, port: str) -> None:
        """Opens the REPL. Raises NoGun when the port cannot be opened, Refused when no MicroPython answers there."""
        require("mpremote")
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport

        self.port = port
        self._broken = (TransportError, *_BROKEN)
        try:
            self._transport = SerialTransport(port, timeout=WAIT_S)
        except (TransportError, ValueError, OSError) as error:
            close_quietly(open_port(port))  # this says why it cannot be opened, which mpremote does not
            remedy = "Name a board's own serial port, such as /dev/ttyACM0 or COM3"
            raise NoGun(Problem("port", port, str(error), remedy)) from error
        self._transport.serial.write_timeout = WAIT_S
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it could not make sense of
                self._transport.enter_raw_repl(timeout_overall=WAIT_S)
        except BaseException as error:
            self._hang_up()
            if isinstance(error, self._broken):
                raise _no_repl(port) from error
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._transport.exit_raw_repl()
        self._hang_up()

    def run(self, code: str) -> str:
        """Runs this code on the board, and returns what it prints."""
        try:
            printed, raised = self._transport.exec_raw(code, timeout=ANSWER_S)
            said, why = str(printed, "utf-8"), str(raised, "utf-8").strip()
        except self._broken as error:
            raise LinkLost(f"the board at {self.port} went away: {error}") from error
        if why:
            raise BoardError(why.splitlines()[-1])
        return said

    def write(self, path: str, data: bytes, on_bytes: Callable[[int], None]) -> None:
        """Stores `data` in this file. `on_bytes` hears of every piece stored; it may raise to stop."""
        self.run(f"from binascii import a2b_base64\nfile = open({path!r}, 'wb')")
        try:
            for at in range(0, len(data), CHUNK):
                piece = data[at : at + CHUNK]
                self.run(f"file.write(a2b_base64({b64encode(piece).decode()!r}))")
                on_bytes(len(piece))
        except LinkLost:
            raise
        except BaseException:
            with contextlib.suppress(BoardError):
                self.run("file.close()")
            raise
        self.run("file.close()")

    def _hang_up(self) -> None:
        for close in (self._transport.close, self._transport.serial.close):  # the first fails when the cable is out
            with contextlib.suppress(OSError):
                close()


def only_pico() -> str:
    """Returns the port of the one Pico that is plugged in. Raises Refused listing what it found when there is none, or several."""
    from serial.tools.list_ports import comports

    ports = sorted(comports(), key=lambda port: port.device)
    picos = [port.device for port in ports if port.vid == RASPBERRY_PI]
    if len(picos) == 1:
        return str(picos[0])
    if picos:
        limit = "more than one Raspberry Pi board is plugged in, and nobody guesses which is meant"
        raise Refused(Problem("port", ", ".join(picos), limit, "Name one of them with --port"))
    seen = "; ".join(f"{port.device} ({port.description})" for port in ports)
    limit = f"no Raspberry Pi board is plugged in. Other ports: {seen}" if seen else "no serial port is there at all"
    remedy = "Plug the board in holding the clear button; a board that never had MicroPython needs that first"
    raise Refused(Problem("port", "none named", limit, remedy))


def _no_repl(port: str) -> Refused:
    """Says what is at this port instead of a REPL."""
    if _is_gun(port):
        remedy = "Unplug it, hold the clear button at the gun, and plug it in again: then it takes firmware"
        return Refused(Problem("port", port, "a gun runs here, and a running gun takes no firmware", remedy))
    remedy = "Check the name of the port; put MicroPython on the board first; unplug it and plug it in again"
    return NoGun(Problem("port", port, "nothing that answers like a MicroPython board", remedy))


def _is_gun(port: str) -> bool:
    opened = open_port(port)
    try:
        hello(Link(opened))
    except NoGun:
        return False
    except Refused:
        return True  # a gun of another version answered
    finally:
        close_quietly(opened)
    return True
