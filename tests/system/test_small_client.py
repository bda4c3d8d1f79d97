"""examples/small_client.py: MESSAGES.md is enough to give a plan with a gun, and to know of every shot, whatever the cable does."""

import ast
import importlib.util
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
from rigs.marks import mostly_slow
from rigs.whole import gun_process, messages, reported

from mesogun.gun.port import open_port
from mesogun_fw.talk import table
from mesogun_fw.talk.messages import PROTO
from mesogun_sim.protocol_sim import Serial

FILE = Path(__file__).parents[2] / "examples" / "small_client.py"
SHOTS = 5


@pytest.fixture
def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("small_client", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def give(client: ModuleType, tmp_path: Path) -> Callable[..., tuple[int, Serial]]:
    """Gives the client's plan on the virtual clock; `break_it` does something to the port first."""

    def given(
        options: str = "", *, break_it: Callable[[Serial], None] = lambda _: None, real: int | None = None
    ) -> tuple[int, Serial]:
        port = open_port(f"sim://?trace={tmp_path}/trace{options}")
        assert isinstance(port, Serial)
        break_it(port)
        client.time = SimpleNamespace(monotonic=port.monotonic_s)  # type: ignore[attr-defined]
        code = client.session(port, str(tmp_path / "events.csv"), real)
        port.close()
        return code, port

    return given


def kept(tmp_path: Path) -> list[dict[str, int]]:
    """The shots in the client's file, as rows of shots.csv."""
    rows = [row.split(",") for row in (tmp_path / "events.csv").read_text().splitlines()]
    return [{key: int(value) for key, value in (field.split("=") for field in row[1:])} for row in rows if row[0] == "shot"]


def as_reported(tmp_path: Path) -> list[list[int]]:
    return [[int(value) for value in row.split(",")] for row in reported(tmp_path / "trace")]


def agree(tmp_path: Path) -> bool:
    """Whether the client's file has every shot of the gun's trace, once each."""
    columns = ("shot", "pass_index", "period_us", "commanded_depth_um", "measured_depth_um", "commanded_dose_nl")
    ours = [[shot[column] for column in columns] for shot in kept(tmp_path)]
    return ours == [[*row[:2], *row[3:7]] for row in as_reported(tmp_path)]


def test_it_gives_its_plan_and_the_gun_may_forget_all_of_it(give: Callable[..., tuple[int, Serial]], tmp_path: Path) -> None:
    code, _ = give()
    assert (code, len(kept(tmp_path))) == (0, SHOTS)
    assert agree(tmp_path)
    states = [line.fields for line in messages(tmp_path / "trace") if line.name == "state"]
    assert (states[-1]["kept"], states[-1]["state"]) == (0, 1)


@pytest.mark.parametrize("seed", mostly_slow([0, 1, 2]))
def test_a_cable_that_loses_lines_loses_no_shot(give: Callable[..., tuple[int, Serial]], tmp_path: Path, seed: int) -> None:
    def lossy(port: Serial) -> None:
        luck, whole_write, whole_read = random.Random(seed), port.write, port.read

        def write(data: bytes) -> int:
            return whole_write(data) if luck.random() > 0.1 else len(data)

        def read(size: int = 1) -> bytes:
            data = whole_read(size)
            return data if luck.random() > 0.1 else data.replace(b"=1", b"=2")

        port.write, port.read = write, read  # type: ignore[assignment, method-assign]

    code, _ = give(break_it=lossy)
    assert (code, len(kept(tmp_path))) == (0, SHOTS)
    assert agree(tmp_path)


@pytest.mark.parametrize("fault", mostly_slow(["link-down@2000-2800", "lift@2000-2400", "estop@2000"]))
def test_whatever_ends_it_every_shot_that_was_made_is_kept(
    give: Callable[..., tuple[int, Serial]], tmp_path: Path, fault: str
) -> None:
    code, _ = give(f"&fault={fault}")
    assert code == (0 if fault.startswith("lift") else 1)
    assert agree(tmp_path)
    assert kept(tmp_path)


def test_a_real_gun_is_refused_and_armed_for_nobody(
    give: Callable[..., tuple[int, Serial]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def real(port: Serial) -> None:
        assert port.desk
        port.desk.board.simulated = 0

    for told in (None, 7):
        code, port = give(break_it=real, real=told)
        assert code == 1
        assert "a real one: this client takes simulated guns" in capsys.readouterr().err
        assert {line.name for line in messages(tmp_path / "trace") if line.way == ">"} == {"hello"}
    assert port.desk
    assert give(break_it=real, real=port.desk.board.serial)[0] == 0


def test_it_is_of_the_present_edition_and_takes_no_other(
    client: ModuleType, give: Callable[..., tuple[int, Serial]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert (client.PROTO, client.TABLE) == (PROTO, table.HASH)
    client.TABLE += 1
    assert give()[0] == 1
    assert "the gun speaks edition" in capsys.readouterr().err


def test_it_is_small_and_needs_nothing_of_mesogun() -> None:
    text = FILE.read_text()
    assert len(text.splitlines()) < 200
    names = {node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
             for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)}  # fmt: skip
    assert {str(name).partition(".")[0] for name in names} - set(sys.stdlib_module_names) == {"serial"}


@pytest.mark.slow
def test_it_runs_as_it_says_it_is_run(tmp_path: Path) -> None:
    """A computer that is busy for half a second pauses the gun, and then it is run again: no shot of either time is missing."""
    with gun_process(tmp_path / "trace") as gun:
        command = [sys.executable, str(FILE), gun.url, str(tmp_path / "events.csv")]
        for _ in range(3):
            ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            if ran.returncode == 0:
                break
            assert "'reason': 11" in ran.stderr, "nothing else stops it"
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "complete")
    assert agree(tmp_path)
