"""The README's commands are commands: whoever copies one from it is not told that there is no such option."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from mesogun.cli import mesogun

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
LINES = re.findall(r"^((?:\.venv/bin/)?mesogun [^#\n]+?) *(?:#.*)?$", README, re.MULTILINE)


def test_the_readme_has_commands() -> None:
    assert len(LINES) > 8


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_readme_is_understood(line: str) -> None:
    command: click.Command = mesogun
    name, *words = shlex.split(line)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(click.Context(command), name)
        assert found is not None, f"no such command: {name}"
        command = found
    assert command.make_context(name, words).params.keys() >= {param.name for param in command.params if param.expose_value}


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("mesogun device")])
def test_an_engineers_command_of_the_readme_says_which_gun(line: str) -> None:
    assert {"--port", "--sim"} & set(shlex.split(line))


def test_the_first_command_after_the_demo_works_as_written() -> None:
    after_the_demo = README.split("\nmake demo", 1)[1].splitlines()[1]
    program, *words = shlex.split(after_the_demo, comments=True)
    assert program == ".venv/bin/mesogun"
    assert 'mesogun = "mesogun.cli:main"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert CliRunner().invoke(mesogun, words).exit_code == 0
