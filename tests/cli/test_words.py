"""Whatever is typed, what comes back is a sentence of ours: nothing that Python says of itself."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from mesogun.cli import mesogun
from mesogun.clinical.library import library

PYTHONS = re.compile(
    r"not supported|could not convert|decimal\.|Traceback|Error inside|invalid literal|NoneType|has no attribute|codec can"
)
NASTY = ("", "abc", "1e999", "-1", "nan", "inf", "1,5", "0x10", "٣", "1" * 40, "1_000", "\x00", "[]")
COMMANDS = (
    "run face/mesolift --filled 1 --rest", "run face/mesolift --rest 1 --filled", "run face/mesolift --fault",
    "run face/mesolift --plot", "run", "check", "explain", "device prime", "device config set", "device config set needle_um_s",
    "new", "new my.toml --from", "check --port", "check --drive", "explain --port", "schema",
    "records show", "records export", "records list --limit", "records waive", "sim --fault",
)  # fmt: skip
VALUES = (
    '"x"', "1e400", "nan", "-inf", "true", "[]", "{}", '""', "1979-05-27", "07:32:00", "9" * 24, "1e-300", '"1,5"', "[1, 2]",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def in_words(*arguments: str) -> str:
    result = CliRunner().invoke(mesogun, arguments)
    assert not PYTHONS.search(result.output), (arguments, result.output)
    return result.output


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_that_is_typed_brings_out_python(command: str) -> None:
    for nasty in NASTY:
        in_words(*command.split(), nasty)


@pytest.mark.parametrize("speed", ["abc", "1,5", "-1", "nan", "inf", "0x10", "\x00", "1e999"])
def test_no_speed_brings_out_python(speed: str) -> None:
    in_words("run", "face/mesolift", "--speed", speed)
    in_words("sim", "--speed", speed)


def test_no_name_of_a_record_brings_out_python() -> None:
    assert "this can be no name" in in_words("run", "face/mesolift", "--db", "\x00")


@pytest.mark.slow
def test_no_value_of_a_protocol_brings_out_python(tmp_path: Path) -> None:
    lines = (library() / "face" / "mesolift.toml").read_text().splitlines()
    path = tmp_path / "protocol.toml"
    for at, line in enumerate(lines):
        if key := re.match(r"\w+ = ", line):
            for value in VALUES:
                path.write_text("\n".join([*lines[:at], key[0] + value, *lines[at + 1 :], ""]))
                in_words("check", str(path))


def test_a_fault_that_there_is_not_is_no_matter_of_ports() -> None:
    said = in_words("run", "face/mesolift", "--fault", "nonsense@1")
    assert "needle-runaway" in said
    assert "Correct that option" in said
    assert "name of the port" not in said
