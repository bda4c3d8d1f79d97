"""The device asks this of a board. Boards implement it: pico/ for a real one, the simulator for its own."""

from array import array

from mesogun_fw.boards.player import Player
from mesogun_fw.config import Description
from mesogun_fw.memory.promises import Flash, Fram


class Board:
    """`inputs` is the guard's memory (guard/cells.py): its first cells are as in guard/inputs.py, filled before every tick.

    What the guard orders is done after the tick. `boot` differs at every start. When it is `described`, `description` is what is
    stored of this very gun; else it is the reference design, and nothing may move.
    """

    description: Description
    serial: int
    boot: int
    simulated: int
    described: bool
    inputs: "array[int]"
    player: Player
    fram: Fram
    flash: Flash

    def obey(self) -> None:
        """What the guard has ordered is done: first the journal's mark, then air and power, then the pins."""
        raise NotImplementedError

    def tick(self, now_ms: int) -> None:
        """One millisecond passes for the guard, and what it orders is done. Boards with a timer have this from their timer."""
        raise NotImplementedError

    def ms(self) -> int:
        """So many milliseconds have passed since boot."""
        raise NotImplementedError

    def read(self, into: bytearray, at: int) -> int:
        """So many bytes of the host are put there, as far as there is room behind `at`; reading never waits."""
        raise NotImplementedError

    def write(self, line: bytearray, size: int) -> bool:
        """The link takes the first `size` bytes whole, and keeps them itself, or nothing of them; writing never blocks."""
        raise NotImplementedError

    def enable(self, on: bool) -> None:
        """Motors and valves have power, or not. Off is what the hardware does by itself."""
        raise NotImplementedError

    def vent(self, open_: bool) -> None:
        """The dump valve of a pneumatic drive lets the air out, or not. Open is what the hardware does by itself."""
        raise NotImplementedError

    def show(self, state: int) -> None:
        """Lamp and sounder show a state of messages.STATES."""
        raise NotImplementedError

    def click(self) -> None:
        """One shot was made, and this is heard."""
        raise NotImplementedError

    def alone(self, act, a: int, b: int):  # type: ignore[no-untyped-def]
        """The fast function `act` gets the guard's cells, `a` and `b`, and what it orders is done, with the tick kept away.

        So nothing else runs amid it: no bytecode, no collection, no USB. Its answer is given. A board whose tick interrupts the
        loop does it in machine code of its own.
        """
        raise NotImplementedError

    def align(self, words: "array[int]") -> int:
        """The first word on a boundary of 256 bytes has this index, where the player wants that."""
        raise NotImplementedError

    def selftest(self) -> int:
        """One piece of a test is made, in a turn's time. It moves nothing.

        These bits of codes.TESTS failed, of those that are the board's; -1 says that another piece follows.
        """
        raise NotImplementedError

    def tidy(self, idle: bool) -> None:
        """Nothing is in a hurry, so memory may be put in order; when `idle`, nothing can start. Boards that need it do it."""

    def restart(self) -> None:
        """The gun starts again, as after power-on."""
        raise NotImplementedError

    def worst(self) -> "tuple[int, int]":
        """(latest tick, longest tick) are in us since last asked; they are 0 where not measured."""
        raise NotImplementedError
