"""Numbers are put into the sources before they are compiled: `cells.NEEDLE` becomes 26, and every line stays where it is.

Machine code folds constants of its own file only; any other name costs a look-up in the tick and makes an object of an integer.
So sources name each number where it lives, as `module.NAME`, and everything that is not CPython gets this fold of them: the
board, MicroPython on a PC, the emulated processor. An import that nothing needs any more goes. What cannot be folded, and would
then be looked up unseen, is refused by file and line.
"""

import getpass
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers


def folded(package: Path) -> Path:
    """This package is folded whole into this folder: it is a copy made once for these very sources. It raises Unfoldable."""
    sources = sorted(path for path in package.rglob("*.py"))
    digest = hashlib.sha256()
    for path in (*sources, *sorted(Path(__file__).parent.glob("*.py"))):
        data = path.read_bytes()
        digest.update(f"{path.relative_to(package) if path in sources else path.name} {len(data)}\n".encode() + data)
    cache = _cache()
    target = cache / digest.hexdigest()[:24] / package.name
    if all((target / path.relative_to(package)).is_file() for path in sources):
        return target
    shutil.rmtree(target.parent, ignore_errors=True)  # whoever tidies temporary folders takes single files out of a tree
    numbers = Numbers(package)
    inlining = Inlining(numbers)
    aside = Path(tempfile.mkdtemp(dir=cache))
    try:
        for name, module in numbers.modules.items():
            path = aside / package.name / module.path.relative_to(package)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(inlining.text(name), "utf-8")
        try:
            aside.rename(target.parent)
        except OSError:  # somebody else was faster
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return target


def _cache() -> Path:
    """Nobody but this user writes to this folder. It raises PermissionError when it is somebody else's."""
    cache = Path(tempfile.gettempdir()) / f"mesogun-folded-{os.getuid() if hasattr(os, 'getuid') else getpass.getuser()}"
    cache.mkdir(mode=0o700, exist_ok=True)
    if hasattr(os, "getuid"):
        there = cache.stat()
        if there.st_uid != os.getuid() or there.st_mode & 0o022:
            raise PermissionError(f"{cache}: others may write to it, so what lies there is not trusted. Remove it, then try again")
    return cache
