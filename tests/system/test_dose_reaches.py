"""What the planner estimates and what the simulated path gives, two models that share nothing, are held against each other."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from mesogun.cli import mesogun
from mesogun.clinical.library import loaded, names
from mesogun_fw.talk.messages import CONSTANT_FLOW

PASSES = [(name, one.index) for name in names() for one in loaded(name)[1].passes if one.mode != CONSTANT_FLOW]
LEAKS = 0.06  # of a dose: what weeps from its track, which no planner here knows of (A)


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("traces")
    for number, name in enumerate(names()):
        if name not in dict(PASSES):
            continue
        for seed in (1, 2):
            into = folder / str(seed) / str(number)
            into.parent.mkdir(exist_ok=True)
            arguments = ("run", name, "--seed", str(seed), "--trace", str(into), "--db", str(folder / "records.db"))
            assert CliRunner().invoke(mesogun, arguments).exit_code == 0
    return folder


def shares(trace: Path, index: int, dose_nl: int) -> list[float]:
    with (trace / "shots.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if int(row["pass"]) == index]
    return [(int(row["at_depth_nl"]) + int(row["on_way_nl"])) / dose_nl for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "index"), PASSES)
def test_the_library_brings_of_each_dose_to_its_depth_what_was_planned(traces: Path, name: str, index: int, seed: int) -> None:
    """With needle, syringe, drug and area of the protocol, all that nobody knows drawn from wider ranges than the planner's."""
    one = loaded(name)[1].passes[index]
    assert one.delivery is not None
    found = shares(traces / str(seed) / str(names().index(name)), index, one.dose_nl)
    assert one.delivery.share.low - LEAKS <= sum(found) / len(found) <= one.delivery.share.high
    assert found[0] >= one.delivery.first.low - LEAKS


def test_what_is_fitted_is_the_protocols(tmp_path: Path) -> None:
    """The same shots through the reference's plastic syringe leave most of each dose on the skin: the test above can fail."""
    CliRunner().invoke(mesogun, ["run", "face/mesolift", "--trace", str(tmp_path / "stiff"), "--db", str(tmp_path / "a.db")])
    port = f"sim://?trace={tmp_path / 'plastic'}"
    CliRunner().invoke(mesogun, ["run", "face/mesolift", "--port", port, "--db", str(tmp_path / "a.db")])
    stiff, plastic = (shares(tmp_path / kind, 0, 10_000) for kind in ("stiff", "plastic"))
    assert sum(plastic) < 0.75 * sum(stiff)


@pytest.mark.parametrize("option", ["gauge=26G", "line=rubber", "length_mm=0", "viscosity_mpa_s=nan", "length_mm=long"])
def test_what_cannot_be_fitted_is_refused(option: str) -> None:
    result = CliRunner().invoke(mesogun, ["device", "info", "--port", f"sim://?{option}"])
    assert result.exit_code == 2
    assert option.partition("=")[2] in result.stderr or "none" in result.stderr
