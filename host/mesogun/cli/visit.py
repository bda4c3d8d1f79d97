"""What happens around a session: who may begin it, what a person is shown and asked meanwhile, and the picture of it."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from mesogun import __version__
from mesogun.cli.terminal import asking
from mesogun.cli.terminal.live import watching
from mesogun.cli.terminal.report import Given
from mesogun.cli.terminal.screen import screen
from mesogun.clinical.planning import Plan, plan
from mesogun.clinical.rules import CONFIRM, findings
from mesogun.records import Records, SessionStart
from mesogun.records.places import database
from mesogun.refusal import Problem, Refused
from mesogun.visit.session import Session

if TYPE_CHECKING:
    from rich.console import Console

    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.client import Gun


def visit(gun: "Gun", protocol: "Protocol", *, named: bool, db: str | None, operator: str, plot: str | None) -> Given:
    """The session and what became of it. `named`: the gun was named by its port, and a person confirms it.

    Raises Refused before anything moves: interrupted sessions that nobody looked at, a gun not confirmed, a record that
    cannot be written.
    """
    console = screen(err=True)
    simulated = bool(gun.welcome.simulated)
    planned = plan(protocol, gun.hardware, gun.welcome)
    url = db or database(simulated)
    with Records.open(url) as records:
        records.claim()
        _only_its_kind(records, url, simulated)
        asking.look_at_interrupted(console, records, f"--db {db}" if db else "--simulated" if simulated else "")
        if named:
            _nothing_to_confirm(protocol)
            asking.confirm_gun(console, gun, planned)
        return _give(console, gun, records, url, planned, _start(gun, protocol, planned, operator), plot)


def _give(
    console: "Console", gun: "Gun", records: Records, url: str, planned: Plan, start: SessionStart, plot: str | None
) -> Given:
    began_s, began_wall_s = gun.link.now_s(), time.monotonic()
    with watching(console, planned, gun.welcome.serial) as watch:

        def go_on(reason: str) -> bool:
            with watch.aside():
                return asking.go_on(console, reason)

        session = Session(gun, records, planned, start, on_progress=watch, go_on=go_on)
        summary = session.run()
    simulated_s, wall_s = gun.link.now_s() - began_s, time.monotonic() - began_wall_s
    drawn = plot if plot and _observed(console, lambda: _draw(records, summary.session_id, plot)) else None
    return Given(
        summary=summary,
        planned_shots=planned.shots,
        simulated_s=simulated_s,
        wall_s=wall_s,
        record=url,
        plot=drawn,
        gun=gun.welcome.serial,
        simulated=start.simulated,
        asked_to_stop=session.asked_to_stop,
    )


def _start(gun: "Gun", protocol: "Protocol", planned: Plan, operator: str) -> SessionStart:
    welcome = gun.welcome
    return SessionStart(
        title=planned.title,
        protocol_text=protocol.text,
        protocol_digest=planned.protocol_digest,
        plan_digest=planned.digest,
        plan_json=json.dumps(asdict(planned)),
        gun_serial=welcome.serial,
        gun_version=welcome.version,
        gun_boot=welcome.boot,
        simulated=bool(welcome.simulated),
        host_version=__version__,
        operator=operator,
    )


def _only_its_kind(records: Records, url: str, simulated: bool) -> None:
    """Simulated sessions and those of patients are never in one database."""
    newest = records.sessions(limit=1)
    if newest and newest[0].simulated != simulated:
        kept, this = ("simulated guns", "a real one") if simulated is False else ("real guns", "a simulated one")
        raise Refused(Problem("db", url, f"it holds sessions of {kept}, and this is {this}", "Name another database"))


def _nothing_to_confirm(protocol: "Protocol") -> None:
    """A physician's confirmation has to be recorded (DOMAIN 6), and the record has no place for it yet."""
    unconfirmed = [finding.problem() for finding in findings(protocol) if finding.severity == CONFIRM]
    if unconfirmed:
        raise Refused(*unconfirmed)


def _draw(records: Records, session_id: int, path: str) -> None:
    from mesogun.reports.picture import draw

    draw(records.session(session_id), records.shots(session_id), path)


def _observed(console: "Console", look: Callable[[], None]) -> bool:
    """Whether it worked. The session is over and recorded: a picture that fails changes nothing about it."""
    try:
        look()
    except (Exception, KeyboardInterrupt) as error:
        console.print(f"There is no picture: {error or 'stopped'}", style="yellow", soft_wrap=True)
        return False
    return True
