from pathlib import Path

import pytest

from mesogun_fw.cells import *

from . import machine_of_tests as machine
from .gun import Gun
from .processor import CLOCK_MHZ, Processor, processed
from .session import Assemble, armed, running


def ticks(gun: Gun, processor: Processor):
    found = []
    honest = machine.timers[0]

    def measured(timer):
        processor.cycles = 0
        processor.asked.clear()
        processor.own.clear()
        c = gun.device.guard.cells
        before = c[PHASE], c[NOTED]
        order = []
        processor.on_obey = None
        honest(timer)
        found.append((processor.cycles / CLOCK_MHZ, before, c[PHASE], c[NOTED], dict(processor.asked), dict(processor.own)))

    machine.timers[0] = measured
    return found


def test_it(assemble: Assemble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gun = assemble()
    with processed(gun.chip, tmp_path, monkeypatch) as processor:
        gun.start()
        armed(gun)
        found = ticks(gun, processor)
        running(gun, 250)
        gun.press(False)
        gun.run(300)
        running(gun, 8)
        gun.press(False)
        gun.run(100)
    found.sort(key=lambda row: -row[0])
    out = open("/tmp/cost.txt", "w")
    kinds = {}
    for row in found:
        kinds.setdefault((row[1][0], row[2], row[3] - row[1][1], "obey" in str(row[5])), []).append(row)
    for key, rows in kinds.items():
        rows.sort(key=lambda row: row[0])
        print(key, len(rows), rows[0][0], rows[len(rows) // 2][0], rows[-1], file=out)
