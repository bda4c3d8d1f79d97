"""`mesogun-lab` measures the simulated gun: a command for each report, and each report the same three ways."""

import json
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from mesogun.cli.terminal.faces import Faces, json_option, missed, named, to_the_end
from mesogun.cli.terminal.screen import figures, screen
from mesogun.cli.terminal.typed import agreeing
from mesogun.version import __version__

if TYPE_CHECKING:
    from mesogun_lab.measurement import Measurement, Report

COMMANDS = {
    "dose": "Dose accuracy by the method of ISO 11608-1: encoder, plunger, at depth.",
    "depth": "Depth along the needle and in the skin, from 0.5 to 10 mm.",
    "uniformity": "How far the doses of a pass are apart, for every pass of the library.",
    "occlusion": "Shots until a block is found, the pressure then, and what comes out when it clears.",
    "flow": "Constant flow at depth: how it starts, how even it is, and what runs out after.",
}


@click.group(cls=Faces, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="mesogun-lab")
def lab() -> None:
    """Measures what a simulated gun does with the drug: real firmware, planned strokes, a syringe, a needle and a skin.

    Nothing here has met hardware or a person.
    """


def _command(name: str, help_: str) -> click.Command:
    def run(everything: bool, processes: int, html: str | None, overwrite: bool, as_json: bool) -> None:
        _report(import_module(f"mesogun_lab.{name}").MEASUREMENT, everything, processes, html, overwrite, as_json)

    command: Callable[..., Any] = run
    for option in reversed(
        (
            click.option("--all", "everything", is_flag=True, help="Every corner of syringe, needle, skin and drive: much longer."),
            click.option("-j", "processes", type=click.IntRange(1, 64), default=1, metavar="N", help="Measure in N processes."),
            click.option("--html", metavar="FILE", callback=named, help="Write one page with plots, which needs no network."),
            click.option("--overwrite", is_flag=True, help="Replace a file that was not made here without asking."),
            json_option,
        )
    ):
        command = option(command)
    return click.command(name, help=help_)(command)


for _name, _help in COMMANDS.items():
    lab.add_command(_command(_name, _help))


def _report(
    of: "Measurement[Any, Any]", everything: bool, processes: int, html: str | None, overwrite: bool, as_json: bool
) -> None:
    from mesogun_lab.measurement import report

    if html:
        _make_room(html, overwrite)
    jobs = list(of.jobs(everything))
    with _Progress(len(jobs)) as on_done:
        made = report(of, jobs, processes, on_done)
    _show(of, made, err=as_json)
    if html:
        from mesogun.reports.output import write
        from mesogun_lab.page import page

        write("html", html, page(of, made))
    if made.not_measured:
        missed()
    if as_json:
        click.echo(json.dumps(made.to_dict(), allow_nan=False))


def _make_room(html: str, overwrite: bool) -> None:
    from functools import cache
    from pathlib import Path

    from mesogun.records.places import database
    from mesogun.reports.output import may_write
    from mesogun_lab.page import MADE_BY

    agreed = cache(agreeing(overwrite))
    for simulated in (False, True):
        may_write("html", html, Path(database(simulated)), (MADE_BY,), agreed)


def _show(of: "Measurement[Any, Any]", made: "Report", *, err: bool) -> None:
    console = screen(err=err)
    table = figures(*of.headings, title=made.title)
    for one in made.results:
        table.add_row(*of.row(one))
    if made.results:
        console.print(table)
    for part in made.method.split("\n\n"):
        console.print(part, style="dim")
    for one in made.not_measured:
        console.print(f"not measured: {one.job}: {one.why}", style="yellow", soft_wrap=True)


class _Progress:
    """A bar on a terminal, nothing elsewhere. It has no thread of its own: processes may be forked beneath it."""

    def __init__(self, total: int) -> None:
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("Measuring"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = screen(err=True)
        self._bar = Progress(*columns, console=console, transient=True, auto_refresh=False, disable=not console.is_interactive)
        self._task = self._bar.add_task("", total=total)

    def __enter__(self) -> Callable[[], object]:
        self._bar.__enter__()
        return lambda: self._bar.update(self._task, advance=1, refresh=True)

    def __exit__(self, *ended: Any) -> None:
        self._bar.__exit__(*ended)


def main() -> None:
    to_the_end(lab, "mesogun-lab")
