"""What mesogun tells other programs has a type: from it come the dictionary, the line of JSON and the schema of both.

A type is a dataclass; one that is told by itself begins with a field `schema`, its name and edition ("result/1").
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class Codes:
    """Annotated[int, Codes("module:TABLE", 2, 4)]: its schema lists the codes of that table, each with its name and words.

    The table has a row for a code: its name comes first, the words stand at the places that are named.
    """

    def __init__(self, table: str, *words: int) -> None:
        self._table = table
        self._words = words

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        rows = {
            int(code): (row[0], ": ".join(row[at] for at in self._words if row[at])) for code, row in named(self._table).items()
        }
        return {"oneOf": [{"const": code, "title": name, "description": words} for code, (name, words) in rows.items()]}


class OneOf:
    """Annotated[str, OneOf("module:NAMES")]: its schema lists these names."""

    def __init__(self, names: str) -> None:
        self._names = names

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "enum": list(named(self._names))}


def to_dict(value: Any) -> dict[str, Any]:
    """Returns a value of such a type as json.dumps takes it."""
    told: dict[str, Any] = _adapter(cast(Any, type(value))).dump_python(value, mode="json", warnings=False)
    return told


def schema_of(kind: type) -> dict[str, Any]:
    """Returns the JSON Schema of what `to_dict` makes of a value of this type: every field is there, always."""
    from pydantic.json_schema import GenerateJsonSchema

    class Untitled(GenerateJsonSchema):
        """A title that repeats a field's name says nothing."""

        def field_title_should_be_set(self, schema: Any) -> bool:
            return False

    schema = _adapter(cast(Any, kind)).json_schema(mode="serialization", schema_generator=Untitled)
    for one in (schema, *schema.get("$defs", {}).values()):
        one["required"] = list(one["properties"])
    return {"$schema": Untitled.schema_dialect, **schema}


def named(place: str) -> Any:
    """Returns what "module:NAME" names; it is imported when it is asked for."""
    from importlib import import_module

    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


@lru_cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
