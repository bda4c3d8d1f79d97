"""The picture of a session shows what was written down: every shot, what is not whole, and what was not made."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from mesogun.records import SessionRow, ShotRow
from mesogun.reports.picture import draw
from mesogun_fw.talk.codes import DEPTH_OFF, DOSE_OFF, PARTIAL, UNCERTAIN

PLAN = {
    "passes": [
        {"shots": 40, "technique": "nappage", "depth_um": 2_000, "dose_nl": 10_000},
        {"shots": 20, "technique": "papule", "depth_um": 1_500, "dose_nl": 20_000},
    ]
}
SESSION = SessionRow(
    *("Mesolift", "", "", 1, json.dumps(PLAN), 7, 100, 42, True, "0", "", 3, "2026-01-02T03:04:05.000+00:00", None, "complete", ""),
    *(None, None, 60, 0, 0, 0, 800_000, 0),
)


def shots() -> list[ShotRow]:
    made = []
    for index, one in enumerate(PLAN["passes"]):
        for n in range(one["shots"]):
            depth, dose = one["depth_um"], one["dose_nl"]
            made.append(ShotRow(42, n + 1, 250 * n, 0, index, n + 1, 250_000, depth, depth + 1, dose, dose - 5, 0))
    return made


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Figure]:
    """The figures that would have been saved."""
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    return figures


def words(figure: Figure) -> str:
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    panels = [text.get_text() for axes in figure.axes for text in (*axes.texts, axes.title)]
    return "\n".join([*(text.get_text() for text in figure.texts), *legend, *panels])


def dots(figure: Figure) -> list[int]:
    """How many dots each collection of the depth panel has."""
    return [
        len(collection.get_offsets()) for collection in figure.axes[0].collections if type(collection).__name__ == "PathCollection"
    ]


def test_what_of_a_dose_is_at_depth_is_hatched_beside_what_was_measured_and_called_estimated(drawn: list[Figure]) -> None:
    planned = json.loads(json.dumps(PLAN))
    planned["passes"][0]["delivery"] = {"share": {"low": 0.8, "mean": 0.9, "high": 1.0}}
    for plan in (planned, PLAN):
        draw(replace(SESSION, plan_json=json.dumps(plan)), shots(), "nowhere.png")
    told, silent = drawn
    assert "at depth, estimated (A)" in words(told)
    assert "estimated" not in words(silent)
    (band,) = [one for one in told.axes[1].collections if one.get_hatch()]
    places = band.get_paths()[0].vertices
    assert (places[:, 1].min(), places[:, 1].max()) == pytest.approx((8.0, 10.0)), "of the first pass alone"
    assert places[:, 0].max() == 40.5


@pytest.mark.slow
def test_the_picture_is_a_png_of_a_size_for_a_page(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    draw(SESSION, shots(), str(path))
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert (int.from_bytes(head[16:20]), int.from_bytes(head[20:24])) == (1800, 1200)


def test_every_shot_is_a_dot_and_every_pass_is_named(drawn: list[Figure]) -> None:
    draw(SESSION, shots(), "")
    assert dots(drawn[0]) == [40, 20]
    for said in (
        "1  nappage\n40 × 10 µl at 2 mm",
        "2  papule\n20 × 20 µl at 1.5 mm",
        "10 mm: no deeper",
        "off by at most\n0.001 mm",
    ):
        assert said in words(drawn[0])
    assert "not made" not in words(drawn[0])


def test_shots_that_are_not_whole_are_marked_and_do_not_count_as_deviation(drawn: list[Figure]) -> None:
    made = shots()[:50]
    made[10] = replace(made[10], flags=PARTIAL, measured_depth_um=900, measured_dose_nl=2_000)
    made[20] = replace(made[20], flags=UNCERTAIN, measured_depth_um=None, measured_dose_nl=None)
    draw(replace(SESSION, whole=48, partial=1, uncertain=1, outcome="estop"), made, "")
    assert dots(drawn[0]) == [38, 10, 1, 1]
    for said in ("1 partial", "1 uncertain, drawn as commanded", "11 not made", "emergency stop", "off by at most\n0.001 mm"):
        assert said in words(drawn[0])


def test_each_kind_of_shot_has_a_mark_and_a_colour_of_its_own_and_the_legend_names_those_there_are(drawn: list[Figure]) -> None:
    made = shots()
    made[-1] = replace(made[-1], flags=DOSE_OFF, measured_dose_nl=2_200)
    draw(SESSION, made, "")
    assert dots(drawn[0]) == [40, 19, 1]
    assert "1 wrong" in words(drawn[0])
    assert not any(word in words(drawn[0]) for word in ("partial", "uncertain", "not made"))
    assert "off by at most\n18 µl" in words(drawn[0]), "it was given"
    made[10] = replace(made[10], flags=PARTIAL | DEPTH_OFF, measured_depth_um=900, measured_dose_nl=2_000)
    made[20] = replace(made[20], flags=UNCERTAIN | PARTIAL)
    draw(SESSION, made, "")
    assert dots(drawn[1]) == [38, 19, 1, 1, 1]
    for said in ("1 wrong", "1 partial", "1 uncertain, drawn as commanded", "1 not made"):
        assert said in words(drawn[1])
    marks = drawn[1].axes[0].collections[-6:]
    assert len({tuple(mark.get_edgecolor()[0]) for mark in marks}) == 3


def test_shots_of_a_pass_that_the_plan_has_not_are_drawn_and_fill_no_place(drawn: list[Figure]) -> None:
    made = shots()
    made[-1] = replace(made[-1], pass_index=6)
    draw(replace(SESSION, outcome="fault"), made, "")
    assert dots(drawn[0]) == [40, 19, 1]
    assert "1 not made" in words(drawn[0])


@pytest.mark.parametrize("simulated", [True, False])
def test_the_footer_says_what_it_is_and_what_it_is_not(drawn: list[Figure], simulated: bool) -> None:
    draw(replace(SESSION, simulated=simulated), shots(), "")
    assert ("SIMULATED GUN" in words(drawn[0])) is simulated
    assert "not a cleared medical device" in words(drawn[0])


@pytest.mark.slow
def test_a_session_without_a_shot_has_a_picture_too(tmp_path: Path) -> None:
    path = tmp_path / "none.png"
    draw(replace(SESSION, title="$x$ $$ \\frac", whole=0, outcome="stopped"), [], str(path))
    assert path.stat().st_size > 1_000
