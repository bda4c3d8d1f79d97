"""Before a session this says what may be given, in which database it is recorded, and asks a person. Nothing has moved yet."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from mesogun.clinical import planning
from mesogun.clinical.quantities import QUANTITIES
from mesogun.clinical.rules import CONFIRM, findings
from mesogun.gun.link import TURN_S
from mesogun.records.places import command
from mesogun.records.rows import Answered, SessionRow
from mesogun.refusal import Problem, Refused
from mesogun.times import CLOCK_OFF_S, apart_ms, as_utc, now, now_utc
from mesogun.visit.accounting import account, newest_elsewhere
from mesogun.visit.consent import words
from mesogun.visit.left import Left, left_of
from mesogun.visit.person import Arming, ClockBehind, Foreign, GivenBefore, Injection, Interrupted, Person, Question
from mesogun.visit.recording import answered
from mesogun.visit.rest import may_be_given

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol
    from mesogun.gun.answers import Journaled
    from mesogun.gun.client import Gun
    from mesogun.records import Records

LATELY_H = 12  # what was given so short a time ago may have been given to the same person


@dataclass(frozen=True)
class Rest:
    """What is left of this session is asked for. `filled_nl` is what the syringe holds now; None when nobody has said it."""

    session_id: int
    filled_nl: int | None


@dataclass(frozen=True)
class Begun:
    """This may be given: `journal` is what the gun's own adds up to before, `answers` let it begin.

    `rest_of` is the first session of an order, when the plan is what was left of it.
    """

    plan: "Plan"
    journal: "Journaled"
    answers: tuple[Answered, ...]
    rest_of: int | None


class _Asking:
    """One person is asked about one gun, which is heard meanwhile; `answers` are all that were given."""

    def __init__(self, gun: "Gun", person: Person) -> None:
        self.person = person
        self.answers: list[Answered] = []
        self._gun = gun

    def meanwhile(self) -> None:
        self._gun.link.wait(TURN_S)  # what is heard stays in the link: it is the session's

    def agreed(self, question: Arming, problem: Problem) -> None:
        """Passes when a person says what lets the session begin; an empty line is asked again. Else raises Refused."""
        while (answer := self.person.arm(question, self.meanwhile)).by and not answer.words:
            self.answers.append(answered(question, answer))
        if not answer.by:
            raise Refused(Problem(problem.field, "no terminal", "a person at a terminal answers", "Start this in a terminal"))
        if not answer.agrees(question):
            raise Refused(replace(problem, value=answer.words))
        self.answers.append(answered(question, answer))


def may_begin(
    gun: "Gun",
    protocol: "Protocol",
    whole: "Plan",
    records: "Records",
    person: Person,
    *,
    url: str,
    to_confirm: bool,
    rest: Rest | None = None,
) -> Begun:
    """Returns what may be given with this gun and recorded here: this whole plan, or the rest of a session. Else raises Refused.

    With `to_confirm` nothing may be left for a physician to
    confirm, and the person agrees to a rest, and to what was given lately, and is asked for the gun's serial number.
    """
    asking = _Asking(gun, person)
    _only_its_kind(records, url, bool(gun.welcome.simulated))
    if behind := _clock_behind(records):
        person.show(behind)
    accounted = account(gun, records)
    if accounted.foreign:
        person.show(Foreign(accounted.foreign, command("records foreign", records.path)))
    _look_at_interrupted(records, asking)
    left = left_of(records, rest.session_id) if rest else None
    planned = whole
    if rest and left:
        may_be_given(left, protocol, gun, accounted.journal, records)
        person.show(left)
        planned = _planned(rest, left, protocol, whole, gun, asking, to_confirm=to_confirm)
    _syringe_holds(planned, gun)
    before = _given_lately(gun, protocol, whole, records, left, accounted.journal)
    if before:
        person.show(before)
    if to_confirm:
        _nothing_for_a_physician(protocol)
        if left:
            _agree("give-rest", "give what is left", left, asking)
        if before:
            _agree("given-before", "give it again all the same", before, asking)
        _less_at_depth(protocol, planned, gun, asking)
        _confirm_gun(gun, planned, asking)
    return Begun(planned, accounted.journal, tuple(asking.answers), left.first.id if left else None)


def _planned(
    rest: Rest, left: Left, protocol: "Protocol", whole: "Plan", gun: "Gun", asking: _Asking, *, to_confirm: bool
) -> "Plan":
    """Returns the plan of what is left, from a syringe whose volume is stated anew."""
    filled_nl = rest.filled_nl
    if filled_nl is None:
        filled_nl = _stated(left, asking)
    if filled_nl is None and to_confirm:
        raise Refused(Problem("filled", "not said", "the syringe holds another volume than at first", "Say it: --filled ML"))
    if filled_nl is None:
        filled_nl = whole.head.syringe_nl
    # The gun takes off what left this syringe before; that is not in what it holds now.
    return planning.rest(protocol, whole, left.left, filled_nl, gun.watch().used_nl)


def _stated(left: Left, asking: _Asking) -> int | None:
    """Returns the volume that a person says the syringe holds now, in nl; None when nobody is there. Else raises Refused."""
    question = Question("filled", "What does the syringe hold now, in ml:", left)
    answer = asking.person.ask(question, asking.meanwhile)
    if not answer.by:
        return None
    asking.answers.append(answered(question, answer))
    return filled_nl_of(answer.words)


def filled_nl_of(text: str) -> int:
    """Returns a volume in ml, as a person writes it, in nl. Raises Refused."""
    quantity = QUANTITIES["filled_ml"]
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise Refused(Problem("filled", text, "it is no volume", f"Give ml, {quantity.choice}")) from None
    wrong = quantity.wrong(value)
    if wrong:
        raise Refused(Problem("filled", text, wrong.limit, wrong.remedy))
    return quantity.counts(value)


def _syringe_holds(planned: "Plan", gun: "Gun") -> None:
    """Passes when the syringe still holds this plan, after all that left it since it was put in. Else raises Refused."""
    used_nl = gun.watch().used_nl
    holds_nl = planned.head.syringe_nl - used_nl
    if planned.volume_nl > holds_nl:
        gone = f"the plan takes {planned.volume_nl / 1e6:g} ml, and of {planned.head.syringe_nl / 1e6:g} ml filled "
        gone += f"{used_nl / 1e6:g} ml have left this syringe since it was put in"
        raise Refused(Problem("syringe", f"{max(0, holds_nl) / 1e6:g} ml", gone, "Put in a freshly filled syringe"))


def _given_lately(
    gun: "Gun", protocol: "Protocol", whole: "Plan", records: "Records", left: Left | None, journal: "Journaled"
) -> GivenBefore | None:
    """Returns what this gun has given of this protocol within LATELY_H, the order itself left out; None when nothing."""
    since_utc = as_utc(now() - timedelta(hours=LATELY_H))
    order = {row.id for row in left.sessions} if left else set()
    rows = [
        row
        for row in records.of_gun(gun.welcome.serial)
        if row.id not in order and row.made and row.protocol_digest == protocol.digest and _is_lately(row, since_utc, gun, records)
    ]
    elsewhere = newest_elsewhere(gun, records, journal, whole.digest)
    return GivenBefore(tuple(rows), elsewhere) if rows or elsewhere else None


def _is_lately(row: SessionRow, since_utc: str, gun: "Gun", records: "Records") -> bool:
    """Tells whether this was since then: by the clock, or by the milliseconds of a gun that was not switched off since."""
    if row.started_utc >= since_utc or row.gun_boot != gun.welcome.boot:
        return row.started_utc >= since_utc
    last_ms = max((event.at_ms for boot, event in records.events_by_boot(row.id) if boot == row.gun_boot), default=0)
    return 0 <= gun.link.state["at_ms"] - last_ms < LATELY_H * 3_600_000


def _agree(question_id: str, what: str, about: Left | GivenBefore, asking: _Asking) -> None:
    word = next(words())
    question = Arming(question_id, f"Type {word} to {what}:", about, agreeing=(word,))
    asking.agreed(question, Problem("confirmation", "", f"the word was {word}", "Start again when it is to be given"))


def _only_its_kind(records: "Records", url: str, simulated: bool) -> None:
    """Passes when the database has sessions of this kind only: simulated and real ones are never in one. Else raises Refused."""
    newest = records.sessions(limit=1)
    if newest and newest[0].simulated != simulated:
        kept, this = ("simulated guns", "a real one") if simulated is False else ("real guns", "a simulated one")
        raise Refused(Problem("db", url, f"it holds sessions of {kept}, and this is {this}", "Name another database"))


def _clock_behind(records: "Records") -> ClockBehind | None:
    behind = ClockBehind(now_utc(), records.newest_utc())
    return behind if apart_ms(behind.clock_utc, behind.newest_utc) < -CLOCK_OFF_S * 1000 else None


def _look_at_interrupted(records: "Records", asking: _Asking) -> None:
    """Passes when a person has looked at every session that broke off, which is said there. Else raises Refused."""
    interrupted = records.unfinished()
    if not interrupted:
        return
    asking.person.show(Interrupted(tuple(interrupted)))
    for row in interrupted:
        about_whom = Question("interrupted-initials", f"Session {row.id}: your initials:", row)
        initials = asking.person.ask(about_whom, asking.meanwhile)
        if not initials.by:
            raise Refused(*(_unseen(one, records) for one in interrupted))
        about_what = Question("interrupted-note", f"Session {row.id}: what happened:", row)
        note = asking.person.ask(about_what, asking.meanwhile)
        if not initials.words or not note.words:
            raise Refused(_unseen(row, records))
        records.acknowledge(row.id, initials.words, note.words)
        asking.answers += [answered(about_whom, initials), answered(about_what, note)]


def _nothing_for_a_physician(protocol: "Protocol") -> None:
    """Raises Refused when a physician has to confirm: that has to be recorded (DOMAIN 6), and the record has no place for it."""
    unconfirmed = [finding.problem() for finding in findings(protocol) if finding.severity == CONFIRM]
    if unconfirmed:
        raise Refused(*unconfirmed)


def _less_at_depth(protocol: "Protocol", planned: "Plan", gun: "Gun", asking: _Asking) -> None:
    """Passes when a person confirms each smaller share at depth that the protocol accepts, and why. Else raises Refused."""
    accepted = [(one.number, protocol.passes[one.number - 1]) for one in planned.passes]
    said = [
        f"Pass {number} accepts {one.least_share_percent} % of each dose at depth, because: {one.less_share_because}."
        for number, one in accepted
        if one.accepts_less
    ]
    if said:
        word = next(words())
        injection = Injection(gun.welcome.serial, gun.link.url, gun.welcome.version, planned)
        question = Arming("less-at-depth", " ".join([*said, f"Type {word} to give it so:"]), injection, agreeing=(word,))
        asking.agreed(question, Problem("confirmation", "", f"the word was {word}", "Start again when less is to be given"))


def _confirm_gun(gun: "Gun", planned: "Plan", asking: _Asking) -> None:
    """Passes when a person has seen what this gun is about to do and has given its serial. Else raises Refused."""
    serial = gun.welcome.serial
    injection = Injection(serial, gun.link.url, gun.welcome.version, planned)
    question = Arming("confirm-gun", "Type the serial number printed on the gun to go on:", injection, agreeing=(str(serial),))
    limit = f"the gun at this port has serial number {serial}"
    asking.agreed(question, Problem("confirmation", "", limit, "Look which gun you hold, then start again"))


def _unseen(row: SessionRow, records: "Records") -> Problem:
    remedy = f"Look, then: {command(f'records acknowledge {row.id}', records.path)} --by NAME --note TEXT"
    return Problem("session", str(row.id), "it was interrupted, and nobody has looked at it", remedy)
