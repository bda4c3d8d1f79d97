"""Where this computer keeps records, and where the protocol library is."""

import os
import sys
from pathlib import Path

import click

import mesogun
from mesogun.refusal import Problem, Refused


def home() -> Path:
    """The folder of records.db: MESOGUN_HOME, else where this system keeps the data of programs."""
    if chosen := os.environ.get("MESOGUN_HOME"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA", Path.home() / "AppData" / "Roaming")) / "mesogun"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "mesogun"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "mesogun"


def database(simulated: bool) -> str:
    """URL of this computer's records; those of simulated guns are kept apart."""
    name = "simulated-records.db" if simulated else "records.db"
    return f"sqlite:///{(home() / name).absolute().as_posix()}"


def library() -> Path:
    """The folder of protocols that came with mesogun: inside the installed package, else in the checkout."""
    package = Path(mesogun.__file__).parent
    installed = package / "protocols"
    return installed if installed.is_dir() else package.parents[1] / "protocols"


def names() -> list[str]:
    """What the library holds: face/mesolift and so on."""
    folder = library()
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.toml"))


def protocol_file(name: str) -> Path:
    """The file of this name, else the library's. Raises Refused, naming the library, when there is neither."""
    path = Path(name)
    if path.exists() or path.suffix == ".toml":
        return path
    if name in names():
        return library() / f"{name}.toml"
    remedy = f"Name a file, or one of the library: {', '.join(names())}"
    raise Refused(Problem("file", "missing", "there is no such file, nor is it in the library", remedy), source=name)


def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """For the shell: the library's names, and files."""
    folder, _, start = incomplete.rpartition("/")
    here = Path(folder or ".")
    files = []
    if here.is_dir():
        for path in sorted(here.iterdir()):
            if path.name.startswith(start) and (path.is_dir() or path.suffix == ".toml"):
                files.append(f"{path.as_posix()}{'/' if path.is_dir() else ''}")
    return [name for name in names() if name.startswith(incomplete)] + files
