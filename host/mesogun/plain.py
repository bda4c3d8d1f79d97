"""What somebody typed, or a file or a gun says, may hold characters that command a terminal: they reach no screen and no record."""

import unicodedata

# Control characters, halves of a pair (bytes that no name should have), and what turns the direction of writing around.
_COMMANDS = frozenset(("Cc", "Cs"))
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


def visible(text: str) -> str:
    """Returns the text with each such character spelt out, so that one sees it; line feeds and tabs stay."""
    if text.isprintable():
        return text
    return "".join(_spelt(one) if _commands(one) and one not in "\n\t" else one for one in text)


def one_line(text: str) -> str:
    """Returns the text as a record has it: on one line, with blanks for such characters."""
    return " ".join("".join(" " if _commands(one) else one for one in text).split())


def _commands(one: str) -> bool:
    return unicodedata.category(one) in _COMMANDS or one in _TURNS


def _spelt(one: str) -> str:
    return one.encode("unicode_escape").decode("ascii")
