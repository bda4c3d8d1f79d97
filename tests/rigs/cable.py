"""A cable with the device's end of the link at one end and a test at the other."""

from mesogun_fw.device.events import KINDS, Events
from mesogun_fw.device.rows import fill
from mesogun_fw.device.wire import Wire
from mesogun_fw.talk import frames


class Cable:
    """A board's `read` and `write` with a device behind them that does requests by counting them."""

    def __init__(self) -> None:
        self.takes = 1 << 20  # lines the link takes before the host reads
        self.events = Events()
        self.wire = Wire(self, self.events)
        self.done: list[tuple[int, str, list[int]]] = []
        self._to_device = b""
        self._to_host: list[bytes] = []

    def read(self, into: bytearray, at: int) -> int:
        size = min(len(into) - at, len(self._to_device))
        into[at : at + size], self._to_device = self._to_device[:size], self._to_device[size:]
        return size

    def write(self, line: bytearray, size: int) -> bool:
        if len(self._to_host) >= self.takes:
            return False
        self._to_host.append(bytes(line[:size]))
        return True

    def turn(self, count: int = 1) -> "Cable":
        for _ in range(count):
            asked = self.wire.request()
            if asked is not None:
                self.done.append((asked.values[0], asked.name, asked.row()))
                self.wire.said_hello = True
                self.wire.answer(self.wire.says("ok"))
            self.wire.flush()
        return self

    def host_sends(self, *parts: bytes) -> "Cable":
        """Each part arrives by itself, a turn before the next."""
        for part in parts:
            self._to_device += part
            self.turn()
        return self

    def host_reads(self) -> list[bytes]:
        lines, self._to_host = self._to_host, []
        return lines


def happened(events: Events, kind: int, values: list[int]) -> None:
    """An event with these values behind its number."""
    at = events.new(kind)
    fill(events.rows, at, KINDS[kind], [events.last, *values])


def ask(seq: int, name: str = "beat", *values: int) -> bytes:
    return frames.encode(seq, name, list(values or (0,) if name == "beat" else values))


def greeted() -> Cable:
    """A cable over which hello has been said and answered."""
    cable = Cable().host_sends(ask(1, "hello", 1))
    assert cable.host_reads() == [frames.encode(1, "ok", [])]
    cable.done.clear()
    return cable
