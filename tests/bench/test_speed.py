"""How fast the things are that somebody waits for. `make bench` writes docs/BENCHMARKS.md from what is measured here.

Each benchmark names in `extra_info` what it stands beside, so that a ratio survives a slow machine.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from mesogun.clinical.planning import plan
from mesogun.clinical.plans import Plan
from mesogun.clinical.protocol import load_protocol, read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records, SessionStart
from mesogun.visit.person import Nobody
from mesogun.visit.session import Session
from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.audit import Audit
from mesogun_fw.stroke.language import Settings, Stroke
from mesogun_fw.talk import frames
from mesogun_sim.desk import Desk

ROOT = Path(__file__).parents[2]
LIBRARY = sorted((ROOT / "protocols").glob("*/*.toml"))
MESOLIFT = ROOT / "protocols" / "face" / "mesolift.toml"


def whole_session(url: str, records: Records, planned: Plan) -> float:
    """One session over the whole chain; the simulated seconds it took."""
    with Gun.connect(url) as gun:
        start = SessionStart("bench", "", "", planned.digest, "{}", gun.welcome.serial, 0, gun.welcome.boot, True, "", "bench")
        summary = Session(gun, records, planned, start, person=Nobody()).run()
        assert summary.outcome == "complete"
        return gun.link.now_s()


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
@pytest.mark.parametrize("engine", ["cpython", "micropython"])
def test_whole_chain(benchmark: BenchmarkFixture, tmp_path: Path, path: Path, engine: str) -> None:
    planned = plan(load_protocol(path))
    with Records.open(f"sqlite:///{tmp_path}/records.db") as records:
        simulated_s = benchmark.pedantic(
            whole_session, args=(f"sim://?engine={engine}", records, planned), rounds=5, warmup_rounds=1
        )
    benchmark.extra_info.update(simulated_s=simulated_s, per="simulated seconds a second")


@pytest.mark.parametrize("skip", [True, False], ids=["skipping", "every-tick"])
def test_device_alone(benchmark: BenchmarkFixture, skip: bool) -> None:
    """The firmware and its body, one minute of a homed, armed, idle gun: what skipping quiet ticks is worth."""

    def minute() -> None:
        desk = Desk(skip=skip, hand=False)
        desk.advance(60_000)
        desk.close()

    benchmark.pedantic(minute, rounds=5, warmup_rounds=1)
    benchmark.extra_info.update(simulated_s=60.0, per="simulated seconds a second")


@pytest.mark.parametrize(
    "words", [["--help"], ["check", str(MESOLIFT)], None], ids=["mesogun --help", "mesogun check", "python -c pass"]
)
def test_whole_process(benchmark: BenchmarkFixture, words: list[str] | None) -> None:
    program = [sys.executable, "-c", "pass"] if words is None else [str(Path(sys.executable).with_name("mesogun")), *words]
    benchmark.pedantic(lambda: subprocess.run(program, check=True, capture_output=True), rounds=15, warmup_rounds=2)


def test_protocol_validated_and_planned(benchmark: BenchmarkFixture) -> None:
    content = MESOLIFT.read_bytes()
    benchmark(lambda: plan(read_protocol(content, "mesolift")))


@pytest.mark.parametrize("step", ["compile", "audit"])
def test_longest_stroke(benchmark: BenchmarkFixture, step: str) -> None:
    """200 ul from a 1 ml syringe at 10 mm: 17,832 plunger steps."""
    settings = Settings(10_000, 300_000, 200_000, 1_000_000, 5_000, 5_000_000, 4_780)
    description = Description()
    stroke = Stroke()
    stepper.compile(stroke, settings, description)
    benchmark(lambda: stepper.compile(stroke, settings, description) if step == "compile" else Audit(stroke, settings, description))
    benchmark.extra_info.update(words=stroke.used())


@pytest.mark.parametrize("way", ["frames", "json"])
def test_one_line_there_and_back(benchmark: BenchmarkFixture, way: str) -> None:
    """A shot report of eleven fields, beside the standard library's JSON, which checks nothing."""
    values = [4711, 812_345, 678, 1, 240, 250_000, 2_000, 1_998, 10_000, 9_965, 0]
    if way == "frames":
        benchmark(lambda: frames.decode(frames.encode(0, "shot", values)))
    else:
        benchmark(lambda: json.loads(json.dumps(["shot", *values])))
