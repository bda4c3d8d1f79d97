"""`mesogun device info`, `selftest`, `home`, `prime` and `watch`: what they tell, what they refuse."""

import json
import sys
from types import ModuleType
from unittest.mock import MagicMock

import pytest
from click.testing import CliRunner
from rigs.device_calls import call, fake_at_every_port, told
from rigs.fakegun import FakeGun

from mesogun.cli import mesogun
from mesogun.cli.device.config import unit_of
from mesogun.cli.device.moves import SYRINGES
from mesogun.cli.device.tested import TESTED
from mesogun.cli.device.watch import LAMP
from mesogun.gun.explanations import FIGURES
from mesogun_fw.config import REFERENCE
from mesogun_fw.talk.codes import TESTS
from mesogun_fw.talk.messages import GUN, STATES
from mesogun_sim.board import SimBoard


@pytest.fixture
def gun(monkeypatch: pytest.MonkeyPatch) -> FakeGun:
    return fake_at_every_port(monkeypatch)


# ---- who it is ----


def test_info_tells_who_the_gun_is_and_all_that_it_is_made_of() -> None:
    answer = told("info", "--drive", "pneumatic")
    assert answer["gun"]["simulated"] == 1
    assert answer["state"]["state"] == "unhomed"
    assert answer["journal"]["good"] is True
    assert answer["hardware"].pop("drive") == 1
    assert list(answer["hardware"].values()) == [
        figure for (name, *_), figure in zip(GUN, REFERENCE, strict=True) if name != "drive"
    ]
    shown = call("info").stdout
    assert "Journal good: 0 shots" in shown
    for name, *_ in GUN:
        assert name in shown
        assert FIGURES[name].split()[0] in shown


def test_every_figure_of_a_gun_has_its_unit() -> None:
    assert [name for name, *_ in GUN if not unit_of(name)] == ["drive"]


def test_a_selftest_names_what_failed_and_what_to_do_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told("selftest") == {"schema": "selftest/1", "failed": [], "tests": list(TESTS), "bits": 0}
    said = iter([0, 0b10])  # all is well at power-on
    monkeypatch.setattr(SimBoard, "selftest", lambda _: next(said))
    result = call("selftest")
    assert result.exit_code == 1
    (failed,) = [line for line in result.stdout.splitlines() if line.startswith("FAILED")]
    assert "the firmware's files are not as they were flashed" in failed
    assert "mesogun flash" in failed


def test_a_gun_that_its_own_selftest_has_latched_says_which_test_it_was() -> None:
    result = call("selftest", "--port", "sim://?fault=supply-low@1", "--json")
    assert (result.exit_code, json.loads(result.stdout)["failed"]) == (1, ["supply"])
    assert "The gun is latched" in result.stderr


def test_every_test_that_a_gun_makes_has_something_to_do_about_it() -> None:
    assert set(TESTED) == set(TESTS)


def test_a_selftest_says_in_a_sentence_what_was_found_and_never_that_something_open_is_ok() -> None:
    passed = [line.removeprefix("ok  ").strip() for line in call("selftest").stdout.splitlines() if line.startswith("ok")]
    assert passed == [one.well for one in TESTED.values()]
    assert not set(passed) & set(TESTS)
    failed = call("selftest", "--port", "sim://?fault=estop@1")
    assert "the emergency stop is pressed, or its wire is open" in " ".join(failed.stdout.split())


def test_a_test_that_is_newer_than_this_program_is_no_test_passed(gun: FakeGun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gun, "_selftest", lambda _: ("tested", [1 << 15]))
    assert told("selftest", code=1)["failed"] == ["test 15"]


def test_a_latched_gun_says_what_is_latched_and_what_to_do() -> None:
    for command in (["home"], ["prime", "--volume-ul", "5", "--syringe-ml", "5"]):
        result = call(*command, "--port", "sim://?fault=estop@1")
        assert result.exit_code == 2
        assert "press the clear button" in result.stderr


# ---- moves ----


@pytest.mark.parametrize("drive", ["stepper", "pneumatic"])
def test_home_asks_for_the_trigger_and_tells_that_it_is_home(drive: str) -> None:
    result = call("home", "--drive", drive, "--json")
    assert (result.exit_code, json.loads(result.stdout)["homed"]) == (0, True)
    assert "Hold the gun in the air and press the trigger" in result.stderr


def test_a_home_that_fails_is_exit_4_and_says_why() -> None:
    result = call("home", "--port", "sim://?fault=home-stuck@0", "--json")
    assert (result.exit_code, json.loads(result.stdout)["state"]) == (4, "fault")
    assert "home switch and encoder contradict each other" in result.stderr


def test_prime_homes_first_warns_and_tells_what_was_pushed() -> None:
    result = call("prime", "--volume-ul", "25.5", "--syringe-ml", "3", "--flow-ul-s", "20", "--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["whole"], answer["asked_nl"]) == (0, True, 25_500)
    assert answer["pushed_nl"] == answer["waste_nl"] == pytest.approx(25_500, abs=40)  # a plunger step is 37 nl
    for words in ("first the gun finds its home", "over a swab", "waste"):
        assert words in result.stderr


def test_a_stiff_syringe_has_a_bore_of_its_own_and_one_that_nobody_knows_cannot_be_named() -> None:
    assert (SYRINGES["1"], SYRINGES["1-stiff"]) == (4_780, 6_350)
    assert "3-stiff" not in SYRINGES
    assert told("prime", "--volume-ul", "20", "--syringe-ml", "1-stiff")["asked_nl"] == 20_000


def test_a_prime_that_stalls_tells_how_little_came() -> None:
    answer = told("prime", "--volume-ul", "200", "--syringe-ml", "1", "--port", "sim://?fault=plunger-stall@0", code=4)
    assert not answer["whole"]
    assert answer["pushed_nl"] < 1_000


@pytest.mark.parametrize(
    "options",
    [
        ["--volume-ul", "0.9", "--syringe-ml", "5"],
        ["--volume-ul", "200.1", "--syringe-ml", "5"],
        ["--volume-ul", "nan", "--syringe-ml", "5"],
        ["--volume-ul", "1.0001", "--syringe-ml", "5"],
        ["--volume-ul", "a drop", "--syringe-ml", "5"],
        ["--volume-ul", "10", "--syringe-ml", "7"],
        ["--volume-ul", "10", "--syringe-ml", "5", "--flow-ul-s", "0.4"],
        ["--volume-ul", "10", "--syringe-ml", "5", "--port", "sim://", "--drive", "stepper"],
    ],
)
def test_an_amount_the_gun_does_not_take_is_refused_before_one_is_looked_for(options: list[str]) -> None:
    assert call("prime", *options).exit_code == 2


def test_a_flow_the_plunger_cannot_make_is_refused_before_anything_moves() -> None:
    fastest = ("prime", "--volume-ul", "10", "--syringe-ml", "1", "--flow-ul-s")
    assert told(*fastest, "358")["whole"]
    (problem,) = told(*fastest, "360", code=2)["problems"]
    assert "at most 358 µl/s" in problem["limit"]


# ---- watching ----


@pytest.mark.parametrize(("drive", "low_mv"), [("stepper", 20_000), ("pneumatic", 4_500)])
def test_watch_gives_a_program_ten_objects_a_second(drive: str, low_mv: int) -> None:
    result = call("watch", "--seconds", "1", "--json", "--drive", drive)
    looks = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 0
    assert [look["after_ms"] for look in looks] == pytest.approx([100 * i for i in range(10)], abs=15)
    assert looks[0]["state"] == "unhomed"
    assert looks[0]["switches"]["home"] is True
    assert looks[0]["supply_mv"] >= low_mv


def test_watch_gives_a_log_a_line_a_second_and_of_a_pneumatic_gun_its_air() -> None:
    lines = call("watch", "--seconds", "3", "--drive", "pneumatic").stdout.splitlines()
    assert len(lines) == 3
    assert all("air 400 kPa" in line and "depth stop" in line for line in lines)
    assert "air" not in call("watch", "--seconds", "1").stdout


def test_the_needle_of_a_latched_gun_is_shown_with_a_doubt_and_that_of_an_unhomed_one_not_at_all() -> None:
    assert "if it was homed before" in call("watch", "--seconds", "1", "--port", "sim://?fault=estop@1").stdout
    assert "its place is not known" in call("watch", "--seconds", "1").stdout


def test_the_drive_of_a_real_gun_is_not_chosen_here() -> None:
    for command in (["device", "info"], ["run", "face/mesolift"]):
        result = CliRunner().invoke(mesogun, [*command, "--port", "sim://", "--drive", "stepper"])
        assert result.exit_code == 2
        assert "--drive belongs to the simulated gun" in result.stderr


@pytest.mark.parametrize("seconds", ["0", "-1", "soon"])
def test_a_time_that_is_none_is_refused(seconds: str) -> None:
    assert call("watch", "--seconds", seconds).exit_code == 2


def test_the_lamp_on_the_screen_is_the_lamp_at_the_gun(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("machine", "mesogun_fw.boards.pico.pins"):
        monkeypatch.setitem(sys.modules, name, MagicMock(spec=ModuleType(name)))
    monkeypatch.delitem(sys.modules, "mesogun_fw.boards.pico.lamp", raising=False)
    from mesogun_fw.boards.pico import lamp

    colours = {lamp.WHITE: "bright_white", lamp.YELLOW: "yellow", lamp.GREEN: "green", lamp.BLUE: "blue", lamp.RED: "red"}
    assert {state: colours[lamp.PATTERNS[state][0]] for state in range(len(STATES))} == LAMP
