"""Where in a TOML file a key and its value stand. It is asked only when there is something to point at."""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeVar

from mesogun.refusal import Placed, Problem

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"(?P<blank>[ \t\r\ufeff]+|\#[^\n]*)|(?P<end>\n)|(?P<sign>[\[\]{},=.])"
    r'|(?P<text>"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r'|(?P<bare>[^\s\[\]{},=.#"\']+)|(?P<odd>.)',
    re.DOTALL,
)
_FIELD = re.compile(r"""\[(\d+)\]|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(\w+)""")


class Token(NamedTuple):
    kind: str
    text: str
    at: int


class Place(NamedTuple):
    """A place in a file: `line` and `column` count from 1, `text` is the line."""

    line: int
    column: int
    text: str


def tokens(text: str) -> Iterator[Token]:
    """Yields what the text is made of, blanks and comments left out."""
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "blank":
            yield Token(found.lastgroup or "", found[0], found.start())


def place(text: str, at: int) -> Place:
    begin = text.rfind("\n", 0, at) + 1
    end = text.find("\n", begin)
    line = text[begin : end if end >= 0 else len(text)].rstrip("\r")
    return Place(text.count("\n", 0, at) + 1, at - begin + 1, line)


def places(text: str) -> dict[Path, int]:
    """Returns where each value of a valid TOML text begins, by its path; of a table written as `[name]` it is that line."""
    return _Walk(text).found


Fault = TypeVar("Fault", bound=Placed)


def located(text: str, faults: Iterable[Fault], *, at_key: bool = False) -> tuple[Fault, ...]:
    """Returns the problems or findings with the place of their field: of its value, or of the key where that is wrong.

    A key that is missing is missed where its table begins. `text` is what was read; "" when nothing was.
    """
    found = tuple(faults)
    if not text or not found:
        return found
    walk = _Walk(text)
    known = walk.found | walk.keys if at_key else walk.found
    return tuple(_located(text, known, one) for one in found)


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Returns the problems in the order of the file; what has no place in it comes last."""
    return sorted(problems, key=lambda one: one.line or sys.maxsize)


def _located(text: str, known: dict[Path, int], fault: Fault) -> Fault:
    path = _path(fault.field)
    at = known.get(path, known.get(path[:-1]))
    return fault if fault.line or at is None else replace(fault, **place(text, at)._asdict())


def _path(field: str) -> Path:
    """Returns ("passes", 1, "depth_mm") for `passes[1].depth_mm`."""
    parts: list[str | int] = []
    for index, quoted, name in _FIELD.findall(field):
        parts.append(int(index) if index else _unquoted(quoted) if quoted else name)
    return tuple(parts)


def _unquoted(text: str) -> str:
    try:
        return str(tomllib.loads(f"a = {text}")["a"])
    except tomllib.TOMLDecodeError:
        return text


class _Walk:
    """One way through the tokens of a text that tomllib has read: it need not be judged again."""

    def __init__(self, text: str) -> None:
        self.found: dict[Path, int] = {}
        self.keys: dict[Path, int] = {}
        self._lists: dict[Path, int] = {}
        self._tokens = [*tokens(text), Token("end", "\n", len(text))]
        self._next = 0
        table: Path = ()
        while self._next < len(self._tokens):
            token = self._tokens[self._next]
            if token.text == "[":
                table = self._header(token.at)
            elif token.kind == "end":
                self._next += 1
            else:
                self._pair(table)

    def _header(self, at: int) -> Path:
        array = self._tokens[self._next + 1].text == "["
        self._next += 2 if array else 1
        path = self._entry(self._key())
        self._next += 2 if array else 1
        if array:
            self._lists[path] = self._lists.get(path, -1) + 1
            self.found.setdefault(path, at)
            path = (*path, self._lists[path])
        self.found.setdefault(path, at)
        return path

    def _entry(self, names: list[str]) -> Path:
        """Returns the path of a header's name: of each list of tables in it the newest is meant."""
        path: Path = ()
        for depth, name in enumerate(names):
            path = (*path, name)
            if path in self._lists and depth < len(names) - 1:
                path = (*path, self._lists[path])
        return path

    def _pair(self, table: Path) -> None:
        at = self._tokens[self._next].at
        path = (*table, *self._key())
        self.keys[path] = at
        self._next += 1  # the sign
        self._value(path)

    def _key(self) -> list[str]:
        names = []
        while True:
            token = self._take()
            names.append(_unquoted(token.text) if token.kind == "text" else token.text)
            if self._tokens[self._next].text != ".":
                return names
            self._next += 1

    def _value(self, path: Path) -> None:
        token = self._take()
        self.found[path] = token.at
        if token.text == "[":
            index = 0
            while not self._closed("]"):
                self._value((*path, index))
                index += 1
        elif token.text == "{":
            while not self._closed("}"):
                self._pair(path)
        else:
            while self._tokens[self._next].kind != "end" and self._tokens[self._next].text not in (",", "]", "}"):
                self._next += 1  # a number with a point, a date with a blank

    def _closed(self, bracket: str) -> bool:
        """Passes line ends and commas; tells whether the bracket came, and is passed."""
        while self._tokens[self._next].kind == "end" or self._tokens[self._next].text == ",":
            self._next += 1
        if self._tokens[self._next].text == bracket:
            self._next += 1
            return True
        return False

    def _take(self) -> Token:
        self._next += 1
        return self._tokens[self._next - 1]
