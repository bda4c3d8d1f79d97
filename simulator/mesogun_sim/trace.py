"""Traces have a documented public format, so that anyone can check the gun without this code: docs/TRACES.md describes it.

pins.csv      every edge of every output pin since the gun was homed
shots.csv     every shot as the device reported it, and what became of its drug; see docs/TRACES.md
messages.log  every line on the cable
device.json   what the gun is, and in which mode each pass is given
"""

import json
from pathlib import Path

from mesogun_fw import VERSION, limits
from mesogun_fw.stroke.drive import pin_names
from mesogun_fw.talk import frames, table
from mesogun_fw.talk.messages import BURST, BY_NAME, CONSTANT_FLOW, CONTINUOUS, IDLE, RETROGRADE, SINGLE
from mesogun_sim.board import SimBoard
from mesogun_sim.timeline import Timeline

DRIVES = ("stepper", "pneumatic")
MODES = {SINGLE: "single", BURST: "burst", CONTINUOUS: "continuous", CONSTANT_FLOW: "constant flow", RETROGRADE: "retrograde"}
SHOTS_HEADER = (
    "shot,pass,start_us,period_us,commanded_depth_um,measured_depth_um,commanded_dose_nl,measured_dose_nl,flags,"
    "plunger_nl,at_depth_nl,on_way_nl,spilt_nl,leaked_nl,drawn_nl,stored_nl,skin_um"
)


class Trace:
    """It collects while the gun runs and writes on `save`. Without a folder it collects nothing."""

    def __init__(self, seed: int, folder: Path | None) -> None:
        self._seed = seed
        self._folder = folder
        self._lines: list[str] = []
        self._halves = {">": b"", "<": b""}
        self._plays: list[tuple[int, Timeline, int, int, bool]] = []
        self._enables: list[tuple[int, bool]] = []
        self._homed_us = -1
        self._shots: dict[int, tuple[int, str]] = {}  # by number of the event: (start in us, as the device reported it)
        self._bore_um = 0
        self._modes: dict[int, int] = {}
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)

    # ---- told by board and desk ----

    def played(self, start_us: int, timeline: Timeline, entered_us: int, until_us: int, low: bool) -> None:
        if self._folder is not None and self._homed_us >= 0:
            self._plays.append((start_us, timeline, entered_us, until_us, low))

    def enabled(self, at_us: int, on: bool) -> None:
        if self._folder is not None and self._homed_us >= 0:
            self._enables.append((at_us, on))

    def shown(self, at_us: int, state: int) -> None:
        if state == IDLE and self._homed_us < 0:
            self._homed_us = at_us

    def heard(self, now_ms: int, data: bytes) -> None:
        self._log(now_ms, ">", data)

    def said(self, now_ms: int, data: bytes) -> None:
        self._log(now_ms, "<", data)

    def _log(self, now_ms: int, way: str, data: bytes) -> None:
        if self._folder is None or not data:
            return
        *lines, self._halves[way] = (self._halves[way] + data).split(b"\n")
        for line in lines:
            self._lines.append(f"{now_ms * 1000} {way} {_spelt(line)}\n")
            self._learn(way, line + b"\n")

    def _learn(self, way: str, line: bytes) -> None:
        try:
            _, name, values = frames.decode(line)
        except frames.BadFrame:
            return
        fields = {field[0]: value for field, value in zip(BY_NAME[name][2], values, strict=True)}
        if name == "begin" and way == ">":
            self._bore_um = fields["syringe_bore_um"]
            self._modes = {}
        elif name == "pass" and way == ">":
            self._modes[fields["index"]] = fields["mode"]
        elif name == "shot":
            columns = ("shot", "pass_index", "", "period_us", "commanded_depth_um", "measured_depth_um",
                       "commanded_dose_nl", "measured_dose_nl", "flags")  # fmt: skip
            fields[""] = fields["at_ms"] * 1000 + fields["at_us"]
            self._shots[fields["n"]] = fields[""], ",".join(str(fields[column]) for column in columns)

    # ---- written at the end ----

    def save(self, board: SimBoard) -> None:
        folder = self._folder
        if folder is None:
            return
        (folder / "messages.log").write_text("".join(self._lines))
        rows = self._shot_rows(board)
        (folder / "shots.csv").write_text("\n".join([SHOTS_HEADER, *rows]) + "\n")
        with (folder / "pins.csv").open("w") as pins:
            pins.write("time_ns,pin,level\n")
            self._pins = pin_names(board.description)
            pins.writelines(self._pin_rows(board.player.in_play() if self._homed_us >= 0 else []))
        (folder / "device.json").write_text(json.dumps(self._device(board), indent=1) + "\n")

    def _shot_rows(self, board: SimBoard) -> list[str]:
        """What the device reported, and beside it what became of the drug, which no device knows."""
        given = {one.start_us: one for one in board.given()}
        rows = []
        for _, (start_us, told) in sorted(self._shots.items()):
            one = given[start_us]
            nl = (one.plunger_nl, one.at_depth_nl, one.on_way_nl, one.spilt_nl, one.leaked_nl, one.drawn_nl, one.stored_nl)
            rows.append(",".join([told, *(str(round(figure)) for figure in nl), str(one.skin_um)]))
        return rows

    def _pin_rows(self, in_play: list[tuple[int, Timeline, int, int, bool]]) -> list[str]:
        rows = [(at, f"{at}000,enable,{int(on)}\n") for at, on in self._enables]
        for start_us, timeline, entered_us, until_us, low in self._plays + in_play:
            when, which, level = timeline.edges(until_us - start_us, entered_us, low)
            times = (when + start_us).tolist()
            rows += [
                (at, f"{at}000,{self._pins[pin]},{value}\n")
                for at, pin, value in zip(times, which.tolist(), level.tolist(), strict=True)
            ]
        rows.sort(key=lambda row: row[0])
        return [row for _, row in rows]

    def _device(self, board: SimBoard) -> dict[str, object]:
        description = {row[0]: value for row, value in zip(BY_NAME["gun"][2], board.description.figures(), strict=True)}
        return {
            **description,
            "drive": DRIVES[board.description.drive],
            "syringe_bore_um": self._bore_um,
            "passes": [
                {"pass": index, "mode": MODES.get(mode, str(mode)), "needle_stays_in": mode == CONSTANT_FLOW}
                for index, mode in self._modes.items()
            ],
            "depth_cap_um": limits.DEPTH_CAP_UM,
            "dose_max_nl": limits.DOSE_MAX_NL,
            "period_min_us": limits.PERIOD_MIN_US,
            "flow_max_nl_s": limits.FLOW_MAX_NL_S,
            "firmware_version": VERSION,
            "message_table": table.HASH,
            "simulated": True,
            "serial": board.serial,
            "seed": self._seed,
            "homed_us": self._homed_us,
        }


def _spelt(line: bytes) -> str:
    """A byte that no message has is spelt out: none commands a terminal on which the file is shown."""
    return "".join(chr(one) if 32 <= one <= 126 else f"\\x{one:02x}" for one in line)
