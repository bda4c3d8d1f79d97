"""`python docs/make_schema.py` writes docs/mesogun.schema.json from the types that --json prints. A test holds them together."""

import json
from pathlib import Path
from typing import Any

from mesogun.cli.schema import SCHEMAS, TOLD

WHERE = Path(__file__).with_name("mesogun.schema.json")


def together() -> dict[str, Any]:
    """Returns one schema of all that is told: of each kind by its name, and of what these share."""
    kinds: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    for name in TOLD:
        whole = SCHEMAS[name][0]()
        dialect = whole.pop("$schema")
        for part, schema in whole.pop("$defs", {}).items():
            if shared.setdefault(part, schema) != schema:
                raise ValueError(f"two types are called {part}")
        kinds[name] = whole
    return {
        "$schema": dialect,
        "title": "What mesogun tells other programs",
        "description": "One object of these is a line of --json. docs/JSON.md says what may change.",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in kinds],
        "$defs": kinds | shared,
    }


def text() -> str:
    return json.dumps(together(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    WHERE.write_text(text(), encoding="utf-8")
