"""`mesogun schema` prints what a file may hold, as a JSON Schema."""

from collections.abc import Callable
from typing import Any

import click


def _protocol() -> dict[str, Any]:
    from mesogun.clinical.protocol_schema import protocol_schema

    return protocol_schema()


# By name: what makes the schema, and what it is of.
SCHEMAS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "protocol": (_protocol, "a protocol's file: the library's name it in their first line, for editors"),
}


@click.command
@click.argument("name", required=False, type=click.Choice(list(SCHEMAS)), metavar="[NAME]")
def schema(name: str | None) -> None:
    """What a file may hold, as a JSON Schema, for editors and other programs.

    Without a NAME the names are listed.
    """
    import json

    if name is None:
        for one, (_, what) in SCHEMAS.items():
            click.echo(f"{one:<18}{what}")
    else:
        click.echo(json.dumps(SCHEMAS[name][0](), indent=2))
