"""`python docs/make_wiring.py` writes docs/images/wiring.svg and the pin map in docs/HARDWARE.md. A test holds them to it."""

from html import escape
from itertools import groupby
from pathlib import Path

from wiring_table import DOWN, LEFT, OTHERS, PINS, PLACES, RIGHT, Pin, pin_map

HERE = Path(__file__).parent
BEGIN, END = "<!-- pin map: written by make_wiring.py -->\n", "<!-- end of the pin map -->\n"

WIDTH, HEIGHT = 1560, 1620
PITCH, TOP = 50, 130  # the header's pins have this distance, and begin here
PICO_LEFT, PICO_RIGHT = 690, 870
BLOCK, EDGE = 330, 20  # what stands at the other end has this width, and this distance from the margin
POWER_TOP = TOP + 20 * PITCH + 70

STYLE = """
text { font: 13px 'DejaVu Sans', Verdana, Arial, sans-serif; fill: #1c2733 }
.small { font-size: 11px; fill: #44525f } .name { font-weight: bold } .title { font-size: 24px; font-weight: bold }
.box { fill: #f4f6f8; stroke: #44525f; stroke-width: 1.5 } .chip { fill: #1f6f54; stroke: #0f3f30; stroke-width: 2 }
.chip-text { fill: #ffffff; font-size: 12px } .wire { fill: none; stroke: #1c2733; stroke-width: 1.6 }
.hot { stroke: #b3261e; stroke-width: 2.4 } .loop { stroke: #c77700; stroke-width: 2.4 }
.part { fill: #ffffff; stroke: #1c2733; stroke-width: 1.4 } .barrier { stroke: #6a3fb5; stroke-width: 3; stroke-dasharray: 10 7 }
"""


def text(x: float, y: float, what: str, kind: str = "", anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" class="{kind}" text-anchor="{anchor}">{escape(what)}</text>\n'


def wire(*points: tuple[float, float], kind: str = "") -> str:
    return f'<polyline class="wire {kind}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>\n'


def box(x: float, y: float, width: float, height: float, *lines: str, kind: str = "box") -> str:
    """Draws a box with its lines of text; the first one is its name."""
    drawn = f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="5"/>\n'
    for i, line in enumerate(lines):
        drawn += text(x + 10, y + 20 + 17 * i, line, "small" if i else "name")
    return drawn


def resistor(x: float, y: float, value: str) -> str:
    return f'<rect class="part" x="{x - 24}" y="{y - 9}" width="48" height="18"/>\n' + text(x, y + 4, value, "small", "middle")


def pull(x: float, y: float, what: str) -> str:
    """Draws a resistor beside the wire, towards a supply (upwards) or ground (downwards)."""
    value, _, where = what.partition(" to ")
    away = 1 if where == "GND" else -1
    drawn = wire((x, y), (x, y + 10 * away)) + f'<circle cx="{x}" cy="{y}" r="3"/>\n'
    return drawn + text(x + 6, y + (17 if away > 0 else -7), f"{value} {'↓' if away > 0 else '↑'} {where}", "small")


def row(pin: Pin, y: float, inner: float, outer: float) -> str:
    """Draws a wire from the header at `inner` to the block at `outer`, with its parts in the order in which they are wired."""
    step = 1 if outer > inner else -1
    drawn = wire((inner, y), (outer, y))
    drawn += text(outer - 10 * step, y - 6, pin.name, "name", "end" if step > 0 else "start")
    divides = pin.way == "analogue"
    if pin.series:
        drawn += resistor(inner + (140 if divides else 44) * step, y, pin.series)
    if pin.pull:
        # a torn wire leaves an output's pull at the driver, an input's at the Pico
        away = abs(outer - inner) - 80 if pin.pull == DOWN else 26 if divides else 84
        drawn += pull(inner + away * step - (55 if pin.way == "in" and step < 0 else 0), y, pin.pull)
    return drawn


def side(header: tuple[int | str, ...], inner: float, block_x: float) -> str:
    """Draws one row of the header with what is wired to it."""
    by_gpio = {pin.gpio: pin for pin in PINS}
    right = block_x > inner
    outer = block_x if right else block_x + BLOCK
    drawn = ""
    placed: list[tuple[str, float, Pin]] = []
    for i, signal in enumerate(header):
        y = TOP + PITCH * i
        number = 40 - i if right else i + 1
        inside = inner - 8 if right else inner + 8
        label = f"GP{signal}" if isinstance(signal, int) else signal
        drawn += text(
            inside, y + 4, f"{label}  {number}" if right else f"{number}  {label}", "chip-text", "end" if right else "start"
        )
        if isinstance(signal, int) and signal in by_gpio:
            pin = by_gpio[signal]
            drawn += row(pin, y, inner, outer)
            placed.append((pin.at.split(".")[0], y, pin))
        else:
            end = inner + (30 if right else -30)
            drawn += wire((inner, y), (end, y))
            note = "GND" if "GND" in label else OTHERS.get(label, "")
            drawn += text(end + (6 if right else -6), y + 4, note, "small", "start" if right else "end")
    for place, group in groupby(placed, key=lambda one: one[0]):
        drawn += block(place, list(group), block_x, right)
    return drawn


def block(place: str, group: list[tuple[str, float, Pin]], x: float, right: bool) -> str:
    top, bottom = group[0][1] - 23, group[-1][1] + 25
    name, rest = PLACES[place]
    drawn = f'<rect class="box" x="{x}" y="{top}" width="{BLOCK}" height="{bottom - top}" rx="5"/>\n'
    edge, anchor = (x + 10, "start") if right else (x + BLOCK - 10, "end")
    for _, y, pin in group:
        drawn += text(edge, y - 9, f"{pin.at}  {pin.to}" if right else f"{pin.to}  {pin.at}", "small", anchor)
    drawn += text(edge, group[0][1] + 6, name, "name", anchor)
    return drawn + text(edge, group[-1][1] + 20, rest, "small", anchor)


def power() -> str:
    """Draws supply, enable loop and isolation."""
    y = POWER_TOP
    drawn = text(EDGE, y, "Power, enable loop and isolation", "title")
    drawn += text(EDGE, y + 22, "red: 24 V      orange: enable loop, 10 mA      violet: isolation barrier, 2 × MOPP", "small")
    drawn += f'<line class="barrier" x1="295" y1="{y + 40}" x2="295" y2="{y + 370}"/>\n'
    drawn += text(285, y + 388, "mains, laptop", "small", "end") + text(305, y + 388, "gun and applied part", "small")
    drawn += box(20, y + 60, 120, 60, "Mains", "100–240 V") + wire((140, y + 90), (190, y + 90))
    drawn += box(190, y + 50, 210, 92, "24 V supply, medical", "isolated, 2 × MOPP, 60 W", "IEC 60601-1", "J16.1 +24 V, J16.2 GND")
    drawn += box(20, y + 260, 120, 60, "Laptop", "USB") + wire((140, y + 290), (190, y + 290))
    drawn += box(190, y + 250, 210, 76, "USB isolator", "full speed, 2 × MOPP, 4 kV AC", "data and GND to the Pico")
    drawn += wire((400, y + 290), (490, y + 290)) + text(496, y + 294, "Pico's USB", "small")
    return drawn + _rail(y) + _enable_loop(y)


def _rail(y: float) -> str:
    drawn = wire((400, y + 80), (1150, y + 80), kind="hot") + resistor(440, y + 80, "F1 3A") + text(480, y + 70, "24 V", "name")
    drawn += text(530, y + 70, "→ J15.1 supply divider, 470 µF to GND (both before U4)", "small")
    drawn += wire((520, y + 80), (520, y + 130), kind="hot")
    drawn += box(440, y + 130, 210, 60, "U3 buck 24 → 5 V, 1 A", "5 V → D1 → VSYS; sensors, lamp")
    drawn += box(1150, y + 40, 180, 80, "U4 high-side switch", "protected, ≥ 5 A", "IN ← J6.2", "off in ≤ 1 ms")
    drawn += wire((1330, y + 80), (1545, y + 80), kind="hot") + text(1340, y + 70, "24V_MOT → drivers", "name")
    return drawn + text(1340, y + 100, "47 V clamp, 4k7 bleeder", "small")


def _enable_loop(y: float) -> str:
    drawn = wire((700, y + 80), (700, y + 235), (730, y + 235), kind="loop")
    drawn += box(730, y + 205, 170, 60, "E-STOP pole 1 (NC)", "J6.1 – J6.2, pressed = open")
    drawn += wire((900, y + 235), (1010, y + 235), kind="loop") + resistor(970, y + 235, "2k2")
    drawn += wire((920, y + 235), (920, y + 150), (1240, y + 150), (1240, y + 120), kind="loop")
    drawn += text(928, y + 142, "J6.2 → U4.IN, dump valve coil", "small")
    drawn += box(1010, y + 205, 180, 60, "U5 optocoupler", "on and off in ≤ 50 µs")
    drawn += wire((1100, y + 265), (1100, y + 310), kind="loop")
    drawn += box(1010, y + 310, 180, 60, "Q1 logic-level MOSFET", "gate J11.1 ← enable, GP21")
    drawn += wire((1100, y + 370), (1100, y + 392), kind="loop") + text(1108, y + 396, "GND", "small")
    drawn += wire((1190, y + 235), (1330, y + 235), kind="loop") + text(1200, y + 227, "EN_SAFE", "name")
    drawn += pull(1210, y + 235, "4k7 to GND")
    drawn += box(1330, y + 205, 200, 60, "U6 high-side (air only)", "IN = EN_SAFE; → valve coils")
    drawn += text(1215, y + 290, "EN_SAFE (5 V = on): EN of every driver,", "name")
    drawn += text(1215, y + 307, "RESET of the needle's, U6", "name")
    drawn += text(1215, y + 326, "A driver whose EN is active low: invert by a", "small")
    return drawn + text(1215, y + 342, "transistor, output pulled to “off” at the driver", "small")


def drawing() -> str:
    """Returns the whole SVG. Raises KeyError for a connector that PLACES does not know."""
    bottom = TOP + 19 * PITCH
    body = text(EDGE, 42, "mesogun reference design: wiring of the Pico", "title")
    body += text(
        EDGE,
        66,
        "Pico and Pico 2 alike, from above. ↑ pull-up, ↓ pull-down, box in a wire: series part. Nobody has built this.",
        "small",
    )
    width, tall = PICO_RIGHT - PICO_LEFT, bottom - TOP + 70
    body += f'<rect class="chip" x="{PICO_LEFT}" y="{TOP - 35}" width="{width}" height="{tall}" rx="8"/>\n'
    body += box((PICO_LEFT + PICO_RIGHT) / 2 - 30, TOP - 55, 60, 32, "USB")
    middle, height = (PICO_LEFT + PICO_RIGHT) / 2 + 4, TOP + 10 * PITCH
    upright = text(middle, height, "Raspberry Pi Pico or Pico 2", "chip-text", "middle")
    body += f'<g transform="rotate(-90 {middle} {height})">{upright}</g>\n'
    body += side(LEFT, PICO_LEFT, EDGE) + side(RIGHT, PICO_RIGHT, WIDTH - EDGE - BLOCK) + power()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">\n'
        f"<style>{STYLE}</style>\n" + f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{body}</svg>\n'
    )


def with_pin_map(document: str) -> str:
    """Returns HARDWARE.md with its pin map as the table says now."""
    before, rest = document.split(BEGIN)
    return before + BEGIN + pin_map() + END + rest.split(END)[1]


if __name__ == "__main__":
    (HERE / "images" / "wiring.svg").write_text(drawing())
    (HERE / "HARDWARE.md").write_text(with_pin_map((HERE / "HARDWARE.md").read_text()))
