"""`mesogun records` shows what was done, shot by shot. Records are only added to."""

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mesogun.cli.completion import sessions
from mesogun.cli.terminal.faces import json_option, named
from mesogun.cli.terminal.screen import facts, figures, say_json, screen
from mesogun.cli.terminal.typed import agreeing
from mesogun.records.places import database
from mesogun.refusal import Problem, Refused
from mesogun.times import local, local_column, span
from mesogun_fw.talk.codes import SHOT_KINDS, UNKNOWN, kind_of

if TYPE_CHECKING:
    from rich.text import Text

    from mesogun.cli.terminal.table import Figures
    from mesogun.records import SessionRow, ShotRow


NUMBER = click.IntRange(1, 2**31)


@click.group
def records() -> None:
    """Look at the records of sessions, and acknowledge interrupted ones.

    Nothing here changes or removes what was done.
    """


def _kept(command: Callable[..., None], *, written: bool = False, none_yet: str = "") -> Callable[..., None]:
    """Gives the command, as its first argument, the open record that --db or --simulated names; it reads, or it writes too.

    `none_yet` is what it says where this computer has no record yet; without it that is refused.
    """

    @click.option("--db", metavar="FILE", callback=named, help="Whose records: a file, or a URL as sqlite:///records.db.")
    @click.option("--simulated", is_flag=True, help="This computer's records of simulated guns.")
    @functools.wraps(command)
    def opened(*, db: str | None, simulated: bool, **rest: Any) -> None:
        from mesogun.records import Records

        if db and simulated:
            raise click.UsageError("--db and --simulated name two different records: give one of them")
        path = db or database(simulated)
        if db is None and not Path(path).exists():
            if not none_yet:
                why = f"no session with a {'simulated' if simulated else 'real'} gun was recorded on this computer"
                raise Refused(Problem("record", "none", why, _practice(simulated) or "Name another record with --db FILE"))
            if rest.get("as_json"):
                from mesogun.records.history import Sessions

                say_json(Sessions(record=path, sessions=()))
                return
            screen().print(none_yet, _practice(simulated), soft_wrap=True)
            return
        with Records.open(path) if written else Records.look(path) as found:
            command(found, **rest)

    return opened


NO_SESSIONS = "No sessions yet."
NO_FOREIGN = "No foreign shots."


def _practice(simulated: bool) -> str:
    """Returns what to type for practice, which somebody may have meant: it is kept apart from what people got. "" without any."""
    if simulated or not Path(database(simulated=True)).exists():
        return ""
    here = click.get_current_context()
    words = [here.command_path, *(str(value) for name, value in here.params.items() if name == "session_id")]
    return f"Practice with simulated guns is kept apart: {' '.join(words)} --simulated"


_written = functools.partial(_kept, written=True)


@records.command("list")
@click.option("--limit", type=NUMBER, default=20, show_default=True, help="How many, newest first.")
@json_option
@functools.partial(_kept, none_yet=NO_SESSIONS)
def list_(found: Any, limit: int, as_json: bool) -> None:
    """The newest sessions, with their whole, partial, wrong and uncertain shots."""
    if as_json:
        from mesogun.records.history import sessions_of

        say_json(sessions_of(found, limit))
        return
    rows = found.sessions(limit)
    heading, began = local_column("began", (row.started_utc for row in rows))
    title = "Practice, with simulated guns" if rows and rows[0].simulated else ""
    table = figures(" id", heading, "protocol…", "outcome", " shots", " part.", " wrong", " unc.", " ml", title=title)
    for row, at in zip(rows, began, strict=True):
        counts = map(str, row.counts.values())
        protocol = f"rest of {row.rest_of}: {row.title}" if row.rest_of else row.title
        table.add_row(str(row.id), at, protocol, _outcome(row), *counts, f"{row.volume_nl / 1e6:.3f}")
    console = screen()
    console.print(table if rows else NO_SESSIONS)
    for row in rows:
        for odd in row.clock:
            console.print(f"Session {row.id}: {odd.words}", style="yellow", soft_wrap=True)
    if found.path == Path(database(simulated=False)).resolve() and (practice := _practice(simulated=False)):
        console.print(practice, style="dim", soft_wrap=True)


@records.command
@click.argument("session_id", metavar="ID", type=NUMBER, shell_complete=sessions)
@json_option
@_kept
def show(found: Any, session_id: int, as_json: bool) -> None:
    """One session: how it ended, and what each pass gave."""
    if as_json:
        from mesogun.records.history import result_of

        say_json(result_of(found, session_id))
        return
    row = found.session(session_id)
    console = screen()
    console.print(f"Session {row.id}: {row.title}", style="bold", soft_wrap=True)
    lasted_ms = found.summary(session_id).duration_ms
    console.print(facts([*_facts(row, lasted_ms), *_left(found, session_id)]), soft_wrap=True)
    console.print()
    console.print(_passes(row, found.shots(session_id)))


@records.command
@click.argument("session_id", metavar="ID", type=NUMBER, shell_complete=sessions)
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("-o", "--output", metavar="FILE", default="-", help="Write here; - is standard output, and the default.")
@click.option("--overwrite", is_flag=True, help="Replace a file that mesogun did not make without asking.")
@_kept
def export(found: Any, session_id: int, form: str, output: str, overwrite: bool) -> None:
    """One session for other programs: everything as JSON, or its shots as CSV."""
    import json

    from mesogun.reports.export import MARKS, csv_of, everything
    from mesogun.reports.output import may_write, write

    if form == "csv":
        text = csv_of(found, session_id)
    else:
        text = json.dumps(everything(found, session_id), ensure_ascii=output == "-", indent=1) + "\n"
    if output == "-":
        click.echo(text, nl=False)
        return
    may_write("output", output, found.path, MARKS, agreeing(overwrite))
    write("output", output, text.encode())


@records.command
@click.argument("session_id", metavar="ID", type=NUMBER, shell_complete=sessions)
@click.option("--by", metavar="NAME", required=True, help="Who looked at it.")
@click.option("--note", metavar="TEXT", required=True, help="What happened.")
@_written
def acknowledge(found: Any, session_id: int, by: str, note: str) -> None:
    """Say that a session is known to have been interrupted. What it gave stays given."""
    found.claim()
    found.acknowledge(session_id, by, note)
    screen().print(f"Session {session_id}: interrupted, acknowledged by {by}")


@records.command
@click.argument("session_id", metavar="ID", type=NUMBER, shell_complete=sessions)
@click.option("--by", metavar="NAME", required=True, help="Who decided it.")
@click.option("--note", metavar="TEXT", required=True, help="Why.")
@_written
def waive(found: Any, session_id: int, by: str, note: str) -> None:
    """Say that what is left of a session is not to be given. No rest of it is given then."""
    found.waive(session_id, by, note)
    screen().print(f"Session {session_id}: what is left of it was waived by {by}")


@records.command
@functools.partial(_kept, none_yet=NO_FOREIGN)
def foreign(found: Any) -> None:
    """Shots that no session here has: a gun told of them, and it is not proven whose they are. They are added to nobody."""
    shots = found.foreign()
    heading, seen = local_column("seen", (one.seen_utc for one in shots))
    table = figures(heading, " gun", " journal", " shot", "program", " pass", " depth mm", " dose µl", "")
    for one, at in zip(shots, seen, strict=True):
        values = one.values
        table.add_row(
            at,
            str(one.gun_serial),
            "" if one.epoch is None else str(one.epoch),
            "" if one.number is None else str(one.number),
            "" if one.digest is None else f"{one.digest:012x}"[:8],
            str(values["pass_index"] + 1),
            f"{values['measured_depth_um'] / 1000:.3f}",
            f"{values['measured_dose_nl'] / 1000:.2f}",
            SHOT_KINDS[kind_of(values["flags"])],
        )
    screen().print(table if shots else NO_FOREIGN)


def _outcome(row: "SessionRow") -> "Text":
    from rich.text import Text

    colours = {"complete": "green", "stopped": "yellow"}
    return Text(row.outcome or "not ended", style=colours.get(row.outcome or "", "bold red"))


def _facts(row: "SessionRow", lasted_ms: int) -> list[tuple[str, str]]:
    ended = local(row.ended_utc) if row.ended_utc else "not: interrupted, or being run by another program"
    uncertain = f", {row.uncertain_nl / 1e6:.3f} ml uncertain" if row.uncertain else ""
    rows = [
        ("began", local(row.started_utc)),
        ("ended", ended),
        ("outcome", row.outcome or "none yet"),
        ("shots", ", ".join(f"{count} {kind}" for kind, count in row.counts.items())),
        ("given", f"{row.volume_nl / 1e6:.3f} ml measured{uncertain}"),
        ("gun", f"{row.gun_serial}, {'simulated' if row.simulated else 'real'}"),
        ("operator", row.operator or "not named"),
        ("protocol", f"SHA-256 {row.protocol_digest[:16]}…"),
    ]
    if row.reason:
        rows.insert(3, ("because", row.reason))
    if lasted_ms:
        rows.insert(-3, ("first to last shot", span(lasted_ms / 1000)))
    rows += [("clock", odd.words) for odd in row.clock]
    if row.acknowledged_by:
        rows.append(("acknowledged", f"by {row.acknowledged_by}: {row.note}"))
    return rows


def _left(found: Any, session_id: int) -> list[tuple[str, str]]:
    """Returns what is left of the order that a session belongs to, and what becomes of that."""
    from mesogun.visit.left import left_of

    order = left_of(found, session_id)
    left = sum(order.left.values())
    if not left:
        return [("left", "nothing")] if order.planned else []
    ids = ", ".join(str(row.id) for row in order.sessions[1:])
    waived = f", waived by {order.first.waived}" if order.first.waived else ""
    return [("left", f"{left} of {sum(order.planned.values())}{f', after rest {ids}' if ids else ''}{waived}")]


def _passes(row: "SessionRow", shots: "Sequence[ShotRow]") -> "Figures":
    from mesogun.records.rows import at_depth
    from mesogun.visit.left import numbers_of

    numbers = numbers_of(row)
    planned = dict(enumerate(map(at_depth, row.passes)))
    estimated = [" at depth (A)"] if any(planned.values()) else []
    table = figures(" pass", " shots", " depth", " measured", " dose", " measured", " given", *estimated)
    for index in sorted({shot.pass_index for shot in shots}):
        ours = [shot for shot in shots if shot.pass_index == index]
        measured = [shot for shot in ours if shot.kind != UNKNOWN]
        depths = [shot.measured_depth_um / 1000 for shot in measured if shot.measured_depth_um is not None]
        doses = [shot.measured_dose_nl / 1000 for shot in measured if shot.measured_dose_nl is not None]
        table.add_row(
            str(numbers.get(index, "?")),
            str(len(ours)),
            f"{ours[0].commanded_depth_um / 1000:g} mm",
            f"{min(depths):.3f} to {max(depths):.3f}" if depths else "",
            f"{ours[0].commanded_dose_nl / 1000:g} µl",
            f"{min(doses):.2f} to {max(doses):.2f}" if doses else "",
            f"{sum(doses) / 1000:.3f} ml",
            *[band.in_words if (band := planned.get(index)) else "" for _ in estimated],
        )
    return table
