"""`mesogun schema` prints what a file or an answer may hold, as a JSON Schema."""

import click


def _protocol() -> dict[str, object]:
    from mesogun.clinical.protocol_schema import protocol_schema

    return protocol_schema()


SCHEMAS = {"protocol": _protocol}


@click.command
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def schema(name: str) -> None:
    """What a file may hold, as a JSON Schema, for editors and other programs.

    \b
    protocol  a protocol's file; the library's say it in their first line, so that editors complete and check
    """
    import json

    click.echo(json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False))
