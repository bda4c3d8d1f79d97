"""The loop's work takes time on a real chip, and the simulated board charges for it. This runs on CPython and MicroPython.

Each figure is in microseconds, measured on a cycle-counted RP2040 with MicroPython 1.28, flash-cache misses and the guard's ticks
beside it included, and rounded up (docs/HARDWARE.md, section 9). What a turn has cost must pass before the next one begins.
"""

TURN_US = 2_000  # a turn in which nothing is to be done
BYTE_IN_US = 60  # a byte of the host comes through MicroPython's stream
LINE_IN_US = 2_500  # a line is understood, and done what it asks
LINE_OUT_US = 1_200  # a line is made and sent
MEMORY_US = 150  # a few bytes of the FRAM are read, or written and read back
PIECE_US = 32_000  # a request goes on in the next turn: memory is swept (15), a stroke compiled (25), audited (53), a file read (8)
LOAD_US = 15_000  # its lists are laid for the player
SWEEP_US = 16_000  # memory is swept ...
SWEEP_EVERY_MS = 2_000  # ... so often at most
MASK_US = 120  # the tick is kept away for no longer than this ...
LATE_US = 67  # ... and is no later than this by itself
BOOT_MS = 2_000  # from reset to the first turn


class Costs:
    """So much the turn that is under way has cost: `us`, of which for `masked_us` at a time no tick could come."""

    def __init__(self) -> None:
        self.us = self.masked_us = 0
        self._late_us = LATE_US
        self._swept_ms = 0

    def read(self, data: bytearray, at: int, size: int) -> None:
        self.us += BYTE_IN_US * size
        if data.find(b"\n", 0, at + size) >= 0:  # one is taken a turn
            self.us += LINE_IN_US

    def written(self) -> None:
        self.us += LINE_OUT_US

    def remembered(self) -> None:
        self.us += MEMORY_US

    def loaded(self) -> None:
        self.us += LOAD_US

    def masked(self) -> None:
        self.us += MASK_US
        self.masked_us = MASK_US
        self._late_us = LATE_US + MASK_US

    def swept(self, now_ms: int) -> None:
        if now_ms - self._swept_ms >= SWEEP_EVERY_MS:
            self._swept_ms = now_ms
            self.us += SWEEP_US

    def turned(self, unfinished: bool) -> None:
        """A turn is over. It has left a request unfinished, or not: then a piece of that was made."""
        self.us += TURN_US
        if unfinished:
            self.us += PIECE_US

    def worst(self, late_us: int) -> "tuple[int, int]":
        """(latest tick, longest tick) since last asked, as Board.worst gives them; the last tick was so late."""
        late_us = max(late_us, self._late_us)
        self._late_us = LATE_US
        return late_us, 0

    def take(self) -> "tuple[int, int]":
        """(us, masked_us) are given, and begin anew."""
        taken = self.us, self.masked_us
        self.us = self.masked_us = 0
        return taken
