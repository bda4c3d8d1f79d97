"""Before a session this says whether it may begin and in which database, and asks a person first. Nothing has moved yet."""

from typing import TYPE_CHECKING

from mesogun.clinical.rules import CONFIRM, findings
from mesogun.gun.link import TURN_S
from mesogun.records.rows import Answered, SessionRow
from mesogun.refusal import Problem, Refused
from mesogun.visit.person import Arming, Injection, Interrupted, Meanwhile, Person, Question
from mesogun.visit.recording import answered

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.client import Gun
    from mesogun.records import Records


def may_begin(
    gun: "Gun", protocol: "Protocol", planned: "Plan", records: "Records", person: Person, *, url: str, where: str, to_confirm: bool
) -> list[Answered]:
    """Returns what a person answered: this plan may be given with this gun and recorded here. Else raises Refused.

    `where` is the option that names these records to a command. With `to_confirm` nothing may be left for a physician to
    confirm, and the person is asked for the gun's serial number.
    """

    def meanwhile() -> None:
        gun.link.wait(TURN_S)  # what is heard stays in the link: it is the session's

    _only_its_kind(records, url, bool(gun.welcome.simulated))
    answers = _look_at_interrupted(records, person, where, meanwhile)
    if to_confirm:
        _nothing_for_a_physician(protocol)
        answers += _confirm_gun(gun, planned, person, meanwhile)
    return answers


def _only_its_kind(records: "Records", url: str, simulated: bool) -> None:
    """Passes when the database has sessions of this kind only: simulated and real ones are never in one. Else raises Refused."""
    newest = records.sessions(limit=1)
    if newest and newest[0].simulated != simulated:
        kept, this = ("simulated guns", "a real one") if simulated is False else ("real guns", "a simulated one")
        raise Refused(Problem("db", url, f"it holds sessions of {kept}, and this is {this}", "Name another database"))


def _look_at_interrupted(records: "Records", person: Person, where: str, meanwhile: Meanwhile) -> list[Answered]:
    """Returns what was answered. Raises Refused while a session is left that broke off and that nobody has looked at."""
    interrupted = records.unfinished()
    if not interrupted:
        return []
    person.show(Interrupted(tuple(interrupted)))
    answers: list[Answered] = []
    for row in interrupted:
        about_whom = Question("interrupted-initials", f"Session {row.id}: your initials:", row)
        initials = person.ask(about_whom, meanwhile)
        if not initials.by:
            raise Refused(*(_unseen(one, where) for one in interrupted))
        about_what = Question("interrupted-note", f"Session {row.id}: what happened:", row)
        note = person.ask(about_what, meanwhile)
        if not initials.words or not note.words:
            raise Refused(_unseen(row, where))
        records.acknowledge(row.id, initials.words, note.words)
        answers += [answered(about_whom, initials), answered(about_what, note)]
    return answers


def _nothing_for_a_physician(protocol: "Protocol") -> None:
    """Raises Refused when a physician has to confirm: that has to be recorded (DOMAIN 6), and the record has no place for it."""
    unconfirmed = [finding.problem() for finding in findings(protocol) if finding.severity == CONFIRM]
    if unconfirmed:
        raise Refused(*unconfirmed)


def _confirm_gun(gun: "Gun", planned: "Plan", person: Person, meanwhile: Meanwhile) -> list[Answered]:
    """Returns the answers of a person who has seen what this gun is about to do and has given its serial. Else raises Refused.

    An empty line is asked again.
    """
    serial = gun.welcome.serial
    injection = Injection(serial, gun.link.url, gun.welcome.version, planned)
    words = "Type the serial number printed on the gun to go on:"
    question = Arming("confirm-gun", words, injection, agreeing=(str(serial),))
    answers = []
    while (answer := person.arm(question, meanwhile)).by and not answer.words:
        answers.append(answered(question, answer))
    if not answer.by:
        limit = "a person at a terminal types the gun's serial number"
        raise Refused(Problem("confirmation", "no terminal", limit, "Start this in a terminal"))
    if not answer.agrees(question):
        limit = f"the gun at this port has serial number {serial}"
        raise Refused(Problem("confirmation", answer.words, limit, "Look which gun you hold, then start again"))
    return [*answers, answered(question, answer)]


def _unseen(row: SessionRow, where: str) -> Problem:
    command = " ".join(part for part in (f"mesogun records acknowledge {row.id}", where, "--by NAME --note TEXT") if part)
    return Problem("session", str(row.id), "it was interrupted, and nobody has looked at it", f"Look, then: {command}")
