"""What a host and a hand do with the whole gun: home, load, arm, press; and what must be seen then."""

from collections.abc import Callable
from itertools import pairwise

from mesogun_fw.boards.pico import pins
from mesogun_fw.guard.cells import ONE_STEP
from mesogun_fw.stroke.language import PLUNGER_STEP
from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import CONTINUOUS, IDLE, RUNNING, UNHOMED

from . import machine_of_tests as machine
from .gun import Gun
from .walk import changes, whole

CYCLES_MS = 5_000
PERIOD_MS = 100
DEPTH_UM = 400
DOSE_NL = 1_000
STEP_NL = 71.394  # of the plunger, in a syringe of 12.06 mm
BEGIN = [1, 12_060, 5_000_000, 500_000]
SERIAL = int.from_bytes(machine.unique_id(), "big") & 0x7FFFFFFFFFFF

Assemble = Callable[..., Gun]


def homed(gun: Gun) -> Gun:
    """Greeted, and homed by a press in the air."""
    assert gun.ask("hello", 1)[1]["serial"] == SERIAL
    assert gun.ask("home")[0] == "state"
    gun.run(210)
    gun.press()
    gun.until(lambda: gun.device.state == IDLE)
    gun.press(False)
    return gun


def armed(gun: Gun, shots: int = 5, mode: int = CONTINUOUS, dose_nl: int = DOSE_NL, period_ms: int = PERIOD_MS) -> Gun:
    """Homed, loaded and armed, standing on the skin, ready for a press."""
    if gun.device.state == UNHOMED:
        homed(gun)
    one = [0, mode, shots, 1, DEPTH_UM, 300_000, dose_nl, 100_000, 2_000, 1_000 * period_ms]
    digest = frames.digest([frames.body("begin", BEGIN), frames.body("pass", one)])
    for name, values in (("begin", BEGIN), ("pass", one)):
        assert gun.ask(name, *values) == ("ok", {})
    assert gun.ask("commit", digest, 0)[0] == "program"
    assert gun.ask("arm", 0)[0] == "armed"
    gun.stand()
    gun.run(210)
    return gun


def running(gun: Gun, for_ms: int = 1) -> int:
    """Press, and so many milliseconds of shots; the cycle at which the first word was put."""
    before = len(gun.chip.pins)
    gun.press()
    gun.until(lambda: gun.device.state == RUNNING)
    gun.run(for_ms)
    first, _ = changes(whole(gun.device.strokes[0], 0))[0]
    return gun.chip.pins[before][0] - first


def changes_since(gun: Gun, began: int) -> list[tuple[int, int]]:
    return [(cycle - began, level) for cycle, level in gun.chip.pins if cycle >= began]


def variants(gun: Gun, count: int) -> list[int]:
    """Which doses are a step larger, so that their sum never drifts."""
    part = gun.device.strokes[0].figures.dose.part  # type: ignore[attr-defined]
    sums = [(ONE_STEP // 2 + n * part) >> 20 for n in range(count + 1)]
    return [after - before for before, after in pairwise(sums)]


def is_safe(gun: Gun) -> bool:
    """No power, no pulse, needle home."""
    return not machine.levels[pins.ENABLE] and not gun.chip.levels & (NEEDLE_STEP | PLUNGER_STEP) and gun.needle.nm == 0
