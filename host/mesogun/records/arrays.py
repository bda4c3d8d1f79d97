"""The shots of a session as an array: the wire's fields, and what kind each is. What no sensor measured is masked."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy

from mesogun.records.rows import ShotRow
from mesogun_fw.talk.codes import SHOT_KINDS, UNKNOWN

if TYPE_CHECKING:
    import pandas

FIELDS = (*(one.name for one in fields(ShotRow)), "kind")
MEASURED = tuple(name for name in FIELDS if name.startswith("measured_"))


def array_of(shots: Sequence[ShotRow]) -> "numpy.ma.MaskedArray[Any, Any]":
    """Returns one row a shot, every field a whole number."""
    array = numpy.ma.zeros(len(shots), dtype=[(name, numpy.int64) for name in FIELDS])
    for name in FIELDS:
        values = [getattr(shot, name) for shot in shots]
        array[name] = [0 if value is None else value for value in values]
        if name in MEASURED:
            array[name].mask = [value is None or shot.kind == UNKNOWN for value, shot in zip(values, shots, strict=True)]
    return array


def table_of(shots: Sequence[ShotRow], pandas: Any) -> "pandas.DataFrame":
    """Returns the same as a table of pandas, which it is given; kinds are in words, what was not measured is NA."""
    array = array_of(shots)
    table = pandas.DataFrame({name: pandas.array(array[name].data, dtype="Int64") for name in FIELDS[:-1]})
    for name in MEASURED:
        table.loc[numpy.ma.getmaskarray(array[name]), name] = pandas.NA
    table["kind"] = pandas.Categorical.from_codes(array["kind"].data, categories=list(SHOT_KINDS))
    return table
