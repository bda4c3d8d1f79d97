"""`mesogun device log` and `journal` show what the gun itself remembers of its shots, whatever laptop it was with."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mesogun.cli.device.gun import confirm_serial, connected, gun_options
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import figures, say_json, screen
from mesogun.gun.answers import flags_of
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk.codes import CUT_SHORT, UNKNOWN, WHOLE, WRONG, kind_of
from mesogun_fw.talk.messages import BY_NAME

if TYPE_CHECKING:
    from mesogun.cli.terminal.table import Figures
    from mesogun.gun.answers import Journaled, Logged

_COLOURS = {WHOLE: "", CUT_SHORT: "yellow", WRONG: "red", UNKNOWN: "bold red"}
_LAST_MAX = next(high for name, _, high in BY_NAME["log"][2] if name == "back") + 1


@click.command
@click.option("--last", type=click.IntRange(1, _LAST_MAX), default=20, show_default=True, help="How many shots.")
@gun_options
@json_option
def log(port: str | None, drive: str | None, last: int, as_json: bool) -> None:
    """The newest shots in the gun's own journal, newest first.

    uncertain: power or program was lost in this shot; it counts as given, and is never repeated. partial: cut short.
    """
    with connected(port, drive) as gun:
        journaled = gun.journal()
        rows: list[Logged] = []
        while len(rows) < last and (row := gun.log(len(rows))):
            rows.append(row)
    console = screen(err=as_json)
    if rows and not as_json:
        console.print(_table(rows))
    console.print(journal_text(journaled), style=journal_style(journaled), soft_wrap=True)
    if as_json:
        from mesogun.cli.device.told import JournalSums, Log, LoggedTold

        shots = tuple(LoggedTold(**asdict(row), flag_names=tuple(flags_of(row.flags))) for row in rows)
        say_json(Log(journal=JournalSums.of(journaled), shots=shots))


@click.command
@click.option("--format", "new", is_flag=True, help="Start a new journal at zero. The old one is lost.")
@gun_options
@json_option
def journal(port: str | None, drive: str | None, new: bool, as_json: bool) -> None:
    """What the gun's own journal adds up to; with --format start a new one.

    A gun without a good journal cannot be armed: what it has given is not known. --format is for a new gun, or when the
    old journal is lost. Write down first what is known.
    """
    console = screen(err=True)
    with connected(port, drive) as gun:
        journaled = gun.journal()
        if new:
            console.print(f"To be forgotten: {journal_text(journaled)}", style="bold yellow", soft_wrap=True)
            confirm_serial(console, gun, port)
            journaled = gun.format(gun.welcome.serial)
    if as_json:
        from mesogun.cli.device.told import JournalTold

        say_json(JournalTold.of(journaled))
    else:
        screen().print(journal_text(journaled), style=journal_style(journaled), soft_wrap=True)
    if new and not is_good(journaled):
        raise Refused(Problem("journal", _condition(journaled), "the gun could not start a new one", "Have its memory checked"))


def is_good(journaled: "Journaled") -> bool:
    from mesogun_fw.talk.codes import GOOD

    return journaled.condition == GOOD


def journal_text(journaled: "Journaled") -> str:
    """Says in one line what the journal adds up to."""
    if not is_good(journaled):
        return (
            f"Journal {_condition(journaled)}: what this gun has given is not known, and it cannot be armed. "
            "Write down what is known, then: mesogun device journal --format"
        )
    uncertain = f", {journaled.uncertain} of them uncertain" if journaled.uncertain else ""
    return f"Journal good: {journaled.shots} shots{uncertain}, {journaled.volume_nl / 1e6:.3f} ml commanded in them"


def journal_style(journaled: "Journaled") -> str:
    return "bold red" if not is_good(journaled) else "yellow" if journaled.uncertain else "green"


def _condition(journaled: "Journaled") -> str:
    from mesogun_fw.talk.codes import CONDITIONS

    return CONDITIONS[journaled.condition]


def _table(rows: "list[Logged]") -> "Figures":
    table = figures(" shot", "program", " pass", " of it", " depth mm", " dose µl", " asked µl", "")
    for row in rows:
        kind = kind_of(row.flags)
        table.add_row(
            str(row.number),
            f"{row.digest:012x}"[:8],
            str(row.pass_index + 1),
            str(row.shot),
            "?" if kind == UNKNOWN else f"{row.measured_depth_um / 1000:.3f}",
            "?" if kind == UNKNOWN else f"{row.measured_dose_nl / 1000:.2f}",
            f"{row.commanded_dose_nl / 1000:g}",
            ", ".join(flags_of(row.flags)),
            style=_COLOURS[kind],
        )
    return table
