"""The gun reports events; they are numbered within one boot of the device."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """An Event is as the device told it. `values` are the message's fields without `n` and `at_ms`."""

    n: int
    name: str
    at_ms: int
    values: dict[str, int]
