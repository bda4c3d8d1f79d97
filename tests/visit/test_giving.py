"""A protocol given for a person: who may begin it, what is asked first, what of that is on record, and the one result."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rigs.fakegun import FakeGun, a_plan
from rigs.person import Scripted, consent

from mesogun.clinical.library import library
from mesogun.clinical.planning import plan
from mesogun.clinical.protocol import Protocol, read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records, SessionStart
from mesogun.records.tally import Progress
from mesogun.refusal import LinkLost, Refused
from mesogun.version import __version__
from mesogun.visit.giving import Given, give
from mesogun.visit.person import Beginning, ClockBehind, Foreign, Injection, Interrupted, Nobody, Person
from mesogun_fw.config import Description

SERIAL = 7  # of the fake gun
BROKEN_OFF = SessionStart("broken off", "", "", 1, '{"passes": []}', SERIAL, 100, 42, True, "0", "somebody")


@pytest.fixture
def protocol() -> Protocol:
    """The mesolift protocol with 6 and 2 points."""
    text = (library() / "face" / "mesolift.toml").read_text()
    return read_protocol(text.replace("points = 60", "points = 6").replace("points = 15", "points = 2").encode())


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


Giving = Callable[..., Given]


@pytest.fixture
def giving(protocol: Protocol, url: str) -> Giving:
    def given(person: Person, port: FakeGun | None = None, **options: object) -> Given:
        return give(protocol, Gun(port or FakeGun()), person, db=url, **options)  # type: ignore[arg-type]

    return given


def confirming(**more: Any) -> Scripted:
    return Scripted({"confirm-gun": str(SERIAL), "go-on": consent, **more})


def refused_field(giving: Giving, person: Person, port: FakeGun, **options: object) -> tuple[str, str]:
    """Field and value of the first problem; and nothing was asked of the gun that could lead to a move."""
    with pytest.raises(Refused) as refused:
        giving(person, port, **options)
    assert {name for name, _ in port.asked} <= {"hello", "hardware", "beat", "disarm", "journal", "log", "watch"}
    problem = refused.value.problems[0]
    return problem.field, problem.value


def test_a_protocol_is_given_and_one_result_says_what_became_of_it(giving: Giving, url: str) -> None:
    person = confirming()
    given = giving(person, operator="Dr. B")
    assert (given.summary.outcome, given.summary.shots, given.planned_shots) == ("complete", 8, 8)
    assert (given.gun, given.simulated, given.record, given.asked_to_stop) == (SERIAL, True, url, False)
    assert given.simulated_s > 2 > given.wall_s
    with Records.open(url) as records:
        session = records.session(given.summary.session_id)
    assert (session.outcome, session.operator, session.whole) == ("complete", "Dr. B", 8)


def test_the_record_says_what_was_given_with_which_gun_and_programs(giving: Giving, url: str, protocol: Protocol) -> None:
    port = FakeGun()
    port.welcome[2:6] = [203, 1, 77, 4_711]  # version, simulated, serial, start
    given = giving(Scripted({"confirm-gun": "77"}), port, operator="Dr. B")
    with Records.open(url) as records:
        row = records.session(given.summary.session_id)
    whole = plan(protocol, Description())
    assert (row.title, row.protocol_text, row.protocol_digest) == (protocol.title, protocol.text, protocol.digest)
    assert (row.plan_digest, json.loads(row.plan_json)) == (whole.digest, json.loads(json.dumps(whole.recorded())))
    assert (row.gun_version, row.gun_serial, row.gun_boot, row.simulated) == (203, 77, 4_711, True)
    assert (row.host_version, row.operator, row.rest_of) == (__version__, "Dr. B", None)


@pytest.mark.parametrize(("named", "tag"), [(True, 4_711), (False, 0)])
def test_every_session_with_a_gun_that_others_may_use_has_a_tag_that_the_guns_journal_keeps(
    giving: Giving, url: str, named: bool, tag: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mesogun.visit.giving.secrets.randbits", lambda bits: 4_711)
    port = FakeGun()
    given = giving(confirming(), port, named=named)
    with Records.open(url) as records:
        assert records.session(given.summary.session_id).tag == tag
    assert {row[-1] for row in port.journal} == {tag}


def test_what_a_person_is_shown_comes_in_order_and_the_question_holds_what_it_is_about(giving: Giving) -> None:
    person = confirming()
    giving(person)
    (question,) = person.asked
    assert isinstance(question.about, Injection)
    assert (question.about.serial, question.about.port, question.about.plan.shots) == (SERIAL, "fake://", 8)
    assert isinstance(person.shown[0], Beginning)
    assert {type(shown) for shown in person.shown[1:]} == {Progress}


def test_who_confirmed_the_gun_is_on_record_before_anything_is_asked_of_it(giving: Giving, url: str) -> None:
    port = FakeGun()
    seen: list[list[tuple[str, str, str]]] = []

    def home(values: list[int]) -> tuple[str, list[int]]:
        with Records.open(url) as records:
            seen.append([(row.question, row.answer, row.answered_by) for row in records.answers(1)])
        return port._move()

    port._home = home  # type: ignore[method-assign]
    giving(confirming(), port)
    assert seen == [[("confirm-gun", str(SERIAL), "Dr. A")]]


@pytest.mark.parametrize("typed", ["8", "77", "yes", "no", "end"])
def test_only_the_serial_number_of_this_gun_confirms_it(giving: Giving, url: str, typed: str) -> None:
    assert refused_field(giving, Scripted({"confirm-gun": typed}), FakeGun()) == ("confirmation", typed)
    with Records.open(url) as records:
        assert records.sessions() == []


@pytest.mark.parametrize("typed", ["1", "123456", "234567", "12345678", "01234567"])
def test_a_part_of_the_serial_number_confirms_nothing(giving: Giving, typed: str) -> None:
    port = FakeGun()
    port.welcome[4] = 1_234_567
    assert refused_field(giving, Scripted({"confirm-gun": typed}), port) == ("confirmation", typed)


def test_an_empty_line_is_no_serial_number_and_is_asked_again(giving: Giving, url: str) -> None:
    typed = iter(["", "", str(SERIAL)])
    given = giving(Scripted({"confirm-gun": lambda question: next(typed)}))
    with Records.open(url) as records:
        answers = records.answers(given.summary.session_id)
    assert [(row.question, row.answer) for row in answers] == [
        ("confirm-gun", ""),
        ("confirm-gun", ""),
        ("confirm-gun", str(SERIAL)),
    ]


def test_nobody_confirms_nothing(giving: Giving) -> None:
    assert refused_field(giving, Nobody(), FakeGun()) == ("confirmation", "no terminal")


def test_a_syringe_that_does_not_hold_the_plan_any_more_is_refused_before_anything_begins(giving: Giving, url: str) -> None:
    port = FakeGun()
    port._watch = lambda values: ("watched", [1, 0, 1, 0, 0, 24_000, 31, 0, 0, 0, 0, 0, 950_000])  # type: ignore[method-assign]
    assert refused_field(giving, confirming(), port) == ("syringe", "0.05 ml")
    with Records.open(url) as records:
        assert records.sessions() == []


def test_shots_that_are_nobodys_are_shown_first_and_kept_and_in_no_session(giving: Giving, url: str) -> None:
    port = FakeGun()
    port.passes, port.index = [list(a_plan(3).passes[0].fields().values())], 0
    port.shot()
    person = confirming()
    given = giving(person, port)
    (foreign,) = [shown for shown in person.shown if isinstance(shown, Foreign)]
    assert person.shown[0] is foreign
    with Records.open(url) as records:
        assert tuple(records.foreign()) == foreign.shots
        assert len(records.shots(given.summary.session_id)) == 8


def test_while_another_program_records_here_nothing_is_given(giving: Giving, url: str) -> None:
    with Records.open(url) as other:
        other.claim()
        other.begin(BROKEN_OFF)
        port = FakeGun()
        assert refused_field(giving, confirming(), port)[0] == "db"
        assert [row.id for row in other.unfinished()] == [1], "it is being given, and not broken off"


def test_nobody_is_needed_for_a_simulated_gun_that_no_port_names(giving: Giving) -> None:
    assert giving(Nobody(), named=False).summary.outcome == "complete"


@pytest.mark.parametrize("port", ["socket://127.0.0.1:5555", "/dev/pts/3", "sim://"])
def test_nobody_is_needed_for_a_gun_that_says_it_is_simulated_where_no_needle_can_be(giving: Giving, url: str, port: str) -> None:
    gun = FakeGun()
    gun.port = port
    giving(Nobody(), gun)
    given = giving(Nobody(), gun)  # nor is it asked whether it shall be given again
    assert (given.summary.outcome, given.simulated) == ("complete", True)
    with Records.open(url) as records:
        assert [(row.simulated, bool(row.tag)) for row in records.sessions()] == [(True, True)] * 2


@pytest.mark.parametrize("port", ["/dev/ttyACM0", "COM3"])
def test_a_gun_that_says_it_is_simulated_at_what_may_be_a_cable_is_confirmed(giving: Giving, port: str) -> None:
    gun = FakeGun()
    gun.port = port
    assert refused_field(giving, Nobody(), gun) == ("confirmation", "no terminal")


def test_a_real_gun_is_confirmed_whatever_the_caller_says_of_how_it_was_named(giving: Giving) -> None:
    port = FakeGun()
    port.welcome[3] = 0  # not simulated
    assert refused_field(giving, Nobody(), port, named=False) == ("confirmation", "no terminal")


def test_interrupted_sessions_are_shown_and_each_is_acknowledged_by_who_looked_at_it(giving: Giving, url: str) -> None:
    with Records.open(url) as records:
        first, second = records.begin(BROKEN_OFF), records.begin(BROKEN_OFF)
    script = {"interrupted-initials": "AB", "interrupted-note": lambda question: f"fell, {question.about.id}"}
    person = Scripted({**confirming().script, **script})
    given = giving(person)
    interrupted = person.shown[0]
    assert isinstance(interrupted, Interrupted)
    assert [row.id for row in interrupted.sessions] == [second, first]
    with Records.open(url) as records:
        assert [(row.acknowledged_by, row.note) for row in map(records.session, (first, second))] == [
            ("AB", f"fell, {first}"),
            ("AB", f"fell, {second}"),
        ]
        answers = records.answers(given.summary.session_id)
    assert [row.question for row in answers] == ["interrupted-initials", "interrupted-note"] * 2 + ["confirm-gun"]
    assert f"Session {second}" in answers[0].words


@pytest.mark.parametrize("missing", ["interrupted-initials", "interrupted-note"])
def test_without_name_or_note_an_interrupted_session_stays_so_and_no_other_begins(giving: Giving, url: str, missing: str) -> None:
    with Records.open(url) as records:
        records.begin(BROKEN_OFF)
    person = confirming(**{"interrupted-initials": "AB", "interrupted-note": "fell", missing: ""})
    assert refused_field(giving, person, FakeGun()) == ("session", "1")
    with Records.open(url) as records:
        assert [row.id for row in records.unfinished()] == [1]


def test_when_nobody_is_there_every_interrupted_session_is_named(giving: Giving, url: str) -> None:
    with Records.open(url) as records:
        records.begin(BROKEN_OFF)
        records.begin(BROKEN_OFF)
    with pytest.raises(Refused) as refused:
        giving(Nobody(), named=False)
    assert [problem.value for problem in refused.value.problems] == ["2", "1"]
    assert f"--db {url.removeprefix('sqlite:///')} --by NAME" in refused.value.problems[0].remedy


def test_a_clock_behind_the_newest_record_is_told_before_anything_is_asked_and_is_told_at_the_end(
    giving: Giving, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Records.open(url) as records, monkeypatch.context() as patch:
        patch.setattr("mesogun.records.store.now_utc", lambda: "2999-01-02T03:04:05.000+00:00")
        records.finish(records.begin(BROKEN_OFF), "stopped", {})
    person = confirming()
    (odd,) = giving(person).clock
    assert isinstance(person.shown[0], ClockBehind)
    assert (odd.moment, odd.against) == ("begin", "the newest record")
    assert odd.off_ms < 0


def test_while_the_gun_is_confirmed_it_is_heard_and_what_it_reports_is_in_the_session(giving: Giving, url: str) -> None:
    port = FakeGun()
    person = confirming()
    person.turns = 100
    port.after(2_000, lambda: port.event("changed", 0, 0, 9))
    given = giving(person, port)
    assert [name for name, _ in port.asked].count("beat") > 40
    with Records.open(url) as records:
        told = records.events(given.summary.session_id)
    assert told[0].values["event"] == 9


def test_a_gun_lost_while_it_is_confirmed_withdraws_the_question_and_nothing_is_begun(giving: Giving, url: str) -> None:
    port = FakeGun()
    person = confirming()
    person.turns = 100
    port.after(2_000, lambda: setattr(port, "cut", True))
    with pytest.raises(LinkLost):
        giving(person, port)
    assert [question.id for question, _ in person.withdrawn] == ["confirm-gun"]
    with Records.open(url) as records:
        assert records.sessions() == []


def test_less_at_depth_is_confirmed_by_a_person_before_a_gun_gives_it_and_is_on_record(protocol: Protocol, url: str) -> None:
    accepting = {"least_share_percent": 40, "less_share_because": "nothing else at hand"}
    one, other = protocol.passes
    less = protocol.model_copy(update={"passes": (one.model_copy(update=accepting), other)})
    person = confirming(**{"less-at-depth": consent})
    assert give(less, Gun(FakeGun()), person, db=url).summary.outcome == "complete"
    (question,) = [asked for asked in person.asked if asked.id == "less-at-depth"]
    assert "Pass 1 accepts 40 % of each dose at depth, because: nothing else at hand." in question.words
    with Records.open(url) as records:
        assert "less-at-depth" in [row.question for row in records.answers(records.sessions()[0].id)]
    port = FakeGun()
    with pytest.raises(Refused) as refused:
        give(less, Gun(port), confirming(**{"less-at-depth": "yes"}), db=url)
    assert refused.value.problems[0].field == "confirmation"
    assert "arm" not in {name for name, _ in port.asked}


def test_nobody_is_asked_about_a_share_that_is_as_planned_for(giving: Giving) -> None:
    person = confirming()
    giving(person)
    assert "less-at-depth" not in [question.id for question in person.asked]
