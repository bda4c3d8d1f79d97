"""What other programs ask for: a notebook, a CI script and a page check, explain and give a protocol with the same few names."""

import signal
import threading
from pathlib import Path

import numpy
import pytest
from rigs.fakegun import FakeGun
from rigs.person import Scripted, consent

import mesogun
from mesogun.clinical.library import library
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.visit.person import Beginning, Injection
from mesogun_fw.talk import reasons

SERIAL = 7  # of the fake gun


@pytest.fixture
def small() -> mesogun.Protocol:
    """The mesolift protocol with 6 and 2 points."""
    text = (library() / "face" / "mesolift.toml").read_text()
    return mesogun.loads(text.replace("points = 60", "points = 6").replace("points = 15", "points = 2"))


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "records.db"


def real() -> FakeGun:
    port = FakeGun()
    port.welcome[3] = 0  # not simulated
    return port


# ---- giving ----


def test_a_simulated_gun_gives_a_protocol_to_nobody_and_says_what_became_of_it(small: mesogun.Protocol, db: Path) -> None:
    result = mesogun.give(small, "sim://", records=db)
    assert result.raise_for_outcome() is result
    assert (result.outcome, result.reason, result.counts.whole, result.counts.left) == ("complete", None, 8, 0)
    assert (result.gun_s or 0) > 2 > (result.wall_s or 9)
    assert mesogun.records(db).result(result.session).counts == result.counts


def test_nobody_is_refused_a_real_gun_before_anything_is_asked_of_it(small: mesogun.Protocol, db: Path) -> None:
    port = real()
    with pytest.raises(mesogun.Refused) as refused:
        mesogun.give(small, Gun(port), records=db)
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("person", "nobody")
    assert "person=" in problem.remedy
    assert {name for name, _ in port.asked} <= {"hello", "hardware", "beat"}
    assert not db.exists()


def test_a_person_confirms_a_real_gun_and_is_shown_what_it_does(small: mesogun.Protocol, db: Path) -> None:
    person = Scripted({"confirm-gun": str(SERIAL), "go-on": consent})
    result = mesogun.give(small, Gun(real()), person=person, records=db, operator="Dr. A")
    assert (result.outcome, result.simulated, result.operator) == ("complete", False, "Dr. A")
    assert [type(question.about) for question in person.asked] == [Injection]
    assert isinstance(person.shown[0], Beginning)


def test_whoever_is_there_is_asked_by_a_simulated_gun_too(small: mesogun.Protocol, db: Path) -> None:
    with pytest.raises(mesogun.Refused, match="serial number"):
        mesogun.give(small, Gun(FakeGun()), person=Scripted({"confirm-gun": "8"}), records=db)


def test_one_gun_gives_one_session_after_the_other(small: mesogun.Protocol, db: Path) -> None:
    with mesogun.connect("sim://") as gun:
        results = [mesogun.give(small, gun, records=db) for _ in range(2)]
    assert [(one.session, one.outcome, one.counts.whole) for one in results] == [(1, "complete", 8), (2, "complete", 8)]


def test_a_gun_that_others_may_use_is_told_whose_shots_these_are(
    small: mesogun.Protocol, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its tag: without it the shots of one laptop may end in the record of another that gives the same protocol."""
    monkeypatch.setattr("mesogun.visit.giving.secrets.randbits", lambda bits: 4_711)
    served = FakeGun()
    served.port = "socket://192.0.2.1:5555"
    monkeypatch.setattr(Gun, "connect", lambda url: Gun(served))
    mesogun.give(small, served.port, records=db)
    assert {row[-1] for row in served.journal} == {4_711}
    shared = FakeGun()
    shared.port = served.port
    mesogun.give(small, Gun(shared), records=db)
    assert {row[-1] for row in shared.journal} == {4_711}


def test_a_simulated_gun_of_ones_own_is_told_the_same_each_time(small: mesogun.Protocol, tmp_path: Path) -> None:
    logs = []
    for name in "ab":
        mesogun.give(small, f"sim://?trace={tmp_path / name}", records=tmp_path / f"{name}.db")
        logs.append((tmp_path / name / "messages.log").read_bytes())
    assert logs[0] == logs[1]


@pytest.mark.parametrize("port", ["", "sim://?colour=red"])
def test_there_is_no_port_by_default_and_a_wrong_one_is_refused(small: mesogun.Protocol, port: str) -> None:
    with pytest.raises(mesogun.Refused) as refused:
        mesogun.give(small, port)
    assert refused.value.problems[0].field == "port"
    with pytest.raises(TypeError):
        mesogun.give(small)  # type: ignore[call-arg]


def test_the_trace_is_where_the_port_was_asked_to_write_it(small: mesogun.Protocol, db: Path, tmp_path: Path) -> None:
    folder = tmp_path / "trace"
    result = mesogun.give(small, f"sim://?trace={folder}", records=db)
    assert (result.trace, (folder / "pins.csv").exists()) == (str(folder), True)
    assert mesogun.give(small, "sim://", records=db).trace is None


@pytest.mark.parametrize(
    ("fault", "outcome", "name", "code", "exit_code"),
    [
        ("estop@4000", "estop", "e-stop", reasons.ESTOP_PRESSED, 4),
        ("needle-stall@3000", "fault", "needle astray", reasons.NEEDLE_ASTRAY, 4),
    ],
)
def test_how_it_ended_is_a_value_and_an_error_only_for_who_asks(
    small: mesogun.Protocol, db: Path, fault: str, outcome: str, name: str, code: int, exit_code: int
) -> None:
    result = mesogun.give(small, f"sim://?fault={fault}", records=db)
    assert result.reason is not None
    assert (result.outcome, result.reason.name, result.reason.code) == (outcome, name, code)
    assert result.reason.words
    assert result.reason.remedy
    with pytest.raises(mesogun.NotComplete, match=f"session 1 {outcome}") as raised:
        result.raise_for_outcome()
    assert (raised.value.result, raised.value.exit_code) == (result, exit_code)
    assert isinstance(raised.value, mesogun.MesogunError)


def test_what_was_left_of_a_session_is_given_by_its_result_or_its_number(small: mesogun.Protocol, db: Path) -> None:
    first = mesogun.give(small, "sim://?fault=estop@4000", records=db)
    rest = mesogun.give(small, "sim://", records=db, rest_of=first)
    assert (rest.outcome, rest.rest_of, rest.counts.whole) == ("complete", first.session, first.counts.left)
    with pytest.raises(mesogun.Refused, match="nothing is left"):
        mesogun.give(small, "sim://", records=db, rest_of=numpy.int64(first.session))  # as a table has numbers
    assert mesogun.records(db).result(numpy.int64(2)).session == 2


def test_the_rest_of_a_result_is_given_where_it_was_recorded_and_nowhere_else(
    small: mesogun.Protocol, db: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.db"
    first = mesogun.give(small, "sim://?fault=estop@4000", records=db)
    mesogun.give(small, "sim://?fault=estop@4000", records=other)
    with pytest.raises(mesogun.Refused) as refused:
        mesogun.give(small, "sim://", records=other, rest_of=first)
    assert refused.value.problems[0].field == "records"
    rest = mesogun.give(small, "sim://", rest_of=first)
    assert (rest.record, rest.session) == (str(db), 2)


def test_an_empty_name_is_no_record(small: mesogun.Protocol) -> None:
    for ask in (lambda: mesogun.give(small, "sim://", records=""), lambda: mesogun.records("").sessions()):
        with pytest.raises(mesogun.Refused, match="names no database"):
            ask()


# ---- who looks on ----


def test_progress_is_told_and_who_looks_on_may_fail_in_any_way(small: mesogun.Protocol, db: Path) -> None:
    seen: list[int] = []

    def look(now: mesogun.Progress) -> None:
        seen.append(now.total_done)
        if now.total_done == 3:
            raise SystemExit("a library thinks that it is over")

    person = Scripted({"confirm-gun": str(SERIAL), "go-on": consent})
    result = mesogun.give(small, Gun(FakeGun()), person=person, on_progress=look, records=db)
    assert result.outcome == "complete"
    assert seen[-1] == 3
    assert max(one.total_done for one in person.shown if isinstance(one, mesogun.Progress)) == 8, "the person sees all of it"


def test_an_interrupt_of_the_kernel_stops_the_needle_and_leaves_a_whole_record(small: mesogun.Protocol, db: Path) -> None:
    before = signal.getsignal(signal.SIGINT)

    def look(now: mesogun.Progress) -> None:
        if now.total_done == 3:
            signal.raise_signal(signal.SIGINT)

    result = mesogun.give(small, "sim://", on_progress=look, records=db)
    assert (result.outcome, result.exit_code) == ("stopped", 1)
    assert 3 <= result.counts.whole < 8
    assert result.ended is not None
    assert signal.getsignal(signal.SIGINT) is before
    with Records.look(str(db)) as records:
        assert records.unfinished() == []


def test_a_record_that_is_taken_away_meanwhile_is_lost_and_what_was_given_is_said_all_the_same(
    small: mesogun.Protocol, db: Path
) -> None:
    with pytest.raises(mesogun.RecordsFailed, match="session 1 is over, complete, with 8 whole") as lost:
        mesogun.give(small, "sim://", records=db, on_progress=lambda now: db.unlink(missing_ok=True))
    assert lost.value.exit_code == 5


def test_who_ends_the_program_stops_the_needle_first_and_is_heard_when_the_record_is_whole(
    small: mesogun.Protocol, db: Path
) -> None:
    heard: list[str | None] = []

    def ends(*_: object) -> None:
        heard.append(mesogun.records(db).sessions()[0].outcome)

    before = signal.signal(signal.SIGTERM, ends)
    try:
        result = mesogun.give(small, "sim://", records=db, on_progress=lambda now: signal.raise_signal(signal.SIGTERM))
        assert signal.getsignal(signal.SIGTERM) is ends
    finally:
        signal.signal(signal.SIGTERM, before)
    assert (result.outcome, heard) == ("stopped", ["stopped"])


def test_an_interrupt_before_anything_is_given_is_one_and_nothing_is_begun(
    small: mesogun.Protocol, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Gun:
        signal.raise_signal(signal.SIGINT)
        return Gun(FakeGun())

    monkeypatch.setattr(Gun, "connect", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mesogun.give(small, "sim://", records=db)
    assert not db.exists()


def test_a_page_gives_from_a_thread_of_its_own(small: mesogun.Protocol, db: Path) -> None:
    results: list[mesogun.Result] = []
    thread = threading.Thread(target=lambda: results.append(mesogun.give(small, "sim://", records=db)))
    thread.start()
    thread.join(60)
    assert [result.outcome for result in results] == ["complete"]


# ---- before ----


def test_a_protocol_comes_from_a_file_from_the_library_or_from_text(tmp_path: Path) -> None:
    file = library() / "face" / "mesolift.toml"
    by_name, by_path, by_text = mesogun.load("face/mesolift"), mesogun.load(file), mesogun.loads(file.read_text())
    assert by_name.digest == by_path.digest == by_text.digest
    with pytest.raises(mesogun.Refused) as refused:
        mesogun.load(tmp_path / "nowhere.toml")
    assert str(tmp_path) in refused.value.source


def test_a_check_tells_all_that_is_to_be_said_and_raises_nothing() -> None:
    text = (library() / "face" / "mesolift.toml").read_text()
    assert mesogun.check(mesogun.loads(text)) == ()
    odd = mesogun.check(mesogun.loads(text.replace("spacing_mm = 10", "spacing_mm = 20")))
    assert [one.severity for one in odd] == ["warn"]
    fast = mesogun.loads(text.replace("rate_hz = 2", "rate_hz = 9", 1))
    (found,) = mesogun.check(fast)
    assert (found.severity, found.field) == ("block", "passes[0].rate_hz")
    with pytest.raises(mesogun.Refused):
        mesogun.plan(fast)


def test_the_gun_at_hand_is_asked_what_it_can_do(small: mesogun.Protocol) -> None:
    port = FakeGun()
    port.welcome[6] = 1_600  # the deepest it goes, in um
    gun = Gun(port)
    (found,) = mesogun.check(small, gun)
    assert (found.severity, found.field, found.value) == ("block", "passes[0].depth_mm", "2 mm")
    assert mesogun.check(small) == ()
    for ask in (mesogun.plan, mesogun.explain):
        with pytest.raises(mesogun.Refused):
            ask(small, gun)


def test_an_explanation_is_text_html_and_plain_values(small: mesogun.Protocol) -> None:
    explanation = mesogun.explain(small)
    assert "6 points, 2 mm apart" in str(explanation)
    assert explanation.notice in str(explanation)
    assert explanation._repr_html_().startswith("<div><h4>Mesolift: face, two passes</h4>")
    assert explanation.to_dict()["passes"][0]["points"] == 6


def test_what_a_file_says_is_no_html(small: mesogun.Protocol) -> None:
    evil = mesogun.loads(small.text.replace('"Mesolift: face, two passes"', '"<script>alert(1)</script>"'))
    assert "<script>" not in mesogun.explain(evil)._repr_html_()
    assert "&lt;script&gt;" in mesogun.explain(evil)._repr_html_()
