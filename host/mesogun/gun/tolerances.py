"""So far may what is measured be off before the gun itself calls it wrong: its own limits, for who holds it to them."""

from mesogun_fw import limits
from mesogun_fw.config import Description


def depth_tolerance_um(commanded_um: int) -> int:
    return max(limits.DEPTH_ERROR_UM, commanded_um * limits.DEPTH_ERROR_PERCENT // 100)


def dose_tolerance_nl(commanded_nl: int) -> int:
    if 0 < commanded_nl < 2 * limits.DOSE_ERROR_NL:
        return commanded_nl // 2
    return max(limits.DOSE_ERROR_NL, commanded_nl * limits.DOSE_ERROR_PERCENT // 100)


def plunger_step_nl(description: Description, bore_um: int) -> int:
    """Returns what one step gives out of a syringe of this bore, rounded up."""
    return _swept_nl(description.plunger_nm_per_step, bore_um)


def plunger_still_nl(bore_um: int) -> int:
    """Returns what a plunger that stands still may seem to give, or to take back, by the noise of its encoder."""
    return _swept_nl(limits.PLUNGER_STILL_NM, bore_um)


def _swept_nl(travel_nm: int, bore_um: int) -> int:
    return bore_um * bore_um * travel_nm * 355 // (452 * 10**9) + 1
