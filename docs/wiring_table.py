"""One table says what is wired to the Pico: make_wiring.py makes the drawing and the pin map of HARDWARE.md from it.

The firmware says which GPIO is what (boards/pico/pins.py); this says what is at the other end of the wire.
"""

from typing import NamedTuple

from mesogun_fw.boards.pico import pins


class Pin(NamedTuple):
    """A Pin is one GPIO and what is wired to it."""

    gpio: int
    name: str
    way: str  # it is out, in or analogue
    safe: str  # this says what the pin is when nobody drives it, and why that is safe
    pull: str  # this resistor is outside the Pico
    at: str  # this is the connector and its terminal
    to: str  # this is what is wired there
    series: str = ""  # this part is in the wire


DOWN, UP = "4k7 to GND", "2k2 to 3V3"
T, NE, PE = pins.TIMELINE, pins.NEEDLE_ENCODER, pins.PLUNGER_ENCODER

PINS = (
    Pin(T, "needle_step / valve_out", "out", "low: no step, valve off", DOWN, "J1.1", "STEP / gate OUT", "100R"),
    Pin(T + 1, "needle_dir / valve_back", "out", "low: valve off", DOWN, "J1.2", "DIR / gate BACK", "100R"),
    Pin(T + 2, "plunger_step", "out", "low: no step", DOWN, "J2.1", "STEP", "100R"),
    Pin(T + 3, "plunger_dir", "out", "low: dispense", DOWN, "J2.2", "DIR", "100R"),
    Pin(T + 4, "stop_step", "out", "low: no step", DOWN, "J3.1", "STEP", "100R"),
    Pin(T + 5, "stop_dir", "out", "low: deeper", DOWN, "J3.2", "DIR", "100R"),
    Pin(NE, "needle encoder A", "in", "-", UP, "J4.1", "A", "1k"),
    Pin(NE + 1, "needle encoder B", "in", "-", UP, "J4.2", "B", "1k"),
    Pin(PE, "plunger encoder A", "in", "-", UP, "J5.1", "A", "1k"),
    Pin(PE + 1, "plunger encoder B", "in", "-", UP, "J5.2", "B", "1k"),
    Pin(pins.ESTOP, "e-stop sense", "in", "high: pressed, or wire off", UP, "J6.3", "pole 2, closed when not pressed", "1k"),
    Pin(pins.TRIGGER_A, "trigger a", "in", "high: released", UP, "J7.1", "contact a, open when released", "1k"),
    Pin(pins.TRIGGER_B, "trigger b", "in", "high: released", UP, "J7.2", "contact b, open when released", "1k"),
    Pin(pins.CONTACT_A, "contact a", "in", "high: lifted", UP, "J8.1", "nose switch a, open in the air", "1k"),
    Pin(pins.CONTACT_B, "contact b", "in", "high: lifted", UP, "J8.2", "nose switch b, open in the air", "1k"),
    Pin(pins.HOME, "home", "in", "high: not home", UP, "J9.1", "home switch, closed at home", "1k"),
    Pin(pins.FRAM_IN, "FRAM data out", "in", "-", "10k to 3V3", "U2.2", "SO"),
    Pin(pins.FRAM_SELECT, "FRAM select", "out", "high: not selected", "10k to 3V3", "U2.1", "CS"),
    Pin(pins.FRAM_CLOCK, "FRAM clock", "out", "-", "", "U2.6", "SCK"),
    Pin(pins.FRAM_OUT, "FRAM data in", "out", "-", "", "U2.5", "SI"),
    Pin(pins.CLEAR, "clear", "in", "high: not pressed", UP, "J10.1", "clear button; at plug-in: maintenance", "1k"),
    Pin(pins.ENABLE, "enable", "out", "low: no power to any motor or valve", DOWN, "J11.1", "gate of Q1, enable loop", "100R"),
    Pin(pins.DUMP, "dump", "out", "low: dump valve open", DOWN, "J12.1", "gate of Q3, dump valve coil", "100R"),
    Pin(pins.PRESSURE, "pressure, syringe", "analogue", "0 V: no syringe", "20k to GND", "J13.1", "sensor, by switch", "10k"),
    Pin(pins.LAMP, "lamp", "out", "low: as it was", "", "J14.1", "lamp and sounder, two WS2811", "330R"),
    Pin(pins.DRIVE, "supply / depth stop", "analogue", "0 V: no supply", "10k to GND", "J15.1", "24 V rail; air: wiper", "100k"),
    Pin(pins.LOGIC, "logic supply", "analogue", "0 V: no supply", "", "on the Pico", "a third of VSYS"),
)  # fmt: skip

# These stand at the other end; a place has its name, and the terminals that no GPIO goes to.
PLACES = {
    "J1": ("Needle driver (air: Q4, Q5, valves)", "EN, RESET ← EN_SAFE · 24V_MOT · GND"),
    "J2": ("Plunger driver", "EN ← EN_SAFE · 24V_MOT · GND"),
    "J3": ("Depth stop driver (air only)", "EN ← EN_SAFE · 24V_MOT · GND"),
    "J4": ("Needle encoder, on the carriage", "5 V · GND · outputs 3.3 V"),
    "J5": ("Plunger encoder, on the pusher", "5 V · GND · outputs 3.3 V"),
    "J6": ("Emergency stop, two NC poles", "J6.4 GND · pole 1: see below"),
    "J7": ("Trigger, two contacts", "J7.3 GND · J7.4 GND"),
    "J8": ("Skin contact, two switches", "J8.3 GND · J8.4 GND"),
    "J9": ("Home switch", "J9.2 GND"),
    "U2": ("FRAM, MB85RS64V class", "8 3V3 · 4 GND · 3, 7 → 3V3"),
    "J10": ("Clear button", "J10.2 GND"),
    "J11": ("Enable loop", "see below"),
    "J12": ("Dump valve (air only)", "coil from J6.2 · clamp"),
    "J13": ("Syringe switch, pressure sensor", "sensor 5 V · GND"),
    "J14": ("Lamp and sounder", "5 V · GND · buffer 3.3 → 5 V"),
    "J15": ("24 V divider, or depth stop potentiometer", "air: 1k for 100k, no 10k · AGND · ADC_VREF"),
}

# This is the Pico's header, from the USB end: the left side is 1..20, the right side 40..21. Numbers are GPIO.
LEFT = (0, 1, "GND", 2, 3, 4, 5, "GND", 6, 7, 8, 9, "GND", 10, 11, 12, 13, "GND", 14, 15)
RIGHT = ("VBUS", "VSYS", "GND", "3V3_EN", "3V3", "ADC_VREF", 28, "AGND", 27, 26, "RUN", 22, "GND", 21, 20, 19, 18, "GND", 17, 16)
OTHERS = {
    "VSYS": "← 5 V through Schottky D1",
    "3V3": "→ pull-ups, FRAM",
    "ADC_VREF": "→ potentiometer J15.3",
    "RUN": "leave open (reset button to GND)",
    "VBUS": "leave open: the isolator brings data and GND only",
    "3V3_EN": "leave open",
}  # fmt: skip


def pin_map() -> str:
    """Returns the table for HARDWARE.md."""
    rows = ["| GPIO | header | signal | way | safe level | pull outside | series | goes to |\n|---|---|---|---|---|---|---|---|\n"]
    for pin in sorted(PINS):
        where = header_pin(pin.gpio) or "–"
        outside = f"{pin.pull or '–'} | {pin.series or '–'} | {pin.at}: {pin.to}"
        rows.append(f"| {pin.gpio} | {where} | {pin.name} | {pin.way} | {pin.safe} | {outside} |\n")
    return "".join(rows)


def header_pin(gpio: int) -> int:
    """Returns the number on the Pico's header, 0 for a GPIO that is not there."""
    if gpio in LEFT:
        return LEFT.index(gpio) + 1
    return 40 - RIGHT.index(gpio) if gpio in RIGHT else 0
