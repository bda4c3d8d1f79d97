"""The same session gives the same trace, byte for byte: on CPython, on real MicroPython, and as it did last week.

golden/PROTOCOL/ holds what the three protocols of the library gave when somebody last looked at it and found it good:
  shots.csv       as it is
  messages.log    as it is, without the beats that the gun answered as it did the beat before; its last line is the
                  SHA-256 of the whole log
  pins.sha256     of pins.csv, one digest for each shot, its times counted from the shot's start, and one for what lies
                  between the shots
"""

import hashlib
import os
from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

import pytest
from rigs.marks import slow
from rigs.whole import LIBRARY

GOLDEN = Path(__file__).with_name("golden")
ACCEPT = "MESOGUN_ACCEPT_GOLDEN"
HOW = f"""
If this change is wanted: {ACCEPT}=1 make test, look at what git diff tests/system/golden shows, and commit it with the
change that made it. If it is not, something that should not matter did."""

SHORT = "fine-lines"  # in `make quick` this one only
CONTEXT = 3

Trace = Callable[[str, str], Path]


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_cpython_and_micropython_give_the_same_trace_to_the_byte(name: str, library_trace: Trace) -> None:
    ours, theirs = library_trace(name, "cpython"), library_trace(name, "micropython")
    assert {file.name for file in ours.iterdir()} == {file.name for file in theirs.iterdir()}
    for file in sorted(ours.iterdir()):
        other = (theirs / file.name).read_bytes()
        if file.read_bytes() != other:
            difference = first_difference(file.read_text(), other.decode(), "CPython", "MicroPython")
            pytest.fail(f"{name}: {file.name} depends on what runs the firmware\n{difference}\ntraces: {ours} {theirs}")


@pytest.mark.parametrize("name", [name if name == SHORT else slow(name) for name in LIBRARY])
def test_a_protocol_of_the_library_gives_the_trace_that_was_accepted(name: str, library_trace: Trace) -> None:
    trace = library_trace(name, "cpython")
    given = {"shots.csv": (trace / "shots.csv").read_text(), "messages.log": messages_log(trace), "pins.sha256": pins_sha256(trace)}
    folder = GOLDEN / name
    if os.environ.get(ACCEPT):
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in given.items():
            (folder / file).write_text(text)
    for file, text in given.items():
        accepted = (folder / file).read_text() if (folder / file).exists() else ""
        if text != accepted:
            difference = first_difference(accepted, text, "accepted", "now")
            pytest.fail(f"golden/{name}/{file} is not what is given now\n{difference}\ntrace: {trace}\n{HOW}")


def test_there_is_no_golden_trace_of_a_protocol_that_is_gone() -> None:
    assert {folder.name for folder in GOLDEN.iterdir()} == set(LIBRARY)


def messages_log(trace: Path) -> str:
    """The log without beats in which nothing was said. They are most of it, and would hide the rest."""
    log = (trace / "messages.log").read_text()
    kept: list[str] = []
    before: list[str] = []
    for line in log.splitlines():
        kept.append(line)
        _, way, _, name, *fields = line.split()
        if (way, name) != ("<", "state") or kept[-2].split()[3] != "beat":
            continue
        status = [field for field in fields[:-1] if not field.startswith("at_ms=")]
        if status == before:
            del kept[-2:]
        before = status
    return "\n".join([*kept, f"sha256 of the whole log {hashlib.sha256(log.encode()).hexdigest()}", ""])


def pins_sha256(trace: Path) -> str:
    """Equal shots have equal digests, whenever they were made."""
    shots = [line.split(",") for line in (trace / "shots.csv").read_text().splitlines()[1:]]
    starts_ns = [int(shot[2]) * 1000 for shot in shots]
    ends_ns = [start + int(shot[3]) * 1000 for start, shot in zip(starts_ns, shots, strict=True)]
    digests = [hashlib.sha256() for _ in shots]
    between = hashlib.sha256()
    for row in (trace / "pins.csv").read_text().splitlines()[1:]:
        time, _, edge = row.partition(",")
        time_ns = int(time)
        at = bisect_right(starts_ns, time_ns) - 1
        if at >= 0 and time_ns < ends_ns[at]:
            digests[at].update(b"%d,%s\n" % (time_ns - starts_ns[at], edge.encode()))
        else:
            between.update(row.encode() + b"\n")
    lines = [f"pass {shot[1]} shot {shot[0]} {digest.hexdigest()}" for shot, digest in zip(shots, digests, strict=True)]
    return "\n".join([*lines, f"between the shots {between.hexdigest()}", ""])


def first_difference(before: str, after: str, one: str, other: str) -> str:
    """The first line that differs, under the lines that lead to it."""
    left, right = before.splitlines(), after.splitlines()
    at = next((i for i, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1]), min(len(left), len(right)))
    same = [f"  {line}" for line in left[max(0, at - CONTEXT) : at]]
    sides = [f"{name:>12}: {lines[at] if at < len(lines) else '(ends here)'}" for name, lines in ((one, left), (other, right))]
    return "\n".join([f"line {at + 1}, after", *same, *sides])
