"""One file holds all modules of a version; mesogun_fw/boards/pico/container.py says how it is made, and opens it on a board."""

import struct
from collections.abc import Mapping
from itertools import accumulate

NAME = 40
ROW = struct.Struct(f"<{NAME}sI")


def container(modules: Mapping[str, bytes]) -> bytes:
    """The file has these compiled modules, each by its path without .mpy, of at most NAME bytes."""
    paths = sorted(modules)
    places = accumulate((len(modules[path]) for path in paths), initial=4 + ROW.size * len(paths))
    rows = [ROW.pack(path.encode(), place) for path, place in zip(paths, places, strict=False)]
    return b"".join([len(paths).to_bytes(4, "little"), *rows, *(modules[path] for path in paths)])
