"""A wire log keeps every line on the cable, both ways, whatever comes; and whatever becomes of it, the conversation goes on."""

import errno
import os
import re
import stat
from pathlib import Path
from typing import Any

import pytest
from rigs.fakegun import FakeGun
from rigs.marks import mostly_slow
from rigs.whole import SINGLE, give, plan_of, protocol

from mesogun.gun import wire
from mesogun.gun.client import Gun
from mesogun.gun.link import Link
from mesogun.gun.wire import WireLog
from mesogun.records import Records
from mesogun.records.tally import Summary
from mesogun.refusal import Refused
from mesogun_fw.limits import LINE_MAX
from mesogun_fw.talk import frames

SMALL = plan_of(protocol(SINGLE | {"points": 2}))


class FullDisk:
    """The system, with a disk that takes so many writes more."""

    def __init__(self, takes: int) -> None:
        self.takes = takes

    def write(self, number: int, data: bytes) -> int:
        if not self.takes:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.takes -= 1
        return os.write(number, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)


def session(tmp_path: Path, log: WireLog | None) -> Summary:
    url = f"sim://?trace={tmp_path}/trace"
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records, Gun.connect(url, log) as gun:
        return give(gun, records, SMALL)


def without_times(path: Path) -> list[str]:
    return [line.partition(" ")[2] for line in path.read_text().splitlines()]


def times(path: Path) -> list[int]:
    return [int(line.partition(" ")[0]) for line in path.read_text().splitlines()]


def test_a_log_is_what_the_gun_at_the_other_end_has_in_its_trace(tmp_path: Path) -> None:
    log = WireLog(str(tmp_path / "log"))
    session(tmp_path, log)
    log.close()
    assert log.lost == ""
    trace = tmp_path / "trace" / "messages.log"
    assert without_times(log.path) == without_times(trace)
    began, gun_began = times(log.path)[0], times(trace)[0]
    assert [at - began for at in times(log.path)] == pytest.approx([at - gun_began for at in times(trace)], abs=60_000)


def test_every_line_of_a_log_is_a_message_and_a_message_holds_whole_numbers_only(tmp_path: Path) -> None:
    """So there is no room in it for a name, a note or a title."""
    log = WireLog(str(tmp_path / "log"))
    session(tmp_path, log)
    log.close()
    for line in log.path.read_text().splitlines():
        assert re.fullmatch(r"\d{16} [<>] \d+ [a-z]+( [a-z_0-9]+=-?\d+)* \*[0-9a-f]{8}", line)
        frames.decode(line.split(" ", 2)[2].encode() + b"\n")


def test_a_log_is_a_new_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    logs = [WireLog(str(tmp_path / "logs")) for _ in range(3)]
    assert len({log.path for log in logs}) == 3
    for log in logs:
        log.close()
        assert stat.S_IMODE(log.path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "logs").stat().st_mode) == 0o700


def test_a_line_is_in_the_file_before_the_next_thing_happens(tmp_path: Path) -> None:
    log, port = WireLog(str(tmp_path)), FakeGun()
    port.open()
    gun = Gun(port, log)
    for _ in range(3):
        gun.state()
        said, heard = without_times(log.path)[-2:]
        assert (said[0], said.split()[2], heard[0], heard.split()[2]) == (">", "beat", "<", "state")


def test_garbage_is_kept_with_what_could_command_a_terminal_spelt_out(tmp_path: Path) -> None:
    log = WireLog(str(tmp_path))
    log.heard(0.0, b"\x1b[2J\x9b\r\n\x00\xff7 ok\n")
    log.close()
    assert without_times(log.path) == [r"< \x1b[2J\x9b\x0d", r"< \x00\xff7 ok"]


def test_a_piece_of_a_line_is_kept_when_no_more_of_it_comes_and_joins_nothing(tmp_path: Path) -> None:
    log, port = WireLog(str(tmp_path)), FakeGun()
    port.open()
    link = Link(port, log)
    log.heard(0.0, b"12 sta")
    link.reopen()
    log.heard(0.0, b"1 ok\n13 wel")
    log.close()
    assert without_times(log.path) == ["< 12 sta", "< 1 ok", "< 13 wel"]


def test_endless_garbage_takes_no_memory_and_is_kept_in_pieces(tmp_path: Path) -> None:
    log = WireLog(str(tmp_path))
    for _ in range(100):
        log.heard(0.0, b"x" * 100)
        assert len(log._unfinished) <= LINE_MAX
    log.close()
    assert log.path.read_text().count("x") == 10_000


@pytest.mark.parametrize("takes", mostly_slow([20, 0, 1]))
def test_a_disk_that_fills_up_ends_the_log_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, takes: int) -> None:
    undisturbed = session(tmp_path, None)
    (other := tmp_path / "other").mkdir()
    log = WireLog(str(tmp_path / "log"))
    monkeypatch.setattr(wire, "os", FullDisk(takes))
    assert session(other, log) == undisturbed
    log.close()
    assert log.lost == "no space left on device"
    assert log.path.read_text().count("\n") >= takes
    assert (other / "trace" / "pins.csv").read_bytes() == (tmp_path / "trace" / "pins.csv").read_bytes()


def test_a_log_with_a_hole_in_it_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Space that comes back later is not used: what is in the file is without a gap from its beginning."""
    disk = FullDisk(1)
    log = WireLog(str(tmp_path))
    monkeypatch.setattr(wire, "os", disk)
    log.said(0.0, b"1\n")
    log.said(0.1, b"2\n")
    disk.takes = 9
    log.said(0.2, b"3\n")
    log.close()
    assert without_times(log.path) == ["> 1"]


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in ("file", "file/folder"):
        with pytest.raises(Refused) as refused:
            WireLog(str(tmp_path / folder))
        assert refused.value.problems[0].field == "log"
