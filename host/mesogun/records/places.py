"""This module says where this computer keeps records."""

import os
from contextlib import suppress
from pathlib import Path

from mesogun.refusal import Problem, Refused


def home() -> Path:
    """Returns the folder of the records: it is MESOGUN_HOME, else where this system keeps the data of programs.

    Raises Refused when neither is to be had: records that lie now here, now there are not found again.
    """
    if chosen := os.environ.get("MESOGUN_HOME"):
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_data_dir

    place = Path(user_data_dir("mesogun", appauthor=False, roaming=True))
    if not place.is_absolute():
        why = "records would lie wherever mesogun is started: HOME is empty, or XDG_DATA_HOME is no absolute path"
        raise Refused(Problem("MESOGUN_HOME", "not set", why, "Set MESOGUN_HOME to the folder of the records"))
    return place


def database(simulated: bool) -> str:
    """Returns the path of this computer's records; those of simulated guns are kept apart."""
    return str(home() / ("simulated-records.db" if simulated else "records.db"))


def command(words: str, record: str | Path) -> str:
    """Returns a command about this record, as a person can type it: with the option that names it, unless it is the usual one."""
    with suppress(Refused):
        for simulated, option in ((False, ""), (True, " --simulated")):
            if Path(database(simulated)).resolve() == Path(record).resolve():
                return f"mesogun {words}{option}"
    named = str(record)
    return f"mesogun {words} --db {named}" if named.isprintable() and " " not in named else f'mesogun {words} --db "{named}"'
