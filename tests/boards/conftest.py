"""Every test of a board has the emulated Pico."""

from rigs.pico.fixtures import assemble, chip, gun, journal, root, small

__all__ = ["assemble", "chip", "gun", "journal", "root", "small"]
