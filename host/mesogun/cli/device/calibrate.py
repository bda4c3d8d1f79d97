"""`mesogun device calibrate` holds the gun's figures against a gauge and a balance. It guides, and changes nothing by itself."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mesogun.cli.device.gun import amount, connected, gun_options, typed_number
from mesogun.cli.device.moves import SEATED, SYRINGES, demand_whole, flow_option, home_first, primed, shown
from mesogun.cli.terminal.faces import json_option
from mesogun.cli.terminal.screen import figures, say_json, screen
from mesogun.refusal import Problem, Refused

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.gun.calibration import DoseFound, NeedleFound, Scale
    from mesogun.gun.client import Gun, State

DEPTHS_UM = (2_000, 5_000, 9_000)
GAUGE_MM = (-1.0, 20.0)
OUTSIDE = 1
DENSITY = click.FloatRange(0.5, 2.0)
BORE_SPREAD = 0.1  # A: the bores of two makers differ by up to this share, see clinical/needles.py


@click.group
def calibrate() -> None:
    """Hold the gun's figures against a dial gauge or a balance.

    Says what is off and what would correct it; `mesogun device config set` is what changes it.
    """


@calibrate.command
@gun_options
@json_option
@click.pass_context
def needle(ctx: click.Context, port: str | None, drive: str | None, as_json: bool) -> None:
    """The needle's travel, by a dial gauge (0.01 mm).

    Clamp the gun so that the gauge's tip rests on the blunt needle at home, zero the gauge. At three depths the needle goes
    out slowly, stands for 2 s, comes back; hold the trigger, read the gauge while it stands, type what it showed.
    """
    from mesogun.gun import calibration

    console = screen(err=True)
    with connected(port, drive) as gun:
        demand_whole(home_first(console, gun))
        rows = [_gauged(console, gun, depth_um) for depth_um in DEPTHS_UM]
        description = gun.description
    try:
        found = calibration.needle(description, rows)
    except ValueError as error:
        raise Refused(Problem("gauge", "no line", str(error), "Clamp gun and gauge, zero the gauge, start over")) from error
    _show_needle(found, rows, port, as_json)
    ctx.exit(0 if found.step.within and found.encoder.within else OUTSIDE)


def _gauged(console: "Console", gun: "Gun", depth_um: int) -> tuple[int, float, float]:
    """Returns (asked, encoder, gauge) in um."""
    from mesogun.gun import calibration, moves

    console.print(f"\nThe needle goes out to {depth_um / 1000:g} mm, stands for 2 s, comes back.", style="bold yellow")
    seen: list[int] = []
    with shown(console, "Fingers away. Hold the trigger until it is back; read the gauge while it stands") as show:

        def look(state: "State") -> None:
            show(state)
            seen.append(gun.watch().needle_um)

        moved = moves.move(gun, lambda: gun.gauge(depth_um), look)
    demand_whole(moved)
    gauge_mm = typed_number(console, f"The gauge at {depth_um / 1000:g} mm showed", "mm", *GAUGE_MM)
    return depth_um, calibration.at_depth_um(seen), gauge_mm * 1000


def _show_needle(found: "NeedleFound", rows: list[tuple[int, float, float]], port: str | None, as_json: bool) -> None:
    console = screen(err=as_json)
    table = figures(" asked mm", " encoder mm", " gauge mm", title="Needle's travel")
    for row in rows:
        table.add_row(*(f"{value / 1000:.3f}" for value in row))
    console.print()
    console.print(table)
    for one in (found.step, found.encoder):
        _show_scale(console, one)
    if not found.zero_within:
        line = f"The gauge shows {found.zero_um / 1000:+.3f} mm with the needle at home: zero it there, start over."
        console.print(line, style="yellow", soft_wrap=True)
    command = _command(found.corrections, port)
    if command:
        console.print(f"To correct it:\n  {command}", style="bold", soft_wrap=True)
    if as_json:
        from mesogun.cli.device.told import NeedleCalibrated, ScaleTold

        scales = {one.name: ScaleTold.of(one) for one in (found.step, found.encoder)}
        say_json(NeedleCalibrated(readings_um=tuple(rows), scales=scales, zero_um=round(found.zero_um, 1), command=command))


def _show_scale(console: "Console", one: "Scale") -> None:
    from mesogun.gun.calibration import TOLERANCE, steps_that_divide

    verdict = f"within {TOLERANCE:.0%}" if one.within else f"outside {TOLERANCE:.0%}"
    figure = f"{one.name}: described {one.described_nm}, measured {one.measured_nm:.0f} ({one.error:+.2%}): {verdict}"
    console.print(figure, style="green" if one.within else "bold red", soft_wrap=True)
    if not one.within and one.fitting_nm is None:
        possible = ", ".join(map(str, steps_that_divide(one.name))) if one.name.endswith("per_step") else "the range in config get"
        line = f"  No figure fits ({possible}): this is the mechanics' fault. Check screw lead, microsteps and coupling."
        console.print(line, style="yellow", soft_wrap=True)


def _command(corrections: dict[str, int], port: str | None) -> str | None:
    if not corrections:
        return None
    changes = " ".join(f"{name}={value}" for name, value in corrections.items())
    return f"mesogun device config set {changes}" + (f" --port {port}" if port else "")


@calibrate.command
@click.option("--dose-ul", required=True, callback=amount("prime", "volume_nl", "µl", 1000), metavar="N", help="The dose to weigh.")
@click.option("--syringe-ml", required=True, type=click.Choice(list(SYRINGES)), help=SEATED)
@click.option("--times", type=click.IntRange(2, 60), default=5, show_default=True, help="How many doses. ISO 11608-1 weighs 60.")
@click.option("--density-g-ml", type=DENSITY, default=1.0, show_default=True, help="Density of the liquid.")
@flow_option
@gun_options
@json_option
@click.pass_context
def dose(
    ctx: click.Context,
    port: str | None,
    drive: str | None,
    dose_ul: int,
    syringe_ml: str,
    times: int,
    density_g_ml: float,
    flow_ul_s: int,
    as_json: bool,
) -> None:
    """The dose, by a balance (0.1 mg).

    Fill the line first (mesogun device prime) until a drop comes, wipe it off. Put a cup on the balance, tare it. Each dose
    goes into the cup while you hold the trigger; type the milligrams of that dose alone, tare again.
    """
    from mesogun.gun import calibration

    if math.isnan(density_g_ml):
        raise click.BadParameter("nan is no density")
    console = screen(err=True)
    bore_um = SYRINGES[syringe_ml]
    expected_mg = dose_ul / 1000 * density_g_ml
    masses_mg = []
    with connected(port, drive) as gun:
        for number in range(1, times + 1):
            console.print(f"\nDose {number} of {times}", style="bold")
            moved, _ = primed(console, gun, dose_ul, flow_ul_s, bore_um, "over the cup")
            demand_whole(moved)
            masses_mg.append(typed_number(console, "This dose weighs", "mg", expected_mg / 10, expected_mg * 10))
    found = calibration.dose(dose_ul / 1000, masses_mg, density_g_ml, bore_um)
    _show_dose(found, syringe_ml, bore_um, as_json)
    ctx.exit(OUTSIDE if found.outside else 0)


def _show_dose(found: "DoseFound", syringe_ml: str, bore_um: int, as_json: bool) -> None:
    console = screen(err=as_json)
    limits = f"{found.asked_ul:g} ± {found.limit_ul:g} µl"
    mean = f"{found.mean_ul:.2f} µl ({found.error:+.1%}), spread {found.spread_ul:.2f} µl"
    console.print(f"\nMean of {len(found.doses_ul)} doses: {mean}", style="bold")
    if found.outside:
        console.print(f"Outside {limits}: {found.outside} of {len(found.doses_ul)}", style="bold red")
        _explain_dose(console, found, syringe_ml, bore_um)
    else:
        console.print(f"All within {limits}", style="bold green")
    if as_json:
        from mesogun.cli.device.told import DoseCalibrated

        say_json(
            DoseCalibrated(
                **asdict(found),
                mean_ul=round(found.mean_ul, 4),
                spread_ul=round(found.spread_ul, 4),
                error=round(found.error, 4),
                limit_ul=found.limit_ul,
                outside=found.outside,
                table_bore_um=bore_um,
            )
        )


def _explain_dose(console: "Console", found: "DoseFound", syringe_ml: str, bore_um: int) -> None:
    if abs(found.mean_ul - found.asked_ul) <= found.limit_ul:
        line = "The mean is right, single doses are not: air in the line, a drop left hanging, or the balance."
    elif abs(found.bore_um / bore_um - 1) <= BORE_SPREAD:
        line = (
            f"A bore of {found.bore_um / 1000:.2f} mm would explain it; the table has {bore_um / 1000:.2f} mm for {syringe_ml} ml. "
            "Measure the syringe: another maker's is no syringe of this table."
        )
    else:
        line = (
            f"No {syringe_ml} ml syringe has the bore of {found.bore_um / 1000:.2f} mm that would explain it: "
            "check syringe, line, leaks, and plunger_nm_per_step."
        )
    console.print(line, style="yellow", soft_wrap=True)
