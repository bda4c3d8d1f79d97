"""The board's main.py, and what ends it."""

from pathlib import Path

import mesogun_fw

MAIN = Path(mesogun_fw.__file__).parent.parent / "main.py"


class Reset(BaseException):
    """What the watchdog does to a loop that waits for it."""
