"""Compiles and audits the shots it is given, a line each, and prints what came of them. Prints the same on either Python."""

import binascii
import sys

from mesogun_fw.config import Description
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.audit import Audit, AuditFailed
from mesogun_fw.stroke.language import ENTRIES, Settings, Stroke

gun = Description()
stroke = Stroke()
for line in sys.stdin:
    settings = Settings(*[int(figure) for figure in line.split()])
    try:
        stepper.compile(stroke, settings, gun)
        audit = Audit(stroke, settings, gun)
    except ValueError as unfit:
        print("unfit", unfit)
        continue
    except AuditFailed as failed:
        print("refused", failed)
        continue
    listed = stroke.lists[0]
    words = sum([listed[3 * i + 1] * listed[3 * i + 2] for i in range(ENTRIES)])
    print(stroke.used(), stroke.leave, stroke.entry, stroke.leave_us, stroke.list_us)
    print(audit.deepest_um, audit.dose_steps, audit.dose_nl, audit.period_us)
    print(list(stroke.lists[0]), list(stroke.lists[1]))
    for part in range(0, 65, 8):
        entries = stroke.way_back(stroke, words * part // 64, 0)
        print(entries, list(stroke.away))
    print(binascii.crc32(bytes(stroke.words[: stroke.length])))
