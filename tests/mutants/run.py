"""Every mutant of docs/mutants.toml is noticed by every test that its row names, or the run fails and says which is not.

make mutants; or, for some of them: PYTHONPATH=tests python -m mutants.run --only ID,ID
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from queue import SimpleQueue
from typing import TypeVar

from mutants.rows import Row, Wrong, bare, controls, problems, read
from mutants.trial import BAD, HANG_S, NOTICED, Copy, Verdict

ROOT = Path(__file__).parents[2]

Task = TypeVar("Task")
Result = TypeVar("Result")


def main(words: list[str] | None = None, root: Path = ROOT, hang_s: float = HANG_S) -> int:
    """0 when every mutant was noticed."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--only", metavar="ID[,ID]", help="these rows and no others")
    parser.add_argument("-j", type=int, default=2, metavar="N", help="so many at once, each in a copy of its own (default 2)")
    asked = parser.parse_args(words)
    try:
        rows = read(root / "docs" / "mutants.toml")
        known = controls(root / "docs" / "hazards.toml")
    except Wrong as wrong:
        print(wrong)
        return 1
    only = asked.only.split(",") if asked.only else [row.id for row in rows]
    wrong_rows = [Verdict(name, BAD, why) for name, why in problems(rows, known, root)]
    wrong_rows += [Verdict(name, BAD, "no mutant breaks this control") for name in bare(rows, known)]
    wrong_rows += [Verdict(name, BAD, "there is no such row") for name in only if name not in {row.id for row in rows}]
    if wrong_rows:
        return _said(wrong_rows, 0.0)
    began = time.monotonic()
    verdicts = tried([row for row in rows if row.id in only], root, asked.j, hang_s)
    return _said(verdicts, time.monotonic() - began)


def tried(rows: list[Row], root: Path, workers: int = 2, hang_s: float = HANG_S) -> list[Verdict]:
    """One verdict a row; or, when the tests are not green without any mutant, one that says so and nothing else."""
    tests = sorted({node for row in rows for node in row.tests})
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder, ExitStack() as until:
        copies: SimpleQueue[Copy] = SimpleQueue()
        for number in range(workers):
            place = Path(folder) / str(number)
            place.mkdir()
            copies.put(until.enter_context(closing(Copy(root, place))))

        def green(part: list[str], copy: Copy) -> str:
            return copy.not_green(part)

        def one(row: Row, copy: Copy) -> Verdict:
            began = time.monotonic()
            result, why = copy.tried(row, hang_s)
            verdict = Verdict(row.id, result, why, time.monotonic() - began)
            word = "lives for a reason" if row.lives and result == NOTICED else result
            print(f"{row.id:<32} {word:<18} {verdict.seconds:6.1f} s", flush=True)
            return verdict

        print(f"{len(tests)} tests without any mutant ...", flush=True)
        began = time.monotonic()
        for why in _shared(green, [tests[at::workers] for at in range(workers)], copies, workers):
            if why:
                return [Verdict("no mutant at all", BAD, why)]
        print(f"... pass, {time.monotonic() - began:.1f} s", flush=True)
        # One that hangs takes longest: it goes first.
        return list(_shared(one, sorted(rows, key=lambda row: not row.hang), copies, workers))


def _shared(work: Callable[[Task, Copy], Result], tasks: Iterable[Task], copies: "SimpleQueue[Copy]", workers: int) -> list[Result]:
    """Do the tasks, each in whichever copy is free."""

    def do(task: Task) -> Result:
        copy = copies.get()
        try:
            return work(task, copy)
        finally:
            copies.put(copy)

    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(do, tasks))


def _said(verdicts: list[Verdict], seconds: float) -> int:
    """The table of what is not as it should be, and the exit code."""
    bad = [verdict for verdict in verdicts if verdict.result != NOTICED]
    print()
    for verdict in bad:
        print(f"{verdict.id}: {verdict.result}: {verdict.why}")
    noticed = len(verdicts) - len(bad)
    print(f"{noticed} mutants are as they should be, {len(bad)} problems, {seconds:.0f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
