"""The commands that a person finds in the documents, as they are written there: in blocks and in the text."""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# The glossary names words, and among them names of commands that are proposed and not there; the other is a part of MESSAGES.md.
_LEFT_OUT = {"GLOSSARY.md", "messages_head.md"}
_PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "protocols/README.md")]
DOCUMENTS = _PAGES + [page for page in sorted((ROOT / "docs").glob("*.md")) if page.name not in _LEFT_OUT]

_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"^(?:\$ |    (?:\$ )?)?mesogun (.*)$")
_IN_TEXT = re.compile(r"`mesogun\s([^`]*)`")


class Written(NamedTuple):
    """A command as it is written; `at` says where. One in the text may only name a command, one in a block is whole.

    `code` is the exit code that is written behind it (`# exit code 4`), else 0.
    """

    at: str
    words: tuple[str, ...]
    in_block: bool
    code: int = 0


def _without_the_shell(line: str) -> str:
    return re.split(r"\s[#|>&]", f"{line} ")[0]


def written(document: Path) -> list[Written]:
    """Returns a document's commands in their order. In a block a line is one: what follows `#`, `|`, `>` or `&` is the shell's."""
    text = document.read_text(encoding="utf-8")
    blocks = [found.span() for found in _BLOCK.finditer(text)]
    found: list[tuple[int, str, bool, int]] = []
    place = 0
    for line in text.splitlines(keepends=True):
        in_block = any(first <= place < last for first, last in blocks)
        command = _LINE.match(line.rstrip())
        if command and (in_block or line.startswith("    ")):
            ends = re.search(r"# exit code (\d+)$", command[1])
            found.append((place, _without_the_shell(command[1]), True, int(ends[1]) if ends else 0))
        place += len(line)
    for named in _IN_TEXT.finditer(text):
        if not any(first <= named.start() < last for first, last in blocks):
            found.append((named.start(), _without_the_shell(named[1]), False, 0))
    return [Written(f"{document.name}:{text.count(chr(10), 0, at) + 1}", tuple(shlex.split(words)), in_block, code)
            for at, words, in_block, code in sorted(found)]  # fmt: skip
