"""What the audit lets through moves exactly as asked; what moves otherwise, by however little, it refuses."""

import ast
import inspect
from dataclasses import replace
from math import floor

import numpy as np
import pytest
from rigs.marks import mostly_slow
from rigs.strokes import GUN, Shot, compiled, entry, exact_steps, longer, played

from mesogun_fw import limits
from mesogun_fw.config import Description
from mesogun_fw.stroke import audit as audit_module
from mesogun_fw.stroke.audit import Audit, AuditFailed
from mesogun_fw.stroke.language import ENTRIES, TIME_SHIFT, Settings, Stroke
from mesogun_fw.stroke.retreat import NEEDLE_DIR

SMALL = Shot(depth_um=200, needle_um_s=40_000, dose_nl=2_000, flow_nl_s=100_000, dwell_us=1_000)
LARGE = Shot(depth_um=9_000, dose_nl=10_000)


def passes(stroke: Stroke, shot: Shot) -> bool:
    try:
        Audit(stroke, shot.settings(), GUN)
    except AuditFailed:
        return False
    return True


def as_asked(stroke: Stroke, shot: Shot) -> bool:
    """Whether the pins do what the settings say: to depth and home, the dose while at depth, in one period."""
    period_us = shot.settings().period_us
    for variant in (0, 1):
        did = played(stroke, variant)
        positions = did.positions()
        at_dose = positions[np.searchsorted(did.needle_us, did.plunger_us)]
        deepest = shot.depth_um * 1000 // GUN.needle_nm_per_step
        if (positions.max(), positions.min(), positions[-1], did.duration_us) != (deepest, 0, 0, period_us):
            return False
        if len(at_dose) != floor(exact_steps(shot)) + variant or (at_dose != deepest).any():
            return False
    return True


def played_words(stroke: Stroke) -> set[int]:
    """Places of the words that either variant plays."""
    places: set[int] = set()
    for variant in (0, 1):
        for place in range(ENTRIES):
            offset, length, times = entry(stroke, place, variant)
            places.update(range(offset, offset + length) if times else ())
    return places


def test_no_pin_of_any_word_can_be_changed() -> None:
    stroke = compiled(SMALL)
    honest = [played(stroke, variant) for variant in (0, 1)]
    for place in played_words(stroke):
        for pin in range(TIME_SHIFT):
            stroke.words[place] ^= 1 << pin
            if passes(stroke, SMALL):
                assert 1 << pin == NEEDLE_DIR
                assert all(played(stroke, variant).same_moves(honest[variant]) for variant in (0, 1))
            stroke.words[place] ^= 1 << pin


def test_no_hold_of_any_word_can_be_changed() -> None:
    stroke = compiled(SMALL)
    for place in played_words(stroke):
        for by_us in (-1, 1):
            longer(stroke, place, by_us)
            assert not passes(stroke, SMALL)
            longer(stroke, place, -by_us)


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("by", mostly_slow([-2, -1, 1, 2]))
def test_no_figure_of_any_list_entry_can_be_changed(variant: int, by: int) -> None:
    for shot in (SMALL, LARGE):
        stroke = compiled(shot)
        listed = stroke.lists[variant]
        for i in range(len(listed)):
            if listed[i] + by >= 0:
                listed[i] += by
                assert as_asked(stroke, shot) or not passes(stroke, shot), (i // 3, i % 3)
                listed[i] -= by


def test_no_two_blocks_can_be_swapped() -> None:
    for i in range(ENTRIES):
        for j in range(i):
            stroke = compiled(LARGE)
            for listed in stroke.lists:
                listed[3 * i : 3 * i + 3], listed[3 * j : 3 * j + 3] = listed[3 * j : 3 * j + 3], listed[3 * i : 3 * i + 3]
            assert as_asked(stroke, LARGE) or not passes(stroke, LARGE), (i, j)


@pytest.mark.parametrize("asked", [{"dose_nl": 10_100}, {"dose_nl": 9_900}, {"depth_um": 8_900}, {"period_us": 300_001}])
def test_an_honest_stroke_for_something_else_than_asked_is_refused(asked: dict[str, int]) -> None:
    shot = replace(LARGE, period_us=300_000)
    assert not passes(compiled(shot), replace(shot, **asked))


def test_the_cap_holds_even_when_more_was_asked_for() -> None:
    shot = Shot(depth_um=limits.DEPTH_CAP_UM + 100)
    with pytest.raises(AuditFailed, match="the needle would go too deep"):
        Audit(compiled(shot), shot.settings(), GUN)
    shot = Shot(depth_um=limits.DEPTH_CAP_UM)
    assert Audit(compiled(shot), shot.settings(), GUN).deepest_um == limits.DEPTH_CAP_UM


def test_the_audit_shares_no_code_with_the_compiler() -> None:
    tree = ast.parse(inspect.getsource(audit_module))
    taken = {(node.module, alias.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert taken == {
        ("array", "array"),
        ("mesogun_fw", "limits"),
        ("mesogun_fw.talk", "messages"),
        ("mesogun_fw.config", "Description"),
        ("mesogun_fw.shim", "micropython"),
        ("mesogun_fw.shim", "ptr32"),
        ("mesogun_fw.stroke.language", "Settings"),
        ("mesogun_fw.stroke.language", "Stroke"),
    }
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    assert {node.attr for node in attributes if ast.unparse(node.value) == "messages"} == {"PNEUMATIC", "RETROGRADE"}
    used = {node.attr for node in attributes if ast.unparse(node.value) in ("self._stroke", "stroke")}
    assert used == {"words", "lists", "first", "length", "leave", "entry", "leave_us", "entry_us", "list_us"}
    assert not [name for name in vars(Settings) if not name.startswith("_")]
    assert [name for name in vars(Description) if not name.startswith("_")] == ["figures"]
    assert "figures" not in {node.attr for node in attributes}
