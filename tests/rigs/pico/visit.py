"""A visit in which everything happens that a tick can have to do, and what each tick of it cost."""

from collections.abc import Callable

from mesogun_fw.boards.pico import pins
from mesogun_fw.guard.cells import BACK, GRANTED, LATCHED, LIMPING, LISTS, NATURAL, OFF, PHASE, RELIEVED, RUN, WAIT
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.drive import compile
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk.messages import ARMED, CONSTANT_FLOW, FAULTED, IDLE, RETROGRADE, STOPPED
from mesogun_sim.desk import described_with

from . import machine_of_tests as machine
from .axis import NEVER_NM
from .gun import Gun
from .processor import CLOCK_MHZ, Processor
from .session import armed, homed, running

LIMIT_US = 100
STROKE_LIMIT_MS = 100
RELEASES_MS = (1, 3, 5, 8, 12, 14, 18, 22, 26, 60)

# What a tick did, by the guard's cells before and after it; the first that fits.
Row = list[int]
KINDS: dict[str, Callable[[Row, Row], bool]] = {
    "a press starts shots": lambda was, now: was[PHASE] == WAIT and now[PHASE] == RUN,
    "the plunger goes back after an occlusion": lambda was, now: now[RELIEVED] > was[RELIEVED],
    "power off, pins halted": lambda was, now: now[LIMPING] > was[LIMPING],
    "a stroke is left to its own way home": lambda was, now: was[PHASE] == RUN and now[PHASE] == BACK and now[NATURAL] == 1,
    "a stroke is left by the prepared way back": lambda was, now: was[PHASE] == RUN and now[PHASE] == BACK,
    "the next shot is granted": lambda was, now: now[GRANTED] > was[GRANTED],
    "the next shot begins": lambda was, now: now[LISTS] > was[LISTS],
    "a press is over": lambda was, now: was[PHASE] == RUN and now[PHASE] in (WAIT, OFF),
    "the needle is home after a stop": lambda was, now: was[PHASE] == BACK and now[PHASE] != BACK,
    "locked": lambda was, now: now[PHASE] == LATCHED,
    "waiting for a press": lambda was, now: now[PHASE] == WAIT,
    "a shot in the air": lambda was, now: now[PHASE] in (RUN, BACK),
    "nothing armed": lambda was, now: True,
}

# 200 ul from a 1 ml syringe at 10 mm, as fast as it goes; the most words, withdrawing; by air.
LONG = (
    ("stepper", Settings(10_000, 300_000, 200_000, 1_000_000, 5_000, 5_000_000, 4_780)),
    ("stepper", Settings(10_000, 300_000, 50_000, 100_000, 0, 5_000_000, 4_780, RETROGRADE)),
    ("pneumatic", Settings(10_000, 300_000, 200_000, 1_000_000, 5_000, 5_000_000, 4_780)),
)


def visit(gun: Gun) -> None:
    """Homing; releases in every part of a shot; a lift; a new setting; constant flow; an occlusion; the emergency stop."""
    armed(gun, shots=100)
    for ms in (*RELEASES_MS, 230):
        running(gun, ms)
        gun.press(False)
        gun.run(230)
    running(gun, 30)
    gun.stand(False)
    gun.run(50)
    gun.press(False)
    gun.stand()
    gun.run(230)
    running(gun, 130)
    assert gun.ask("adjust", 300, 200_000, 0, 100_000, 0, 120_000)[0] == "armed"
    gun.run(250)
    gun.press(False)
    gun.run(50)
    assert gun.device.state == ARMED
    gun.ask("disarm")

    armed(gun, 20, CONSTANT_FLOW, 10_000, 1_000)
    running(gun, 1_200)
    gun.press(False)
    gun.run(50)
    gun.ask("disarm")

    armed(gun, 1, dose_nl=1_000)
    running(gun)
    gun.until(lambda: gun.device.state == IDLE)
    gun.press(False)

    armed(gun, dose_nl=5_000, period_ms=150)
    running(gun)
    gun.plunger.sticks_at_nm = gun.plunger.nm + 20_000
    gun.until(lambda: gun.device.state == FAULTED)
    gun.run(50)
    gun.plunger.sticks_at_nm = NEVER_NM
    clear(gun)

    homed(gun)
    armed(gun)
    running(gun, 20)
    gun.switch(pins.ESTOP, closed=False)
    gun.run(50)
    assert gun.device.state == STOPPED
    gun.switch(pins.ESTOP, closed=True)
    clear(gun)


def clear(gun: Gun) -> None:
    gun.press(False)
    gun.stand(False)
    gun.run(230)
    gun.switch(pins.CLEAR, closed=True)
    gun.run(30)
    gun.switch(pins.CLEAR, closed=False)
    gun.run(5)


def priced(gun: Gun, processor: Processor, shares: list[float] | None = None) -> dict[str, list[float]]:
    """From now on: microseconds of every tick, by what it did; into `shares` goes what part of each is machine code."""
    found: dict[str, list[float]] = {}
    tick: Callable[[object], None] = machine.timers[0]
    cells = gun.board.inputs

    def measured(timer: object) -> None:
        processor.cycles = 0
        processor.own.clear()
        was = list(cells)
        tick(timer)
        kind = next(kind for kind, fits in KINDS.items() if fits(was, list(cells)))
        found.setdefault(kind, []).append(processor.cycles / CLOCK_MHZ)
        if shares is not None:
            shares.append(sum(processor.own.values()) / processor.cycles)

    machine.timers[0] = measured
    return found


def longest_strokes(processor: Processor) -> list[float]:
    """Milliseconds of machine code in which strokes of many words are compiled and audited."""
    found = []
    for drive, settings in LONG:
        processor.cycles = 0
        stroke = Stroke()
        compile(stroke, settings, described_with(drive))
        Audit(stroke, settings, described_with(drive))
        found.append(processor.cycles / CLOCK_MHZ / 1_000)
    return found
