"""These checks say what a single field of a protocol may hold: its models put them beside a type.

Each tells the same to an editor, as JSON Schema has words for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema

from mesogun.clinical.protocol_problems import TEXT_MAX, Breach, breach, example, one_of, printable
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.syringes import PLASTIC
from mesogun.clinical.techniques import ALSO, NEEDED, NOT_YET

Schema = dict[str, Any]


@dataclass(frozen=True)
class Checked:
    """A value is checked, before its type is or after, and `schema` is what an editor is told of that."""

    check: Callable[[Any], Any]
    schema: Schema = field(hash=False)
    before: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return (BeforeValidator if self.before else AfterValidator)(self.check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> Schema:
        return handler(core) | self.schema


def range_of(name: str) -> Schema:
    """Returns the range of a quantity. Steps of a tenth are only told: who checks a schema divides in binary, where 2.1 is none."""
    row = QUANTITIES[name]
    low, high = (limit / row.per_unit if limit % row.per_unit else limit // row.per_unit for limit in (row.low, row.high))
    whole = {} if row.step % row.per_unit else {"multipleOf": row.step // row.per_unit}
    usual = "" if row.usual == (row.low, row.high) else f"; usual to {row.shown(row.usual[1])}"
    if row.usual[0] != row.low:
        usual = f"; usual {row.usual[0] / row.per_unit:g} to {row.shown(row.usual[1])}"
    return {"minimum": low, "maximum": high, "description": f"{row.meaning}, {row.choice}{usual}", **whole}


def quantity(name: str) -> Checked:
    """Makes a check that the value is one this row of the table of quantities accepts."""

    def check(value: float) -> float:
        wrong = QUANTITIES[name].wrong(value)
        if wrong:
            raise breach(Breach("", wrong.limit, wrong.remedy))
        return value

    return Checked(check, range_of(name))


def _dose(value: float) -> float:
    wrong = QUANTITIES["dose_ul"].wrong(value)
    if wrong and value != 0:
        raise breach(Breach("", wrong.limit, wrong.remedy))
    return value


def up_to(most: int) -> Checked:
    """Makes a check that a list holds 1 to `most` entries."""

    def check(value: object) -> object:
        if isinstance(value, list | tuple) and not 0 < len(value) <= most:
            raise breach(Breach("", f"must hold 1 to {most}", "Write at least one" if not value else "Split it into two protocols"))
        return value

    return Checked(check, {"minItems": 1, "maxItems": most}, before=True)


def choice(known: Mapping[str, object] | tuple[str, ...]) -> Checked:
    """Makes a check that the value is one of `known`."""
    return Checked(partial(one_of, known=tuple(known), not_yet=NOT_YET), {"enum": list(known)})


def _syringe(value: float) -> float:
    if value not in PLASTIC:
        sizes = ", ".join(f"{size:g}" for size in PLASTIC)
        raise breach(Breach("", "no syringe of this size in the table", f"Choose {sizes} ml"))
    return value


def _of_its_mode(value: object, info: ValidationInfo) -> object:
    """Accepts a value where the pass's mode has the key, and None where it has not. Without a usable mode it accepts anything."""
    key, mode = str(info.field_name), info.data.get("mode")
    needed = NEEDED.get(str(mode), ())
    if value is None and key in needed:
        raise breach(Breach("", f"mode {mode} needs {QUANTITIES[key].meaning}", example(key)))
    known = (*needed, *ALSO.get(str(mode), ()))
    if value is not None and needed and key not in known:
        others = " or ".join(name for name, keys in NEEDED.items() if key in (*keys, *ALSO.get(name, ())))
        remedy = f"Remove the key: {mode} has {', '.join(known)}; it belongs to mode {others}"
        raise breach(Breach("", f"mode {mode} has no {key}", remedy))
    return value


OF_ITS_MODE = BeforeValidator(_of_its_mode)
Dose = Annotated[float, Checked(_dose, range_of("dose_ul") | {"minimum": 0})]  # what is given at all: see BY_MODE
SyringeSize = Annotated[float, Checked(_syringe, {"enum": [int(size) if size % 1 == 0 else size for size in PLASTIC]})]
Text = Annotated[str, Checked(printable, {"pattern": r"\S", "maxLength": TEXT_MAX})]
Volume = Annotated[float, quantity("volume_ml")]


def _if(key: str, value: str, then: Schema, **otherwise: Schema) -> Schema:
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then, **otherwise}


_KEYS = {key for keys in (*NEEDED.values(), *ALSO.values()) for key in keys}
BY_MODE: Schema = {
    "allOf": [
        *(
            _if(
                "mode",
                mode,
                {"required": list(keys), "properties": dict.fromkeys(sorted(_KEYS - {*keys, *ALSO.get(mode, ())}), False)},
            )
            for mode, keys in NEEDED.items()
        ),
        _if(
            "technique",
            "dry needling",
            {"properties": {"dose_ul": {"const": 0}, "mode": {"not": {"enum": ["constant flow", "retrograde"]}}}},
            **{"else": {"properties": {"dose_ul": {"minimum": range_of("dose_ul")["minimum"]}}}},
        ),
    ]
}
