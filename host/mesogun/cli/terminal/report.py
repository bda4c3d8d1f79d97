"""A session ends with a picture, a table for a person, and one line of JSON for a program."""

from dataclasses import asdict
from typing import TYPE_CHECKING

from mesogun.cli.terminal.screen import facts, say_json, screen
from mesogun.records.places import command
from mesogun.refusal import Problem, Refused
from mesogun.times import span

if TYPE_CHECKING:
    from rich.console import Console

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


def show(given: "Given", trace: str | None, plot: str | None, as_json: bool) -> None:
    """Prints the table on standard output; with `as_json` it is on standard error, and one JSON object is the last output."""
    summary = given.summary
    console = screen(err=as_json)
    outcome = summary.outcome.replace("estop", "emergency stop")
    title = f"Session {summary.session_id}: {outcome}" + (f", {summary.reason}" if summary.reason else "")
    console.print(title, style=_COLOURS.get(summary.outcome, _BAD), soft_wrap=True)
    console.print(facts(_rows(given, trace, plot)), soft_wrap=True)
    if as_json:
        say_json(_plain(given, trace, plot))


def _rows(given: "Given", trace: str | None, plot: str | None) -> list[tuple[str, str]]:
    from mesogun.records.opening import path_of

    summary = given.summary
    simulated = f", {given.simulated_s:.1f} s of the gun's time" if abs(given.simulated_s - given.wall_s) > 0.1 else ""
    rows = [
        ("shots", f"{summary.shots} of {given.planned_shots}"),
        ("partial, wrong, uncertain", f"{summary.partial}, {summary.wrong}, {summary.uncertain}"),
        ("given", f"{summary.volume_nl / 1e6:.3f} ml, of {summary.commanded_volume_nl / 1e6:.3f} ml commanded"),
        ("deepest", f"{summary.deepest_um / 1000:.3f} mm"),
        ("spread of a pass", f"{summary.depth_spread_um / 1000:.3f} mm, {summary.dose_spread_nl / 1000:.2f} µl"),
        ("first to last shot", span(summary.duration_ms / 1000)),
        ("in all", f"{given.wall_s:.1f} s{simulated}"),
        ("gun", f"{given.gun}, {'simulated' if given.simulated else 'real'}"),
        ("record", given.record),
        ("look", command(f"records show {summary.session_id}", path_of(given.record))),
    ]
    rows += [("clock", odd.words) for odd in given.clock]
    return rows + [(name, where) for name, where in (("trace", trace), ("picture", plot)) if where]


def _plain(given: "Given", trace: str | None, plot: str | None) -> dict[str, object]:
    summary = given.summary.to_dict()
    return {
        "session": summary.pop("session_id"),
        **summary,
        "simulated_s": round(given.simulated_s, 3),
        "wall_s": round(given.wall_s, 3),
        "gun": given.gun,
        "simulated": given.simulated,
        "record": given.record,
        "clock": [asdict(odd) for odd in given.clock],
        "trace": trace,
        "plot": plot,
    }
