"""What the models find wrong is said in words a practitioner can act on, never in the words of the validator."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.toml_file import Read
from mesogun.clinical.toml_places import Path, in_order, located, places
from mesogun.refusal import Problem

SHOWN_MAX = 60
TEXT_MAX = 300
NO_SUCH_KEY = "there is no such key here"
_NUMBER = re.compile(r"\s*([+-]?\d+(?:[.,]\d+)?)\s*(?:[A-Za-zµμ%][\w/µμ%]*)?\s*$")  # with or without its unit


@dataclass(frozen=True)
class Breach:
    """A Breach is what a check of ours found. `key` is inside the table it checked, "" is the checked value itself."""

    key: str
    limit: str
    remedy: str


def breach(*found: Breach) -> PydanticCustomError:
    """Makes the error that carries what was found through the validator; `in_words` takes it out again."""
    return PydanticCustomError("breach", "a check of mesogun failed", {"found": found})


def one_of(value: str, known: tuple[str, ...], not_yet: Mapping[str, str]) -> str:
    """Returns the value if it is known. Raises with the nearest known word, or with the news that this version cannot do it."""
    if value in known:
        return value
    listed = "Choose " + ", ".join(known)
    if value in not_yet:
        raise breach(Breach("", f"not in this version ({not_yet[value]})", listed))
    raise breach(Breach("", "no such choice", _nearest(value, known) or listed))


def printable(value: str) -> str:
    """Returns a text of one line that shows as it is: it ends up on screens and in records. Raises a breach for any other."""
    if not value.strip() or len(value) > TEXT_MAX or not value.isprintable():
        raise breach(Breach("", f"must be one line of 1 to {TEXT_MAX} readable characters", "Write plain text"))
    return value


def in_words(error: ValidationError, keys: Mapping[tuple[str, ...], tuple[str, ...]]) -> list[Problem]:
    """Returns every problem of a failed validation. `keys` are the keys each table knows, by its place without indices."""
    return [problem for one in error.errors(include_url=False) for problem in _problems(one, keys)]


def in_their_places(read: Read, problems: Iterable[Problem]) -> list[Problem]:
    """Returns the problems with their places, in the order of the file. A key that nobody could read is not missing."""
    known = [one for one in problems if one.value != "missing" or re.split(r"\W", one.field)[-1] not in read.unread]
    strange = [one for one in known if one.limit == NO_SUCH_KEY]
    others = [one for one in known if one.limit != NO_SUCH_KEY]
    found = [*located(read.meant, others), *located(read.meant, strange, at_key=True)]
    lines = read.text.removeprefix("\ufeff").split("\n")  # the person sees what is there, not what was meant
    return in_order(replace(one, text=lines[one.line - 1].rstrip("\r")) if one.line else one for one in found)


def slips(read: Read) -> list[Problem]:
    """Returns what is wrong with single lines, each as the field that its line sets, in its table."""
    known = places(read.meant) if read.problems else {}
    return [_of_its_field(one, read, known) for one in read.problems]


def _of_its_field(one: Problem, read: Read, known: Mapping[Path, int]) -> Problem:
    lines = read.meant.split("\n")[: one.line]
    end = sum(len(line) + 1 for line in lines)
    at, path = max(((at, path) for path, at in known.items() if at < end), key=lambda found: found[0], default=(0, ()))
    if at < end - len(lines[-1]) - 1:  # its line was left out: what stands last before it is in the same table
        while not isinstance(_value_at(read.tables, path), dict):
            path = path[:-1]
        path = () if one.field == "file" else (*path, one.field)
    return replace(one, field=path_of(path) or one.field)


def path_of(where: Iterable[str | int]) -> str:
    """Returns `passes[1].depth_mm` for ("passes", 1, "depth_mm"). It counts from 0, in the file's own order."""
    path = ""
    for part in where:
        if isinstance(part, int):
            path += f"[{part}]"
        else:
            path += ("." if path else "") + (part if part.isidentifier() else shown(part))
    return path


def shown(value: object) -> str:
    """Returns a value as the file has it, short, without anything that could act on a terminal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    try:
        text = repr(value) if isinstance(value, str | int | float) else ascii(str(value))
    except ValueError:  # it is an integer of thousands of digits
        return "a number of thousands of digits"
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def example(key: str) -> str:
    """Tells how a key that is missing is written."""
    quantity = QUANTITIES.get(key)
    return f"Write `{key} = …`: {quantity.meaning}, {quantity.choice}" if quantity else f"Write `{key}`: see protocols/README.md"


def _problems(one: ErrorDetails, keys: Mapping[tuple[str, ...], tuple[str, ...]]) -> list[Problem]:
    where = one["loc"]
    field = path_of(where)
    kind = one["type"]
    if kind == "breach":
        found: tuple[Breach, ...] = one["ctx"]["found"]
        return [Problem(path_of((*where, b.key)) if b.key else field, _value(one, b.key), b.limit, b.remedy) for b in found]
    if kind == "missing":
        return [Problem(field, "missing", "this key is needed", example(str(where[-1])))]
    if kind == "extra_forbidden":
        known = keys[tuple(part for part in where[:-1] if isinstance(part, str))]
        remedy = _nearest(str(where[-1]), known) or "Known here: " + ", ".join(known)
        return [Problem(field, shown(one["input"]), NO_SUCH_KEY, remedy)]
    limit, remedy = _TYPES.get(kind, ("cannot be used here", "Compare with a protocol of the library"))
    quantity = QUANTITIES.get(str(where[-1]) if where else "")
    if quantity:
        limit = getattr(quantity.wrong(one["input"]), "limit", limit)
        remedy = f"Set {quantity.meaning} {quantity.choice}"
    if kind in ("int_type", "float_type") and (number := _in_quotes(one["input"])):
        limit += ", and quotes make text of it"
        remedy = f"Write it without quotes: {where[-1]} = {number}"
    return [Problem(field, shown(one["input"]), limit, remedy)]


_TYPES = {
    "string_type": ("must be text", 'Write it in quotes: "…"'),
    "int_type": ("must be a whole number", "Write it without quotes and without a decimal point"),
    "float_type": ("must be a number", "Write it without quotes"),
    "model_type": ("must be a table", "Write `[name]` on a line, and its keys below"),
    "tuple_type": ("must be a list", 'Write several tables as `[[name]]`, several texts as `["…", "…"]`'),
}


def _in_quotes(value: object) -> str:
    """Returns the number that stands in a text, as TOML writes it; "" when there is none."""
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return found[1].replace(",", ".") if found else ""


def _value(one: ErrorDetails, key: str) -> str:
    """Returns the offending value; of a whole table it is that of the key the check named."""
    checked: Any = one["input"]
    if not key:
        return "missing" if checked is None else shown(checked)
    return shown(checked[key]) if key in checked else "missing"


def _nearest(word: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(word, known, 1)
    return f"Did you mean {close[0]}?" if close else ""


def _value_at(tables: dict[str, Any], path: Path) -> Any:
    found: Any = tables
    for part in path:
        found = found[part]
    return found
