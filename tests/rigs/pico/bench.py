"""A player on the chip with a small stroke in each of its slots, and a real one to load."""

from mesogun_fw.boards.pico import player
from mesogun_fw.boards.pico.player import PicoPlayer
from mesogun_fw.config import Description
from mesogun_fw.guard.cells import fresh
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.language import Settings, Stroke, set_entry

from .chip import Chip

AWAKE = 2  # cycles from start to the first word's pins


class Played(PicoPlayer):
    """A whole player: what is the tick's alone can be asked of it too."""

    def start(self, slot: int, variant: int) -> None:
        player.start(self._at, slot, variant)

    def grant(self, slot: int, variant: int) -> None:
        player.grant(self._at, slot, variant)

    def revoke(self) -> None:
        player.revoke(self._at)

    def go_away(self, slot: int, entries: int) -> None:
        player.go_away(self._at, slot, entries)

    def tell(self, now_us: int) -> None:
        player.tell(self._at, now_us)


class Bench:
    """A player with a small stroke of shots in slot 0 and one of constant flow in slot 1."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.x = fresh()
        self.player = Played(chip.k, self.x, 0)
        self.shots = shots(chip)
        self.flow = flow(chip)
        self.player.load(self.shots, 0)
        self.player.load(self.flow, 1)

    def tell(self) -> None:
        self.player.tell(self.chip.now_us)

    def pins(self) -> list[tuple[int, int]]:
        """Changes since the first word."""
        return [(at - AWAKE, level) for at, level in self.chip.pins]


def shots(chip: Chip) -> Stroke:
    """Out, two doses that differ by a step, back, rest; the link at the end."""
    stroke = chip.stroke()
    stroke.enter(0, stroke.length, 3, 1)
    for pins, hold in ((1, 5), (0, 30), (1, 5)):
        stroke.put(pins, hold)
    stroke.cell(1, 20, 7, 0, 1)
    stroke.cell(2, 30, 9, 0, 4)
    stroke.enter(6, stroke.length, 1, 1, 0)
    stroke.put(0, 30)
    stroke.enter(6, stroke.length, 2, 1, 1)
    stroke.step(0, 4, 30)
    stroke.cell(9, 20, 10, 2, 1)
    stroke.enter(12, stroke.length, 1, 1)
    stroke.put(0, 40)
    stroke.align(2)
    stroke.enter(13, stroke.length, 2, 8)
    stroke.put(0, 6)
    stroke.put(0, 6)
    stroke.list_us = stroke.leave_us = 40 + 140 + 270 + 30 + 200 + 40 + 96
    at = stroke.length
    stroke.put(0, 25)
    set_entry(stroke.away, 0, at, 1, 1)
    set_entry(stroke.away, 4, stroke.lists[0][3 * 9], 2, 3)
    return stroke


def flow(chip: Chip) -> Stroke:
    """Out; a body that is left and entered; back."""
    stroke = chip.stroke()
    stroke.enter(0, stroke.length, 2, 1)
    stroke.step(0, 1, 33)
    stroke.cell(1, 15, 20, 0, 4)
    stroke.entry, stroke.leave = 1, 2
    stroke.cell(9, 20, 6, 2, 1)
    stroke.enter(12, stroke.length, 1, 1)
    stroke.put(0, 60)
    stroke.entry_us, stroke.leave_us, stroke.list_us = 33, 333, 333 + 120 + 60
    return stroke


def real(chip: Chip, depth_um: int, dose_nl: int) -> Stroke:
    stroke = chip.stroke()
    stepper.compile(stroke, Settings(depth_um, 300_000, dose_nl, 500_000, 5_000, 100_000, 12_060), Description())
    return stroke
