"""Lamp and sounder of the gun are two WS2811 in a row, the second of which drives the sounder. The loop shows them."""

import machine

from mesogun_fw.boards.pico import pins
from mesogun_fw.talk.messages import STATES

TIMING = (400, 850, 800, 450)  # these are ns: high and low of a 0, of a 1
BLINK_MS = 256
CLICK_MS = 20
UNKNOWN = 1  # no sound is that: whatever is shown, the next turn sends

OFF = (0, 0, 0)
WHITE, GREEN, BLUE, YELLOW, RED = (40, 40, 40), (0, 80, 0), (0, 0, 120), (120, 80, 0), (255, 0, 0)

# A state has a colour, whether the lamp blinks, and whether it sounds.
COLOUR, BLINKS, SOUNDS = range(3)
PATTERNS = (
    (WHITE, True, False),  # the gun is unhomed
    (WHITE, False, False),  # the gun is idle
    (YELLOW, True, False),  # the gun is homing
    (GREEN, False, False),  # the gun is armed
    (BLUE, False, False),  # the gun is running
    (BLUE, True, False),  # the gun is returning
    (RED, True, True),  # a fault is latched
    (RED, False, True),  # the e-stop was pressed
)
assert len(PATTERNS) == len(STATES)


class Lamp:
    def __init__(self) -> None:
        self._pin = machine.Pin(pins.LAMP, machine.Pin.OUT, value=0)
        self._pattern: tuple = PATTERNS[0]  # type: ignore[type-arg]
        self._click = False
        self._shown = bytearray(6)  # three colours, and three times the sound
        self._shown[3] = UNKNOWN

    def show(self, state: int) -> None:
        self._pattern = PATTERNS[state]

    def click(self) -> None:
        self._click = True

    def test(self) -> None:
        """One click sounds, and all the lamp's colours show at once for a turn, for eyes and ears."""
        self._click = True
        machine.bitstream(self._pin, 0, TIMING, bytes((255,) * 6))
        self._shown[3] = UNKNOWN

    def turn(self, now_ms: int) -> None:
        """Lamp and sounder follow the state, once a turn of the loop."""
        pattern = self._pattern
        on = now_ms // BLINK_MS & 1 == 0
        sound = 255 if self._click or (pattern[SOUNDS] and on) else 0
        self._click = False
        self._show(pattern[COLOUR] if on or not pattern[BLINKS] else OFF, sound)

    def _show(self, colour: tuple, sound: int) -> None:  # type: ignore[type-arg]
        """Interrupts are off for 60 us, when something changes."""
        shown = self._shown
        if shown[0] != colour[0] or shown[1] != colour[1] or shown[2] != colour[2] or shown[3] != sound:
            shown[0] = colour[0]
            shown[1] = colour[1]
            shown[2] = colour[2]
            shown[3] = shown[4] = shown[5] = sound
            machine.bitstream(self._pin, 0, TIMING, shown)
