"""`mesogun check` and `mesogun explain`, as a person and as a program see them."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from mesogun.cli import mesogun
from mesogun.cli.completion import complete
from mesogun.clinical.explain import explain
from mesogun.clinical.library import library, names
from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import load_protocol

LESS = 'least_share_percent = 50\nless_share_because = "the longer needle"\n'
MESOLIFT = library() / "face" / "mesolift.toml"


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, arguments)


def spoilt(folder: Path, *changes: tuple[str, str]) -> str:
    """The mesolift protocol with every change made; each must hit something."""
    text = MESOLIFT.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "spoilt.toml"
    path.write_text(text)
    return str(path)


def test_check_without_a_file_lists_and_checks_the_whole_library() -> None:
    result = call("check")
    assert result.exit_code == 0
    assert len(names()) >= 3
    for name in names():
        assert f"ok      {name}" in result.stdout


def test_check_says_how_much_how_deep_and_how_long() -> None:
    assert "75 shots, 0.9 ml, deepest 2 mm, 38 s of strokes" in call("check", "face/mesolift").stdout


def test_a_name_of_the_library_is_the_file_of_that_name() -> None:
    by_name, by_path = (json.loads(call("check", "--json", which).stdout)["files"][0] for which in ("face/mesolift", str(MESOLIFT)))
    assert by_name.pop("file") != by_path.pop("file")
    assert by_name == by_path


def test_every_problem_of_every_file_is_shown_and_one_refused_file_is_enough_for_exit_2(tmp_path: Path) -> None:
    bad = spoilt(
        tmp_path, ("depth_mm = 2.0", "depth_mm = 10.1"), ("depth_mm = 1.5\nrate_hz = 2\n", "depth_mm = 1.5\nrate_hz = 12\n")
    )
    result = call("check", bad, "face/mesolift")
    assert result.exit_code == 2
    assert f"refused {bad}" in result.stdout
    assert "pass 1, depth_mm = 10.1" in result.stdout
    assert "at most 10 mm" in result.stdout
    assert "pass 2, rate_hz = 12" in result.stdout
    assert "ok      face/mesolift" in result.stdout


def test_json_names_field_value_limit_and_remedy_and_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    result = call("check", "--json", spoilt(tmp_path, ("depth_mm = 2.0", "depth_mm = 10.1")))
    assert result.exit_code == 2
    told = json.loads(result.stdout)
    assert told["ok"] is False
    (problem,) = told["files"][0]["problems"][:1]
    assert problem["field"] == "passes[0].depth_mm"
    assert problem["value"] == "10.1"
    assert "10 mm" in problem["limit"]
    assert "from 0.2 to 10 mm" in problem["remedy"]
    assert (problem["line"], problem["column"], problem["text"]) == (65, 12, "depth_mm = 10.1")


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("depth_mm = 2.0", "depth_mm = 1,5", ("    line 65: depth_mm = 1,5", "                        ^")),
        ("depth_mm = 2.0", "\tdepth_mm = 1,5", ("    line 65:  depth_mm = 1,5", "                         ^")),
        ("area = ", "aerä = ", ()),
        (
            'title = "Mesolift: face, two passes"',
            'title = { 漢字 = 1, "漢字漢字漢字漢字漢字漢字漢字漢字漢字" = 2, a = 1,5 }',
            (),
        ),
    ],
)
def test_the_line_of_a_problem_is_shown_with_a_caret_under_the_place_in_60_columns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str, after: str, shown: tuple[str, ...]
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = call("check", spoilt(tmp_path, (before, after))).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("    line "))
    assert lines[at + 1].strip() == "^"
    assert all(cell_len(line) <= 60 for line in lines[at : at + 2])
    if shown:
        assert tuple(lines[at : at + 2]) == shown


def test_what_no_gun_can_do_is_shown_with_its_line_as_well(tmp_path: Path) -> None:
    result = call("check", "--json", spoilt(tmp_path, ("points = 60", "points = 500")))
    (problem,) = json.loads(result.stdout)["files"][0]["problems"]
    assert (problem["field"], problem["text"]) == ("passes", "[[passes]]")
    result = call("explain", spoilt(tmp_path, ("rate_hz = 2", "rate_hz = 9")))
    assert "line 66: rate_hz = 9" in result.stderr


def test_a_rule_is_never_named_without_its_words(tmp_path: Path) -> None:
    less = [(depth, f"{LESS}{depth}") for depth in ("depth_mm = 2.0", "depth_mm = 1.5")]
    changes = (
        ("spacing_mm = 10", "spacing_mm = 20"),
        ("length_mm = 4", "length_mm = 5"),
        *less,
        ("depth_mm = 1.5", "depth_mm = 4.5"),
    )
    told = call("check", spoilt(tmp_path, *changes))
    for words in (
        "rule P11: document 000, document 001",
        "lie at the regular spacing",
        "rule P8: document 000",
        "first and middle layer",
    ):
        assert words in told.stdout


def test_what_no_gun_can_do_is_refused_as_well(tmp_path: Path) -> None:
    result = call("check", spoilt(tmp_path, ("depth_mm = 1.5\nrate_hz = 2\n", "depth_mm = 1.5\nrate_hz = 10\ndwell_ms = 80\n")))
    assert result.exit_code == 2
    assert "Set at most 5." in result.stdout


def test_a_finding_that_does_not_block_is_shown_and_passes(tmp_path: Path) -> None:
    result = call("check", spoilt(tmp_path, ("spacing_mm = 10", "spacing_mm = 20")))
    assert result.exit_code == 0
    assert "warn: pass 2, spacing_mm" in result.stdout
    assert "(line 79)" in result.stdout


def test_a_name_that_is_nowhere_is_answered_with_what_there_is() -> None:
    result = call("explain", "face/mesolfit")
    assert result.exit_code == 2
    assert "face/mesolift" in result.stderr
    assert "nor is it in the library" in result.stderr


def test_a_name_longer_than_any_file_has_is_no_more_than_missing() -> None:
    assert call("check", "x" * 5_000).exit_code == call("check", "x" * 5_000 + ".toml").exit_code == 2


def test_what_a_file_says_is_shown_as_text_and_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    title = "[red]:smile: [link=x]y[/link]"
    result = call("explain", spoilt(tmp_path, ('"Mesolift: face, two passes"', f'"{title}"')))
    assert result.stdout.splitlines()[0] == title


def test_explain_tells_a_program_everything_that_there_is_to_tell() -> None:
    protocol = load_protocol(MESOLIFT)
    told = json.loads(call("explain", "face/mesolift", "--json").stdout)
    assert told == json.loads(json.dumps(explain(protocol, plan(protocol)).to_dict()))


@pytest.mark.parametrize("words", ["nappage", "intradermic", "75 shots", "procaine", "not a cleared medical device"])
def test_explain_tells_a_person_what_will_be_done(words: str) -> None:
    assert words in " ".join(call("explain", "face/mesolift").stdout.split())


def test_a_refused_explanation_names_the_file_and_for_a_program_the_problem(tmp_path: Path) -> None:
    bad = spoilt(tmp_path, ("filled_ml = 1.0", "filled_ml = 0.9"))
    result = call("explain", "--json", bad)
    assert result.exit_code == 2
    assert bad in result.stderr
    assert json.loads(result.stdout)["problems"]


def test_the_shell_completes_names_of_the_library_and_files(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "fine.toml").touch()
    (tmp_path / "fine.txt").touch()
    command = mesogun.get_command(click.Context(mesogun), "explain")
    assert command
    ctx, param = click.Context(command), command.params[0]
    assert complete(ctx, param, "face/m") == ["face/mesolift"]
    assert complete(ctx, param, "face/") == ["face/fine-lines", "face/mesolift"]
    assert complete(ctx, param, f"{tmp_path}/f") == [f"{tmp_path}/fine.toml", f"{tmp_path}/folder/"]
