"""A port that cannot be opened says whose it is or what right is missing; where no needle can be is told from where one may."""

import errno
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from rigs.fakegun import FakeGun
from rigs.plugged import Answering

from mesogun.gun.client import Gun
from mesogun.gun.port import Busy, NoGun, NoRights, may_have_a_needle, open_again
from mesogun.refusal import Refused


class Fails(Answering):
    """A port that cannot be opened, for this reason."""

    def __init__(self, error: OSError, device: str = "/dev/ttyACM0") -> None:
        super().__init__()
        self.port = device
        self._error = error

    def open(self) -> None:
        raise self._error


def refusal(error: OSError, device: str = "/dev/ttyACM0") -> NoGun:
    with pytest.raises(NoGun) as refused:
        open_again(Fails(error, device))
    return refused.value


@pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")
def test_without_the_right_to_a_port_the_group_that_has_it_is_named_and_how_to_join(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.stat", lambda _: SimpleNamespace(st_gid=20, st_mode=0o20660))
    monkeypatch.setattr("grp.getgrgid", lambda gid: SimpleNamespace(gr_name={20: "uucp"}[gid]))
    refused = refusal(PermissionError(errno.EACCES, "Permission denied"))
    assert isinstance(refused, NoRights)
    assert "sudo usermod -aG uucp $USER" in refused.problems[0].remedy
    assert "log out and in" in refused.problems[0].remedy


@pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")
@pytest.mark.parametrize(("gid", "mode"), [(0, 0o20660), (20, 0o20600), (20, 0o20640), (99, 0o20660)])
def test_nobody_is_told_to_join_the_system_or_a_group_without_the_right_or_a_name(
    gid: int, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.stat", lambda _: SimpleNamespace(st_gid=gid, st_mode=mode))
    monkeypatch.setattr("grp.getgrgid", lambda gid: SimpleNamespace(gr_name={0: "root", 20: "dialout"}[gid]))
    (problem,) = refusal(PermissionError(errno.EACCES, "Permission denied")).problems
    assert "usermod" not in problem.remedy
    assert "Ask for access to serial ports" in problem.remedy


def test_a_right_that_is_missing_at_a_port_nobody_can_look_at_is_said_all_the_same() -> None:
    (problem,) = refusal(PermissionError(errno.EACCES, "Permission denied"), "/dev/no-such-port").problems
    assert "Ask for access to serial ports" in problem.remedy


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EBUSY, "Device or resource busy"),
        OSError(errno.EAGAIN, "Could not exclusively lock port"),
        OSError("could not open port 'COM3': PermissionError(13, 'Access is denied.', None, 5)"),
    ],
)
def test_a_port_that_another_program_has_is_called_busy(error: OSError) -> None:
    refused = refusal(error)
    assert isinstance(refused, Busy)
    assert refused.problems[0].limit == "another program is using it"


def test_who_names_a_port_that_is_not_there_is_told_where_ports_are_listed() -> None:
    assert "mesogun ports" in refusal(FileNotFoundError(errno.ENOENT, "No such file")).problems[0].remedy


# ---- where no needle can be ----


@pytest.mark.parametrize(
    "url",
    [
        *("/dev/ttyACM0", "/dev/ttyUSB0", "/dev/serial/by-id/usb-a-gun", "/dev/cu.usbmodem101", "/dev/tty.usbmodem101", "COM3"),
        *("spy:///dev/ttyACM0", "alt:///dev/ttyACM0", "hwgrep://2e8a", "rfc2217://bench:5555", "auto", "/dev/pts/../ttyACM0"),
    ],
)
def test_a_gun_at_what_may_be_a_cable_is_confirmed_whatever_it_says_of_itself(url: str) -> None:
    assert may_have_a_needle(url)
    gun = FakeGun()
    gun.port = url
    assert Gun(gun).is_to_be_confirmed


@pytest.mark.parametrize("url", ["sim://", "sim://?seed=1", "socket://127.0.0.1:5555", "/dev/pts/3", "/dev/ttys003"])
def test_only_a_gun_that_says_it_is_simulated_where_no_needle_can_be_needs_nobody(url: str) -> None:
    gun = FakeGun()
    gun.port = url
    assert not Gun(gun).is_to_be_confirmed
    real = FakeGun()
    real.port = url
    real.welcome[3] = 0
    assert Gun(real).is_to_be_confirmed


def test_a_real_gun_never_takes_the_place_of_a_simulated_one_that_nobody_confirmed() -> None:
    port = FakeGun()
    gun = Gun(port)
    port.welcome[3] = 0
    with pytest.raises(Refused, match="gun = 7: the session began with gun 7, simulated"):
        gun.reconnect()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo terminals")
def test_a_pseudo_terminal_is_known_by_a_link_to_it_and_a_cable_by_a_link_to_that(tmp_path: Path) -> None:
    master, slave = os.openpty()
    link = tmp_path / "gun"
    link.symlink_to(os.ttyname(slave))
    os.close(slave)
    assert not may_have_a_needle(str(link))
    link.unlink()
    link.symlink_to("/dev/ttyACM0")
    assert may_have_a_needle(str(link))
    os.close(master)
