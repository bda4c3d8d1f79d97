"""New firmware is put on a board so that at every moment, whatever fails, one whole version is what starts next.

The board has littlefs, whose rename is one commit, whole or not at all, whenever the power goes:

    /main.py                   is started by MicroPython; its line SLOT names the folder it imports from
    /main.old                  is the /main.py before, which names the other folder
    /mesogun-a/, /mesogun-b/   have a version each: all its modules in one file, firmware, what opens that, and the manifest

The slot not in use is emptied and filled, every file's SHA-256 is computed on the board over what it stored, and the new
version is mounted and imported there on trial. Then one rename of the new main.py onto /main.py switches, so that main.py
and modules are never of two versions. Until then the version in use is not touched. Nothing else on the board is written to.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mesogun.gun.flash.board import Contents, Who, contents_of, who_is
from mesogun.gun.flash.built import built
from mesogun.gun.flash.repl import BoardError, Repl
from mesogun.gun.words import dotted
from mesogun.refusal import LinkLost, Problem, Refused
from mesogun_build.bundle import MAIN, Bundle, File, firmware

_AGAIN = "Plug it in again, holding the clear button, and repeat the command"
_NO_SPACE = re.compile(r"^OSError: (28|\[Errno 28\])")


@dataclass(frozen=True)
class Ready:
    """This board takes this bundle: everything is checked, nothing is written."""

    repl: Repl
    who: Who
    before: Contents
    bundle: Bundle
    needed_bytes: int


def prepare(repl: Repl, package: Path | None = None) -> Ready:
    """Looks at the board and compiles firmware for it: it is that which came with this mesogun, unless `package` names another.

    Raises Refused when it cannot be flashed.
    """
    who = who_is(repl)
    before = contents_of(repl)
    made = built(package or firmware(), who.march, who.small_int_bits, before.spare)
    needed_bytes = made.size_on(before.block_bytes)
    if needed_bytes > before.free_bytes:
        raise _full(f"{needed_bytes} bytes are needed and {before.free_bytes} are free")
    return Ready(repl, who, before, made, needed_bytes)


def flash(ready: Ready, on_bytes: Callable[[int], None]) -> None:
    """Stores the new version, checked; the board starts it next time. Whatever is raised, it starts a whole version.

    That is the version before; after a link that was lost once the board has begun to switch it may be the new one. `on_bytes`
    hears of the bytes stored; what it raises stops the work. Raises Refused, LinkLost.
    """
    repl, made = ready.repl, ready.bundle
    starts = "Nothing has changed: it starts what it started before"
    try:
        repl.run(f"wipe('/main.old')\nwipe({made.slot!r})")
        for folder in sorted({file.path.rpartition("/")[0] for file in made.files}):
            repl.run(f"os.mkdir({folder!r})")
        for file in made.files:
            _store(repl, file, file.path, on_bytes)
        _try_import(repl, made)
        _store(repl, made.main, "/main.new", on_bytes)
        starts = "It starts the version before or the new one; both are whole"
        repl.run("switch()")
        _check_stored(repl, made.main, MAIN)
    except LinkLost as lost:
        raise LinkLost(f"{lost}. {starts}. {_AGAIN}") from lost
    except BoardError as error:
        _put_back(ready)
        raise (_full if _NO_SPACE.search(str(error)) else _raised)(str(error)) from error
    except BaseException:
        _put_back(ready)
        raise


def _store(repl: Repl, file: File, path: str, on_bytes: Callable[[int], None]) -> None:
    repl.write(path, file.data, on_bytes)
    _check_stored(repl, file, path)


def _check_stored(repl: Repl, file: File, path: str) -> None:
    stored = repl.run(f"print(digest({path!r}))").strip()
    if stored != file.sha256:
        limit = f"the board stored something else: SHA-256 {stored[:12]}…, not {file.sha256[:12]}…"
        raise Refused(Problem("file", path, limit, "Repeat the command; when it happens again, replace the cable, then the board"))


def _try_import(repl: Repl, made: Bundle) -> None:
    try:
        mounted = f"sys.path.insert(0, {made.slot!r})\nimport container\ncontainer.mount({made.slot!r})"
        said = repl.run(f"{mounted}\nimport mesogun_fw, device_loop\nprint(mesogun_fw.VERSION)")
    except BoardError as error:
        said = str(error)
    if said.strip() != str(made.version):
        limit = f"imported on the board it says: {said.strip()}"
        remedy = "The version before stays in use. Report this, with the board's name and its MicroPython"
        raise Refused(Problem("firmware", dotted(made.version), limit, remedy))


def _put_back(ready: Ready) -> None:
    try:
        ready.repl.run(f"put_back({ready.before.in_use!r}, {ready.bundle.slot!r})")
    except BoardError as error:
        raise _raised(f"{error}, while the version before was put back") from error
    except LinkLost as lost:
        raise LinkLost(f"{lost}, while the version before was put back. {_AGAIN}") from lost


def _full(why: str) -> Refused:
    limit = f"the board's file system is full: {why}"
    return Refused(Problem("space", "too little", limit, "Delete what does not belong there: mpremote fs ls"))


def _raised(why: str) -> Refused:
    return Refused(Problem("board", "MicroPython error", why, "Repeat the command; when it happens again, replace the board"))
