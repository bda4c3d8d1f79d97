"""`mesogun run` on the simulated gun, in this process: what it tells, what it keeps, what it refuses."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rigs.clinical import few_points
from rigs.schemas import valid

from mesogun.cli import mesogun
from mesogun.gun.client import Gun
from mesogun.records import Records, RecordsFailed, SessionStart
from mesogun.records.places import database
from mesogun.refusal import Problem, Refused
from mesogun_sim.board import SimBoard

TRACED = "mesogun_sim.trace.Trace.save"
SHOTS, VOLUME_NL = 8, 6 * 10_000 + 2 * 20_000


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


@pytest.fixture
def small(tmp_path: Path) -> str:
    return few_points(tmp_path, 6, 2)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulated gun that says it is a real one."""
    monkeypatch.setattr(SimBoard, "simulated", 0)


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, arguments)


def told(*arguments: str) -> dict[str, Any]:
    """The one line of a run with --json; there is no other."""
    (line,) = call("run", "--json", *arguments).stdout.splitlines()
    return valid(json.loads(line))


def a_start(simulated: bool) -> SessionStart:
    return SessionStart("broken off", "", "", 1, '{"passes": []}', 7, 100, 42, simulated, "0", "somebody")


def test_a_run_tells_a_program_what_was_given(small: str) -> None:
    answer = told(small)
    assert answer["outcome"] == "complete"
    assert answer["counts"] == {"planned": SHOTS, "whole": SHOTS, "partial": 0, "wrong": 0, "uncertain": 0, "left": 0}
    assert answer["volumes"]["measured_nl"] == pytest.approx(VOLUME_NL, rel=0.01)
    assert answer["deepest_um"] == pytest.approx(2_000, abs=50)
    assert answer["gun_s"] > 3 > answer["wall_s"] > 0
    assert answer["plot"] is answer["trace"] is None


def test_a_run_tells_a_person_what_was_given_and_where_it_is_kept(small: str) -> None:
    result = call("run", small)
    assert result.exit_code == 0
    assert re.search(r"shots +8 of 8", result.stdout)
    assert re.search(r"partial, wrong, uncertain +0, 0, 0", result.stdout)
    assert "simulated-records.db" in result.stdout
    assert "pass 1 of 2, nappage: 6 of 6" in result.stderr


def test_a_simulated_session_is_kept_apart_and_can_be_looked_up(small: str) -> None:
    answer = told(small, "--operator", "Dr. A")
    assert answer["record"] == database(simulated=True) != database(simulated=False)
    with Records.open(answer["record"]) as records:
        session = records.session(answer["session"])
        assert (session.outcome, session.operator, session.simulated) == ("complete", "Dr. A", True)
        assert len(records.shots(session.id)) == SHOTS
        plan = json.loads(session.plan_json)
        assert (plan["begin"][0], [one["shots"] for one in plan["passes"]]) == (2, [6, 2])
    with Records.open(database(simulated=False)) as records:
        assert records.sessions() == []


def test_the_same_seed_gives_the_same_session_and_another_seed_another(small: str) -> None:
    runs = [told(small, "--seed", seed) for seed in ("0", "0", "1")]
    lasted = [run["gun_s"] for run in runs]
    assert lasted[0] == lasted[1] != lasted[2]


@pytest.mark.slow
def test_trace_and_picture_are_where_the_answer_says(small: str, tmp_path: Path) -> None:
    folder, picture = tmp_path / "new & odd+name" / "trace", tmp_path / "pictures" / "one.png"
    answer = told(small, "--trace", str(folder), "--plot", str(picture))
    assert (answer["trace"], answer["plot"]) == (str(folder), str(picture))
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in folder.iterdir()} == {"pins.csv", "shots.csv", "messages.log", "device.json"}


@pytest.mark.parametrize(
    ("fault", "outcome", "code"),
    [
        ("estop@4000", "estop", 4),
        ("needle-stall@4000", "fault", 4),
        ("link-down@4000", "interrupted", 3),
        ("link-down@4000-4800", "stopped", 1),
    ],
)
def test_every_way_to_end_has_its_outcome_and_exit_code(small: str, fault: str, outcome: str, code: int) -> None:
    result = call("run", small, "--json", "--fault", fault)
    answer = json.loads(result.stdout)
    assert (answer["outcome"], result.exit_code) == (outcome, code)
    assert answer["reason"]["words"]
    assert answer["counts"]["whole"] < SHOTS


@pytest.mark.slow
@pytest.mark.parametrize(("option", "name", "spoilt"), [("plot", "one.png", "os.replace"), ("trace", "folder", TRACED)])
def test_a_picture_or_trace_that_fails_changes_nothing_about_the_session_and_is_told(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, name: str, spoilt: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spoilt, full)
    result = call("run", small, "--json", f"--{option}", str(tmp_path / name))
    answer = json.loads(result.stdout)
    assert (answer["outcome"], answer[option], result.exit_code) == ("complete", None, 6)
    assert f"There is no {'picture' if option == 'plot' else 'whole trace'}: " in result.stderr
    assert "No space left" in result.stderr or "no space left" in result.stderr


@pytest.mark.usefixtures("real")
def test_a_gun_named_by_its_port_is_not_used_without_a_person_at_a_terminal(small: str) -> None:
    result = call("run", small, "--json", "--port", "sim://?seed=1")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problems"][0]["field"] == "confirmation"
    assert "8 shots" in result.stderr
    with Records.open(database(simulated=False)) as records:
        assert records.sessions() == []


def test_what_a_physician_has_to_confirm_is_not_given_with_a_gun_named_by_its_port(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / "deep.toml"
    deep.write_text(
        Path(small)
        .read_text()
        .replace("length_mm = 4\n", "length_mm = 6\n")
        .replace("depth_mm = 2.0", "depth_mm = 4.5")
        .replace("spacing_mm = 2\n", "spacing_mm = 1\n")
    )
    assert told(str(deep))["outcome"] == "complete"
    monkeypatch.setattr(SimBoard, "simulated", 0)
    result = call("run", str(deep), "--json", "--port", "sim://")
    assert result.exit_code == 2
    assert {problem["field"] for problem in json.loads(result.stdout)["problems"]} == {"passes[0].depth_mm"}


@pytest.mark.parametrize("option", [["--speed", "2"], ["--seed", "0"], ["--fault", "estop@1"], ["--trace", "x"], ["--sim"]])
def test_options_of_the_simulated_gun_do_not_go_with_a_port(small: str, option: list[str]) -> None:
    result = call("run", small, "--port", "sim://", *option)
    assert result.exit_code == 2
    assert "--port" in result.stderr


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf", "fast", ""])
def test_a_speed_that_is_none_is_refused(small: str, speed: str) -> None:
    assert call("run", small, "--speed", speed).exit_code == 2


def test_a_fault_that_does_not_exist_is_answered_with_those_that_do(small: str) -> None:
    result = call("run", small, "--fault", "earthquake@3")
    assert result.exit_code == 2
    assert "needle-stall" in result.stderr


def test_a_port_that_does_not_exist_is_refused_with_its_name(small: str) -> None:
    result = call("run", small, "--json", "--port", "no-such-port")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problems"][0]["value"] == "no-such-port"


def test_a_folder_that_cannot_be_made_is_refused_before_anything_begins(small: str) -> None:
    result = call("run", small, "--json", "--trace", f"{small}/below")
    assert result.exit_code == 2
    assert json.loads(result.stdout)["problems"][0]["field"] == "trace"


def test_a_database_of_real_sessions_takes_no_simulated_one(small: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'real.db'}"
    with Records.open(url) as records:
        records.finish(records.begin(a_start(simulated=False)), "complete", {})
    result = call("run", small, "--db", url)
    assert result.exit_code == 2
    assert "sessions of real guns" in result.stderr


@pytest.mark.parametrize("chosen", [True, False])
def test_an_interrupted_session_is_shown_and_refuses_the_next_until_the_command_it_names_is_given(
    small: str, tmp_path: Path, chosen: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'own.db'}" if chosen else database(simulated=True)
    where = ["--db", url] if chosen else []
    with Records.open(url) as records:
        session_id = records.begin(a_start(simulated=True))
    result = call("run", small, "--json", *where)
    assert result.exit_code == 2
    assert "broken off" in result.stderr
    command = json.loads(result.stdout)["problems"][0]["remedy"].partition("mesogun ")[2]
    assert call(*shlex.split(command)).exit_code == 0
    with Records.open(url) as records:
        assert records.session(session_id).acknowledged_by == "NAME"
    assert told(small, *where)["outcome"] == "complete"


def test_a_record_that_fails_in_between_is_exit_5(small: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise RecordsFailed("the disk is full", "Free some space")

    monkeypatch.setattr(Records, "append", full)
    result = call("run", small, "--json")
    assert result.exit_code == 5
    assert "disk is full" in json.loads(result.stdout)["error"]


def test_an_error_of_ours_is_a_sentence_and_its_traceback_a_file(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Gun:
        raise RuntimeError("a bug")

    monkeypatch.setattr(Gun, "connect", broken)
    result = call("run", small)
    assert result.exit_code == 1
    assert "Traceback" not in result.output
    (path,) = re.findall(r"\S+last-error\.txt", result.stderr)
    assert Path(path).is_relative_to(tmp_path)
    assert "RuntimeError: a bug" in Path(path).read_text()


def test_a_gun_that_refuses_in_a_later_pass_leaves_a_session_that_is_told_and_is_no_refusal(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arm = Gun.arm

    def refuses(gun: Gun, index: int) -> Any:
        if index:
            raise Refused(Problem("shots", "2", "the gun will not", "Ask it why"))
        return arm(gun, index)

    monkeypatch.setattr(Gun, "arm", refuses)
    result = call("run", "--json", small)
    answer = json.loads(result.stdout.splitlines()[-1])
    assert (answer["outcome"], answer["counts"]["whole"], result.exit_code) == ("stopped", 6, 1)
    assert "the gun will not" in answer["reason"]["words"]


class Unheard(Exception):
    def __str__(self) -> str:
        return "a bug \x1b[2J\udcff"


@pytest.mark.parametrize("broken", ["nowhere", "an argument", "a link"])
def test_an_error_of_ours_is_told_whatever_else_is_wrong(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def fails(*_: object, **__: object) -> Gun:
        raise Unheard

    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "somebody elses").write_text("untouched")
    if broken == "nowhere":  # an account that has no home and no name
        monkeypatch.setattr("mesogun.records.places.home", fails)
    elif broken == "a link":
        (home / "last-error.txt").symlink_to(tmp_path / "somebody elses")
    else:
        monkeypatch.setattr("sys.argv", ["mesogun", "b\udcffd"])
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(Gun, "connect", fails)
    result = CliRunner(charset="utf-8").invoke(mesogun, ["run", small])
    assert result.exit_code == 1
    assert "\x1b" not in result.stderr
    (path,) = re.findall(r"\S+last-error\.txt", result.stderr)
    assert Path(path).is_relative_to(tmp_path if broken == "nowhere" else home)
    assert "Unheard" in Path(path).read_text()
    assert Path(path).stat().st_mode & 0o077 == 0
    assert (tmp_path / "somebody elses").read_text() == "untouched"
