"""What the gun reports: numbered events of one boot of the device."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """One event as the device told it. `values` are the message's fields without `n` and `at_ms`."""

    n: int
    name: str
    at_ms: int
    values: dict[str, int]
