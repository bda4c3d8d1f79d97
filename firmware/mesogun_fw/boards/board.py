"""What the device asks of a board. Boards implement it: boards/ for real ones, the simulator for its own."""

from array import array

from mesogun_fw.boards.player import Player
from mesogun_fw.config import Hardware
from mesogun_fw.guard import cells
from mesogun_fw.memory.promises import Flash, Fram


class Board:
    """`inputs` is the guard's memory, see cells.py: its first cells are as in inputs.py, filled before every tick, and what it
    orders is done after it. `boot` differs at every start.

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

    def obey(self) -> None:
        """Do what the guard has ordered: first the journal's mark, then power and air, then the pins. Boards may do it faster."""
        c = self.inputs
        if c[cells.MARK_AT]:
            self.fram.mark(c[cells.MARK_AT], c[cells.MARK])
            c[cells.MARK_AT] = 0
        if c[cells.VENT] != c[cells.VENTED]:
            c[cells.VENTED] = c[cells.VENT]
            self.vent(c[cells.VENT] != 0)
        if c[cells.POWER] != c[cells.POWERED]:
            c[cells.POWERED] = c[cells.POWER]
            self.enable(c[cells.POWER] != 0)
        order, slot, figure = c[cells.ORDER], c[cells.ORDER_SLOT], c[cells.ORDER_FIGURE]
        c[cells.ORDER] = 0
        if order == cells.START:
            self.player.start(slot, figure)
        elif order == cells.GRANT:
            self.player.grant(slot, figure)
        elif order == cells.REVOKE:
            self.player.revoke()
        elif order == cells.HALT:
            self.player.halt()
        elif order == cells.ABORT:
            self.player.abort(slot, figure)
        elif order == cells.RELIEVE:
            self.player.relieve(slot, figure)

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
        """Bits of codes.TESTS, of those that are the board's, that failed. Moves nothing."""
        raise NotImplementedError

    def restart(self) -> None:
        """Start again, as after power-on."""
        raise NotImplementedError

    def worst(self) -> "tuple[int, int]":
        """(latest tick, longest tick) in us since last asked; 0 where not measured."""
        raise NotImplementedError
