"""CONTRIBUTING.md tells one shot of 2 mm function by function. Here that very shot is given, and the story is found in the run.

A step of the story is a line `N. file::function`, then what the function must hold when it is entered or left: numbers and
`name=value`, out of its arguments, its locals and what it returns. A step is found at its first such entry since the step
before the last one, and there the last one must be over: a function that is called a thousand times counts only where it
holds what the story says, and no two neighbours can be told the other way round.
"""

import re
import sys
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from mesogun.clinical.protocol import load_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.reports.export import csv_of
from mesogun.visit.giving import give
from mesogun.visit.person import Nobody

ROOT = Path(__file__).parents[2]
HEADING = "## One depth, function by function"
STEP = re.compile(r"^(\d+)\. `([\w/]+\.py)::([\w.]+)`((?: `[^`]+`)*): ", re.MULTILINE)

DEEP = 4  # so many levels of what a function has in its hands are looked into

PROTOCOL = """schema = 1
title = "One shot of 2 mm"
area = "legs"
indication = "None: a test"
sources = ["A"]

[needle]
gauge = "27G"
length_mm = 13

[syringe]
size_ml = 5
filled_ml = 1.0

[cocktail]
viscosity_mpa_s = 1

[[cocktail.ingredients]]
name = "water"
group = "other"
volume_ml = 1.0

[[passes]]
technique = "papule"
mode = "single"
depth_mm = 2.0
rate_hz = 4
dose_ul = 10
dwell_ms = 100
points = 1
spacing_mm = 10
least_share_percent = 0
less_share_because = "a test"
"""


@dataclass(frozen=True)
class Step:
    number: int
    file: str
    function: str
    holds: tuple[str, ...]

    def __str__(self) -> str:
        return f"step {self.number}, {self.file}::{self.function}" + "".join(f" `{one}`" for one in self.holds)


@dataclass(frozen=True)
class Entry:
    """One call of a function of the story, in the order of entries. `held` grows until the call is over."""

    file: str
    function: str
    held: set[str]

    def is_at(self, step: Step) -> bool:
        return (self.file, self.function) == (step.file, step.function) and self.held.issuperset(step.holds)


def told() -> list[Step]:
    _, found, after = (ROOT / "CONTRIBUTING.md").read_text("utf-8").partition(f"\n{HEADING}\n")
    assert found, f"CONTRIBUTING.md has no {HEADING}"
    text, _, _ = after.partition("\n## ")
    steps = [
        Step(int(number), file, function, tuple(re.findall(r"`([^`]+)`", holds)))
        for number, file, function, holds in STEP.findall(text)
    ]
    assert len(steps) == len(re.findall(r"^\d+\. ", text, re.MULTILINE)), "a step is not of the form `file::function` `holds`: …"
    return steps


STORY = told()


def texts(name: str, value: Any, deep: int = DEEP) -> Iterator[str]:
    """What can be read off a value, and off what it is made of: `name=2000`, `2000`, any text as it is."""
    if isinstance(value, (int, float)):
        yield f"{name}={value}"
        yield str(value)
    elif isinstance(value, (str, bytes, bytearray)):
        yield value if isinstance(value, str) else value.decode(errors="replace")
    elif deep:
        parts: Iterable[tuple[str, Any]]
        if isinstance(value, dict):
            parts = [(str(key), part) for key, part in value.items()]
        elif isinstance(value, (list, tuple, array)):
            parts = [("", part) for part in islice(value, 500)]
        else:
            parts = list(getattr(value, "__dict__", {}).items())
            parts += [(key, getattr(value, key, None)) for key in getattr(type(value), "__slots__", ())]
        for key, part in parts:
            # of the object whose method this is only what is written on it: it may have the whole gun behind it
            yield from texts(key, part, min(deep - 1, 1) if key == "self" else deep - 1)


def holds(wanted: str, found: str) -> bool:
    """As a whole: 200 is not held by 2000."""
    return re.search(rf"(?<![\w.]){re.escape(wanted)}(?![\w.])", found) is not None


class Run:
    """Every entry of a function that the story names, and what it held of what any step wants of it."""

    def __init__(self, steps: list[Step]) -> None:
        self.entries: list[Entry] = []
        self._wanted: dict[tuple[str, str], set[str]] = {}
        for step in steps:
            self._wanted.setdefault((step.file, step.function), set()).update(step.holds)
        self._names = {function for _, function in self._wanted}
        self._running: dict[FrameType, Entry] = {}

    def __call__(self, frame: FrameType, what: str, returned: Any) -> None:
        if frame.f_code.co_qualname not in self._names:
            return
        if what == "call":
            path = Path(frame.f_code.co_filename)
            file = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else ""
            if (file, frame.f_code.co_qualname) not in self._wanted:
                return
            self._running[frame] = Entry(file, frame.f_code.co_qualname, set())
            self.entries.append(self._running[frame])
            self._look(self._running[frame], frame.f_locals)
        elif what == "return" and frame in self._running:
            self._look(self._running.pop(frame), {**frame.f_locals, "": returned})

    def _look(self, entry: Entry, at: dict[str, Any]) -> None:
        missing = self._wanted[entry.file, entry.function] - entry.held
        if missing:
            found = " ".join(texts("", at))
            entry.held.update(one for one in missing if holds(one, found))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One protocol with one shot of 2 mm, from its file to a table of its record, on a simulated gun in this process."""
    folder = tmp_path_factory.mktemp("story")
    (folder / "one-shot.toml").write_text(PROTOCOL)
    records = f"sqlite:///{folder}/records.db"
    with Gun.connect("sim://?seed=2&engine=cpython"):
        pass  # what is imported when it is first needed is no part of the story
    run, before = Run(STORY), sys.getprofile()
    sys.setprofile(run)
    try:
        protocol = load_protocol(folder / "one-shot.toml")
        with Gun.connect("sim://?seed=1&engine=cpython") as gun:
            given = give(protocol, gun, Nobody(), named=False, db=records)
        with Records.open(records) as kept:
            csv_of(kept, given.summary.session_id)
    finally:
        sys.setprofile(before)
    assert (given.summary.outcome, given.summary.shots) == ("complete", 1)
    return run


def wrong(steps: list[Step], entries: list[Entry]) -> tuple[Step, str] | None:
    """The first step that the run does not have there, and why; None when it has the whole story."""
    before = last = -1  # where the two steps before this one were entered
    for step in steps:
        at = next((at for at in range(before + 1, len(entries)) if entries[at].is_at(step)), None)
        if at is None:
            calls = sum((entry.file, entry.function) == (step.file, step.function) for entry in entries)
            return step, f"entered {calls} times, but never so, or not so late" if calls else "never entered"
        if at <= last:
            return step, "entered before the step that is told before it"
        before, last = last, at
    return None


def test_the_story_is_what_a_run_does(run: Run) -> None:
    if found := wrong(STORY, run.entries):
        pytest.fail(f"CONTRIBUTING.md, {found[0]}: {found[1]}")


def test_the_steps_are_numbered_as_they_stand() -> None:
    assert [step.number for step in STORY] == list(range(1, len(STORY) + 1))
    assert len(STORY) > 20


def test_a_story_with_two_neighbours_the_other_way_round_is_not_found(run: Run) -> None:
    for at in range(len(STORY) - 1):
        swapped = [*STORY[:at], STORY[at + 1], STORY[at], *STORY[at + 2 :]]
        assert wrong(swapped, run.entries), f"{STORY[at]} and {STORY[at + 1]}: the run has them in either order"


def test_a_story_with_a_function_that_is_gone_or_holds_something_else_is_not_found(run: Run) -> None:
    for at, step in enumerate(STORY):
        for other in (replace(step, function=f"{step.function}_before"), replace(step, holds=(*step.holds, "depth_um=2100"))):
            found = wrong([*STORY[:at], other, *STORY[at + 1 :]], run.entries)
            assert found is not None
            assert found[0] == other
