"""Strokes for the audit, and what it says of one."""

from dataclasses import replace

import pytest

from mesogun_fw.config import Description
from mesogun_fw.stroke.audit import Audit, AuditFailed
from mesogun_fw.stroke.dose import BODY_US
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.talk.messages import CONSTANT_FLOW
from rigs.strokes import GUN, Shot

SHOT = Shot(depth_um=4_000, dose_nl=10_000, dwell_us=10_000, period_us=300_000)
DRY = replace(SHOT, dose_nl=0)
FLOWING = replace(SHOT, mode=CONSTANT_FLOW, dose_nl=20_000, flow_nl_s=200_000, period_us=BODY_US)
CRAWLING = Shot(depth_um=4_000, needle_um_s=5_000, dose_nl=0, period_us=2_000_000)
HOW_DEEP = "the needle would go too deep, or behind home"


def refused(stroke: Stroke, shot: Shot, gun: Description = GUN) -> str:
    """Why the audit refuses it."""
    with pytest.raises(AuditFailed) as failed:
        Audit(stroke, shot.settings(gun), gun)
    return str(failed.value)


def passed(stroke: Stroke, shot: Shot, gun: Description = GUN) -> Audit:
    return Audit(stroke, shot.settings(gun), gun)
