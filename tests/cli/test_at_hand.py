"""`mesogun check` and `explain` judge a protocol for the gun at hand, and touch nothing of it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rigs.fakegun import FakeGun

from mesogun.cli import mesogun
from mesogun.clinical.library import library
from mesogun.gun import client
from mesogun_fw.talk.messages import BY_NAME

LESS = 'least_share_percent = 50\nless_share_because = "the longer needle"\n'


def call(*arguments: str) -> Result:
    return CliRunner().invoke(mesogun, arguments)


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> FakeGun:
    """A gun that is not simulated, and goes no deeper than 1.8 mm."""
    gun = FakeGun()
    fields = [field[0] for field in BY_NAME["welcome"][2]]
    gun.welcome[fields.index("simulated")] = 0
    gun.welcome[fields.index("depth_cap_um")] = 1_800
    monkeypatch.setattr(client, "open_port", lambda url: gun)
    return gun


@pytest.mark.parametrize("gun", [("--drive", "pneumatic"), ("--port", "sim://?drive=pneumatic")])
def test_what_a_gun_driven_by_air_cannot_do_is_refused_when_such_a_gun_is_at_hand(gun: tuple[str, str]) -> None:
    assert call("check", "face/fine-lines", "face/mesolift").exit_code == 0
    for command in ("check", "explain"):
        result = call(command, *gun, "face/fine-lines")
        assert result.exit_code == 2
        assert "this gun throws its needle by air" in result.output
    assert call("check", *gun, "face/mesolift").exit_code == 0


@pytest.mark.parametrize("gun", [("--drive", "stepper"), ("--port", "sim://")])
def test_a_gun_driven_by_a_motor_gives_the_whole_library(gun: tuple[str, str]) -> None:
    assert call("check", *gun).exit_code == 0


def test_which_gun_it_was_judged_for_is_said_to_a_person_and_to_a_program() -> None:
    assert "for a gun of the reference design, where air throws the needle" in call("check", "--drive", "pneumatic").stdout
    assert "simulated gun 100001, where a motor drives the needle" in call("explain", "--port", "sim://", "face/mesolift").stdout
    assert json.loads(call("check", "--json", "--port", "sim://", "face/mesolift").stdout)["gun"].startswith("simulated gun 100001")
    assert json.loads(call("check", "--json", "face/mesolift").stdout)["gun"] is None


def test_the_limits_that_the_gun_itself_tells_are_held(real: FakeGun) -> None:
    result = call("check", "--port", "/dev/ttyACM0", "face/mesolift")
    assert result.exit_code == 2
    assert "pass 1, depth_mm = 2 mm" in result.stdout
    assert "this gun goes no deeper than 1.8 mm" in result.stdout
    assert "line 65: depth_mm = 2.0" in result.stdout


def test_what_a_physician_must_confirm_is_refused_for_a_real_gun_as_run_refuses_it(real: FakeGun, tmp_path: Path) -> None:
    real.welcome[[field[0] for field in BY_NAME["welcome"][2]].index("depth_cap_um")] = 10_000
    text = (library() / "face/mesolift.toml").read_text(encoding="utf-8")
    deep = tmp_path / "deep.toml"
    for was, now in (
        ("length_mm = 4", "length_mm = 5"),
        ("depth_mm = 2.0", LESS + "depth_mm = 2.0"),
        ("depth_mm = 1.5", LESS + "depth_mm = 4.5"),
    ):
        text = text.replace(was, now)
    deep.write_text(text, encoding="utf-8")
    assert call("check", str(deep)).exit_code == 0
    result = call("check", "--port", "/dev/ttyACM0", str(deep))
    assert result.exit_code == 2
    assert "have a physician confirm" in result.stdout


def test_nothing_is_asked_of_the_gun_but_who_it_is(real: FakeGun) -> None:
    call("check", "--port", "/dev/ttyACM0", "face/mesolift")
    assert {line.split()[1] for line in real.heard} <= {"hello", "hardware", "beat", "events"}


def test_a_port_without_a_gun_is_refused_before_anything_is_judged() -> None:
    result = call("check", "--port", "/dev/none", "face/mesolift")
    assert result.exit_code == 2
    assert "there is no such port" in result.stderr


def test_a_drive_beside_a_port_is_refused_for_the_gun_says_it_itself() -> None:
    result = call("check", "--drive", "stepper", "--port", "sim://", "face/mesolift")
    assert result.exit_code == 2
    assert "--drive and --port name two guns" in result.stderr
