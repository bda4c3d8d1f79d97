"""`mesogun device config`, `log` and `journal`: what the gun keeps, how it is shown and changed."""

import pytest
from rigs.device_calls import call, fake_at_every_port, told
from rigs.fakegun import FakeGun

from mesogun.gun.client import Gun
from mesogun_fw.config import REFERENCE, Description
from mesogun_fw.memory.copies import NoDescription
from mesogun_fw.talk.codes import BLANK, DAMAGED, DOSE_OFF, FOREIGN, GOOD, PARTIAL, UNCERTAIN
from mesogun_fw.talk.messages import GUN


@pytest.fixture
def gun(monkeypatch: pytest.MonkeyPatch) -> FakeGun:
    return fake_at_every_port(monkeypatch)


# ---- configuration ----


def test_a_description_is_stored_whole_and_the_gun_can_be_armed_only_after_a_restart(gun: FakeGun) -> None:
    result = call("config", "set", "needle_encoder_nm=5020", "plunger_um_s=20000")
    assert result.exit_code == 0
    assert "needle_encoder_nm: 5000 → 5020 nm" in result.stderr
    assert "plunger_um_s" not in result.stderr
    assert "off and on" in result.stderr
    ((_, stored),) = [row for row in gun.asked if row[0] == "configure"]
    assert [old for old, new in zip(REFERENCE, stored, strict=True) if old != new] == [5_000]


def test_a_real_gun_of_the_simulator_stores_it_too() -> None:
    assert told("config", "set", "drive=1") == {"schema": "hardware-set/1", "changed": {"drive": {"old": 0, "new": 1}}}


def test_a_gun_that_has_no_description_gets_the_reference_ones_figures_stored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It answers with that design's until it has one of its own: nothing is another, and still it is all stored."""

    def none(_: object) -> Description:
        raise NoDescription("blank")

    monkeypatch.setattr("mesogun_sim.board.stored", none)
    stored: list[Description] = []
    monkeypatch.setattr(Gun, "configure", lambda gun, description: stored.append(description) or description)  # type: ignore[func-returns-value]
    told("config", "set", "drive=0")
    (one,) = stored
    assert one.figures() == REFERENCE


def test_what_is_so_already_is_not_stored(gun: FakeGun) -> None:
    assert told("config", "set", "drive=0")["changed"] == {}
    assert "configure" not in dict(gun.asked)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        (["colour=3"], 1),
        (["needle_encoder_nm=999", "plunger_um_s=20001", "drive=2"], 3),
        (["needle_encoder_nm=-5000"], 1),
        (["needle_encoder_nm=5_020"], 1),
        (["needle_encoder_nm=5.02"], 1),
        (["needle_encoder_nm="], 1),
        (["needle_encoder_nm"], 1),
        (["drive=0", "drive=1"], 1),
        (["needle_nm_per_step=8000"], 1),
        (["needle_out_mm_s2=29999"], 1),
    ],
)
def test_a_figure_that_no_gun_has_is_refused_and_nothing_is_stored(gun: FakeGun, changes: list[str], problems: int) -> None:
    assert len(told("config", "set", *changes, code=2)["problems"]) == problems
    assert "configure" not in dict(gun.asked)


def test_an_unknown_name_is_answered_with_those_that_exist_and_their_ranges() -> None:
    (problem,) = told("config", "set", "colour=3", code=2)["problems"]
    for name, low, high in GUN:
        assert f"{name} ({low} to {high})" in problem["remedy"]


def test_a_gun_that_stored_something_else_is_not_to_be_used(gun: FakeGun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gun, "_configure", lambda values: ("gun", list(REFERENCE)))
    (problem,) = told("config", "set", "drive=1", code=2)["problems"]
    assert "stored something else" in problem["limit"]


@pytest.mark.parametrize("command", [["config", "set", "drive=1"], ["journal", "--format"]])
def test_a_gun_named_by_its_port_is_changed_only_when_its_serial_number_is_typed_at_a_terminal(
    gun: FakeGun, command: list[str]
) -> None:
    result = call(*command, "--port", "sim://", typed="7\n")
    assert result.exit_code == 2
    assert "confirmation" in result.stderr
    assert not {"configure", "format"} & set(dict(gun.asked))


# ---- the journal ----


def logged(number: int, flags: int = 0) -> list[int]:
    return [number, 0xABCDEF123456, 1, number, 10_000, 1_998, 9_970, flags, 0]


def test_the_log_is_the_newest_shots_newest_first(gun: FakeGun, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [logged(4, PARTIAL), logged(3, UNCERTAIN), logged(2, DOSE_OFF | PARTIAL), logged(1)]
    monkeypatch.setattr(gun, "_log", lambda values: ("logged", rows[values[0]] if values[0] < 4 else [0] * 9))
    monkeypatch.setattr(gun, "_journal", lambda values: ("journaled", [GOOD, 7, 4, 40_000, 1]))
    answer = told("log")
    assert [row["number"] for row in answer["shots"]] == [4, 3, 2, 1]
    assert [row["flag_names"] for row in answer["shots"]] == [["partial"], ["uncertain"], ["partial", "dose off"], []]
    assert [row["number"] for row in told("log", "--last", "2")["shots"]] == [4, 3]
    shown = call("log").stdout
    assert "4 shots, 1 of them uncertain, 0.040 ml commanded" in shown
    assert [line.count("?") for line in shown.splitlines() if "abcdef12" in line] == [0, 2, 0, 0], "depth and dose"


@pytest.mark.parametrize("condition", [BLANK, DAMAGED, FOREIGN])
def test_a_journal_that_is_not_good_says_that_the_history_is_not_known(
    condition: int, gun: FakeGun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gun, "_journal", lambda values: ("journaled", [condition, 0, 0, 0, 0]))
    for command in ("journal", "log", "info"):
        assert "what this gun has given is not known" in " ".join(call(command).stdout.split())


def test_a_journal_that_could_not_be_begun_anew_is_said_to_be_none(gun: FakeGun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gun, "_format", lambda values: ("journaled", [DAMAGED, 0, 0, 0, 0]))
    result = call("journal", "--format")
    assert result.exit_code == 2
    assert "the gun could not start a new one" in result.stderr


def test_format_starts_a_new_journal_of_this_gun_only(gun: FakeGun) -> None:
    assert told("journal")["condition"] == "good"
    assert "format" not in dict(gun.asked)
    assert told("journal", "--format")["condition"] == "good"
    assert dict(gun.asked)["format"] == [gun.welcome[4]]


@pytest.mark.parametrize("last", ["0", "1001", "x"])
def test_more_shots_than_the_gun_can_be_asked_for_are_refused(last: str) -> None:
    assert call("log", "--last", last).exit_code == 2
