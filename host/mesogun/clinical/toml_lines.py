"""What is wrong with a line that is no TOML, in words; and the line as it was meant, so that the rest of the file is judged too."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

SHOWN_MAX = 40


@dataclass(frozen=True)
class Slip:
    """A Slip is what a person got wrong. `column` counts from 1; `meant` is the line as it is read on, "" when nobody can tell."""

    column: int
    value: str
    limit: str
    remedy: str
    meant: str = ""


_PAIR = re.compile(r"(?P<before>\s*(?P<key>[A-Za-z0-9_-]+)\s*=\s*)(?P<value>[^#]*?)(?P<after>\s*(?:#.*)?\r?)")
_LONGER = re.compile(r"(\[|\{|\"\"\"|''')")  # what may go on in the next line
_COMMA = re.compile(r"(?P<key>[A-Za-z0-9_-]+)\s*=\s*(?P<number>[+-]?\d+,\d+)(?=\s*(?:[A-Za-zµ%/]+\s*)?(?:[,}#]|\r?$))")
_QUOTES = re.compile("[\u201c-\u201f\u00ab\u00bb\u2033]|(?<== )[\u2018-\u201a](?=.*[\u2018\u2019])")
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff]")
_COMMENT = re.compile(r"(?P<before>[^\"'#]*?)(?P<mark>//|;|--|/\*)(?P<after>.*)")
_COLON = re.compile(r"(?P<before>\s*(?P<key>[A-Za-z0-9_-]+)\s*):\s*(?P<value>.*)")
_NO_SIGN = re.compile(r"\s*(?P<key>[A-Za-z0-9_-]+)\s+(?P<value>[\"'\d[].*)")
_WORDS = re.compile(r"(?P<before>\s*)(?P<key>[A-Za-z0-9_-]+(?:[ \t]+[A-Za-z0-9_-]+)+)(?P<after>\s*=.*)", re.DOTALL)
_UNIT = re.compile(r"(?P<number>[+-]?\d+(?:\.\d+)?)\s*(?P<unit>[A-Za-zµμ%°²·][\w/µμ%°²·]*)")
_NUMBER = re.compile(r"[+-]?(?:\.\d+|\d+\.|0\d+(?:\.\d+)?)")
_WORD = re.compile(r"[^\W\d][\w .,:/%-]*")
_HEADER = re.compile(r"\s*\[{1,2}([^\[\]]+)\]{1,2}")


def key_of(line: str) -> str:
    """Returns the key that a line sets, "" for any other line."""
    found = _PAIR.fullmatch(line)
    return found["key"] if found else ""


def goes_on(line: str) -> bool:
    """Tells whether what follows may belong to this line: then nothing can be said of that before this is put right."""
    return bool(_LONGER.search(line))


def slip(line: str, said: str) -> Slip | None:
    """Returns what a person got wrong in this line, of which tomllib `said` this; None for what is not known here."""
    return next((found for judge in _JUDGES for found in judge(line, said)), None)


def _blank(line: str, _: str) -> Iterator[Slip]:
    for found in _BLANK.finditer(line):
        limit = f"this looks like a blank and is another character (U+{ord(found[0]):04X}), as pages of the web and PDFs have it"
        yield Slip(found.start() + 1, f"U+{ord(found[0]):04X}", limit, "Delete it, and type a blank", _BLANK.sub(" ", line))


def _quotes(line: str, _: str) -> Iterator[Slip]:
    for found in _QUOTES.finditer(line):
        limit = "a typographic quotation mark, as word processors make it"
        meant = re.sub("[\u2018-\u201f\u00ab\u00bb\u2033]", '"', line)
        yield Slip(found.start() + 1, found[0], limit, 'Write the straight mark " before the text and after it', meant)


def _comma(line: str, _: str) -> Iterator[Slip]:
    found = _COMMA.search(line)
    if found:
        number = found["number"].replace(",", ".")
        meant = _COMMA.sub(lambda one: one[0].replace(one["number"], one["number"].replace(",", ".")), line)
        yield Slip(
            found.start("number") + 1, found["number"], "a decimal comma", f"Write a point: {found['key']} = {number}", meant
        )


def _comment(line: str, _: str) -> Iterator[Slip]:
    found = _COMMENT.fullmatch(line)
    if found and (not found["before"].strip() or _PAIR.fullmatch(found["before"])):
        ends = found["mark"] == ";" and not found["after"].strip()
        limit = "a line ends without a sign" if ends else "a comment begins with #"
        remedy = f"Take {found['mark']} away" if ends else f"Write # in the place of {found['mark']}"
        yield Slip(found.start("mark") + 1, found["mark"], limit, remedy, f"{found['before']}#{found['after']}")


def _colon(line: str, _: str) -> Iterator[Slip]:
    found = _COLON.fullmatch(line)
    if found:
        meant = f"{found['before']}={line[found.end('before') + 1 :]}"
        yield Slip(found.end("before") + 1, ":", "between a key and its value stands =", f"Write {found['key']} = …", meant)


def _key(line: str, _: str) -> Iterator[Slip]:
    found = _WORDS.fullmatch(line)
    if found:
        key = re.sub(r"\s+", "_", found["key"])
        yield Slip(
            found.start("key") + 1, found["key"], "a key is one word", f"Write {key} = …", found["before"] + key + found["after"]
        )
    found = None if found else _NO_SIGN.fullmatch(line)
    if found:
        limit, remedy = "between a key and its value stands =", f"Write {found['key']} = …"
        meant = f"{line[: found.end('key')]} = {line[found.start('value') :]}"
        yield Slip(found.start("value"), found["key"], limit, remedy, meant)


def _value(line: str, said: str) -> Iterator[Slip]:
    found = _PAIR.fullmatch(line)
    if not found:
        return
    key, value, column = found["key"], found["value"], found.start("value") + 1

    def instead(text: str) -> str:
        return f"{found['before']}{text}{found['after']}"

    def slip_of(limit: str, text: str, remedy: str = "") -> Slip:
        return Slip(column, _short(value) or "nothing", limit, remedy or f"Write {key} = {_short(text)}", instead(text))

    if not value:
        yield Slip(column, "nothing", "the key has no value", f"Write a value behind {key} =, or take the line away")
    elif "overwrite" in said.lower() or "duplicate" in said.lower():
        yield Slip(column, _short(value), f"{key} stands twice in this table", "Take one of the two lines away")
    elif (unit := _UNIT.fullmatch(value)) and unit["unit"] != "G":
        yield slip_of("a number stands without its unit, which the name of the key says", unit["number"])
    elif _NUMBER.fullmatch(value):
        number = float(value)
        yield slip_of(
            "a number begins and ends with a digit, and with no 0 too many", f"{number:g}" if abs(number) < 1e6 else value
        )
    elif value[-1] in ",;" and len(value) > 1:
        yield slip_of("a line ends without a sign", value[:-1].rstrip(), f"Take {value[-1]} away")
    elif value[0] in "\"'" and value.count(value[0]) == 1:
        yield slip_of("the text has no mark at its end", value + value[0])
    elif value[-1] in "\"'" and value.count(value[-1]) == 1:
        yield slip_of("the text has no mark at its beginning", value[-1] + value)
    elif "scape" in said and value[0] == '"':
        yield slip_of("a backslash has a meaning of its own in a text", value.replace("\\", "\\\\"), "Write it twice: \\\\")
    elif unit or (_WORD.fullmatch(value) and not value[0].isnumeric()):
        yield slip_of("text stands in quotes", f'"{value}"')
    elif value[0] in "+-~<>.≤≥≈±" or value[0].isnumeric():
        yield Slip(column, _short(value), "this is not one number", f"Write digits, and a point before decimals: {key} = 1.5")


def _twice(line: str, said: str) -> Iterator[Slip]:
    found = _HEADER.match(line)
    if found and ("twice" in said or "overwrite" in said.lower() or "mutate" in said.lower()):
        name = found[1].strip()
        remedy = f"Write [[{name}]] each time if there are several, else put all its keys below the first one"
        yield Slip(found.start(1) + 1, f"[{name}]", "this table stands twice", remedy)


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


_JUDGES: tuple[Callable[[str, str], Iterator[Slip]], ...] = (_blank, _quotes, _comma, _twice, _comment, _colon, _key, _value)
