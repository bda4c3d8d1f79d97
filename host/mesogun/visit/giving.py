"""One protocol is given here with one gun for one person: from who may begin to what became of it."""

import json
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesogun.clinical.planning import plan
from mesogun.records import Records, SessionStart
from mesogun.records.places import database
from mesogun.records.rows import ClockOff
from mesogun.version import __version__
from mesogun.visit.begin import Rest, may_begin
from mesogun.visit.person import Beginning, Person
from mesogun.visit.session import Session

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.client import Gun
    from mesogun.records.tally import Summary


@dataclass(frozen=True)
class Given:
    """Given is a session that is over, and where its record is. Screen, JSON and picture are made from it.

    `simulated_s` is the gun's own time, `wall_s` is ours; both run from before the first move to the last row. `clock` says how far
    this computer's clock was off.
    """

    summary: "Summary"
    planned_shots: int
    simulated_s: float
    wall_s: float
    record: str
    gun: int
    simulated: bool
    asked_to_stop: bool
    clock: tuple[ClockOff, ...] = ()


def give(
    protocol: "Protocol",
    gun: "Gun",
    person: Person,
    *,
    named: bool = True,
    asked: bool = False,
    db: str | None = None,
    operator: str = "",
    rest: Rest | None = None,
) -> Given:
    """Gives the protocol, or the rest of a session of it, and says what became; its record is on disk from before anything moved.

    A person confirms the gun unless it is simulated beyond doubt (Gun.is_to_be_confirmed); if `asked`, that one too. `named` is
    false only for a simulated gun that nobody named by its port: it was made for this. `db` is where the record is kept, by
    default this computer's; `operator` goes into the record. Raises Refused before anything moves: for interrupted sessions that
    nobody looked at, a gun not confirmed, a record that cannot be written. Later it raises what Session.run raises.

    The protocol is planned on this very gun: these figures, and their refusals, are the gun's own. `mesogun run` plans it
    before, on the reference design, so that what no gun can give is refused before one is looked for.
    """
    welcome = gun.welcome
    simulated = bool(welcome.simulated)
    whole = plan(protocol, gun.description, welcome)
    url = db or database(simulated)
    with Records.open(url) as records:
        records.claim()
        to_confirm = asked or (gun.is_to_be_confirmed if named else not simulated)
        begun = may_begin(gun, protocol, whole, records, person, url=url, to_confirm=to_confirm, rest=rest)
        planned = begun.plan
        start = _start(gun, protocol, planned, operator, begun.rest_of, alone=not (named or to_confirm))
        began_s, began_wall_s = gun.link.now_s(), time.monotonic()
        person.show(Beginning(planned, welcome.serial))
        session = Session(gun, records, planned, start, person=person, began=begun.journal, answers=begun.answers)
        summary = session.run()
        clock = records.session(summary.session_id).clock
        simulated_s, wall_s = gun.link.now_s() - began_s, time.monotonic() - began_wall_s
    return Given(
        summary=summary,
        planned_shots=planned.shots,
        simulated_s=simulated_s,
        wall_s=wall_s,
        record=url,
        gun=welcome.serial,
        simulated=simulated,
        asked_to_stop=session.asked_to_stop,
        clock=clock,
    )


def _start(gun: "Gun", protocol: "Protocol", planned: "Plan", operator: str, rest_of: int | None, *, alone: bool) -> SessionStart:
    """Makes the session's start. A simulated gun that is `alone` with this program has no other session, and needs no tag."""
    welcome = gun.welcome
    return SessionStart(
        title=planned.title,
        protocol_text=protocol.text,
        protocol_digest=planned.protocol_digest,
        plan_digest=planned.digest,
        plan_json=json.dumps(planned.recorded()),
        gun_serial=welcome.serial,
        gun_version=welcome.version,
        gun_boot=welcome.boot,
        simulated=bool(welcome.simulated),
        host_version=__version__,
        operator=operator,
        rest_of=rest_of,
        tag=0 if alone else secrets.randbits(16),
    )
