"""A time is kept as UTC and shown as this computer's clock on the wall has it, with its zone."""

from collections.abc import Iterable
from datetime import UTC, datetime

CLOCK_OFF_S = 5.0  # a clock is set right by so much without anybody's notice


def now() -> datetime:
    """Returns what this computer's clock says. Whoever uses it on a record holds it against something else (visit/clock)."""
    return datetime.now(UTC)


def as_utc(time: datetime) -> str:
    """Returns a time as the record writes it: UTC, ISO 8601, to the millisecond."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds")


def now_utc() -> str:
    """Returns what this computer's clock says, as the record writes it."""
    return as_utc(now())


def apart_ms(utc: str, earlier_utc: str) -> int:
    """Returns by how much one recorded time is later than another; 0 where either is none."""
    try:
        return round((datetime.fromisoformat(utc) - datetime.fromisoformat(earlier_utc)).total_seconds() * 1000)
    except (ValueError, TypeError):
        return 0


def local(utc: str) -> str:
    """Returns a recorded time as a person reads it here, such as 2026-01-02 04:04 +01:00."""
    return " ".join(_parts(utc)).rstrip()


def local_column(name: str, recorded: Iterable[str]) -> tuple[str, list[str]]:
    """Returns a heading and recorded times as a column under it; the zone stands in the heading where all have the same."""
    parts = [_parts(utc) for utc in recorded]
    zones = {zone for _, zone in parts}
    if len(zones) == 1 and "" not in zones:
        return f"{name} ({zones.pop()})", [time for time, _ in parts]
    return name, [" ".join(one).rstrip() for one in parts]


def span(seconds: float) -> str:
    """Returns how long something took as a person says it: 42 s, 2 min 1 s, 1 h 5 min, 3 d 2 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"


def _parts(utc: str) -> tuple[str, str]:
    """Returns time and zone; a time that cannot be told here stands as it is recorded."""
    try:
        here = datetime.fromisoformat(utc).astimezone()
    except (ValueError, OverflowError, OSError):
        return utc, ""
    shown = here.isoformat(sep=" ", timespec="minutes")
    return shown[:-6], shown[-6:]
