"""A small TOML file is read or refused here: what a person can hand us instead of one is told apart."""

import codecs
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mesogun.clinical.toml_places import Token, place, tokens
from mesogun.refusal import Problem, Refused

FILE_MAX_BYTES = 256 * 1024  # a protocol is a few KiB; what is larger is no protocol, and is not read
SLIPS_MAX = 50  # nobody reads on
TRIES_MAX = 4  # a line that is still wrong after so many slips is no line of a person

_POSITION = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_BOM = "\ufeff"
_WIDE = {codecs.BOM_UTF32_LE: "UTF-32", codecs.BOM_UTF32_BE: "UTF-32", codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_AGAIN = "Save it again as UTF-8: an editor asks for the encoding at “Save as”"


@dataclass(frozen=True)
class Read:
    """What a file says: `text.encode()` is its bytes again, `meant` is the text with every slip of `problems` put right.

    What a line says that nobody can read is in no table: `unread` are such keys.
    """

    text: str
    meant: str
    tables: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    unread: frozenset[str] = frozenset()


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


def parsed(found: bytes, source: str) -> Read:
    """Returns what a file's bytes say. Raises Refused for what is no TOML, as far as a line of it cannot be left out."""
    text = _text(found, source)
    if not text.strip(_BOM + " \t\r\n"):
        raise refused(source, "empty", "a protocol has at least one pass", "Start from one of the library: mesogun new my.toml")
    lines = text.removeprefix(_BOM).split("\n")
    problems: list[Problem] = []
    unread: set[str] = set()
    while True:
        try:
            meant = "\n".join(lines)
            return Read(text, meant, tomllib.loads(meant), tuple(problems), frozenset(unread))
        except tomllib.TOMLDecodeError as wrong:
            problem, number, line = _wrong(text.removeprefix(_BOM), lines, str(wrong))
        except (ValueError, RecursionError):
            raise refused(source, "not TOML", "a number too long or brackets too deep to read", "Check the file") from None
        problems.append(problem)
        tries = sum(one.line == problem.line for one in problems)
        if line is None or tries == TRIES_MAX or len(problems) == SLIPS_MAX:
            raise Refused(*problems, source=source)
        if not line:
            unread.add(problem.field)
        lines[number] = line


def _wrong(text: str, lines: list[str], said: str) -> tuple[Problem, int, str | None]:
    """Returns the problem, at which line (from 0), and that line to read on with; None when it cannot be read on."""
    from mesogun.clinical.toml_lines import goes_on, key_of, slip  # most files need none of it

    position = _POSITION.fullmatch(said)
    what, at_line, at_column = position.groups() if position else (said, None, None)
    number = int(at_line) - 1 if at_line else max(index for index, line in enumerate(lines) if line.strip())
    line = lines[number]
    opened = _open_before("\n".join([*lines[:number], ""]))
    found = None if opened else slip(line, what)
    if found:
        value, remedy = ("".join(one if one.isprintable() else "�" for one in text) for text in (found.value, found.remedy))
        problem = Problem(key_of(line) or "file", value, found.limit, remedy)
        meant: str | None = found.meant if found.meant not in ("", line) else "" if key_of(line) else None
        column = found.column
    else:
        column = int(at_column or len(line) + 1)
        value = f"line {at_line}, column {at_column}" if at_line else "end of the file"
        limit, remedy = f"not TOML: {what[:120].lower()}", "Write one `key = value` a line, text in quotes"
        if "Illegal character '\\n'" in what:
            limit, remedy = "a text in this line has no mark at its end", 'Write " behind it'
        elif opened:
            at = place("\n".join(lines), opened.at)
            limit = f"the {opened.text[:3]} in line {at.line} is not closed before this, or a comma is missing"
            remedy = "Close it, and write a comma after each entry but the last"
        problem = Problem(key_of(line) or "file", value, limit, remedy)
        meant = "" if key_of(line) and not opened and not goes_on(line) else None
    begin = sum(len(one) + 1 for one in text.split("\n")[:number])
    return replace(problem, line=number + 1, column=column, text=place(text, begin).text), number, meant


def _open_before(text: str) -> Token | None:
    """Returns the bracket or the long text that is still open where this text ends."""
    brackets: list[Token] = []
    for token in tokens(text):
        if token.kind == "odd" and text[token.at : token.at + 3] in ('"""', "'''"):
            return token._replace(text=text[token.at : token.at + 3])
        if token.text in ("[", "{"):
            brackets.append(token)
        elif token.text in ("]", "}") and brackets:
            brackets.pop()
    return brackets[0] if brackets else None


def _text(found: bytes, source: str) -> str:
    """Returns the text of UTF-8. Raises Refused that names what it is instead."""
    if found.startswith((b"{\\rtf", b"PK\3\4")):
        raise refused(source, "a word processor's document", "a protocol is plain text", "Save it as plain text, in UTF-8")
    wide = next((name for mark, name in _WIDE.items() if found.startswith(mark)), "")
    if any(
        2 * half.count(0) > len(half) and 0 not in other for half, other in ((found[::2], found[1::2]), (found[1::2], found[::2]))
    ):
        wide = "UTF-16"
    if wide:
        raise refused(source, f"{wide} text", "a protocol is text in UTF-8", _AGAIN)
    try:
        text = found.decode()
    except UnicodeDecodeError as wrong:
        if any(byte < 32 and byte not in b"\t\n\r" for byte in found):
            text = "\0"
        else:
            latin = found.decode("cp1252", errors="replace")
            limit = "a protocol is text in UTF-8, and this letter is not written so"
            problem = Problem("file", "Latin-1 or Windows-1252 text", limit, _AGAIN)
            raise Refused(replace(problem, **place(latin, wrong.start)._asdict()), source=source) from None
    if "\r" in text and "\n" not in text:
        raise refused(
            source, "one line", "its lines end as on an old Mac (CR)", "Save it again with the line ends of Unix or Windows"
        )
    if "\0" in text:
        raise refused(source, "binary data", "a protocol is a TOML file, text in UTF-8", "Save it as plain text")
    return text


def refused(source: str, value: str, limit: str, remedy: str) -> Refused:
    """Makes the refusal of a whole file, which `source` names."""
    return Refused(Problem("file", value, limit, remedy), source=source)
