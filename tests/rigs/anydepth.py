"""A table of messages that takes depths which no gun makes: for tests of one net with the others switched off."""

from array import array

import pytest

from mesogun_fw.talk import lines, table
from mesogun_fw.talk.messages import BY_NAME, MESSAGES

DEPTH_FIELDS = ("depth_um", "deepest_um", "commanded_depth_um")


def any_depth(patch: pytest.MonkeyPatch, deepest_um: int) -> None:
    """Every message takes depths up to this, on both sides."""
    ranges = array("i", table.RANGES)
    at = 0
    for name, way, fields in MESSAGES:
        at += 2  # of the sequence number
        for field, _, _ in fields:
            if field in DEPTH_FIELDS:
                ranges[at + 1] = deepest_um
            at += 2
        wide = tuple((field, low, deepest_um if field in DEPTH_FIELDS else high) for field, low, high in fields)
        patch.setitem(BY_NAME, name, (name, way, wide))
    patch.setattr(table, "RANGES", ranges)
    templates, places, _, *scratch = lines.TABLES
    patch.setattr(lines, "TABLES", (templates, places, ranges, *scratch))
