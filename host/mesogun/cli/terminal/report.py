"""A session ends with a picture, a table for a person, and one line of JSON for a program."""

from typing import TYPE_CHECKING

from mesogun.cli.terminal.screen import facts, say_json, screen
from mesogun.records.places import command
from mesogun.refusal import Problem, Refused
from mesogun.times import span

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.records.result import Result
    from mesogun.visit.giving import Given

PICTURES = ("png", "svg", "pdf")
MADE_HERE = b"mesogun"  # stands in each of them

_COLOURS = {"complete": "bold green", "stopped": "bold yellow"}
_BAD = "bold red"


def picture_form(path: str) -> str:
    """Returns what kind of picture a file's name asks for. Raises Refused for another one."""
    form = path.rpartition(".")[2].lower()
    if form not in PICTURES:
        raise Refused(Problem("plot", path, "its name says no kind of picture", f"End it with .{', .'.join(PICTURES)}"))
    return form


def drawn(console: "Console", given: "Given", path: str) -> str | None:
    """Returns where the picture is; None when it failed, which changes nothing: the session is over and recorded."""
    try:
        from io import BytesIO

        from mesogun.records import Records
        from mesogun.reports.output import write
        from mesogun.reports.picture import draw

        picture = BytesIO()
        with Records.look(given.record) as records:
            session_id = given.summary.session_id
            draw(records.session(session_id), records.shots(session_id), picture, picture_form(path))
        write("plot", path, picture.getvalue())
    except (Exception, KeyboardInterrupt) as error:
        console.print(f"There is no picture: {error or 'stopped'}", style="yellow", soft_wrap=True)
        return None
    return path


def show(result: "Result", as_json: bool) -> None:
    """Prints the table on standard output; with `as_json` it is on standard error, and one JSON object is the last output."""
    console = screen(err=as_json)
    outcome = str(result.outcome)
    title = f"Session {result.session}: {outcome.replace('estop', 'emergency stop')}"
    console.print(title + (f", {result.reason.words}" if result.reason else ""), style=_COLOURS.get(outcome, _BAD), soft_wrap=True)
    console.print(facts(_rows(result)), soft_wrap=True)
    if as_json:
        say_json(result)


def _rows(result: "Result") -> list[tuple[str, str]]:
    from mesogun.records.opening import path_of

    counts, volumes = result.counts, result.volumes
    gun_s, wall_s = result.gun_s or 0.0, result.wall_s or 0.0
    of_the_gun = f", {gun_s:.1f} s of the gun's time" if abs(gun_s - wall_s) > 0.1 else ""
    rows = [
        ("shots", f"{counts.whole} of {counts.planned}"),
        ("partial, wrong, uncertain", f"{counts.partial}, {counts.wrong}, {counts.uncertain}"),
        ("given", f"{volumes.measured_nl / 1e6:.3f} ml, of {volumes.commanded_nl / 1e6:.3f} ml commanded"),
        ("deepest", f"{result.deepest_um / 1000:.3f} mm"),
        ("spread of a pass", f"{result.depth_spread_um / 1000:.3f} mm, {result.dose_spread_nl / 1000:.2f} µl"),
        ("first to last shot", span(result.duration_ms / 1000)),
        ("in all", f"{wall_s:.1f} s{of_the_gun}"),
        ("gun", f"{result.gun}, {'simulated' if result.simulated else 'real'}"),
        ("record", result.record),
        ("look", command(f"records show {result.session}", path_of(result.record))),
    ]
    rows += [("clock", odd.words) for odd in result.clock]
    return rows + [(name, where) for name, where in (("trace", result.trace), ("picture", result.plot)) if where]
