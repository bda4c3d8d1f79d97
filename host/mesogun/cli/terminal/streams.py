"""The standard streams are made so that nothing written to them can end what a program is doing: a treatment least of all.

Whoever reads may leave, shut the window, fill the disk, or have a code page without µ: then something is not shown, and nothing
else happens. `lost` says afterwards why something did not come out.
"""

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import Any

_PLAIN = "mesogun-plain"
_SPELT = {"µ": "u", "×": "x", "–": "-", "—": "-", "→": "->", "ı": "i", "°": " deg"}

_LEFT = (errno.EPIPE, errno.EIO, errno.ENXIO)  # a reader left, or a terminal was shut


class _Outlet(io.RawIOBase):
    """What is written here goes on to a file for as long as that takes it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self.lost: OSError | None = None

    def write(self, data: Any, /) -> int:
        size = len(memoryview(data))
        try:
            if self.lost is None:
                return self._raw.write(data) or size
        except OSError as error:
            self.lost = error
        return size

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def isatty(self) -> bool:
        return bool(self._raw.isatty())


def make_sturdy() -> None:
    """Done once, before anything is opened: a file must not get the number of a standard stream that was closed."""
    codecs.register_error(_PLAIN, _plain)
    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115  it stays open
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  it stays open
        elif isinstance(stream, io.TextIOWrapper):
            stream.flush()
            outlet = io.BufferedWriter(_Outlet(getattr(stream.buffer, "raw", stream.buffer)))
            by_line = stream.line_buffering or name == "stderr"
            setattr(sys, name, io.TextIOWrapper(outlet, encoding=stream.encoding, errors=_PLAIN, line_buffering=by_line))


def lost() -> str:
    """Returns why something of standard output did not come out, "" when all did. A reader that has had enough is no loss."""
    sys.stdout.flush()
    outlet = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    error = outlet.lost if isinstance(outlet, _Outlet) else None
    return "" if error is None or error.errno in _LEFT else (error.strerror or str(error)).lower()


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What a code page lacks is spelt in ASCII, or is a question mark: a figure and its unit stay readable."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_spelt(one) for one in error.object[error.start : error.end]), error.end


def _spelt(one: str) -> str:
    return _SPELT.get(one) or unicodedata.normalize("NFKD", one).encode("ascii", "ignore").decode() or "?"
