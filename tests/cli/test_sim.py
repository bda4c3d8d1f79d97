"""`mesogun sim` serves until it is stopped, and then says what did not come out of it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun

FULL = Path("/dev/full")


@pytest.fixture
def stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C comes as soon as the gun is served."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mesogun_sim.serve.TcpEnd.exchange", stop)
    monkeypatch.setattr("mesogun_sim.serve.PtyEnd.exchange", stop)


def served(folder: Path, *cable: str) -> Result:
    return CliRunner().invoke(mesogun, ["sim", *cable, "--trace", str(folder)])


@pytest.mark.usefixtures("stopped")
@pytest.mark.parametrize(("name", "cable"), [("shots.csv", "--tcp 0"), ("pins.csv", "--pty"), ("device.json", "--tcp 0")])
def test_a_trace_for_which_the_disk_has_no_room_is_told_and_the_exit_code_shows_it(tmp_path: Path, name: str, cable: str) -> None:
    if not FULL.exists():
        pytest.skip("no disk here that is always full")
    (tmp_path / name).symlink_to(FULL)
    result = served(tmp_path, *cable.split())
    assert result.exit_code == 6
    assert "There is no whole trace: No space left on device" in result.stderr
    assert "port" not in result.stderr


@pytest.mark.usefixtures("stopped")
def test_a_trace_that_is_whole_is_nothing_to_tell(tmp_path: Path) -> None:
    result = served(tmp_path, "--tcp", "0")
    assert result.exit_code == 130
    assert "trace" not in result.output
    assert (tmp_path / "device.json").exists()
