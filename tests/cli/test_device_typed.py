"""What an engineer types: the serial number of a gun that is named by its port, a reading, an amount; each at its limit."""

import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import click
import pytest
from rich.console import Console
from rigs.device_calls import call, fake_at_every_port
from rigs.fakegun import FakeGun

from mesogun.cli.device import gun as ours
from mesogun.cli.device.gun import amount, confirm_serial, typed_number
from mesogun.gun.client import Gun
from mesogun.refusal import Refused

SERIAL = 1_234_567
WHO = {"welcome": SimpleNamespace(serial=SERIAL), "link": SimpleNamespace(url="socket://bench:5555")}
GUN = cast(Gun, SimpleNamespace(**WHO, is_to_be_confirmed=True))
SIMULATED = cast(Gun, SimpleNamespace(**WHO, is_to_be_confirmed=False))


class Typist:
    """Types one line after another at a terminal, or at none."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, terminal: bool = True) -> None:
        self.lines: Iterator[str | None] = iter(())
        self.asked: list[str] = []
        self.console = Console(file=io.StringIO(), width=120)
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: terminal))
        monkeypatch.setattr(ours, "typed", self._typed)

    def _typed(self, console: Console, question: str) -> str | None:
        self.asked.append(question)
        return next(self.lines)

    def confirms(self, *lines: str | None, port: str | None = "socket://bench:5555", gun: Gun = GUN) -> str:
        """What is said of it when it is refused."""
        self.lines = iter(lines)
        try:
            confirm_serial(self.console, gun, port)
        except Refused as refused:
            return refused.problems[0].value
        return ""


@pytest.fixture
def typist(monkeypatch: pytest.MonkeyPatch) -> Typist:
    return Typist(monkeypatch)


def test_the_whole_serial_number_confirms_the_gun_at_the_port(typist: Typist) -> None:
    assert typist.confirms(str(SERIAL)) == ""
    assert len(typist.asked) == 1


@pytest.mark.parametrize("line", ["1", "123456", "4567", "12345678", "01234567", "1234568", "y", "yes"])
def test_a_part_of_it_or_more_than_it_confirms_nothing(line: str, typist: Typist) -> None:
    assert typist.confirms(line, str(SERIAL)) == line
    assert len(typist.asked) == 1, "nobody is asked twice"


def test_an_empty_line_is_asked_again_and_the_end_of_the_input_is_a_no(typist: Typist) -> None:
    assert typist.confirms("", "", str(SERIAL)) == ""
    assert len(typist.asked) == 3
    assert typist.confirms(None) == "nothing"


def test_where_no_terminal_is_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Typist(monkeypatch, terminal=False)
    assert nobody.confirms(str(SERIAL)) == "no terminal"
    assert nobody.asked == []


def test_a_simulated_gun_needs_no_confirmation_whether_a_port_names_it_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = Typist(monkeypatch, terminal=False)
    assert nobody.confirms(port=None) == ""
    assert nobody.confirms(gun=SIMULATED) == ""
    assert nobody.asked == []


@pytest.mark.parametrize("command", [["config", "set", "drive=1"], ["journal", "--format"]])
@pytest.mark.parametrize(("line", "done"), [("7", True), ("8", False)])
def test_description_and_journal_are_changed_after_the_number_was_typed_and_not_before(
    command: list[str], line: str, done: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    port: FakeGun = fake_at_every_port(monkeypatch)
    changed: list[bool] = []

    def typed(console: Console, question: str) -> str:
        changed.append(bool({"configure", "format"} & set(dict(port.asked))))
        return line

    monkeypatch.setattr(ours, "typed", typed)
    monkeypatch.setattr(ours, "sys", SimpleNamespace(stdin=SimpleNamespace(isatty=lambda: True), stderr=sys.stderr))
    assert (call(*command, "--port", "fake://").exit_code == 0) == done
    assert changed == [False]
    assert bool({"configure", "format"} & set(dict(port.asked))) == done


# ---- a reading ----


@pytest.mark.parametrize(("line", "value"), [("-1", -1.0), ("20", 20.0), ("2.05", 2.05)])
def test_a_reading_may_be_the_least_and_the_most(line: str, value: float, typist: Typist) -> None:
    typist.lines = iter([line])
    assert typed_number(typist.console, "The gauge showed", "mm", -1.0, 20.0) == value
    assert typist.asked == ["The gauge showed, in mm:"]


def test_a_person_whose_reading_is_none_is_asked_again(typist: Typist) -> None:
    typist.lines = iter(["-1.01", "20.01", "", "2,05", "nan", "inf", "3"])
    assert typed_number(typist.console, "The gauge showed", "mm", -1.0, 20.0) == 3.0
    assert len(typist.asked) == 7


def test_the_end_of_the_input_and_what_no_person_typed_are_refused(typist: Typist, monkeypatch: pytest.MonkeyPatch) -> None:
    typist.lines = iter([None])
    with pytest.raises(Refused):
        typed_number(typist.console, "The gauge showed", "mm", -1.0, 20.0)
    program = Typist(monkeypatch, terminal=False)
    program.lines = iter(["21", "3"])
    with pytest.raises(Refused, match="not between -1 and 20 mm"):
        typed_number(program.console, "The gauge showed", "mm", -1.0, 20.0)


# ---- an amount ----


@pytest.mark.parametrize(("text", "nl"), [("1", 1_000), ("200", 200_000), ("1.001", 1_001), ("25.5", 25_500)])
def test_an_amount_is_converted_exactly_from_the_least_to_the_most(text: str, nl: int) -> None:
    counts = amount("prime", "volume_nl", "µl", 1000)
    assert counts(cast(Any, None), cast(Any, None), text) == nl


@pytest.mark.parametrize("text", ["0.999", "200.001", "1.0001", "nan", "inf", "-1", "", "1,5"])
def test_an_amount_outside_or_finer_than_the_gun_takes_is_refused(text: str) -> None:
    counts = amount("prime", "volume_nl", "µl", 1000)
    with pytest.raises(click.BadParameter):
        counts(cast(Any, None), cast(Any, None), text)
