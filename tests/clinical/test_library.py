"""The protocols that come with mesogun: each can be read, planned and explained, and says where its figures come from."""

import json
import re
from pathlib import Path

import pytest

from mesogun.clinical.explain import NOTICE, explain
from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import AREAS, Cocktail, Diluent, Ingredient, Needle, Pass, Protocol, Syringe, load_protocol
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.techniques import MODES, TECHNIQUES

LIBRARY = Path(__file__).parents[2] / "protocols"
FILES = sorted(LIBRARY.rglob("*.toml"))


def test_the_library_has_face_scalp_and_body() -> None:
    assert {file.relative_to(LIBRARY).as_posix() for file in FILES} >= {
        *("face/mesolift.toml", "scalp/hair-loss.toml", "body/cellulite.toml")
    }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_library_protocol_can_be_planned_and_breaks_no_rule(file: Path) -> None:
    protocol = load_protocol(file)
    made = plan(protocol)
    assert explain(protocol, made).findings == ()
    assert 30 <= made.shots <= 260, "a demonstration takes seconds"
    assert 0 < made.volume_nl < QUANTITIES["filled_ml"].counts(protocol.syringe.filled_ml), "some stays in syringe and line"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_source_names_its_place_and_its_trust(file: Path) -> None:
    protocol = load_protocol(file)
    for source in protocol.sources:
        assert re.search(r"\([SHMCA](, [SHMCA])*\)$", source), source
        assert re.match(r"00[0-4]\b|DOMAIN \d", source) or source.endswith("(A)"), source
    assert any(source.startswith("00") for source in protocol.sources)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_explanation_adds_up_and_is_plain_data(file: Path) -> None:
    protocol = load_protocol(file)
    told = explain(protocol, plan(protocol))
    assert sum(row.volume_ml for row in told.passes) == pytest.approx(told.volume_ml)
    assert told.volume_ml + told.residue_ml == pytest.approx(told.filled_ml)
    assert sum(one.volume_ml for one in told.cocktail) == pytest.approx(told.filled_ml)
    assert sum(row.stroke_s for row in told.passes) == pytest.approx(told.stroke_s, abs=0.001)
    assert all(0 < row.period_share <= 1 for row in told.passes)
    assert "not a cleared medical device" in told.notice == NOTICE
    assert json.loads(json.dumps(told.to_dict()))["passes"][0]["depth_mm"] == protocol.passes[0].depth_mm


def test_an_explanation_allows_for_the_hand_by_the_press() -> None:
    protocol = load_protocol(LIBRARY / "face/mesolift.toml")
    burst = protocol.passes[1].model_copy(update={"mode": "burst", "burst": 7})
    told = explain(protocol, plan(protocol))
    assert [row.hand_s for row in told.passes] == [1, 15]
    assert [row.shots_per_press for row in told.passes] == [None, 1]
    assert told.expected_s == told.stroke_s + 16
    bursts = protocol.model_copy(update={"passes": (burst,)})
    assert [row.hand_s for row in explain(bursts, plan(bursts)).passes] == [3]


def test_the_manual_names_every_key_and_every_choice() -> None:
    manual = (LIBRARY / "README.md").read_text(encoding="utf-8")
    for model in (Protocol, Needle, Syringe, Cocktail, Ingredient, Diluent, Pass):
        for name, field in model.model_fields.items():
            assert (field.alias or name) in manual, name
    for word in (*AREAS, *TECHNIQUES, *MODES):
        assert word in manual, word


@pytest.mark.parametrize("name", ["length_mm", "depth_mm", "rate_hz", "dose_ul", "dwell_ms", "needle_mm_s", "burst"])
def test_the_manual_gives_the_ranges_of_the_table(name: str) -> None:
    row = QUANTITIES[name]
    (line,) = [line for line in (LIBRARY / "README.md").read_text(encoding="utf-8").splitlines() if f"`{name}`" in line[:40]]
    assert f"{row.low / row.per_unit:g} to {row.high / row.per_unit:g}" in line
