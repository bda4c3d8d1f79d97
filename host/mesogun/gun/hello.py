"""The first exchange with whatever is at the port finds a gun in our version, or says clearly what is there instead."""

import re
from dataclasses import dataclass

from mesogun.gun.link import Link
from mesogun.gun.port import AtPrompt, NoGun
from mesogun.gun.words import DeviceRefused
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun.version import __version__
from mesogun_fw.talk import messages, refusals
from mesogun_fw.talk.table import HASH

PROMPT_S = 0.5  # A: a board prints its prompt within milliseconds

# A gun of another version may send a longer welcome than we can decode; how it begins never changes.
_WELCOME = re.compile(rb"[0-9]{1,5} welcome proto=([0-9]{1,4}) table=([0-9]{1,10}) version=([0-9]{1,6})[ \n]")


@dataclass(frozen=True)
class Welcome:
    """Welcome says who answered, and the ceilings it holds to. Its fields are those of message `welcome`."""

    proto: int
    table: int
    version: int
    simulated: int
    serial: int
    boot: int
    depth_cap_um: int
    dose_max_nl: int
    period_min_us: int
    flow_max_nl_s: int


def hello(link: Link) -> Welcome:
    """Opens the conversation with a gun that speaks exactly as we do. Else raises Refused that names both versions, or NoGun."""
    heard = link.bytes_heard
    try:
        welcome = Welcome(**link.ask("hello", proto=messages.PROTO))
    except DeviceRefused as refused:
        if refused.code != refusals.OTHER_PROTO:
            raise
        raise _other_version(f"protocol {refused.high}", refused.high > messages.PROTO) from refused
    except LinkLost as lost:
        if found := _WELCOME.match(link.last_bad):
            raise _version_of(*map(int, found.groups())) from lost
        if not isinstance(lost.__cause__, OSError) and _at_prompt(link):
            what = "a board at MicroPython's prompt: no firmware of mesogun runs on it"
            remedy = f"Give it one: mesogun flash --port {link.url}. When it has one, plug it in without holding its clear button"
            raise AtPrompt(Problem("port", link.url, what, remedy)) from lost
        what = "nothing answers: no mesogun, or it is switched off"
        if link.bytes_heard > heard:
            what = "something answers that is no mesogun"
        elif isinstance(lost.__cause__, OSError):
            what = "the other end hung up: another program is using it, or it is no mesogun"
        raise NoGun(Problem("port", link.url, what, "Check the name of the port, the cable and the gun")) from lost
    if welcome.proto != messages.PROTO or welcome.table != HASH:
        raise _version_of(welcome.proto, welcome.table, welcome.version)
    return welcome


def _at_prompt(link: Link) -> bool:
    """Tells whether MicroPython asks for a line there. It is let finish the one that our hellos were, and leave its raw mode.

    Our line is none of Python's, so nothing is done; a program that runs on the board is not interrupted.
    """
    try:
        return link.heard_after(b"\r\x02", PROMPT_S).rstrip().endswith(b">>>")
    except LinkLost:
        return False


def _version_of(proto: int, table: int, version: int) -> Refused:
    ours = tuple(int(part) for part in __version__.split(".")[:3])
    theirs = (version // 10_000, version // 100 % 100, version % 100)
    says = f"firmware {'.'.join(map(str, theirs))}, protocol {proto}, table {table:08x}"
    if proto == messages.PROTO and theirs == ours:
        return _other_version(says, None)
    return _other_version(says, (proto, theirs) > (messages.PROTO, ours))


def _other_version(says: str, newer: bool | None) -> Refused:
    we = f"mesogun {__version__} here speaks protocol {messages.PROTO}, table {HASH:08x}"
    remedy = {
        True: "The firmware is newer than this mesogun: update mesogun on the laptop",
        False: "The firmware is older than this mesogun: flash the gun with the firmware that came with it",
        None: "Both have the same number but not the same source: install one release on both sides",
    }[newer]
    return Refused(Problem("gun", says, we, remedy))
