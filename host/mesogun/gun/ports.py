"""What is plugged in, and which of it is a gun.

Only a Raspberry Pi board is asked: what a line of ours would do to another device nobody knows. A gun that is asked is disarmed,
as by every hello; one that another program uses is not asked.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from serial.tools import list_ports
from serial.tools.list_ports_common import numsplit

from mesogun.gun.hello import hello
from mesogun.gun.link import Link
from mesogun.gun.port import AtPrompt, Busy, NoGun, NoRights, close_quietly, open_port
from mesogun.gun.words import dotted
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun_fw.talk.messages import PNEUMATIC, STATES

AUTO = "auto"  # instead of a port: that of the only gun
RASPBERRY_PI = 0x2E8A  # this is the USB vendor of a Pico, whatever runs on it
HELLO_TRIES = 7  # two seconds: a gun that was just plugged in takes 1.4 to start

GUN, OTHER_VERSION, PROMPT, BUSY, NO_RIGHTS, NO_GUN, NOT_ASKED = (
    "gun", "other-version", "prompt", "busy", "no-rights", "no-gun", "not-asked",
)  # fmt: skip
MAY_BE_A_GUN = (OTHER_VERSION, BUSY, NO_RIGHTS)


@dataclass(frozen=True)
class Found:
    """Found is one port: what is plugged in there by its own account (`usb`), and what it is. Of a gun alone more is known.

    `kind` is one of the seven above; `remedy` is what to do about one that is no gun or cannot be used, "" for others.
    """

    port: str
    kind: str
    usb: str
    what: str
    remedy: str = ""
    serial: int | None = None
    version: str | None = None
    drive: str | None = None
    state: str | None = None
    simulated: bool | None = None

    def __str__(self) -> str:
        return f"{self.port}: {self.what}" + (f". {self.remedy}" if self.remedy else "")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class PluggedIn:
    """What `mesogun ports --json` prints."""

    schema: Literal["ports/1"] = "ports/1"
    ports: tuple[Found, ...]


def ports() -> tuple[Found, ...]:
    """Returns every serial port of this computer, asked what it is; that takes up to three seconds a board that is no gun."""
    plugged_in = sorted(list_ports.comports(), key=lambda one: numsplit(one.device))
    return tuple(_found(one.device, _usb(one), one.vid) for one in plugged_in)


def only_gun() -> str:
    """Returns the port of the one gun that is plugged in. Raises Refused with all ports when there is none, or there may be two."""
    found = ports()
    guns = [one.port for one in found if one.kind == GUN]
    if len(guns) == 1 and not any(one.kind in MAY_BE_A_GUN for one in found):
        return guns[0]
    seen = "; ".join(map(str, found)) or "no serial port is there at all"
    limit = "more than one may be a gun, and nobody guesses which is meant" if guns else "no gun is plugged in"
    raise Refused(
        Problem("port", AUTO, f"{limit}. Found: {seen}", "Plug the gun in and switch it on, or name its port: --port PORT")
    )


def _found(port: str, usb: str, vendor: int | None) -> Found:
    if vendor != RASPBERRY_PI:
        return Found(port, NOT_ASKED, usb, f"{usb}: no Raspberry Pi board, so it was not asked")
    try:
        return _asked(port, usb)
    except NoGun as none:
        kind = next((kind for error, kind in _KINDS.items() if isinstance(none, error)), NO_GUN)
        return Found(port, kind, usb, none.problems[0].limit, none.problems[0].remedy)
    except Refused as other:
        (problem, *_) = other.problems
        return Found(port, OTHER_VERSION, usb, f"a gun that speaks otherwise: {problem.value}", problem.remedy)
    except LinkLost as lost:
        return Found(port, NO_GUN, usb, str(lost), "Check the cable, then ask again")


_KINDS = {Busy: BUSY, NoRights: NO_RIGHTS, AtPrompt: PROMPT}


def _asked(port: str, usb: str) -> Found:
    opened = open_port(port)
    try:
        link = Link(opened, slow_tries=HELLO_TRIES)
        who = hello(link)
        drive = "pneumatic" if link.ask("hardware")["drive"] == PNEUMATIC else "stepper"
        state = STATES[link.ask("beat", ack=0)["state"]]
    finally:
        close_quietly(opened)
    simulated = ", simulated" if who.simulated else ""
    what = f"gun {who.serial}{simulated}, firmware {dotted(who.version)}, {drive}, {state}"
    return Found(port, GUN, usb, what, "", who.serial, dotted(who.version), drive, state, bool(who.simulated))


def _usb(one: Any) -> str:
    """Returns what the system calls it, on one line: it is another device's own text."""
    said = " ".join(str(one.description or "").split())
    return said if said not in ("", "n/a") else "a port without a name"
