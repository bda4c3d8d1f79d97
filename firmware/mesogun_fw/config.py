"""This is what the gun is made of: steps, speeds, accelerations. It describes the hardware and limits nothing (limits.py does).

Names, units and plausible ranges are the row `gun` of the table of messages, in which the device tells them to the host.
"""

from mesogun_fw import limits
from mesogun_fw.talk import messages
from mesogun_fw.talk.messages import GUN

# This is the reference design, in the order of row GUN.
REFERENCE = (10_000, 300_000, 30_000, 7_500, 625, 20_000, 2_000, 70_000, 5_000, 500, messages.STEPPER, 20_000, 25_000, 5_000, 5_000)


class Description:
    """One gun's description has an attribute per field of GUN. It raises ValueError naming a figure that is not plausible."""

    needle_nm_per_step: int
    needle_um_s: int
    needle_out_mm_s2: int
    needle_brake_mm_s2: int
    plunger_nm_per_step: int
    plunger_um_s: int
    plunger_mm_s2: int
    plunger_travel_um: int
    needle_encoder_nm: int
    plunger_encoder_nm: int
    drive: int
    valve_out_us: int
    valve_back_us: int
    stop_nm_per_step: int
    stop_um_s: int

    def __init__(self, figures: "tuple[int, ...]" = REFERENCE) -> None:
        if len(figures) != len(GUN):
            raise ValueError("%d figures, not %d" % (len(GUN), len(figures)))
        for (name, low, high), value in zip(GUN, figures):
            if not low <= value <= high:
                raise ValueError("%s=%d is outside %d..%d" % (name, value, low, high))
            setattr(self, name, value)
        if limits.DEPTH_STEP_UM * 1000 % self.needle_nm_per_step:
            raise ValueError("needle_nm_per_step=%d does not divide a depth step of 0.1 mm" % self.needle_nm_per_step)
        if limits.DEPTH_STEP_UM * 1000 % self.stop_nm_per_step:
            raise ValueError("stop_nm_per_step=%d does not divide a depth step of 0.1 mm" % self.stop_nm_per_step)
        if self.needle_out_mm_s2 < 4 * self.needle_brake_mm_s2:
            raise ValueError("needle_brake_mm_s2=%d is more than a quarter of needle_out_mm_s2" % self.needle_brake_mm_s2)

    def figures(self) -> "tuple[int, ...]":
        return tuple([getattr(self, field[0]) for field in GUN])


def supply_min_mv(description: Description) -> int:
    """Below this the gun stops. What it measures is the motors' supply or, driven by air, the logic's."""
    return limits.SUPPLY_LOGIC_MIN_MV if description.drive == messages.PNEUMATIC else limits.SUPPLY_MIN_MV
