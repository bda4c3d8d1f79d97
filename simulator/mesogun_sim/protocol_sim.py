"""`sim://` is the simulated gun as a pyserial port. This file's name lets `serial_for_url("sim://?seed=3&speed=1")` find it.

Options are seed, engine (cpython, micropython), drive (stepper, pneumatic), speed (a number of times real time, or max), trace
(a folder), row_shots, fault (name@ms or name@ms-ms, again for more); and what is fitted to the gun, which no message tells it:
gauge, length_mm, viscosity_mpa_s, line, stiff (1: glass or COC), area. Reading moves the virtual clock to the next byte or the
time-out. Closing and opening again is pulling the cable and plugging it in: the gun is the same, not restarted, and its clock
stood still.
"""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from serial.serialutil import PortNotOpenError, SerialBase, SerialException

from mesogun_sim.desk import Desk, described_with
from mesogun_sim.faults import parse
from mesogun_sim.plant.drawn import LINES_NL_KPA, SetUp
from mesogun_sim.plant.needle_flow import GAUGES, Fluid
from mesogun_sim.plant.skin import nearest

FITTED = ("gauge", "length_mm", "viscosity_mpa_s", "line", "stiff", "area")


class Serial(SerialBase):
    """The port's other end is a Desk: it may be put there before the port is opened; `monotonic_s` is the port's own time."""

    desk: Desk | None = None
    _speed: float | None = None
    _waiting = b""

    def open(self) -> None:
        if self.desk is None:
            self._put_on_the_desk()
        self._waiting = b""
        self.is_open = True

    def _put_on_the_desk(self) -> None:
        options = parse_qs(urlsplit(str(self.portstr)).query)
        known = {"seed", "engine", "drive", "speed", "trace", "row_shots", "fault", *FITTED}
        if unknown := set(options) - known:
            raise SerialException(f"sim:// knows no option {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        try:
            one = {key: values[-1] for key, values in options.items()}
            self._speed = None if one.get("speed", "max") == "max" else float(one["speed"])
            self.desk = Desk(
                int(one.get("seed", "1")),
                engine=one.get("engine", "cpython"),
                description=described_with(one.get("drive", "stepper")),
                trace=Path(one["trace"]) if "trace" in one else None,
                faults=[parse(text) for text in options.get("fault", [])],
                row_shots=int(one["row_shots"]) if "row_shots" in one else None,
                setup=_fitted(one),
            )
        except (ValueError, RuntimeError) as error:
            raise SerialException(f"sim://: {error}") from error
        self._began_s = time.monotonic()

    def close(self) -> None:
        if self.is_open and self.desk is not None:
            self.desk.save()
        self.is_open = False

    def __del__(self) -> None:
        if self.desk is not None:
            self.desk.engine.close()

    def monotonic_s(self) -> float:
        return self._desk().now_ms / 1000

    def sleep_s(self, seconds: float) -> None:
        self._desk().advance(self._desk().now_ms + round(seconds * 1000))
        self._pace()

    @property
    def in_waiting(self) -> int:
        return len(self._waiting)

    def read(self, size: int = 1) -> bytes:
        if not self._waiting:
            wait_ms = 1000 if self.timeout is None else round(self.timeout * 1000)
            self._advance(wait_ms)
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def write(self, b: bytes, /) -> int:  # type: ignore[override]
        self._desk().send(bytes(b))
        return len(b)

    def reset_input_buffer(self) -> None:
        self._waiting = b""

    def reset_output_buffer(self) -> None:
        pass

    def flush(self) -> None:
        pass

    def _desk(self) -> Desk:
        if not self.is_open or self.desk is None:
            raise PortNotOpenError
        return self.desk

    def _advance(self, wait_ms: int) -> None:
        desk = self._desk()
        desk.advance(desk.now_ms + wait_ms, to_byte=True)
        self._pace()
        self._waiting = desk.receive()

    def _pace(self) -> None:
        if self._speed is not None:
            ahead_s = self._desk().now_ms / 1000 / self._speed - (time.monotonic() - self._began_s)
            if ahead_s > 0:
                time.sleep(ahead_s)

    def _reconfigure_port(self) -> None:
        pass


def _fitted(one: dict[str, str]) -> SetUp:
    """What the options say is fitted; the laboratory's reference where they say nothing. Raises ValueError."""
    usual = SetUp()
    gauge, line = one.get("gauge", usual.gauge), one.get("line", usual.line)
    for name, value, there in (("gauge", gauge, GAUGES), ("line", line, LINES_NL_KPA)):
        if value not in there:
            raise ValueError(f"{name} {value!r}: there are {', '.join(there)}")
    length_mm = float(one.get("length_mm", usual.length_mm))
    viscosity_mpa_s = float(one.get("viscosity_mpa_s", usual.fluid.viscosity_mpa_s))
    if not (0 < length_mm <= 50 and 0 < viscosity_mpa_s <= 10_000):
        raise ValueError(f"a needle of {length_mm:g} mm for {viscosity_mpa_s:g} mPa·s is none")
    return SetUp(
        gauge=gauge,
        length_mm=length_mm,
        fluid=Fluid(viscosity_mpa_s),
        line=line,
        line_mm=0.0 if line == "none" else usual.line_mm,
        stiff=one.get("stiff") == "1",
        area=nearest(one.get("area", usual.area)),
    )
