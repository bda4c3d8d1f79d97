"""This module says where this computer keeps records."""

import os
import sys
from pathlib import Path


def home() -> Path:
    """Returns the folder of the records: it is MESOGUN_HOME, else where this system keeps the data of programs."""
    if chosen := os.environ.get("MESOGUN_HOME"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "mesogun"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "mesogun"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "mesogun"


def database(simulated: bool) -> str:
    """Returns the URL of this computer's records; those of simulated guns are kept apart."""
    name = "simulated-records.db" if simulated else "records.db"
    return f"sqlite:///{(home() / name).absolute().as_posix()}"
