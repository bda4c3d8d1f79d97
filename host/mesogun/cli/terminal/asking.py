"""What a person is asked, at a terminal and nowhere else. Questions go to standard error, answers are typed."""

import sys
from typing import TYPE_CHECKING

from mesogun.cli.terminal.screen import facts, figures
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk.messages import CONSTANT_FLOW

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.clinical.planning import PassPlan, Plan
    from mesogun.gun.client import Gun
    from mesogun.records import Records, SessionRow


def confirm_gun(console: "Console", gun: "Gun", plan: "Plan") -> None:
    """A person has seen what this gun is about to do and typed its serial number. Raises Refused in every other case."""
    serial = gun.welcome.serial
    version = gun.welcome.version
    dotted = f"{version // 10_000}.{version // 100 % 100}.{version % 100}"
    console.print("\nThis gun is about to inject", style="bold yellow")
    shown = [
        ("gun", f"{serial}, at {gun.link.url}, firmware {dotted}"),
        ("protocol", plan.title),
        ("in all", f"{plan.counted}, {plan.volume_nl / 1e6:g} ml"),
        ("deepest", f"{plan.deepest_um / 1000:g} mm"),
        *((f"pass {one.index + 1}", _in_words(one)) for one in plan.passes),
    ]
    console.print(facts(shown), soft_wrap=True)
    if not sys.stdin.isatty():
        limit = "a person at a terminal types the gun's serial number"
        raise Refused(Problem("confirmation", "no terminal", limit, "Start this in a terminal"))
    answer = _typed(console, "Type the serial number printed on the gun to go on:")
    if answer != str(serial):
        limit = f"the gun at this port has serial number {serial}"
        raise Refused(Problem("confirmation", answer or "nothing", limit, "Look which gun you hold, then start again"))


def look_at_interrupted(console: "Console", records: "Records", where: str) -> None:
    """No session is left that broke off and that nobody has looked at. `where`: the option that names these records."""
    interrupted = records.unfinished()
    if not interrupted:
        return
    console.print("\nInterrupted: these sessions began and never ended", style="bold yellow")
    table = figures(" id", "began (UTC)", "protocol ", "gun", " shots", " partial", " uncertain", " ml")
    for row in interrupted:
        given_ml = f"{(row.volume_nl + row.uncertain_nl) / 1e6:.3f}"
        counts = (str(row.whole), str(row.partial), str(row.uncertain))
        table.add_row(str(row.id), row.started_utc[:16].replace("T", " "), row.title, str(row.gun_serial), *counts, given_ml)
    console.print(table)
    console.print("What was given counts as given.\n")
    if not sys.stdin.isatty():
        raise Refused(*(_unseen(row, where) for row in interrupted))
    for row in interrupted:
        by = _typed(console, f"Session {row.id}: your initials:")
        note = _typed(console, f"Session {row.id}: what happened:")
        if not by or not note:
            raise Refused(_unseen(row, where))
        records.acknowledge(row.id, by, note)


def go_on(console: "Console", reason: str) -> bool:
    """Whether a person wants the gun armed again. Nobody there: no."""
    console.print(f"\nPaused: {reason}", style="bold yellow")
    if not sys.stdin.isatty():
        return False
    return _typed(console, "Type yes to arm again, anything else to end the session:").lower() in ("yes", "y")


def _typed(console: "Console", question: str) -> str:
    console.print(question, style="bold", end=" ")
    line = sys.stdin.readline()
    if not line.endswith("\n"):
        console.print()
    return line.strip()


def _in_words(one: "PassPlan") -> str:
    dose = f"{one.dose_nl / 1000:g} µl each" if one.dose_nl else "no dose"
    count = f"{one.shots} s of flow" if one.mode == CONSTANT_FLOW else f"{one.shots} shots"
    return f"{one.technique}: {count}, {one.depth_um / 1000:g} mm deep ({one.depth_class}), {dose}"


def _unseen(row: "SessionRow", where: str) -> Problem:
    command = " ".join(part for part in (f"mesogun records acknowledge {row.id}", where, "--by NAME --note TEXT") if part)
    return Problem("session", str(row.id), "it was interrupted, and nobody has looked at it", f"Look, then: {command}")
