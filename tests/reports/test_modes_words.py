"""What a practitioner reads about constant flow and retrograde: before, meanwhile, afterwards. Seconds are never points."""

import json
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rigs.clinical import FACE, LINES

from mesogun.clinical.explain import explain
from mesogun.clinical.planning import plan
from mesogun.clinical.plans import Plan
from mesogun.clinical.protocol import Protocol, load_protocol
from mesogun.gun.events import Event
from mesogun.records import SessionRow, ShotRow
from mesogun.records.tally import Tally
from mesogun.reports.picture import draw
from mesogun_fw.talk.codes import PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import ARMED

LIBRARY = Path(__file__).parents[2] / "protocols"
FLOW = load_protocol(LIBRARY / "body/painful-places.toml")
DRAW = LINES


def both() -> Protocol:
    """Seconds of flow, then points."""
    return FACE.model_copy(
        update={"passes": (FLOW.passes[0].model_copy(update={"seconds": 30, "least_share_percent": 0}), FACE.passes[1])}
    )


def shot(index: int, depth_um: int, dose_nl: int, commanded_nl: int, flags: int = 0) -> Event:
    values = {
        "pass_index": index, "measured_depth_um": depth_um, "measured_dose_nl": dose_nl, "commanded_dose_nl": commanded_nl,
        "flags": flags,
    }  # fmt: skip
    return Event(1, "shot", 1_000, values)


def tallied(planned: Plan, *events: Event) -> Tally:
    tally = Tally(planned.flows)
    for event in events:
        tally.take(event)
    return tally


# ---- before ----


def test_an_explanation_of_flow_counts_seconds_and_no_points() -> None:
    told = explain(FLOW, plan(FLOW))
    (row,) = told.passes
    assert (told.shots, told.flow_s, told.counted) == (0, 200, "200 s of flow")
    assert (row.flow_ul_s, row.seconds, row.volume_ml, row.stroke_s) == (10, 200, 2.0, 200)
    assert {row.dose_ul, row.rate_hz, row.points, row.spacing_mm, row.shots_per_press} == {None}
    assert row.hand_s == 4, "a press lasts a minute at most"
    for words in ("3 mm", "10 µl flow a second", "200 s in all", "at most 60 s to a press", "on top"):
        assert words in row.in_words


def test_an_explanation_of_retrograde_says_that_the_dose_is_given_on_the_way_back() -> None:
    told = explain(DRAW, plan(DRAW))
    (row,) = told.passes
    assert (told.shots, told.flow_s, told.counted) == (100, 0, "100 shots")
    assert (row.rate_hz, row.dwell_ms, row.shots_per_press, row.hand_s) == (None, None, 1, 100)
    assert row.in_words.startswith(
        "100 points, 8 mm apart: each press puts the needle in 4 mm (held at 30° to the skin: 2 mm deep) and gives 22 µl along its "
        "way back,"
    )
    assert row.in_words.endswith("in 0.7 s with its way in")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "150 points, 4 mm apart: 10 µl at 2 mm, 4 times a second while the trigger is held"),
        ({"mode": "single"}, "150 points, 4 mm apart: each press makes one shot, 10 µl at 2 mm"),
        ({"mode": "burst", "burst": 5}, "150 points, 4 mm apart: each press makes a burst of 5, 4 a second, 10 µl at 2 mm"),
    ],
)
def test_the_other_modes_are_explained_in_words_too(changes: dict[str, object], words: str) -> None:
    protocol = FACE.model_copy(update={"passes": (FACE.passes[0].model_copy(update=changes),)})
    assert explain(protocol, plan(protocol)).passes[0].in_words == words


def test_dry_needling_is_explained_as_giving_no_drug() -> None:
    dry = FACE.passes[0].model_copy(update={"technique": "dry needling", "dose_ul": 0.0})
    protocol = FACE.model_copy(update={"passes": (dry,)})
    assert "no drug at 2 mm" in explain(protocol, plan(protocol)).passes[0].in_words


def test_flow_and_shots_together_are_counted_apart() -> None:
    told = explain(both(), plan(both()))
    assert (told.shots, told.flow_s, told.counted) == (60, 30, "60 shots and 30 s of flow")
    assert json.loads(json.dumps(told.to_dict()))["passes"][0]["points"] is None


# ---- meanwhile ----


@pytest.mark.parametrize(
    ("protocol", "unit", "prompt"),
    [
        (FLOW, "s", "at most 60 s: it flows until you let go"),
        (DRAW, "shots", "until the needle is back"),
        (FACE, "shots", "moving along"),
    ],
)
def test_the_hand_is_told_what_to_do_and_what_is_counted(protocol: Protocol, unit: str, prompt: str) -> None:
    now = Tally().progress(plan(protocol), 0, ARMED, 0)
    assert now.unit == unit
    assert prompt in now.prompt


# ---- afterwards ----


def test_seconds_of_flow_are_no_points_whose_amount_is_compared() -> None:
    done = tallied(
        plan(both()),
        *(shot(0, depth_um, dose_nl, 10_000) for depth_um, dose_nl in ((3_000, 9_000), (3_090, 11_000))),
        *(shot(1, depth_um, dose_nl, 20_000) for depth_um, dose_nl in ((1_500, 20_000), (1_502, 20_100))),
    ).summary(1, "stopped", "")
    assert (done.depth_spread_um, done.dose_spread_nl) == (2, 100)
    assert (done.shots, done.volume_nl, done.commanded_volume_nl, done.deepest_um) == (4, 60_100, 60_000, 3_090)


def test_a_session_of_flow_alone_has_no_spread() -> None:
    done = tallied(plan(FLOW), shot(0, 3_000, 9_000, 10_000), shot(0, 3_000, 11_000, 10_000)).summary(1, "stopped", "")
    assert (done.depth_spread_um, done.dose_spread_nl) == (0, 0)


def test_points_of_a_retrograde_pass_are_compared() -> None:
    done = tallied(plan(DRAW), shot(0, 4_000, 22_000, 22_000), shot(0, 4_003, 21_950, 22_000)).summary(1, "stopped", "")
    assert (done.depth_spread_um, done.dose_spread_nl) == (3, 50)


def test_a_second_cut_short_counts_as_volume_and_one_that_is_lost_as_given() -> None:
    done = tallied(plan(FLOW), shot(0, 3_000, 4_000, 10_000, PARTIAL), shot(0, 0, 0, 10_000, UNCERTAIN)).summary(1, "stopped", "")
    assert (done.shots, done.partial, done.uncertain) == (0, 1, 1)
    assert (done.volume_nl, done.commanded_volume_nl) == (4_000, 10_000)


@pytest.mark.slow
def test_the_picture_shows_a_needle_that_stays_in_and_tells_seconds_from_shots(monkeypatch: pytest.MonkeyPatch) -> None:
    figures: list[Figure] = []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **__: figures.append(figure))
    for protocol in (both(), FLOW, DRAW):
        draw(*recorded(plan(protocol)), "picture.png")
    mixed, _, drawn = figures
    assert [len(rectangles(figure.axes[0])) for figure in figures] == [30, 200, 0]
    assert {bar.get_width() for bar in rectangles(mixed.axes[0])} == {1}, "no gap from second to second"
    headings = [text.get_text() for text in mixed.axes[0].texts]
    assert "1  mesoperfusion\n30 s × 10 µl/s at 3 mm" in headings
    assert "2  papule\n60 × 20 µl at 1.5 mm" in headings
    assert [next(text.get_text().split("  ")[0] for text in figure.texts if " of " in text.get_text()) for figure in figures] == [
        *("90 of 90 shots and seconds", "200 of 200 s of flow", "100 of 100 shots")
    ]
    assert "seconds" in mixed.axes[1].get_xlabel()
    assert "seconds" not in drawn.axes[1].get_xlabel()


def rectangles(axes: Axes) -> list:  # type: ignore[type-arg]
    return [bar for container in axes.containers for bar in container]


def recorded(planned: Plan) -> tuple[SessionRow, list[ShotRow]]:
    """A record of all of it, done exactly."""
    shots = [
        ShotRow(1, n + 1, 1_000 * n, 0, one.index, n + 1, one.period_us, *(2 * (one.depth_um,)), *(2 * (one.dose_nl,)), 0)
        for one in planned.passes
        for n in range(one.shots)
    ]
    head = (planned.title, "", "", planned.digest, json.dumps(planned.recorded()), 7, 100, 42, True, "0", "")
    ended = (1, "2026-01-02T03:04:05.000+00:00", None, "complete", "", None, None, len(shots), 0, 0, 0, planned.volume_nl, 0)
    return SessionRow(*head, *ended), shots
