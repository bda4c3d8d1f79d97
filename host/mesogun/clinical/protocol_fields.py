"""These checks say what a single field of a protocol may hold: its models put them beside a type."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ValidationInfo

from mesogun.clinical.protocol_problems import Breach, breach, example, one_of, printable
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.syringes import PLASTIC
from mesogun.clinical.techniques import ALSO, NEEDED, NOT_YET


def quantity(name: str) -> AfterValidator:
    """Makes a check that the value is one this row of the table of quantities accepts."""

    def check(value: float) -> float:
        wrong = QUANTITIES[name].wrong(value)
        if wrong:
            raise breach(Breach("", wrong.limit, wrong.remedy))
        return value

    return AfterValidator(check)


def _dose(value: float) -> float:
    wrong = QUANTITIES["dose_ul"].wrong(value)
    if wrong and value != 0:
        raise breach(Breach("", wrong.limit, wrong.remedy))
    return value


def up_to(most: int) -> BeforeValidator:
    """Makes a check that a list holds 1 to `most` entries."""

    def check(value: object) -> object:
        if isinstance(value, list | tuple) and not 0 < len(value) <= most:
            raise breach(Breach("", f"must hold 1 to {most}", "Write at least one" if not value else "Split it into two protocols"))
        return value

    return BeforeValidator(check)


def choice(known: Mapping[str, object] | tuple[str, ...]) -> AfterValidator:
    """Makes a check that the value is one of `known`."""
    return AfterValidator(partial(one_of, known=tuple(known), not_yet=NOT_YET))


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
Dose = Annotated[float, AfterValidator(_dose)]
SyringeSize = Annotated[float, AfterValidator(_syringe)]
Text = Annotated[str, AfterValidator(printable)]
Volume = Annotated[float, quantity("volume_ml")]
