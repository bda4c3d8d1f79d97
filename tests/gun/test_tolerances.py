"""The host holds a gun to the limits to which the gun holds itself."""

import pytest
from rigs.rig import BORE_UM, Rig, a_pass

from mesogun.gun.tolerances import dose_tolerance_nl
from mesogun_fw import limits
from mesogun_fw.device.swept import swept_nl
from mesogun_fw.guard.cells import EXPECTED
from mesogun_fw.guard.expected import DOSE_TOLERANCE_NM


@pytest.mark.parametrize(
    ("dose_nl", "off_nl"), [(0, 1_000), (limits.DOSE_MIN_NL, 500), (1_900, 950), (2_000, 1_000), (20_000, 1_000), (200_000, 10_000)]
)
def test_a_dose_may_be_off_by_a_microlitre_or_five_percent_and_by_half_at_most(dose_nl: int, off_nl: int) -> None:
    rig = Rig().ready(a_pass(dose_nl=dose_nl, shots=1, period_us=limits.PERIOD_MAX_US))
    cells = rig.device.guard.cells
    assert dose_tolerance_nl(dose_nl) == off_nl
    assert abs(swept_nl(cells[cells[EXPECTED] + DOSE_TOLERANCE_NM], BORE_UM) - off_nl) <= 1
