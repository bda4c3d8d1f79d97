"""What the guard sees is read from registers once a tick: switches, encoders, analogue values, time. Nothing is allocated.

The ADC makes one conversion a tick, read at the next: a free-running round robin loses its place when a tick is late.
"""

from array import array

from mesogun_fw.boards.pico import encoders, pins, registers
from mesogun_fw.boards.pico.player import tell
from mesogun_fw.boards.pico.registers import poke
from mesogun_fw.config import Description
from mesogun_fw.guard import inputs
from mesogun_fw.shim import addressof, micropython, ptr32
from mesogun_fw.talk import messages

const = micropython.const

# These pins are in the order of inputs.py.
SWITCHES = (pins.ESTOP, pins.TRIGGER_A, pins.TRIGGER_B, pins.CONTACT_A, pins.CONTACT_B, pins.HOME, pins.CLEAR)


# Analogue values have 12 bits of 3.3 V. ADC channels come in turn: air pressure, the drive's own (pneumatic: the depth stop;
# stepper: the motors' supply), VSYS, temperature of the chip.
_CHANNEL_STEPS = const(0x4320)
CHANNELS = const(4)
_START = const(0b111)  # it converts once, with the temperature sensor on
_READY = const(1 << 8)
_NONE_FROM_NEEDLE = const(1 << 8)  # an encoder's FIFO is empty
_NONE_FROM_PLUNGER = const(1 << 9)
_KPA_ZERO = const(414)  # a sensor gives 0.5 to 4.5 V for 0 to 1000 kPa, of which two thirds come in
_KPA = const(310)  # a count is this / 1024
_SEATED = const(200)  # this is less than any pressure gives: below it the syringe's switch is open
_STOP = const(2500)  # a count is this / 1024, in um: 10 mm are the whole potentiometer
_MOTORS = const(9075)  # a count is this / 1024, in mV: 1/11 of the motors' supply comes in
_LOGIC = const(2475)  # a count is this / 1024, in mV: a third of VSYS comes in
_T27 = const(876)  # it is 0.706 V at 27 C, and 1.721 mV less a degree (RP2040 datasheet 4.9.5)
_T = const(479)

_EARLY = const(1 << 29)
_LOST_US = const(10_000)
_LONG_US = const(1_000_000)  # what is longer ago says no more of speed

# These are its own figures.
_MS = const(0)
_LEFT_US = const(1)
LAST_US = const(2)
_GRID_US = const(3)  # the next tick is due then
_TURN = const(4)
WORST_LATE_US = const(5)
WORST_TICK_US = const(6)


class Senses:
    """What the tick needs are fast functions over `k`, see player.py: it fills the inputs by `sense`."""

    def __init__(self, k: "array[int]", description: Description) -> None:
        self._nm = array(
            "i", [description.needle_encoder_nm, description.plunger_encoder_nm, description.drive == messages.PNEUMATIC]
        )
        self._t = array("i", bytes(4 * 7))
        for place, figures in ((registers.CLOCK, self._t), (registers.NM, self._nm)):
            k[place] = addressof(figures)
        encoders.count(k, (pins.NEEDLE_ENCODER, pins.PLUNGER_ENCODER))
        poke(k[registers.ADC], 3)
        self._k = k
        self._at = addressof(k)
        zero_clock(self._at)
        unset_grid(self._at)

    def ms(self) -> int:
        """So many milliseconds have passed since boot, wherever the tick is, and if it is dead."""
        return ms(self._at)

    def tick_ms(self) -> int:
        """`sense` was called last then."""
        return self._t[_MS]

    def counts(self, encoder: int) -> int:
        """It is 1 if that encoder's counter runs."""
        return counts(self._at, encoder)

    def worst(self) -> "tuple[int, int]":
        """(latest tick, longest tick) are in us since last asked."""
        t = self._t
        said = t[WORST_LATE_US], t[WORST_TICK_US]
        t[WORST_LATE_US] = t[WORST_TICK_US] = 0
        return said


@micropython.viper
def zero_clock(k_: int):  # type: ignore[no-untyped-def]
    """The clock begins at zero."""
    k = ptr32(k_)
    ptr32(k[registers.CLOCK])[LAST_US] = ptr32(k[registers.TIMER])[registers.NOW] & registers.US


@micropython.viper
def unset_grid(k_: int):  # type: ignore[no-untyped-def]
    """The next tick sets when ticks are due: no tick is early."""
    t = ptr32(ptr32(k_)[registers.CLOCK])
    t[_GRID_US] = (t[LAST_US] + _EARLY) & registers.US


@micropython.viper
def ms(k_: int) -> int:
    k = ptr32(k_)
    t = ptr32(k[registers.CLOCK])
    timer = ptr32(k[registers.TIMER])
    while True:
        last = t[LAST_US]
        passed = t[_MS] + (((timer[registers.NOW] - last) & registers.US) + t[_LEFT_US]) // 1000
        if last == t[LAST_US]:
            return passed


@micropython.viper
def counts(k_: int, encoder: int) -> int:
    """It is 1 if the counter runs: that offers a count a fraction of a microsecond after the last was taken."""
    counters = ptr32(ptr32(k_)[registers.COUNTERS])
    return 1 - ((counters[1] >> (8 + encoder)) & 1)


@micropython.viper
def sense(k_) -> int:  # type: ignore[no-untyped-def]
    """The inputs are those of this moment; the answer is milliseconds since boot.

    After `zero_clock` the tick alone calls it, more often than every 17 minutes.
    """
    k = ptr32(k_)
    t = ptr32(k[registers.CLOCK])
    x = ptr32(k[registers.INPUTS])
    now = ptr32(k[registers.TIMER])[registers.NOW] & registers.US
    grid = t[_GRID_US]
    late = (now - grid) & registers.US
    if late >= _EARLY:
        late = 0
        grid = now
    elif late > _LOST_US:
        # It is said once, whether the timer makes up for the ticks it missed or not.
        grid = now
    t[_GRID_US] = (grid + 1000) & registers.US
    x[inputs.LATE_US] = late
    passed = t[_MS]
    since_us = (now - t[LAST_US]) & registers.US
    left_us = since_us + t[_LEFT_US]
    x[inputs.SINCE_US] = since_us if since_us < _LONG_US else _LONG_US
    if left_us >= 4000:
        passed += left_us // 1000
        left_us = left_us % 1000
    while left_us >= 1000:
        left_us -= 1000
        passed += 1
    t[_MS] = passed
    t[_LEFT_US] = left_us
    x[inputs.PAST_US] = left_us
    t[LAST_US] = now

    levels = ptr32(k[registers.SIO])[1]
    x[inputs.ESTOP_OPEN] = (levels >> pins.ESTOP) & 1
    x[inputs.TRIGGER_A] = (levels >> pins.TRIGGER_A) & 1 ^ 1
    x[inputs.TRIGGER_B] = (levels >> pins.TRIGGER_B) & 1 ^ 1
    x[inputs.CONTACT_A] = (levels >> pins.CONTACT_A) & 1 ^ 1
    x[inputs.CONTACT_B] = (levels >> pins.CONTACT_B) & 1 ^ 1
    x[inputs.HOME] = (levels >> pins.HOME) & 1 ^ 1
    x[inputs.CLEAR] = (levels >> pins.CLEAR) & 1 ^ 1

    # Each encoder's counts waiting are old: they are taken out, and then the next one, if it comes, is as of now. It is cut to 17
    # and 21 bits, 65 mm and 104 mm at the finest, so that no product overflows. One that does not come leaves all as it was.
    nm = ptr32(k[registers.NM])
    counters = ptr32(k[registers.COUNTERS])
    waiting = counters[3]
    old = (waiting >> 4) & 15
    while old:
        counters[8]
        old -= 1
    looks = 32
    while looks and counters[1] & _NONE_FROM_NEEDLE:
        looks -= 1
    if looks:
        value = counters[8]
        x[inputs.NEEDLE_UM] = (((value & 0x1FFFF) ^ 0x10000) - 0x10000) * nm[0] // 1000
    old = (waiting >> 12) & 15
    while old:
        counters[9]
        old -= 1
    looks = 32
    while looks and counters[1] & _NONE_FROM_PLUNGER:
        looks -= 1
    if looks:
        value = counters[9]
        x[inputs.PLUNGER_NM] = (((value & 0x1FFFFF) ^ 0x100000) - 0x100000) * nm[1]

    adc = ptr32(k[registers.ADC])
    value = 0  # what is not ready reads as no syringe, no supply
    if adc[0] & _READY:
        value = adc[1] & 0xFFF
    turn = t[_TURN]
    if turn == 0:
        x[inputs.PRESSURE_KPA] = ((value - _KPA_ZERO) * _KPA) >> 10
        x[inputs.SYRINGE] = 1 if value >= _SEATED else 0
    elif turn == 3:
        x[inputs.TEMPERATURE_C] = 27 + ((_T27 - value) * _T >> 10)
    elif nm[2]:
        if turn == 1:
            x[inputs.STOP_UM] = value * _STOP >> 10
        else:
            x[inputs.SUPPLY_MV] = value * _LOGIC >> 10
    elif turn == 1:
        x[inputs.SUPPLY_MV] = value * _MOTORS >> 10
    turn = (turn + 1) & 3
    t[_TURN] = turn
    adc[0] = _START | (_CHANNEL_STEPS >> (4 * turn) & 15) << 12
    tell(k_, now)
    return passed
