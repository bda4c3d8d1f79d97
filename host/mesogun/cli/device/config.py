"""`mesogun device config` shows and sets what the gun is made of, as stored in it."""

from typing import TYPE_CHECKING

import click

from mesogun.cli import completion
from mesogun.cli.device.gun import confirm_serial, connected, gun_options
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import figures, say_json, screen
from mesogun.gun.answers import described
from mesogun.gun.explanations import FIGURES
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk.codes import DESCRIPTION
from mesogun_fw.talk.messages import GUN

if TYPE_CHECKING:
    from mesogun.cli.terminal.table import Figures
    from mesogun.gun.client import Gun
    from mesogun_fw.config import Description

_UNITS = (("_nm_per_step", "nm/step"), ("_um_s", "µm/s"), ("_mm_s2", "mm/s²"), ("_um", "µm"), ("_nm", "nm"), ("_us", "µs"))


@click.group
def config() -> None:
    """What the gun is made of: steps, speeds, encoders, drive.

    It describes the hardware and limits nothing. A wrong one is caught by encoder and guard, before it can hurt.
    """


@config.command
@gun_options
@json_option
def get(port: str | None, drive: str | None, as_json: bool) -> None:
    """Every figure of the description in use, with what a gun of this kind can plausibly be."""
    with connected(port, drive) as gun:
        description = gun.description
    if as_json:
        from mesogun.cli.device.told import Hardware

        say_json(Hardware(hardware=described(description)))
    else:
        screen().print(description_table(description, ranges=True))


@config.command("set")
@click.argument("changes", metavar="NAME=VALUE...", nargs=-1, required=True, shell_complete=completion.figures)
@gun_options
@json_option
def set_(changes: tuple[str, ...], port: str | None, drive: str | None, as_json: bool) -> None:
    """Store another description. All that shall change in one command: it is in use only after a restart.

    \b
    For example:
      mesogun device config set needle_encoder_nm=5020 --port /dev/ttyACM0

    Only while nothing may start. You type the serial number of a real gun.
    """
    wanted = _parsed(changes)
    console = screen(err=True)
    with connected(port, drive) as gun:
        before = described(gun.description)
        after = _plausible(before | wanted)
        changed = {name: value for name, value in wanted.items() if value != before[name]}
        for name, value in changed.items():
            console.print(f"  {name}: {before[name]} → {value} {unit_of(name)}", soft_wrap=True)
        to_store = bool(changed) or _has_none(gun)
        if to_store:
            confirm_serial(console, gun, port)
            _store(gun.configure(after), after)
    if to_store:
        console.print(
            "Stored. Switch the gun off and on: it is in use, and the gun can be armed, only after that.", style="bold green"
        )
    else:
        console.print("Nothing to store: the gun is described so already.")
    if as_json:
        from mesogun.cli.device.told import Change, HardwareSet

        say_json(HardwareSet(changed={name: Change(old=before[name], new=value) for name, value in changed.items()}))


def description_table(description: "Description", *, ranges: bool = False) -> "Figures":
    """Returns every figure of a description with its unit and meaning; `ranges` adds what is plausible."""
    table = figures("figure", " value", "unit", *(["plausible"] if ranges else []), "meaning ")
    values = described(description)
    for name, low, high in GUN:
        table.add_row(name, str(values[name]), unit_of(name), *([f"{low} to {high}"] if ranges else []), FIGURES[name])
    return table


def unit_of(name: str) -> str:
    """Returns the unit that the ending of a figure's name says, "" for a code."""
    return next((unit for ending, unit in _UNITS if name.endswith(ending)), "")


def _parsed(changes: tuple[str, ...]) -> dict[str, int]:
    """Returns every change by name. Raises Refused with all that is wrong."""
    ranges = {name: (low, high) for name, low, high in GUN}
    wanted: dict[str, int] = {}
    problems = []
    for text in changes:
        name, sign, value = text.partition("=")
        if not sign:
            problems.append(Problem("change", text, "this is no NAME=VALUE", "Write it as needle_encoder_nm=5020, without blanks"))
        elif name not in ranges:
            names = ", ".join(f"{one} ({low} to {high})" for one, (low, high) in ranges.items())
            problems.append(Problem("change", name, "the gun has no figure of that name", f"There are {names}"))
        elif name in wanted:
            problems.append(Problem(name, value, "it is set twice", "Give it once"))
        elif not (value.isascii() and value.isdigit()) or not ranges[name][0] <= int(value) <= ranges[name][1]:
            low, high = ranges[name]
            remedy = f"Give a whole number from {low} to {high}"
            problems.append(
                Problem(name, value or "nothing", f"no gun of this kind has that ({unit_of(name) or 'a code'})", remedy)
            )
        else:
            wanted[name] = int(value)
    if problems:
        raise Refused(*problems)
    return wanted


def _plausible(figures: dict[str, int]) -> "Description":
    from mesogun_fw.config import Description

    try:
        return Description(tuple(figures.values()))
    except ValueError as error:
        remedy = "Set figures that agree, all in one command; nothing was stored"
        raise Refused(Problem("description", "contradicts itself", str(error), remedy)) from error


def _has_none(gun: "Gun") -> bool:
    """Tells whether the gun has no description of its own: until it has one it answers with the reference design's."""
    return bool(gun.selftest() >> DESCRIPTION & 1)


def _store(stored: "Description", wanted: "Description") -> None:
    if stored.figures() != wanted.figures():
        raise Refused(
            Problem("description", "differs", "the gun stored something else", "Do not use it; repeat, or have it checked")
        )
