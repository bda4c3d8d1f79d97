"""One file holds all modules of a version; mesogun_fw/boards/pico/container.py says how it is made, and opens it on a board."""

import struct
from collections.abc import Mapping
from itertools import accumulate

NAME = 40
ROW = struct.Struct(f"<{NAME}sI")


def container(modules: Mapping[str, bytes]) -> bytes:
    """The file has these compiled modules, each by its name on a board, of at most NAME bytes."""
    names = sorted(modules)
    places = accumulate((len(modules[name]) for name in names), initial=4 + ROW.size * len(names))
    rows = [ROW.pack(name.encode(), place) for name, place in zip(names, places, strict=False)]
    return b"".join([len(names).to_bytes(4, "little"), *rows, *(modules[name] for name in names)])
