"""docs/LAB.md names every report, and its commands are commands."""

import re
import shlex
from pathlib import Path

import click

from mesogun_lab.cli import COMMANDS, lab

TEXT = (Path(__file__).parents[2] / "docs" / "LAB.md").read_text(encoding="utf-8")


def test_every_report_is_in_the_table_and_nothing_else_is() -> None:
    assert re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE) == list(COMMANDS)


def test_every_command_that_is_written_can_be_given() -> None:
    written = re.findall(r"^mesogun-lab ([^#\n]+)", TEXT, re.MULTILINE) + re.findall(r"`mesogun-lab ([^`]+)`", TEXT)
    assert len(written) > 6
    for line in written:
        name, *words = shlex.split(line)
        command = lab.commands[name]
        command.make_parser(click.Context(command)).parse_args(words)
