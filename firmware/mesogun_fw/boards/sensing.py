"""What the guard sees, read from registers once a tick: switches, encoders, analogue values, time. Allocates nothing.

The ADC makes one conversion a tick, read at the next: a free-running round robin loses its place when a tick is late.
"""

from array import array

from mesogun_fw.boards import encoders, pins
from mesogun_fw.boards.player import PicoPlayer
from mesogun_fw.boards.registers import ADC, CLOCK, NM, SWITCHES_AT, addressof, poke
from mesogun_fw.config import Hardware
from mesogun_fw.inputs import CLEAR, CONTACT_A, CONTACT_B, ESTOP_OPEN, HOME, TRIGGER_A, TRIGGER_B
from mesogun_fw.messages import PNEUMATIC
from mesogun_fw.shim import micropython, ptr32

const = micropython.const

# Input, pin, and 1 where a closed switch, a low level, is a 1.
SWITCHES = (
    (ESTOP_OPEN, pins.ESTOP, 0),
    (TRIGGER_A, pins.TRIGGER_A, 1),
    (TRIGGER_B, pins.TRIGGER_B, 1),
    (CONTACT_A, pins.CONTACT_A, 1),
    (CONTACT_B, pins.CONTACT_B, 1),
    (HOME, pins.HOME, 1),
    (CLEAR, pins.CLEAR, 1),
)

# Machine code looks up names of other files, so what it needs of them is repeated here; a test holds them equal.
_SWITCHES = const(7)
_COUNTERS = const(3)
_TIMER = const(15)
_SIO = const(16)
_ADC = const(19)
_INPUTS = const(26)
_CLOCK = const(27)
_SWITCHES_AT = const(28)
_NM = const(29)
_NEEDLE_UM = const(7)
_PLUNGER_NM = const(8)
_LATE_US = const(9)
_SYRINGE = const(13)
_PRESSURE_KPA = const(14)
_SUPPLY_MV = const(15)
_TEMPERATURE_C = const(16)
_STOP_UM = const(17)

# Analogue values, 12 bits of 3.3 V. ADC channels in turn: air pressure, the drive's own (pneumatic: the depth stop;
# stepper: the motors' supply), VSYS, temperature of the chip.
_CHANNEL_STEPS = const(0x4320)
_CHANNELS = const(4)
_START = const(0b111)  # once, with the temperature sensor on
_READY = const(1 << 8)
_KPA_ZERO = const(414)  # a sensor of 0.5 to 4.5 V for 0 to 1000 kPa, of which two thirds come in
_KPA = const(310)  # / 1024 a count
_SEATED = const(200)  # less than any pressure gives: the syringe's switch is open
_STOP = const(2500)  # um / 1024 a count: 10 mm over the whole potentiometer
_MOTORS = const(9075)  # mV / 1024 a count: 1/11 of the motors' supply
_LOGIC = const(2475)  # a third of VSYS
_T27 = const(876)  # 0.706 V at 27 C, 1.721 mV less a degree (RP2040 datasheet 4.9.5)
_T = const(479)

_US = const((1 << 30) - 1)
_EARLY = const(1 << 29)
_LOST_US = const(10_000)
_NOW = const(10)

# Own figures.
_MS = const(0)
_REST_US = const(1)
_LAST_US = const(2)
_GRID_US = const(3)  # when the next tick is due
_TURN = const(4)
_WORST_LATE_US = const(5)
_WORST_TICK_US = const(6)


class Senses:
    """Fills `x` at every `sense`."""

    def __init__(self, k: "array[int]", x: "array[int]", player: PicoPlayer, hardware: Hardware) -> None:
        self._k = k
        self._tell = player.tell
        self._nm = array("i", [hardware.needle_encoder_nm, hardware.plunger_encoder_nm, hardware.drive == PNEUMATIC])
        self._switches = array("i", [figure for switch in SWITCHES for figure in switch])
        self._t = array("i", bytes(4 * 7))
        for place, figures in ((CLOCK, self._t), (SWITCHES_AT, self._switches), (NM, self._nm)):
            k[place] = addressof(figures)
        encoders.count(k, (pins.NEEDLE_ENCODER, pins.PLUNGER_ENCODER))
        poke(k[ADC], 3)
        self._begin()

    @micropython.viper
    def _begin(self):  # type: ignore[no-untyped-def]
        """The first tick is looked at too, by the self-test: a value not yet converted would be a supply of nothing."""
        k = ptr32(self._k)
        t = ptr32(k[_CLOCK])
        adc = ptr32(k[_ADC])
        t[_LAST_US] = ptr32(k[_TIMER])[_NOW] & _US
        for _ in range(_CHANNELS):
            self.sense()
            looks = 256
            while looks and not adc[0] & _READY:
                looks -= 1
        t[_GRID_US] = (t[_LAST_US] + _EARLY) & _US  # the first tick sets it: no tick is early

    @micropython.viper
    def ms(self) -> int:
        """Milliseconds since boot, wherever the tick is, and if it is dead."""
        k = ptr32(self._k)
        t = ptr32(k[_CLOCK])
        timer = ptr32(k[_TIMER])
        while True:
            last = t[_LAST_US]
            ms = t[_MS] + (((timer[_NOW] - last) & _US) + t[_REST_US]) // 1000
            if last == t[_LAST_US]:
                return ms

    def tick_ms(self) -> int:
        """When `sense` was called last."""
        return self._t[_MS]

    @micropython.viper
    def sense(self) -> int:
        """The inputs at this moment; milliseconds since boot. Called by the tick alone, more often than every 17 minutes.

        In one piece: on the board every call from machine code into machine code costs 6 us.
        """
        k = ptr32(self._k)
        t = ptr32(k[_CLOCK])
        x = ptr32(k[_INPUTS])
        now = ptr32(k[_TIMER])[_NOW] & _US
        late = (now - t[_GRID_US]) & _US
        if late >= _EARLY:
            late = 0
            t[_GRID_US] = now
        elif late > _LOST_US:
            # said once, whether the timer makes up for the ticks it missed or not
            t[_GRID_US] = now
        t[_GRID_US] = (t[_GRID_US] + 1000) & _US
        x[_LATE_US] = late
        since = ((now - t[_LAST_US]) & _US) + t[_REST_US]
        ms = t[_MS] + since // 1000
        t[_MS] = ms
        t[_REST_US] = since % 1000
        t[_LAST_US] = now

        switches = ptr32(k[_SWITCHES_AT])
        levels = ptr32(k[_SIO])[1]
        for i in range(0, 3 * _SWITCHES, 3):
            x[switches[i]] = (levels >> switches[i + 1]) & 1 ^ switches[i + 2]
        nm = ptr32(k[_NM])
        counters = ptr32(k[_COUNTERS])
        for i in range(2):
            old = (counters[3] >> (8 * i + 4)) & 15
            looks = 32  # in vain: the count is as it was
            while looks:
                looks -= 1
                if not (counters[1] >> (8 + i)) & 1:
                    value = counters[8 + i]
                    if old:
                        old -= 1
                    else:
                        looks = 0
                        # cut to 17 and 21 bits, 65 mm and 104 mm at the finest, so that no product overflows
                        if i:
                            x[_PLUNGER_NM] = (((value & 0x1FFFFF) ^ 0x100000) - 0x100000) * nm[1]
                        else:
                            x[_NEEDLE_UM] = (((value & 0x1FFFF) ^ 0x10000) - 0x10000) * nm[0] // 1000

        adc = ptr32(k[_ADC])
        value = 0  # what is not ready: no syringe, no supply
        if adc[0] & _READY:
            value = adc[1] & 0xFFF
        turn = t[_TURN]
        if turn == 0:
            x[_PRESSURE_KPA] = ((value - _KPA_ZERO) * _KPA) >> 10
            x[_SYRINGE] = 1 if value >= _SEATED else 0
        elif turn == 3:
            x[_TEMPERATURE_C] = 27 + ((_T27 - value) * _T >> 10)
        elif nm[2]:
            if turn == 1:
                x[_STOP_UM] = value * _STOP >> 10
            else:
                x[_SUPPLY_MV] = value * _LOGIC >> 10
        elif turn == 1:
            x[_SUPPLY_MV] = value * _MOTORS >> 10
        turn = (turn + 1) & 3
        t[_TURN] = turn
        adc[0] = _START | (_CHANNEL_STEPS >> (4 * turn) & 15) << 12
        self._tell(now)
        return ms

    @micropython.viper
    def counts(self, encoder: int) -> int:
        """1 if that encoder's counter runs: it offers a count a fraction of a microsecond after the last was taken."""
        k = ptr32(self._k)
        counters = ptr32(k[_COUNTERS])
        return 1 - ((counters[1] >> (8 + encoder)) & 1)

    @micropython.viper
    def finish(self):  # type: ignore[no-untyped-def]
        """The tick is over: keep the worst of lateness and duration."""
        k = ptr32(self._k)
        t = ptr32(k[_CLOCK])
        took = (ptr32(k[_TIMER])[_NOW] - t[_LAST_US]) & _US
        if took > t[_WORST_TICK_US]:
            t[_WORST_TICK_US] = took
        late = ptr32(k[_INPUTS])[_LATE_US]
        if late > t[_WORST_LATE_US]:
            t[_WORST_LATE_US] = late

    def worst(self) -> "tuple[int, int]":
        """(latest tick, longest tick) in us since last asked."""
        t = self._t
        said = t[_WORST_LATE_US], t[_WORST_TICK_US]
        t[_WORST_LATE_US] = t[_WORST_TICK_US] = 0
        return said
