"""A gun at rest, and one that has made shots of the second of two passes: made once, and copied for every test that asks."""

from functools import cache

from mesogun_fw import limits
from mesogun_fw.device.refusal import NotYet, Refusal
from mesogun_fw.device.requests import REQUESTS
from mesogun_fw.device.rows import Asked
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import SINGLE
from rigs.rig import BORE_UM, Fields, Rig, a_pass

FRESH_MS = limits.TRIGGER_RELEASED_MS + 50
TAG = 4_711
FIRST = a_pass(0, mode=SINGLE, shots=2, depth_um=1_000, dose_nl=4_000, period_us=300_000)
SECOND = a_pass(1, mode=SINGLE, shots=3, depth_um=3_000, dose_nl=12_000, period_us=410_000)
BEGIN = [2, BORE_UM, 5_000_000, limits.FLOW_MAX_NL_S]
DIGEST = frames.digest([frames.body("begin", BEGIN), frames.body("pass", FIRST), frames.body("pass", SECOND)])


@cache
def _homed() -> Rig:
    rig = Rig()
    rig.home()
    rig.wait(100)
    return rig


def press(rig: Rig, ms: int = 600) -> None:
    """A fresh press, held for so long once it is one."""
    rig.press(in_ms=FRESH_MS)
    rig.wait(FRESH_MS + ms)
    rig.release()
    rig.wait(100)


@cache
def _second_pass() -> Rig:
    rig = homed()
    rig.ask("begin", *BEGIN)
    rig.ask("pass", *FIRST)
    rig.ask("pass", *SECOND)
    assert rig.ask("commit", DIGEST, TAG)[0] == "program"
    rig.arm(1)
    rig.touch()
    press(rig, 60)
    press(rig)
    return rig


def homed() -> Rig:
    """Homed and idle, nothing loaded; a gun of its own."""
    return _homed().again()


def second_pass() -> Rig:
    """Of the second pass, which is armed, one shot was cut short and one is whole; nothing was made of the first."""
    return _second_pass().again()


def status(rig: Rig) -> Fields:
    return rig.ask("beat", rig.last_event)[1]


def past_the_wire(rig: Rig, name: str, *values: int) -> list[int]:
    """The refusal of a request with values that no line may have: what the device itself says of them."""
    asked = Asked()
    asked.name = name
    asked.values = [1, *values]
    for _ in range(10):  # a stroke takes several turns
        try:
            said = REQUESTS[name](rig.device, asked)
        except NotYet:
            continue
        except Refusal as refusal:
            return list(refusal.row(name))
        raise AssertionError(f"done, and answered with {said}")
    raise AssertionError("neither done nor refused")
