"""`mesogun device` as whole processes: at a terminal, stopped by Ctrl-C, on a gun that has a past."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from rigs.marks import mostly_slow
from rigs.terminal import REAL, Terminal, needle_steps, pty, serial_number, started, wait_for
from rigs.whole import CONTINUOUS, give, gun_process, plan_of, protocol

from mesogun.cli import mesogun
from mesogun.gun.client import Gun
from mesogun.records import Records

assert pty  # a terminal is what these are about
SHOTS = 6


@pytest.mark.slow
def test_ctrl_c_while_the_trigger_is_awaited_disarms_and_nothing_moves(tmp_path: Path) -> None:
    home = Terminal("device", "home", "--port", f"sim://?speed=0.05&trace={tmp_path}")
    home.answer("press the trigger", "\x03")
    assert home.exit_code() == 130
    assert needle_steps(tmp_path) == 0
    assert "needle_step" not in (tmp_path / "pins.csv").read_text()
    assert "disarm" in (tmp_path / "messages.log").read_text()


@pytest.mark.slow
def test_a_calibration_is_typed_at_a_terminal_and_a_slip_is_asked_again() -> None:
    calibrate = Terminal("device", "calibrate", "dose", "--dose-ul", "10", "--syringe-ml", "5", "--times", "2", "--port", "sim://")
    calibrate.answer("in mg:", "10,1\n")
    calibrate.answer("in mg:", "10.1\n")
    calibrate.answer("in mg:", "9.9\n")
    assert calibrate.exit_code() == 0, calibrate.screen
    assert "that is no number. Type mg, with a point for the decimals" in calibrate.screen
    assert "Mean of 2 doses: 10.00 µl" in calibrate.screen


@pytest.mark.parametrize(("typed", "code"), mostly_slow([(serial_number, 0), ("100002\n", 2), ("\x03", 130)]))
@pytest.mark.parametrize("command", [("config", "set", "needle_encoder_nm=5020"), ("journal", "--format")])
def test_what_a_gun_keeps_is_changed_only_when_its_serial_number_is_typed(
    tmp_path: Path, command: tuple[str, ...], typed: str | Callable[[str], str], code: int
) -> None:
    change = Terminal("device", *command, "--port", f"sim://?trace={tmp_path}", program=REAL)
    change.answer("go on:", typed)
    assert change.exit_code() == code, change.screen
    asked = re.findall(r" > \d+ (configure|format) ", (tmp_path / "messages.log").read_text())
    assert len(asked) == (code == 0)


@pytest.mark.slow
def test_watch_leaves_at_ctrl_c_with_its_last_picture_and_the_cursor_back() -> None:
    watch = Terminal("device", "watch", "--sim", "--drive", "pneumatic")
    watch.answer("unhomed", "\x03")
    assert watch.exit_code() == 130
    for words in ("e-stop", "trigger a", "syringe", "not homed", "supply", "air", "400 kPa", "late", "bad lines"):
        assert words in watch.screen
    assert "Traceback" not in watch.screen
    assert watch.screen.rindex("\x1b[?25h") > watch.screen.rindex("\x1b[?25l")


@pytest.mark.slow
def test_a_gun_that_has_made_shots_tells_them_to_another_laptop(tmp_path: Path) -> None:
    with gun_process(tmp_path / "trace") as gun:
        with Records.open(f"sqlite:///{tmp_path / 'records.db'}") as records, Gun.connect(gun.url) as first:
            summary = give(first, records, plan_of(protocol(CONTINUOUS | {"points": SHOTS})))
        result = CliRunner().invoke(mesogun, ["device", "log", "--last", "4", "--json", "--port", gun.url])
    answer = json.loads(result.stdout)
    assert answer["journal"]["shots"] == summary.shots == SHOTS
    assert [row["number"] for row in answer["shots"]] == [6, 5, 4, 3]
    assert all(row["measured_depth_um"] == pytest.approx(2_000, abs=20) for row in answer["shots"])
    assert all(row["commanded_dose_nl"] == 10_000 for row in answer["shots"])


@pytest.mark.slow
def test_a_served_gun_has_the_drive_that_was_asked_for_and_so_has_one_that_is_run(tmp_path: Path) -> None:
    gun = started("sim", "--tcp", "0", "--drive", "pneumatic")
    assert gun.stdout
    port = wait_for("--port", gun.stdout).split()[-1]
    told = CliRunner().invoke(mesogun, ["device", "config", "get", "--json", "--port", port]).stdout
    gun.terminate()
    gun.communicate(timeout=20)
    assert json.loads(told)["hardware"]["drive"] == 1

    small = tmp_path / "small.toml"
    small.write_text(protocol(CONTINUOUS | {"points": SHOTS}))
    trace = tmp_path / "trace"
    options = ["--drive", "pneumatic", "--trace", str(trace), "--db", f"sqlite:///{tmp_path / 'records.db'}", "--json"]
    run = CliRunner().invoke(mesogun, ["run", str(small), *options])
    assert (run.exit_code, json.loads(run.stdout)["counts"]["whole"]) == (0, SHOTS)
    assert json.loads((trace / "device.json").read_text())["drive"] == "pneumatic"
