"""Everything that can break on the simulated gun, by name, from a given time on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mesogun_sim.desk import Desk


@dataclass(frozen=True)
class Fault:
    """`name` is a key of FAULTS; it happens at `at_ms` of device time and, for hands and inputs, ends at `until_ms`."""

    name: str
    at_ms: int
    until_ms: int | None = None


def _set(owner: str, field: str, value: int) -> Callable[["Desk", Fault], None]:
    def happen(desk: "Desk", fault: Fault) -> None:
        target = desk.board if owner == "board" else getattr(desk.board, owner)
        setattr(target, field, value)

    return happen


def _since(owner: str, field: str) -> Callable[["Desk", Fault], None]:
    return lambda desk, fault: setattr(getattr(desk.board, owner), field, fault.at_ms * 1000)


def _desk(field: str, value: bool) -> Callable[["Desk", Fault], None]:
    return lambda desk, fault: setattr(desk, field, value)


FAULTS: dict[str, tuple[str, Callable[["Desk", Fault], None], Callable[["Desk", Fault], None] | None]] = {
    "needle-runaway": ("the driver flies outwards at full speed while energised", _since("needle", "runaway_us"), None),
    "needle-stall": ("the needle stops following its steps", _since("needle", "stalled_us"), None),
    "needle-scale": ("20 % more travel a step than described", _set("needle", "scale_ppm", 1_200_000), None),
    "plunger-stall": ("the plunger stops following its steps", _since("plunger", "stalled_us"), None),
    "plunger-pushed": ("a hand pushes the plunger by 0.1 mm", _set("plunger", "pushed_nm", 100_000), None),
    "home-stuck": ("the home switch stays closed", _set("board", "home_stuck", 1), None),
    "home-open": ("the home switch stays open", _set("board", "home_stuck", 0), None),
    "trigger-a-stuck": ("one trigger contact stays closed", _set("board", "trigger_a_stuck", 1), None),
    "lift": ("the gun leaves the skin", _set("board", "contact_a", 0), _set("board", "contact_a", 1)),
    "estop": ("the emergency stop is pressed", _set("board", "estop", 1), _set("board", "estop", 0)),
    "clear": ("the clear button is pressed", _set("board", "clear", 1), _set("board", "clear", 0)),
    "tick-late": ("the guard comes 5 ms late", _set("board", "late_us", 5_000), _set("board", "late_us", 0)),
    "guard-dead": ("the guard does not run any more", _desk("guard_runs", False), None),
    "loop-dead": ("the device loop does not run any more", _desk("loop_runs", False), None),
    "link-down": ("no byte passes the cable", _desk("link_up", False), _desk("link_up", True)),
}


def parse(text: str) -> Fault:
    """`name@ms` or `name@ms-ms`. Raises ValueError that says what is possible."""
    name, _, when = text.partition("@")
    start, _, end = when.partition("-")
    if name not in FAULTS or not start.isdigit() or (end and not end.isdigit()):
        raise ValueError(f"{text!r}: a fault is name@ms or name@ms-ms, names: {', '.join(FAULTS)}")
    if end and FAULTS[name][2] is None:
        raise ValueError(f"{text!r}: {name} does not end by itself")
    return Fault(name, int(start), int(end) if end else None)
