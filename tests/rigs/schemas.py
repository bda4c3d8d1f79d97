"""What a command tells with --json, held to its schema by another library; a field that the schema does not know is wrong here."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from mesogun.cli.schema import SCHEMAS


def valid(told: dict[str, Any]) -> dict[str, Any]:
    """Returns what was told when it is exactly what the schema of its own name and edition says."""
    _validator(told["schema"]).validate(told)
    return told


@cache
def _validator(edition: str) -> Draft202012Validator:
    schema = SCHEMAS[edition.partition("/")[0]][0]()
    assert schema["properties"]["schema"]["const"] == edition
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(_closed(schema), format_checker=FormatChecker())


def _closed(part: Any) -> Any:
    """The same, where no object has a field of which nothing is said."""
    if isinstance(part, list):
        return [_closed(one) for one in part]
    if not isinstance(part, dict):
        return part
    closed = {name: _closed(one) for name, one in part.items()}
    return closed | {"additionalProperties": False} if "properties" in part else closed
