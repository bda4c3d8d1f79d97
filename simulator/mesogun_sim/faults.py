"""Everything that can break on the simulated gun breaks by name, from a given time on."""

from dataclasses import dataclass

THEN = -1  # it stands for the moment it happens, in microseconds


@dataclass(frozen=True)
class Breakage:
    """This breaks: `field` of a `part` of Desk.schedule becomes `broken`, and `mended` when it ends."""

    what: str
    part: str
    field: str
    broken: int
    mended: int | None = None


BREAKAGES = {
    "needle-runaway": Breakage(
        "the motor accelerates outwards while energised, whatever the pins say", "needle", "runaway_us", THEN
    ),
    "needle-stall": Breakage("the needle stops following its steps", "needle", "stalled_us", THEN),
    "needle-scale": Breakage("20 % more travel a step than described", "needle", "scale_ppm", 1_200_000),
    "plunger-stall": Breakage("the plunger stops following its steps", "plunger", "stalled_us", THEN),
    "plunger-pushed": Breakage("a hand pushes the plunger by 0.1 mm", "plunger", "pushed_nm", 100_000),
    "occlusion": Breakage("needle or line is blocked: nothing comes out", "fluid", "blocked_us", THEN, -1),
    "syringe-out": Breakage("the syringe is taken out", "board", "syringe", 0, 1),
    "supply-low": Breakage("the supply sags to a third", "board", "supply_mv", 1_700),
    "too-hot": Breakage("the controller gets 85 C hot", "board", "temperature_c", 85),
    "air-low": Breakage("the air falls to 200 kPa (pneumatic)", "board", "pressure_kpa", 200),
    "air-weak": Breakage("the air throws the needle at a tenth of its speed (pneumatic)", "needle", "slow_ppm", 100_000),
    "stop-slips": Breakage("the depth stop gives way by 0.5 mm (pneumatic)", "axis", "stop_slip_um", 500),
    "home-stuck": Breakage("the home switch stays closed", "board", "home_stuck", 1),
    "home-open": Breakage("the home switch stays open", "board", "home_stuck", 0),
    "trigger-a-stuck": Breakage("one trigger contact stays closed", "board", "trigger_a_stuck", 1),
    "lift": Breakage("the gun leaves the skin", "board", "contact_a", 0, 1),
    "estop": Breakage("the emergency stop is pressed", "board", "estop", 1, 0),
    "clear": Breakage("the clear button is pressed", "board", "clear", 1, 0),
    "tick-late": Breakage("the guard comes 5 ms late", "board", "late_us", 5_000, 0),
    "guard-dead": Breakage("the guard does not run any more", "desk", "guard_runs", False),
    "loop-dead": Breakage("the device loop does not run any more", "desk", "loop_runs", False),
    "link-down": Breakage("no byte passes the cable", "desk", "link_up", False, True),
}


@dataclass(frozen=True)
class Fault:
    """`name` is a key of BREAKAGES; it happens at `at_ms` of device time and, where it can, ends at `until_ms`."""

    name: str
    at_ms: int
    until_ms: int | None = None

    @property
    def breakage(self) -> Breakage:
        return BREAKAGES[self.name]

    @property
    def broken(self) -> int:
        """The field becomes this."""
        return self.at_ms * 1000 if self.breakage.broken == THEN else self.breakage.broken


def parse(text: str) -> Fault:
    """The text is `name@ms` or `name@ms-ms`. It raises ValueError that says what is possible."""
    name, _, when = text.partition("@")
    start, _, end = when.partition("-")
    if name not in BREAKAGES or not start.isdigit() or (end and not end.isdigit()):
        raise ValueError(f"{text!r}: a fault is name@ms or name@ms-ms, names: {', '.join(BREAKAGES)}")
    if end and BREAKAGES[name].mended is None:
        raise ValueError(f"{text!r}: {name} does not end by itself")
    return Fault(name, int(start), int(end) if end else None)
