"""A Result as one reads it, in a notebook or printed."""

from mesogun.records.result import Measured, PassResult, Result, Why
from mesogun.sheet import Sheet, Table

_HEADINGS = (" pass", "technique", " planned", " whole", " partial", " wrong", " uncertain", " left")
_MEASURED = (" depth mm", " measured mm", " dose µl", " measured µl")


def sheet_of(result: Result) -> Sheet:
    volumes = result.volumes
    facts = _why(result.reason) if result.reason else {}
    facts |= {
        "given": f"{volumes.measured_nl / 1e6:.3f} ml measured, {volumes.uncertain_nl / 1e6:.3f} ml uncertain, "
        f"of {volumes.planned_nl / 1e6:.3f} ml planned",
        "deepest": f"{result.deepest_um / 1000:.3f} mm",
        "gun": f"{result.gun}, {'simulated' if result.simulated else 'real'}, firmware {result.firmware}",
        "began": f"{result.began:%Y-%m-%d %H:%M:%S} UTC",
        "record": result.record,
    }
    title = f"Session {result.session}, {result.title}: {result.outcome or 'not ended'}"
    return Sheet(title, [facts, Table((*_HEADINGS, *_MEASURED), [_row(one) for one in result.passes])])


def _why(reason: Why) -> dict[str, str]:
    told = {"because": reason.words}
    return told if reason.remedy in reason.words else told | {"do": reason.remedy}


def _row(one: PassResult) -> list[str]:
    counts = one.counts
    number, technique = "?" if one.number is None else str(one.number), one.technique or "?"
    made = (counts.planned, counts.whole, counts.partial, counts.wrong, counts.uncertain, counts.left)
    depth = "" if one.depth_um is None else f"{one.depth_um / 1000:g}"
    dose = "" if one.dose_nl is None else f"{one.dose_nl / 1000:g}"
    return [number, technique, *map(str, made), depth, _range(one.measured_depth_um, 3), dose, _range(one.measured_dose_nl, 2)]


def _range(measured: Measured | None, places: int) -> str:
    return "" if measured is None else f"{measured.low / 1000:.{places}f} to {measured.high / 1000:.{places}f}"
