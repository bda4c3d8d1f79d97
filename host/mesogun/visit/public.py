"""What other programs ask for: is this protocol one that the gun can give, what does it do, give it. The CLI asks the same."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from operator import index
from os import PathLike, fspath
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from mesogun.clinical import planning
from mesogun.gun.client import Gun
from mesogun.gun.stops import Stops
from mesogun.records import Records, RecordsFailed
from mesogun.records.tally import Progress
from mesogun.refusal import Problem, Refused
from mesogun.visit import giving
from mesogun.visit.begin import Rest
from mesogun.visit.person import Answer, Arming, Choice, Meanwhile, Nobody, Person, Question, Shown

if TYPE_CHECKING:
    from mesogun.clinical.explain import Explanation
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol
    from mesogun.clinical.rules import Finding
    from mesogun.records.result import Result

NOBODY = Nobody()

OnProgress = Callable[[Progress], object]


def plan(protocol: "Protocol", gun: Gun | None = None) -> "Plan":
    """Returns the plan of a protocol on this gun, else on one of the reference design. Raises Refused with every reason."""
    return planning.plan(protocol, gun.description, gun.welcome) if gun else planning.plan(protocol)


def check(protocol: "Protocol", gun: Gun | None = None) -> "tuple[Finding, ...]":
    """Returns all that is to be said of a protocol, by this gun or one of the reference design; nothing is raised.

    What cannot be given has severity "block", what a physician has to confirm "confirm"; the others warn.
    """
    from mesogun.clinical.rules import BLOCK, Finding, findings

    found = findings(protocol)
    try:
        plan(protocol, gun)
    except Refused as refused:
        known = [one.problem() for one in found]
        cannot = [problem for problem in refused.problems if problem not in known]
        found += tuple(Finding.of(one, "plan", BLOCK) for one in cannot)
    return found


def explain(protocol: "Protocol", gun: Gun | None = None) -> "Explanation":
    """Explains a protocol as this gun, else one of the reference design, would give it. Raises Refused when none can."""
    from mesogun.clinical.explain import explain as explained

    return explained(protocol, plan(protocol, gun))


def connect(port: str) -> Gun:
    """Returns the gun at this port; leave it as a context, or close it. Connecting disarms it, and nothing else happens.

    Ports are /dev/ttyACM0, COM3, socket://HOST:PORT, and sim:// for a simulated gun. Raises Refused when there is no gun.
    """
    if not port:
        raise Refused(Problem("port", "nothing", "this names no gun", "Name a port, or sim:// for a simulated gun"))
    return Gun.connect(port)


def give(
    protocol: "Protocol",
    port: str | Gun,
    *,
    person: Person = NOBODY,
    records: str | PathLike[str] | None = None,
    operator: str = "",
    on_progress: OnProgress | None = None,
    rest_of: "int | Result | None" = None,
) -> "Result":
    """Gives the protocol at this port, or the rest of a session of it, and returns what became of it.

    `person` is shown and asked everything (visit/person.py). NOBODY is asked nothing, and gets simulated guns only. `records` is
    the file of the record, by default this computer's own. `on_progress` is called with each Progress, and may fail.

    A fault, the e-stop and a stop are outcomes of the result. Raises Refused when nothing was given, LinkLost when the gun falls
    silent before, RecordsFailed when the record is lost. Ctrl-C, or a kernel's interrupt, is a stop: needle home, record
    complete. So is SIGTERM, which then goes on to whoever else heeds it.
    """
    rest, db = _rest_and_record(rest_of, None if records is None else fspath(records))
    alone = isinstance(person, Nobody)
    with _stopped_first():
        with nullcontext(port) if isinstance(port, Gun) else connect(port) as gun:
            if alone and gun.is_to_be_confirmed:
                limit = f"gun {gun.welcome.serial} is a real one, and somebody beside it confirms what it is about to do"
                remedy = "Give person=..., or at a terminal: mesogun run FILE --port URL"
                raise Refused(Problem("person", "nobody", limit, remedy))
            given = giving.give(
                protocol,
                gun,
                _Onlooked(person, on_progress) if on_progress else person,
                named=isinstance(port, Gun) or not gun.link.url.startswith("sim:"),
                asked=not alone,
                db=db,
                operator=operator,
                rest=rest,
            )
        return result_of(given, trace=None if gun.link.not_closed else _trace_of(gun.link.url))


def _rest_and_record(rest_of: "int | Result | None", db: str | None) -> tuple[Rest | None, str | None]:
    """Returns what is asked for, and where it is recorded: the rest of a result stands in the record that this came from."""
    from mesogun.records.opening import path_of
    from mesogun.records.result import Result

    if db is not None:
        path_of(db)  # "" names no record, and is not the default
    if rest_of is None:
        return None, db
    if not isinstance(rest_of, Result):
        return Rest(index(rest_of), None), db
    if db is not None and path_of(db) != path_of(rest_of.record):
        limit = f"session {rest_of.session} is recorded in {rest_of.record}"
        raise Refused(Problem("records", db, limit, "Leave records out, or name that one"))
    return Rest(rest_of.session, None), rest_of.record


@contextmanager
def _stopped_first() -> Iterator[None]:
    """Before a session a stop is KeyboardInterrupt. One that asks the whole program to end is told it again when all is over."""
    heard: list[signal.Signals] = []
    try:
        with Stops(_break_off, heard=heard.append):
            yield
    finally:
        for number in set(heard) - {signal.SIGINT}:
            signal.raise_signal(number)


def _break_off() -> None:
    raise KeyboardInterrupt


def result_of(given: giving.Given, *, trace: str | None = None, plot: str | None = None) -> "Result":
    """Returns the result of a session that is over, from its record. Raises RecordsFailed, with what is known, when it is gone."""
    from mesogun.records import history

    times = {"gun_s": round(given.simulated_s, 3), "wall_s": round(given.wall_s, 3)}
    try:
        with Records.look(given.record) as records:
            return history.result_of(records, given.summary.session_id, trace=trace, plot=plot, **times)
    except (Refused, RecordsFailed) as gone:
        one = given.summary
        counts = f"{one.shots} whole, {one.partial} partial, {one.wrong} wrong, {one.uncertain} uncertain shots"
        what = f"session {one.session_id} is over, {one.outcome}, with {counts}, {one.volume_nl / 1e6:.3f} ml; its record is gone"
        raise RecordsFailed(f"{what}: {gone}", "Write this down, and look for the file that was there.") from gone


def _trace_of(url: str) -> str | None:
    """Returns where the simulated gun at this port was asked to write its trace."""
    parts = urlsplit(url)
    return parse_qs(parts.query).get("trace", [None])[-1] if parts.scheme == "sim" else None


class _Onlooked:
    """A person whose progress somebody else looks on at. That one may fail, and is then not called again."""

    def __init__(self, person: Person, on_progress: OnProgress) -> None:
        self._person = person
        self._on_progress: OnProgress | None = on_progress

    def show(self, shown: Shown, /) -> None:
        if isinstance(shown, Progress) and self._on_progress:
            try:
                self._on_progress(shown)
            except (Exception, SystemExit):
                logging.getLogger(__name__).exception("on_progress is not called any more")
                self._on_progress = None
        self._person.show(shown)

    def ask(self, question: Question, meanwhile: Meanwhile, /) -> Answer:
        return self._person.ask(question, meanwhile)

    def choose(self, question: Choice, meanwhile: Meanwhile, /) -> Answer:
        return self._person.choose(question, meanwhile)

    def arm(self, question: Arming, meanwhile: Meanwhile, /) -> Answer:
        return self._person.arm(question, meanwhile)
