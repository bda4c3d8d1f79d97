"""A needle held at an angle ends less deep than it is long: that is shown, and nothing else follows from it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from rigs.clinical import FACE, FILES, in_area, of, with_pass

from mesogun.cli import mesogun
from mesogun.clinical.explain import explain
from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import read_protocol
from mesogun.refusal import Refused

DRAW = FILES["fine-lines"]


def call(*arguments: str) -> str:
    result = CliRunner().invoke(mesogun, arguments)
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_4_mm_along_a_needle_that_is_held_at_30_degrees_are_2_mm_across_the_skin() -> None:
    (row,) = explain(DRAW, plan(DRAW)).passes
    assert (row.depth_mm, row.angle_deg, row.depth_across_mm) == (4.0, 30, 2.0)
    assert "in 4 mm (held at 30° to the skin: 2 mm deep)" in row.in_words


def test_explain_and_check_show_both_depths_to_a_person_and_to_a_program() -> None:
    for command in ("explain", "check"):
        assert "deepest 4 mm along the needle, 2 mm across the skin" in call(command, "face/fine-lines")
    assert "2 mm across the skin needle at 30°" in call("explain", "face/fine-lines")
    assert json.loads(call("check", "--json", "face/fine-lines"))["files"][0]["deepest_across_um"] == 2_000
    assert json.loads(call("explain", "--json", "face/fine-lines"))["deepest_across_mm"] == 2.0


def test_a_needle_that_is_upright_has_one_depth_and_no_word_of_angles() -> None:
    for command in ("explain", "check"):
        told = call(command, "face/mesolift")
        assert "across the skin" not in told
        assert "°" not in told


def test_the_layer_is_that_of_the_depth_across_the_skin() -> None:
    deep = with_pass(FILES["cellulite"], depth_mm=8.0, angle_deg=30)
    assert explain(deep, plan(deep)).passes[0].depth_class == "intradermic"


@pytest.mark.parametrize("angle_deg", [15, 45, 90])
def test_the_gun_is_told_the_same_at_every_angle(angle_deg: int) -> None:
    assert plan(with_pass(DRAW, angle_deg=angle_deg)).passes == plan(DRAW).passes


def test_no_limit_is_wider_for_a_needle_held_at_an_angle() -> None:
    with pytest.raises(Refused, match=r"deeper than the needle|no deeper than the needle"):
        plan(with_pass(FACE, depth_mm=4.1, angle_deg=30))
    (finding,) = of("P6", with_pass(in_area(FACE, "under-eye"), depth_mm=2.1, angle_deg=30))
    assert finding.value == "2.1 mm along the needle, whatever its angle"


@pytest.mark.parametrize(("angle", "says"), [("14", "at least 15 °"), ("91", "at most 90 °"), ("30.0", "a whole number")])
def test_an_angle_that_no_hand_holds_is_refused(angle: str, says: str) -> None:
    text = (Path(__file__).parents[2] / "protocols/face/fine-lines.toml").read_text(encoding="utf-8")
    with pytest.raises(Refused, match=says) as caught:
        read_protocol(text.replace("angle_deg = 30", f"angle_deg = {angle}").encode())
    assert [one.field for one in caught.value.problems] == ["passes[0].angle_deg"]
