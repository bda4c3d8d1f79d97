"""A shot is exactly one of four kinds, by its flags alone; all but the partial one fill their place."""

from mesogun_fw.talk.codes import (
    CUT_SHORT,
    DEPTH_OFF,
    DOSE_OFF,
    PARTIAL,
    SHOT_KINDS,
    UNCERTAIN,
    UNKNOWN,
    WHOLE,
    WRONG,
    kind_of,
)


def test_every_shot_is_of_one_kind() -> None:
    off = (DEPTH_OFF, DOSE_OFF, DEPTH_OFF | DOSE_OFF)
    assert kind_of(0) == WHOLE
    assert {kind_of(flags) for flags in off} == {WRONG}
    assert {kind_of(PARTIAL | flags) for flags in (0, *off)} == {CUT_SHORT}
    assert {kind_of(UNCERTAIN | flags) for flags in (0, PARTIAL, *off)} == {UNKNOWN}
    assert [SHOT_KINDS[kind] for kind in (WHOLE, CUT_SHORT, WRONG, UNKNOWN)] == ["whole", "partial", "wrong", "uncertain"]
