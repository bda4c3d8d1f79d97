"""A tick is counted on the emulated Pico."""

from rigs.pico.fixtures import assemble, chip, journal, root, small

__all__ = ["assemble", "chip", "journal", "root", "small"]
