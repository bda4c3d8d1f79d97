"""`--log DIR` keeps what is said on the cable, for every command that talks to a gun; `mesogun decode` says it in words."""

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from rigs.clinical import few_points
from rigs.device_calls import fake_at_every_port

from mesogun.cli import mesogun
from mesogun.gun import wire
from mesogun_fw.talk import frames

SIM = ("--port", "sim://?seed=1")
PERSON, TITLE = "Dr. Ada Lovelace", "Mesolift"


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


@pytest.fixture
def tiny(tmp_path: Path) -> str:
    return few_points(tmp_path, 2, 1)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def write(self, number: int, data: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(wire, "os", Full())


def call(*arguments: str, typed: bytes = b"") -> Result:
    return CliRunner().invoke(mesogun, arguments, input=typed)


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield " ".join([*before, name]), command


# ---- --log ----


def test_every_command_that_talks_to_a_gun_takes_log_and_no_other_does() -> None:
    """The board that `flash` talks to is at MicroPython's prompt: no messages. `check` and `explain` only ask who it is."""
    without = {"flash", "check", "explain"}
    with_port = {name for name, command in commands(mesogun) if any(one.name == "port" for one in command.params)} - without
    with_log = {name for name, command in commands(mesogun) if any("--log" in one.opts for one in command.params)}
    assert {"run", "device info", "device watch", "device config set"} < with_log == with_port


def test_a_session_is_kept_without_anything_about_a_person(tiny: str, tmp_path: Path) -> None:
    result = call("run", tiny, "--operator", PERSON, "--log", str(tmp_path / "log"))
    assert result.exit_code == 0
    (path,) = (tmp_path / "log").iterdir()
    assert f"Wire log: {path}" in result.stderr
    text = path.read_text()
    assert text.count(" shot ") == 3
    for word in (*PERSON.split(), TITLE, "small", str(tmp_path)):
        assert word not in text


def test_an_engineers_command_is_kept_and_its_output_is_as_before(tmp_path: Path) -> None:
    plain, kept = call("device", "info", "--json", *SIM), call("device", "info", "--json", "--log", str(tmp_path), *SIM)
    assert plain.stdout == kept.stdout
    (path,) = tmp_path.glob("*.log")
    assert "journaled" in path.read_text()


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_full_disk_is_told_and_the_session_is_complete(tiny: str, tmp_path: Path, full_disk: None, as_json: list[str]) -> None:
    result = call("run", tiny, "--log", str(tmp_path / "log"), *as_json)
    assert result.exit_code == 6
    assert "The wire log is not whole: no space left on device" in result.stderr
    assert "complete" in result.stdout
    assert not as_json or json.loads(result.stdout)["outcome"] == "complete"


def test_an_engineers_command_ends_with_6_too_unless_something_worse_is_to_be_told(
    tmp_path: Path, full_disk: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("device", "selftest", "--log", str(tmp_path), *SIM).exit_code == 6
    assert call("device", "home", "--log", str(tmp_path), *SIM).exit_code == 6
    gun = fake_at_every_port(monkeypatch)
    monkeypatch.setattr(gun, "_selftest", lambda _: ("tested", [1]))
    assert call("device", "selftest", "--log", str(tmp_path), *SIM).exit_code == 1


def test_a_log_that_cannot_be_kept_is_refused_before_the_gun_hears_anything(tiny: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    trace = tmp_path / "trace"
    result = call("run", tiny, "--log", str(tmp_path / "file"), "--json", "--trace", str(trace))
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["field"]) == (2, "log")
    assert list(trace.iterdir()) == []
    assert call("device", "info", "--log", "", *SIM).exit_code == 2


def test_a_link_that_is_lost_leaves_a_log_that_says_how_far_it_went(tiny: str, tmp_path: Path) -> None:
    result = call("run", tiny, "--fault", "link-down@1500", "--log", str(tmp_path / "log"))
    assert result.exit_code == 3
    (path,) = (tmp_path / "log").iterdir()
    assert f"Wire log: {path}" in result.stderr
    assert " > " in path.read_text().splitlines()[-1], "the last that is known is what was asked and never answered"


# ---- decode ----


def test_a_log_and_a_trace_of_the_same_session_are_said_alike(tiny: str, tmp_path: Path) -> None:
    assert call("run", tiny, "--log", str(tmp_path / "log"), "--trace", str(tmp_path / "trace")).exit_code == 0
    (log,) = (tmp_path / "log").iterdir()
    shown = [call("decode", str(path)).stdout.splitlines() for path in (log, tmp_path / "trace" / "messages.log")]
    assert [line[15:] for line in shown[0]] == [line[15:] for line in shown[1]]
    assert any("shot" in line and "measured depth 1.99" in line for line in shown[0])
    told = json.loads(call("decode", str(log), "--json").stdout)
    assert (told["no_messages"], len(told["lines"])) == (0, len(shown[0]))
    assert told["lines"][0]["message"] == "hello"
    assert told["lines"][0]["utc"].startswith("20")


def test_all_logs_of_a_folder_are_said_one_after_the_other(tmp_path: Path) -> None:
    for _ in range(2):
        call("device", "info", "--log", str(tmp_path), *SIM)
    files = sorted(map(str, tmp_path.iterdir()))
    shown = call("decode", *files).stdout.splitlines()
    assert [line for line in shown if line in files] == files
    told = json.loads(call("decode", *files, "--json").stdout)
    assert [line["file"] for line in told["lines"] if line["message"] == "hello"] == files


@pytest.mark.parametrize("name", [[], ["-"]])
def test_lines_are_pasted(name: list[str]) -> None:
    pasted = b"\n  " + frames.encode(7, "beat", [12]) + b"hello \x1b[2J\xff\r\n"
    shown = call("decode", *name, typed=pasted).stdout.splitlines()
    assert " ".join(shown[0].split()) == "> 7 beat on disk up to event 12"
    assert "no message" in shown[1]
    assert "hello \\x1b[2J" in shown[1]
    assert len(shown) == 2


@pytest.mark.parametrize("name", ["no-such-file", ".", "\x00"])
def test_a_file_that_cannot_be_read_is_refused(name: str) -> None:
    result = call("decode", name, "--json")
    assert (result.exit_code, json.loads(result.stdout)["problems"][0]["field"]) == (2, "file")


def test_a_file_that_is_no_log_is_said_to_be_none_and_ends_well(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)
    result = call("decode", str(path))
    assert result.exit_code == 0
    assert all(line.strip().startswith("no message") for line in result.stdout.splitlines())
