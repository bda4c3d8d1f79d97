"""The commands of the documents run as they are written, on simulated guns. What is flashed is in flash/test_doc_commands.py.

What stands for something of the reader's (PORT, FILE) is put in. A command that a person has to agree to at a terminal, by a
gun's serial number, has gone as far as it can here.
"""

import json
import re
from glob import glob
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rigs.clinical import few_points
from rigs.doc_commands import DOCUMENTS, ROOT, Written, written

from mesogun.cli import mesogun
from mesogun.cli.device.tested import TESTED
from mesogun.clinical.library import names
from mesogun.gun import explanations

READERS = {
    "PORT": "sim://?seed=1",
    "auto": "sim://?seed=1",
    "/dev/ttyACM0": "sim://?seed=1",
    "socket://127.0.0.1:5555": "sim://?seed=1",
    "FILE": "my-protocol.toml",
    "DIR": "folder",
    "NAME=VALUE": "needle_encoder_nm=5020",
    "12": "1",  # the session that was stopped, in README
}
TYPED = {"needle": "2\n5\n9\n", "dose": "20\n" * 60, "zero": "1\n"}  # readings off a gauge and a balance
NAMES_ONLY = (("device",), ("run",), ("check",), ("explain",), ("flash",), ("decode",))


def command_of(words: tuple[str, ...]) -> tuple[click.Command, tuple[str, ...]]:
    """The command that is meant, and the words behind its name."""
    command: click.Command = mesogun
    for count, word in enumerate(words):
        if not isinstance(command, click.Group) or word.startswith("-"):
            return command, words[count:]
        found = command.get_command(click.Context(command), word)
        assert found is not None, f"mesogun {' '.join(words)}: there is no {word}"
        command = found
    return command, ()


def is_name_only(one: Written) -> bool:
    """In the text a command may be spoken of by its name; with options or arguments, and in HARDWARE.md, it is one to give."""
    command, rest = command_of(one.words)
    return not one.in_block and not rest and (isinstance(command, click.Group) or not one.at.startswith("HARDWARE"))


def put_in(words: tuple[str, ...]) -> list[str]:
    """A protocol of the library is given with a few points: it is the command that is looked at."""
    few = dict.fromkeys(names(), "my-protocol.toml") if words[0] == "run" else {}
    meant = [(READERS | few).get(word, word) for word in words]
    return [found for word in meant for found in (sorted(glob(word)) if "*" in word else [word])]


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a protocol of a few points, records with a session that was stopped, and guns that are served to nobody."""
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    Path(few_points(tmp_path, 4, 2)).rename("my-protocol.toml")
    for serve in ("serve_tcp", "serve_pty"):
        monkeypatch.setattr(f"mesogun_sim.serve.{serve}", lambda *_: None)
    return tmp_path


def given(words: list[str]) -> Result:
    if words[:2] == ["device", "watch"] and "--seconds" not in words:
        words += ["--seconds", "1"]  # it goes on until Ctrl-C
    if words[0] == "new":
        words[-1] = "another.toml"  # what the document goes on with has few points, and is there
    typed = next((readings for word, readings in TYPED.items() if word in words), "")
    return CliRunner().invoke(mesogun, words, input=typed)


def agreed_by_a_person(result: Result) -> bool:
    return result.exit_code == 2 and "confirmation = no terminal" in result.stderr


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_every_command_that_a_document_names_is_there(document: Path) -> None:
    for one in written(document):
        command_of(one.words)


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_the_commands_of_a_document_run_as_they_are_written(document: Path, desk: Path) -> None:
    if document.name == "README.md":
        assert given(["run", "my-protocol.toml", "--fault", "estop@1800"]).exit_code == 4
    for one in written(document):
        if is_name_only(one) or one.words[0] == "flash":
            continue
        words = put_in(one.words)
        result = given(words)
        assert result.exit_code == one.code or agreed_by_a_person(result), f"{one.at}: mesogun {' '.join(words)}\n{result.output}"


def test_a_renamed_option_would_be_noticed(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert given(put_in(("device", "info", "--prot", "PORT"))).exit_code == 2
    assert not agreed_by_a_person(given(put_in(("device", "info", "--prot", "PORT"))))
    monkeypatch.setattr("mesogun.gun.client.may_have_a_needle", lambda url: True)
    assert agreed_by_a_person(given(put_in(("device", "config", "set", "NAME=VALUE", "--port", "PORT"))))


def test_commands_are_found_in_blocks_and_in_the_text_and_no_other_words(tmp_path: Path) -> None:
    page = tmp_path / "PAGE.md"
    page.write_text("Say `mesogun device\njournal --format`.\n\n```\n$ mesogun run FILE --json | jq .   # so\nmesogun: no\n```\n\n"
                    "    mesogun check 'a b.toml'  # it\n\nmesogun here is a word.\n")  # fmt: skip
    assert [(one.at, one.words, one.in_block) for one in written(page)] == [
        ("PAGE.md:1", ("device", "journal", "--format"), False),
        ("PAGE.md:5", ("run", "FILE", "--json"), True),
        ("PAGE.md:9", ("check", "a b.toml"), True),
    ]


def test_every_command_of_hardware_md_to_a_gun_names_its_port() -> None:
    (document,) = [one for one in DOCUMENTS if one.name == "HARDWARE.md"]
    commands = [one.words for one in written(document) if one.words[0] == "device" and not is_name_only(one)]
    assert len(commands) >= 10
    assert [words for words in commands if words[-2:] != ("--port", "PORT")] == []


def test_what_a_gun_or_its_self_test_says_to_do_can_be_done() -> None:
    """Words that tell a person to give a command name one that is there, with options that it has."""
    remedies = [one.remedy for one in TESTED.values()]
    said = json.dumps([list(explanations.REASONS.values()), list(explanations.REFUSALS.values()), remedies])
    named = re.findall(rf"mesogun ((?:{'|'.join(mesogun.commands)})\b(?: [a-z]+)*(?: --[a-z]+)*)", said)
    assert len(named) > 4
    for words in named:
        command, rest = command_of(tuple(words.split()))
        assert not isinstance(command, click.Group)
        assert set(rest) <= {option for one in command.params for option in one.opts}
