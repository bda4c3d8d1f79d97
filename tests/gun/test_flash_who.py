"""Whether a board takes our firmware, by what it says of itself: each reason not to refuses alone, and just enough is enough."""

import json
from typing import Any

import pytest

from mesogun.gun.flash.board import ARCHITECTURES, CHIPS, OLDEST, contents_of, who_is
from mesogun.gun.flash.built import compiler
from mesogun.refusal import Refused

PICO, PICO_2 = "Raspberry Pi Pico with RP2040", "Raspberry Pi Pico2 with RP2350"
STORED = {
    "in_use": "/mesogun-a", "version": 100, "spare": "/mesogun-b", "block_bytes": 4_096, "free_bytes": 500_000,
    "file_system": "<VfsLfs2 object>", "boot_py": False,
}  # fmt: skip


def mpy(march: str, version: int | None = None, sub: int | None = None) -> int:
    """sys.implementation._mpy of a MicroPython built for this."""
    ours = compiler()
    version, sub = ours[0] if version is None else version, ours[1] if sub is None else sub
    return version | sub << 8 | ARCHITECTURES.index(march) << 10


class Says:
    """A raw REPL whose board says this, whatever it is asked."""

    port = "fake"

    def __init__(self, what: dict[str, Any], **changed: Any) -> None:
        self._what = json.dumps({**what, **changed})

    def run(self, code: str) -> str:
        return self._what + "\r\n"


def who(**changed: Any) -> Any:
    well = {
        "implementation": "micropython",
        "release": [*OLDEST, 0],
        "mpy": mpy("armv6m"),
        "machine": PICO,
        "maxsize": (1 << 30) - 1,
    }
    return who_is(Says(well, **changed))  # type: ignore[arg-type]


def test_the_oldest_micropython_on_either_chip_is_enough() -> None:
    assert who().march == "armv6m"
    assert who().small_int_bits == 30
    assert who(machine=PICO_2, mpy=mpy("armv7emsp")).march == "armv7emsp"
    assert who(release=[OLDEST[0] + 1, 0, 0])
    assert CHIPS == {"RP2040": "armv6m", "RP2350": "armv7emsp"}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"implementation": "circuitpython"}, "it runs circuitpython"),
        ({"release": [OLDEST[0], OLDEST[1] - 1, 99]}, "and newer"),
        ({"release": [OLDEST[0] - 1, 99, 0]}, "and newer"),
        ({"machine": "ESP32 module with ESP32"}, "RP2040 and RP2350 only"),
        ({"mpy": mpy("armv7emsp")}, "built for armv7emsp"),
        ({"machine": PICO_2}, "built for armv6m"),
        ({"mpy": mpy("armv6m", version=7)}, "version 7"),
        ({"mpy": mpy("armv6m", sub=(compiler()[1] + 1) % 4)}, "loads .mpy files"),
        ({"mpy": "6"}, "does not tell what it is"),
    ],
    ids=[
        "another Python",
        "older",
        "much older",
        "another chip",
        "the other's code",
        "the other's chip",
        "version",
        "sub",
        "no number",
    ],
)
def test_each_reason_why_a_board_cannot_run_it_refuses_alone(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told):
        who(**changed)


@pytest.mark.parametrize("in_use", ["", "/mesogun-a", "/mesogun-b"])
def test_a_board_with_nothing_or_a_version_of_ours_is_taken(in_use: str) -> None:
    assert contents_of(Says(STORED, in_use=in_use)).in_use == in_use  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"file_system": "<VfsFat object>"}, "littlefs only"),
        ({"boot_py": True}, "before the pins are safe"),
        ({"in_use": "foreign"}, "no mesogun"),
        ({"spare": "/mesogun-c"}, "does not tell what it is"),
    ],
)
def test_each_reason_why_a_board_is_not_written_to_refuses_alone(changed: dict[str, Any], told: str) -> None:
    with pytest.raises(Refused, match=told):
        contents_of(Says(STORED, **changed))  # type: ignore[arg-type]
