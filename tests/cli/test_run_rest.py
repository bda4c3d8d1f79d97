"""`mesogun run --rest`: what was left of a session is given, and only that; what is said of the syringe, and by whom."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.clinical.library import library
from mesogun.records import Records
from mesogun.records.places import database

SHOTS = 8


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The mesolift protocol with 6 and 2 points."""
    text = (library() / "face" / "mesolift.toml").read_text()
    path = tmp_path / "small.toml"
    path.write_text(text.replace("points = 60", "points = 6").replace("points = 15", "points = 2"))
    return str(path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, ["run", "--json", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(run(*arguments).stdout.splitlines()[-1])
    return answer


def test_what_an_emergency_stop_has_left_is_given_and_the_record_knows_of_what(small: str) -> None:
    first = told(small, "--fault", "estop@4000")
    assert (first["outcome"], first["partial"]) == ("estop", 0)
    made = first["shots"] + first["uncertain"]
    assert 0 < made < SHOTS
    result = run(small, "--rest", "1", "--filled", "2.5")
    assert result.exit_code == 0
    rest = json.loads(result.stdout)
    assert (rest["outcome"], rest["shots"], rest["session"]) == ("complete", SHOTS - made, 2)
    assert "What is left of session 1" in result.stderr
    with Records.open(database(simulated=True)) as records:
        row = records.session(2)
        assert row.rest_of == 1
        assert json.loads(row.plan_json)["begin"][2] == 2_500_000, "what the syringe was said to hold"
    assert "nothing is left of it" in run(small, "--rest", "1").stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--filled", "2"], "give --rest too"),
        (["--rest", "1", "--filled", "much"], "it is no volume"),
        (["--rest", "1", "--filled", "10.01"], "at most 10 ml"),
        (["--rest", "7"], "no such session"),
        (["--rest", "one"], "--rest"),
    ],
)
def test_what_cannot_be_a_rest_is_refused_before_anything_begins(small: str, options: list[str], says: str) -> None:
    result = run(small, *options)
    assert result.exit_code == 2
    assert says in result.output
    with Records.open(database(simulated=True)) as records:
        assert records.sessions() == []


def test_who_holds_the_gun_is_on_record(small: str) -> None:
    told(small, "--operator", "Dr. B")
    with Records.open(database(simulated=True)) as records:
        assert records.session(1).operator == "Dr. B"
