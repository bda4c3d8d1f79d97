"""What the device asks of a board. Boards implement it: boards/ for real ones, the simulator for its own."""

from array import array

from mesogun_fw.config import Hardware
from mesogun_fw.memory import Flash, Fram
from mesogun_fw.player import Player


class Board:
    """`inputs` are as in inputs.py, filled before every tick; `boot` differs at every start.

    `described`: `hardware` is what is stored of this very gun. Else it is the reference design, and nothing may move.
    """

    hardware: Hardware
    serial: int
    boot: int
    simulated: int
    described: bool
    inputs: "array[int]"
    player: Player
    fram: Fram
    flash: Flash

    def ms(self) -> int:
        """Milliseconds since boot."""
        raise NotImplementedError

    def read(self) -> bytes:
        """What the host has sent; never waits."""
        raise NotImplementedError

    def write(self, data: bytes) -> int:
        """How much of it the link takes; never blocks."""
        raise NotImplementedError

    def enable(self, on: bool) -> None:
        """Power for motors and valves. Off is what the hardware does by itself."""
        raise NotImplementedError

    def vent(self, open_: bool) -> None:
        """The dump valve of a pneumatic drive: let the air out. Open is what the hardware does by itself."""
        raise NotImplementedError

    def show(self, state: int) -> None:
        """Lamp and sounder for a state of messages.STATES."""
        raise NotImplementedError

    def click(self) -> None:
        """One shot was made."""
        raise NotImplementedError

    def alone(self, on: bool) -> None:
        """Keep the guard's tick away, for microseconds, while the loop talks to the guard."""
        raise NotImplementedError

    def align(self, words: "array[int]") -> int:
        """Index of the first word on a boundary of 256 bytes, where the player wants that."""
        raise NotImplementedError

    def selftest(self) -> int:
        """Bits of selftest.TESTS, of those that are the board's, that failed. Moves nothing."""
        raise NotImplementedError

    def restart(self) -> None:
        """Start again, as after power-on."""
        raise NotImplementedError

    def worst(self) -> "tuple[int, int]":
        """(latest tick, longest tick) in us since last asked; 0 where not measured."""
        raise NotImplementedError
