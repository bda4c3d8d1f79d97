"""`mesogun schema` prints a JSON Schema: of a protocol's file, and of what --json prints, made from the types themselves."""

from collections.abc import Callable
from functools import partial
from typing import Any

import click

# By the name that stands in the field `schema`: the type, and which commands print it.
TOLD = {
    "error": ("mesogun.refusal:Failed", "any command that is refused or fails"),
    "result": ("mesogun.records.result:Result", "run, records show"),
    "sessions": ("mesogun.records.history:Sessions", "records list"),
    "check": ("mesogun.cli.told:Checked", "check"),
    "explanation": ("mesogun.clinical.explain:Explanation", "explain"),
    "device-info": ("mesogun.cli.device.told:DeviceInfo", "device info"),
    "hardware": ("mesogun.cli.device.told:Hardware", "device config get"),
    "hardware-set": ("mesogun.cli.device.told:HardwareSet", "device config set"),
    "selftest": ("mesogun.cli.device.told:SelfTested", "device selftest"),
    "home": ("mesogun.cli.device.told:Homed", "device home"),
    "prime": ("mesogun.cli.device.told:Primed", "device prime"),
    "zero": ("mesogun.cli.device.told:Zeroed", "device zero"),
    "calibrate-needle": ("mesogun.cli.device.told:NeedleCalibrated", "device calibrate needle"),
    "calibrate-dose": ("mesogun.cli.device.told:DoseCalibrated", "device calibrate dose"),
    "log": ("mesogun.cli.device.told:Log", "device log"),
    "journal": ("mesogun.cli.device.told:JournalTold", "device journal"),
    "watch": ("mesogun.cli.device.told:Look", "device watch, a line each look"),
    "decode": ("mesogun.cli.told:Decodes", "decode"),
    "ports": ("mesogun.gun.ports:PluggedIn", "ports"),
    "flash": ("mesogun.cli.told:Flashed", "flash"),
}


def _of(place: str) -> dict[str, Any]:
    from mesogun.telling import named, schema_of

    return schema_of(named(place))


def _protocol() -> dict[str, Any]:
    from mesogun.clinical.protocol_schema import protocol_schema

    return protocol_schema()


# By name: what makes the schema, and what it is of.
SCHEMAS: dict[str, tuple[Callable[[], dict[str, Any]], str]] = {
    "protocol": (_protocol, "a protocol's file; those of the library name it in their first line, for editors"),
} | {name: (partial(_of, place), f"mesogun {where} --json" if name != "error" else where) for name, (place, where) in TOLD.items()}


@click.command
@click.argument("name", required=False, type=click.Choice(list(SCHEMAS)), metavar="[NAME]")
def schema(name: str | None) -> None:
    """The JSON Schema of a protocol's file, or of what --json prints.

    Without a NAME the names are listed. docs/JSON.md says what may change.
    """
    import json

    if name is None:
        for one, (_, what) in SCHEMAS.items():
            click.echo(f"{one:<18}{what}")
    else:
        click.echo(json.dumps(SCHEMAS[name][0](), indent=2, ensure_ascii=False))
