"""The firmware on real MicroPython does what it does on CPython."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import product

from rigs.micropython import FIRMWARE, SCRIPTS, Run
from rigs.strokes import Shot

from mesogun_fw import limits
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import CONSTANT_FLOW, MESSAGES, RETROGRADE


def on_cpython(module: str, stdin: str) -> str:
    command = [sys.executable, str(SCRIPTS / f"{module}.py")]
    environment = {**os.environ, "PYTHONPATH": str(FIRMWARE)}
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=True, env=environment).stdout


def both_print(micropython: Run, module: str, stdin: Sequence[str]) -> list[str]:
    """What both print. Fails at the first line in which they differ."""
    text = "".join(f"{line}\n" for line in stdin)
    there = micropython(module, stdin=text)
    assert there.returncode == 0, there.stdout[-500:] + there.stderr
    here = on_cpython(module, text).splitlines()
    for mine, its in zip(here, there.stdout.splitlines(), strict=True):
        assert mine == its
    return here


def lines() -> list[str]:
    """Every message with its lowest and highest values and one beyond, each in some broken ways."""
    choose: list[Callable[[int, int], int]] = [lambda low, high: low, lambda low, high: high, lambda low, high: high + 1]
    whole = []
    for (name, _, fields), pick in product(MESSAGES, choose):
        body = " ".join([name, *(f"{key}={pick(low, high)}" for key, low, high in fields)])
        whole.append(frames.seal(65_535, body))
    broken = [line[:cut] + line[cut + 1 :] for line in whole for cut in (0, 5, len(line) - 12, len(line) - 3, len(line) - 1)]
    broken += [line.replace(b"=", b"=+", 1) for line in whole] + [line[:-1] + b"\r\n" for line in whole]
    numbers = ["+5", "1_0", " 12 ", "012", "-0", "0", "-7", "", "-", "1.0", "1e3", "0x1f", "٣", str(1 << 53), "9" * 17, "9" * 20]
    broken += [frames.seal(1, f"beat ack={number}") for number in numbers]
    broken += [b"", b"\n", b"x" * (limits.LINE_MAX + 1), b"\xff" * 30 + b"\n"]
    return [f"line {line.hex()}" for line in whole + broken] + [f"number {number.encode().hex()}" for number in numbers]


def test_every_line_is_taken_or_refused_for_the_same_reason_on_both(micropython: Run) -> None:
    said = both_print(micropython, "lines", [*lines(), "digest begin passes=1/pass index=0", "digest "])
    assert len([line for line in said if line.endswith("True")]) >= 2 * len(MESSAGES)
    assert len([line for line in said if line.startswith("out of range")]) >= len(MESSAGES) // 2
    assert len([line for line in said if line.startswith("bad")]) >= 10 * len(MESSAGES)


def test_every_stroke_is_the_same_to_the_bit_on_both(micropython: Run) -> None:
    shots = [
        Shot(),
        Shot(depth_um=200, dose_nl=1_000),
        Shot(depth_um=10_000, dose_nl=200_000, flow_nl_s=2_000_000, bore_um=4_780),
        Shot(depth_um=10_000, dose_nl=0, needle_um_s=5_000),
        Shot(depth_um=4_300, dose_nl=12_345, flow_nl_s=40_000, bore_um=15_900),
        Shot(depth_um=10_100),
        Shot(period_us=100_000, dwell_us=90_000),
        Shot(depth_um=4_000, dose_nl=30_000, mode=CONSTANT_FLOW),
        Shot(depth_um=3_000, dose_nl=12_345, mode=RETROGRADE),
    ]
    figures = [" ".join(map(str, vars(shot.settings()).values())) for shot in shots]
    said = both_print(micropython, "strokes", figures)
    refused, unfit = [line for line in said if not line[0].isdigit() and line[0] != "["]
    assert refused.startswith("refused the needle would go too deep")
    assert unfit == "unfit period"
