"""Lamp and sounder of the gun: two WS2811 in a row, the second of which drives the sounder. Shown by the loop."""

import machine

from mesogun_fw.boards.pico import pins
from mesogun_fw.talk.messages import STATES

TIMING = (400, 850, 800, 450)  # ns: high and low of a 0, of a 1
BLINK_MS = 256
CLICK_MS = 20

OFF = (0, 0, 0)
WHITE, GREEN, BLUE, YELLOW, RED = (40, 40, 40), (0, 80, 0), (0, 0, 120), (120, 80, 0), (255, 0, 0)

# By state: colour, whether the lamp blinks, whether it sounds.
PATTERNS = (
    (WHITE, True, False),  # unhomed
    (WHITE, False, False),  # idle
    (YELLOW, True, False),  # homing
    (GREEN, False, False),  # armed
    (BLUE, False, False),  # running
    (BLUE, True, False),  # returning
    (RED, True, True),  # fault
    (RED, False, True),  # e-stop
)
assert len(PATTERNS) == len(STATES)


class Lamp:
    def __init__(self) -> None:
        self._pin = machine.Pin(pins.LAMP, machine.Pin.OUT, value=0)
        self._pattern = PATTERNS[0]
        self._click = False
        self._shown = b""

    def show(self, state: int) -> None:
        self._pattern = PATTERNS[state]

    def click(self) -> None:
        self._click = True

    def test(self) -> None:
        """One click, and all the lamp's colours at once for a turn, for eyes and ears."""
        self._click = True
        machine.bitstream(self._pin, 0, TIMING, bytes((255,) * 6))
        self._shown = b""

    def turn(self, now_ms: int) -> None:
        """Once a turn of the loop. Interrupts are off for 60 us, when something changes."""
        colour, blinks, sounds = self._pattern
        on = now_ms // BLINK_MS & 1 == 0
        sound = 255 if self._click or (sounds and on) else 0
        self._click = False
        red, green, blue = colour if on or not blinks else OFF
        colours = bytes((red, green, blue, sound, sound, sound))
        if colours != self._shown:
            self._shown = colours
            machine.bitstream(self._pin, 0, TIMING, colours)
