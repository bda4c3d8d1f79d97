"""The models of a protocol as a JSON Schema: an editor that has one completes keys and choices, and marks what is out of range.

It knows what stands in one place of the file. What two places say together, and steps of a tenth, only `mesogun check` judges.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from mesogun.clinical.protocol import Protocol

FILE = "protocol.schema.json"  # beside the library's folders
DRAFT = "http://json-schema.org/draft-07/schema#"  # what editors of TOML read


class _Toml(GenerateJsonSchema):
    """TOML has no null, and the name of a key is title enough."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"]) if schema.get("default") is None else super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def protocol_schema() -> dict[str, Any]:
    """Returns the schema of a protocol's file."""
    made = Protocol.model_json_schema(schema_generator=_Toml, ref_template="#/definitions/{model}")
    tables = made.pop("$defs")
    for table in tables.values():
        table.pop("description", None)  # it is for whoever reads the code
    made |= {"title": "A protocol of mesogun", "description": "What is injected, with what, and the passes over the area."}
    return {"$schema": DRAFT, **made, "definitions": tables}
