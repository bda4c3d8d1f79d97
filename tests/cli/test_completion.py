"""What the shell offers at a tab is what the command takes."""

from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from mesogun.cli import mesogun
from mesogun_fw.talk.messages import GUN
from mesogun_sim.faults import BREAKAGES, parse


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))


def offered(*words: str) -> list[str]:
    """What is offered for the last word of this command line."""
    shell = ShellComplete(mesogun, {}, "mesogun", "_MESOGUN_COMPLETE")
    return [item.value for item in shell.get_completions(list(words[:-1]), words[-1])]


@pytest.mark.parametrize("command", [("run", "face/mesolift"), ("sim",)])
def test_everything_that_can_break_is_offered_as_it_is_written(command: tuple[str, ...]) -> None:
    names = offered(*command, "--fault", "")
    assert [name.removesuffix("@") for name in names] == list(BREAKAGES)
    assert [parse(f"{name}100").name for name in names] == list(BREAKAGES)
    assert offered(*command, "--fault", "plunger-s") == ["plunger-stall@"]


def test_every_figure_of_a_guns_description_is_offered_as_it_is_written() -> None:
    assert offered("device", "config", "set", "") == [f"{name}=" for name, _, _ in GUN]
    assert offered("device", "config", "set", "needle_um_s=1", "needle_e") == ["needle_encoder_nm="]


@pytest.mark.parametrize("command", [("check",), ("explain",), ("run",), ("new", "--from")])
def test_the_librarys_names_are_offered_where_a_protocol_is_named(command: tuple[str, ...]) -> None:
    assert offered(*command, "face/m") == ["face/mesolift"]


def test_a_new_file_is_not_offered_the_librarys_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert offered("new", "face/m") == []


@pytest.mark.slow
def test_numbers_of_sessions_are_offered_of_the_record_that_is_meant_and_where_there_is_none_no_number() -> None:
    kept = [("records", name, "--simulated") for name in ("show", "export", "acknowledge", "waive")]
    kept.append(("run", "face/mesolift", "--rest"))
    assert [offered(*command, "") for command in kept] == [[]] * 5
    assert CliRunner().invoke(mesogun, ["run", "face/fine-lines", "--speed", "max"]).exit_code == 0
    assert [offered(*command, "") for command in kept] == [["1"]] * 5
    assert [offered(*command, "2") for command in kept] == [[]] * 5
    assert offered("records", "show", "") == []
    assert offered("run", "face/mesolift", "--port", "/dev/ttyACM0", "--rest", "") == []
