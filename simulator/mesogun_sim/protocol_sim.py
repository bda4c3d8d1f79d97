"""`sim://`: the simulated gun as a pyserial port. `serial_for_url("sim://?seed=3&speed=1")` finds it by this file's name.

Options: seed, engine (cpython, micropython), speed (a number of times real time, or max), trace (a folder), row_shots,
fault (name@ms or name@ms-ms, again for more). Reading moves the virtual clock to the next byte or the time-out.
"""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from serial.serialutil import PortNotOpenError, SerialBase, SerialException

from mesogun_sim.desk import Desk
from mesogun_sim.faults import parse


class Serial(SerialBase):
    """A port whose other end is a Desk; `desk` is there for tests, `monotonic_s` is the port's own time."""

    desk: Desk

    def open(self) -> None:
        options = parse_qs(urlsplit(str(self.portstr)).query)
        known = {"seed", "engine", "speed", "trace", "row_shots", "fault"}
        if unknown := set(options) - known:
            raise SerialException(f"sim:// knows no option {', '.join(sorted(unknown))}; there are {', '.join(sorted(known))}")
        try:
            one = {key: values[-1] for key, values in options.items()}
            self._speed = None if one.get("speed", "max") == "max" else float(one["speed"])
            self.desk = Desk(
                int(one.get("seed", "1")),
                engine=one.get("engine", "cpython"),
                trace=Path(one["trace"]) if "trace" in one else None,
                faults=[parse(text) for text in options.get("fault", [])],
                row_shots=int(one["row_shots"]) if "row_shots" in one else None,
            )
        except (ValueError, RuntimeError) as error:
            raise SerialException(f"sim://: {error}") from error
        self._began_s = time.monotonic()
        self.is_open = True

    def close(self) -> None:
        if self.is_open:
            self.is_open = False
            self.desk.close()

    def monotonic_s(self) -> float:
        return self.desk.now_ms / 1000

    @property
    def in_waiting(self) -> int:
        return len(self._waiting)

    def read(self, size: int = 1) -> bytes:
        if not self.is_open:
            raise PortNotOpenError
        if not self._waiting:
            wait_ms = 1000 if self.timeout is None else round(self.timeout * 1000)
            self._advance(wait_ms)
        data, self._waiting = self._waiting[:size], self._waiting[size:]
        return data

    def write(self, b: bytes, /) -> int:  # type: ignore[override]
        if not self.is_open:
            raise PortNotOpenError
        self.desk.send(bytes(b))
        return len(b)

    def reset_input_buffer(self) -> None:
        self._waiting = b""

    def reset_output_buffer(self) -> None:
        pass

    def flush(self) -> None:
        pass

    _waiting = b""

    def _advance(self, wait_ms: int) -> None:
        desk = self.desk
        desk.advance(desk.now_ms + wait_ms, to_byte=True)
        if self._speed is not None:
            ahead_s = desk.now_ms / 1000 / self._speed - (time.monotonic() - self._began_s)
            if ahead_s > 0:
                time.sleep(ahead_s)
        self._waiting = desk.receive()

    def _reconfigure_port(self) -> None:
        pass
