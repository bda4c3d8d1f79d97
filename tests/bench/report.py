"""Writes docs/BENCHMARKS.md from what pytest-benchmark measured: `report.py measured.json document.md`."""

import json
import sys
from pathlib import Path

TARGETS = {
    "test_whole_chain[cpython-": "at least 200",
    "test_whole_process[mesogun --help]": "at most 150 ms",
    "test_whole_process[mesogun check]": "at most 500 ms",
    "test_protocol_validated_and_planned": "at most 5 ms",
}
PAIRS = [
    ("skipping quiet ticks, beside running every tick", "test_device_alone[every-tick]", "test_device_alone[skipping]"),
    (
        "a line of ours, beside the standard library's JSON",
        "test_one_line_there_and_back[frames]",
        "test_one_line_there_and_back[json]",
    ),
    ("`mesogun --help`, beside an empty Python", "test_whole_process[mesogun --help]", "test_whole_process[python -c pass]"),
    (
        "a tick of the guard, beside taking a line of ten fields, both on MicroPython",
        "test_on_micropython[tick]",
        "test_on_micropython[line]",
    ),
    (
        "longest stroke compiled and audited, beside taking a line, both on MicroPython",
        ("test_on_micropython[compile]", "test_on_micropython[audit]"),
        "test_on_micropython[line]",
    ),
    ("real MicroPython, beside CPython in process", "test_whole_chain[micropython-mesolift]", "test_whole_chain[cpython-mesolift]"),
]


def shown(seconds: float) -> str:
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def median(row: dict) -> float:  # type: ignore[type-arg]
    """Seconds for one of what was run so many times."""
    return float(row["stats"]["median"]) / float(row["extra_info"].get("times", 1))


def document(measured: dict) -> str:  # type: ignore[type-arg]
    machine = measured["machine_info"]
    rows = {row["name"]: row for row in measured["benchmarks"]}
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; get the figures again with it. Medians. Absolute figures are of the machine named here and",
        "drift with what else it does; ratios are of the same run.",
        "",
        f"Python {machine['python_version']}, {machine['machine']}, {machine['cpu'].get('count', '?')} cores,"
        f" {machine['cpu'].get('brand_raw', 'unknown processor')}, {measured['datetime'][:10]}.",
        "",
        "| what | median | spread (min to max) | rate | target |",
        "|---|---|---|---|---|",
    ]
    for name, row in sorted(rows.items()):
        if name.endswith("_of_a_pico"):
            continue
        stats, extra = row["stats"], row["extra_info"]
        times = extra.get("times", 1)
        rate = f"{extra['simulated_s'] / stats['median']:.0f} {extra['per']}" if "per" in extra else ""
        target = next((text for start, text in TARGETS.items() if name.startswith(start)), "")
        what = name.removeprefix("test_").replace("_", " ")
        low, high = shown(stats["min"] / times), shown(stats["max"] / times)
        lines.append(f"| {what} | {shown(median(row))} | {low} to {high} | {rate} | {target} |")
    lines += ["", "| ratio of medians | |", "|---|---|"]
    for what, one, other in PAIRS:
        ones = (one,) if isinstance(one, str) else one
        lines.append(f"| {what} | {sum(median(rows[name]) for name in ones) / median(rows[other]):.2g} |")
    lines += ["", *pico(rows["test_ticks_of_a_pico"]["extra_info"], rows["test_longest_strokes_of_a_pico"]["extra_info"])]
    return "\n".join(lines) + "\n"


def pico(ticks: dict, strokes: dict) -> list[str]:  # type: ignore[type-arg]
    least, most = ticks["counted"]
    lines = [
        "## A tick on a Pico, by what it does",
        "",
        "The firmware's own machine code on an emulated Cortex-M0+ at 125 MHz, cycles counted:"
        f" {least:.0%} to {most:.0%} of a tick.",
        "The rest is what MicroPython is asked for meanwhile, priced by its sources (`tests/rigs/pico/processor.py`). Not in it",
        "are the timer's own entry and return and the misses of the flash cache: with those, a tick as it was measured under",
        "MicroPython itself is in [HARDWARE.md](HARDWARE.md), section 9, with everything else that the chip costs.",
        "",
        "| what a tick does | ticks | median | longest |",
        "|---|---|---|---|",
    ]
    for kind, (count, median_us, longest_us) in sorted(ticks["ticks"].items(), key=lambda row: -row[1][2]):
        lines.append(f"| {kind} | {count} | {median_us:.0f} µs | {longest_us:.0f} µs |")
    lines += ["", f"The longest stroke is compiled and audited in {max(strokes['strokes_ms']):.0f} ms of machine code."]
    return lines


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(document(json.loads(source.read_text())))
    print(f"wrote {target}")
