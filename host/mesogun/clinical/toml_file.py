"""A small TOML file is read or refused here: what a person can hand us instead of one is told apart."""

import re
import tomllib
from pathlib import Path
from typing import Any

from mesogun.refusal import Problem, Refused

FILE_MAX_BYTES = 256 * 1024  # a protocol is a few KiB; what is larger is no protocol, and is not read

_POSITION = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


def content(path: Path) -> bytes:
    """Returns the bytes of the file. Raises Refused if it is none, is unreadable, or holds more than FILE_MAX_BYTES."""
    source = str(path)
    try:
        if path.is_dir():
            raise refused(source, "a folder", "a protocol is one file", "Name a file in it")
        if path.exists() and not path.is_file():
            raise refused(source, "no regular file", "a protocol is a file that ends", "Save it to disk first")
        with path.open("rb") as file:
            found = file.read(FILE_MAX_BYTES + 1)
    except FileNotFoundError:
        raise refused(source, "missing", "there is no such file", "Check the name and the folder") from None
    except (OSError, ValueError) as wrong:
        why = (wrong.strerror if isinstance(wrong, OSError) else None) or "not a name of a file"
        raise refused(source, "unreadable", why.lower(), "Check the name, and that you may read the file") from None
    if len(found) > FILE_MAX_BYTES:
        limit = f"a protocol holds at most {FILE_MAX_BYTES // 1024} KiB"
        raise refused(source, "too large", limit, "Check that this is the file you meant")
    return found


def parsed(found: bytes, source: str) -> tuple[str, dict[str, Any]]:
    """Returns text and tables of a file's bytes; `text.encode()` is those bytes again. Raises Refused, naming line and column."""
    try:
        text = found.decode()
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise refused(source, "binary data", "a protocol is a TOML file, text in UTF-8", "Save it as plain text")
    if not text.strip("\ufeff \t\r\n"):
        raise refused(source, "empty", "a protocol has at least one pass", "Start from a protocol of the library")
    try:
        return text, tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as wrong:
        position = _POSITION.fullmatch(str(wrong))
        what, line, column = position.groups() if position else (str(wrong), None, None)
        where = f"line {line}, column {column}" if line else "end of the file"
        raise refused(source, where, f"not TOML: {what[:120].lower()}", "Write one `key = value` a line, text in quotes") from None
    except (ValueError, RecursionError):
        raise refused(source, "not TOML", "a number too long or brackets too deep to read", "Check the file") from None


def refused(source: str, value: str, limit: str, remedy: str) -> Refused:
    """Makes the refusal of a whole file, which `source` names."""
    return Refused(Problem("file", value, limit, remedy), source=source)
