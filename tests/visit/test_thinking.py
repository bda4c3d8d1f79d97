"""While a person thinks the gun is heard and beaten; what ends the session meanwhile withdraws the question."""

import itertools
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from rigs.fakegun import FakeGun, a_plan
from rigs.person import consent
from rigs.visit import Visit, press

from mesogun.gun.events import Event
from mesogun.records import RecordsFailed
from mesogun.visit.consent import ends
from mesogun.visit.person import NO_ANSWER, Answer, Question
from mesogun_fw import limits
from mesogun_fw.talk import reasons
from mesogun_fw.talk.messages import ESTOP, FAULT, IDLE, PAUSE, UNHOMED

HALF_A_MINUTE = 1_200  # turns of the pump: many end with an answer, before their 50 ms are over


@pytest.fixture
def visit(tmp_path: Path) -> Visit:
    """Paused after five shots; a person thinks for half a minute before the answer, which lets it go on."""
    visit = Visit(tmp_path, a_plan(20, 10))
    visit.port.plays = press((5, (PAUSE, reasons.HELD_TOO_LONG)))
    visit.person.turns = HALF_A_MINUTE
    return visit


def while_thinking(visit: Visit, what: object, after_ms: int = 2_000) -> None:
    """`what` happens in the first question, once it was thought about for so long."""
    plays = visit.port.plays

    def pauses(port: FakeGun, index: int) -> None:
        plays(port, index)
        if not visit.person.asked:
            port.after(1_200 + after_ms, what)  # type: ignore[arg-type]

    visit.port.plays = pauses


def test_the_gun_hears_the_laptop_all_the_while(visit: Visit) -> None:
    port = visit.port
    beats_us: list[int] = []

    def answers(line: bytes) -> list[bytes]:
        if visit.person.asked and not visit.questions and b" state " in line:
            beats_us.append(port.now_us)
        return [line]

    port.wire = answers
    assert visit.run().shots == 30
    assert beats_us[-1] - beats_us[0] > 30_000_000
    assert max(later - earlier for earlier, later in itertools.pairwise(beats_us)) < limits.LINK_SILENT_MS * 1000 / 2


def test_the_answer_and_who_gave_it_are_on_disk_before_the_gun_is_armed_again(visit: Visit) -> None:
    told: list[list[str]] = []
    arm = visit.port._arm

    def arms(values: list[int]) -> tuple[str, list[int]]:
        told.append([f"{row.question}: {row.answer} ({row.answered_by})" for row in visit.records.answers(1)])
        return arm(values)

    visit.port._arm = arms  # type: ignore[method-assign]
    visit.run()
    ((question, word),) = visit.person.answered
    assert told[:2] == [[], [f"go-on: {word} (Dr. A)"]]
    (row,) = visit.records.answers(1)
    assert row.words == question.words


def test_anything_but_the_word_is_asked_again_and_is_on_record(visit: Visit) -> None:
    visit.person.turns = 3
    typed = iter(["", "yes", "y", "no"])
    visit.person.script["go-on"] = lambda question: next(typed, consent(question))
    assert visit.run().shots == 30
    *others, (question, word) = visit.person.answered
    assert [words for _, words in others] == ["", "yes", "y", "no"]
    assert word in question.words
    assert [row.answer for row in visit.records.answers(1)] == ["", "yes", "y", "no", word]
    assert visit.port.asked.count(("arm", [0])) == 2


def test_each_question_wants_another_word_than_the_one_before(visit: Visit) -> None:
    visit.person.turns = 0
    left = iter(range(50))
    visit.person.script["go-on"] = lambda question: "end" if next(left) == 49 else ""
    assert visit.run().outcome == "stopped"
    words = [consent(question) for question in visit.person.asked]
    assert all(one != other for one, other in itertools.pairwise(words))
    assert len(set(words)) > 5


def test_the_word_of_another_question_arms_nothing(visit: Visit) -> None:
    visit.person.turns = 0
    words: list[str] = []

    def late(question: Question) -> str:
        words.append(consent(question))
        return words[-2] if 1 < len(words) < 6 else "" if len(words) == 1 else "end"

    visit.person.script["go-on"] = late
    assert visit.run().outcome == "stopped"
    assert len(words) == 6, "each was asked again"
    assert visit.port.asked.count(("arm", [0])) == 1


def test_nobody_and_the_word_end_are_the_end_and_nothing_else_is() -> None:
    typed = ("", "no", "en", "end", "END", "ends", "kite")
    assert [words for words in typed if ends(Answer(words, "Dr. A"))] == ["end", "END"]
    assert ends(NO_ANSWER)
    assert ends(Answer("kite", ""))


def test_what_the_gun_reports_meanwhile_is_on_disk_long_before_the_answer(visit: Visit) -> None:
    seen: list[int] = []
    while_thinking(visit, lambda: visit.port.event("changed", IDLE, IDLE, 0))
    visit.port.after(40_000, lambda: seen.append(sum(event.values.get("before") == IDLE for event in visit.records.events(1))))
    visit.run()
    assert seen == [2], "its arming, and what it reported"


@pytest.mark.parametrize(
    ("ending", "outcome"), [((FAULT, reasons.TOO_HOT), "fault"), ((ESTOP, reasons.ESTOP_PRESSED), "estop")], ids=["fault", "e-stop"]
)
def test_a_fault_and_the_e_stop_withdraw_the_question_and_are_the_outcome(
    visit: Visit, ending: tuple[int, int], outcome: str
) -> None:
    while_thinking(visit, lambda: visit.port.ended(*ending))
    summary = visit.run()
    assert (summary.outcome, summary.shots) == (outcome, 5)
    ((question, why),) = visit.person.withdrawn
    assert (question.id, why) == ("go-on", summary.reason)
    assert visit.records.session(1).outcome == outcome
    assert [(row.question, row.answered_by) for row in visit.records.answers(1)] == [(f"after-{outcome}", "")]
    assert visit.questions == []
    assert visit.port.monotonic_s() < 60


@pytest.mark.parametrize(("kind", "name"), [(FAULT, "after-fault"), (ESTOP, "after-estop")])
def test_after_what_came_while_a_person_thought_and_was_cleared_the_gun_finds_its_home_before_it_is_armed(
    visit: Visit, kind: int, name: str
) -> None:
    port = visit.port
    visit.person.script[name] = consent
    while_thinking(visit, lambda: port.ended(kind, reasons.TOO_HOT))
    while_thinking(visit, lambda: port.go(UNHOMED), 4_000)  # somebody presses the clear button
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("complete", 30)
    assert [question.id for question in visit.person.asked] == ["go-on", name]
    asked = [request for request, _ in port.asked if request in ("home", "arm", "begin")]
    assert asked == ["home", "begin", "arm", "home", "arm", "arm"]
    assert [row.answer for row in visit.records.answers(1)] == [consent(visit.person.asked[1])]


def test_a_gun_lost_while_a_person_thinks_is_asked_about_again_when_it_is_back(visit: Visit) -> None:
    while_thinking(visit, lambda: setattr(visit.port, "cut", True))
    while_thinking(visit, lambda: setattr(visit.port, "cut", False), 4_000)
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("complete", 30)
    assert [question.id for question in visit.person.asked] == ["go-on", "go-on"]
    assert ["cable" in why for _, why in visit.person.withdrawn] == [True]
    first, second = visit.person.asked
    assert consent(first) != consent(second), "what was meant for the one is late for the other"
    assert [row.answer for row in visit.records.answers(1)] == [consent(second)]
    assert visit.shots_on_record() == visit.port.shots_made()


def test_a_gun_that_stays_away_while_a_person_thinks_is_an_interrupted_session(visit: Visit) -> None:
    while_thinking(visit, lambda: setattr(visit.port, "cut", True))
    summary = visit.run()
    assert (summary.outcome, summary.shots, summary.uncertain) == ("interrupted", 5, 0)
    assert len(visit.person.withdrawn) == 1
    assert visit.questions == []


def test_a_pause_that_comes_late_while_a_person_thinks_is_no_second_question(visit: Visit) -> None:
    while_thinking(visit, lambda: visit.port.event("ended", PAUSE, reasons.LINK_SILENT, 0, 5))
    assert visit.run().shots == 30
    assert len(visit.person.asked) == 1


@pytest.mark.slow
def test_a_record_that_fails_while_a_person_thinks_withdraws_the_question(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    append = visit.records.append

    def full(session_id: int, boot: int, events: Sequence[Event]) -> None:
        if visit.person.asked:
            raise RecordsFailed("disk full", "free it")
        append(session_id, boot, events)

    monkeypatch.setattr(visit.records, "append", full)
    while_thinking(visit, lambda: visit.port.event("changed", IDLE, IDLE, 0))
    with pytest.raises(RecordsFailed):
        visit.run()
    assert len(visit.person.withdrawn) == 1
    assert [row.id for row in visit.records.unfinished()] == [1]


def test_ctrl_c_while_the_gun_is_heard_waits_for_the_commit_and_then_breaks_the_question_off(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = visit.records.append
    begun: list[int] = []
    whole: list[int] = []

    def interrupted(session_id: int, boot: int, events: Sequence[Event]) -> None:
        begun.append(events[-1].n)
        if visit.person.asked and not visit.questions and not visit.session.asked_to_stop:
            signal.raise_signal(signal.SIGINT)
        append(session_id, boot, events)
        whole.append(events[-1].n)

    monkeypatch.setattr(visit.records, "append", interrupted)
    while_thinking(visit, lambda: visit.port.event("changed", IDLE, IDLE, 0))
    summary = visit.run()
    assert (summary.outcome, summary.shots) == ("stopped", 5)
    assert "held for 60 s" in summary.reason
    assert begun == whole
    assert visit.session.asked_to_stop
    assert visit.records.answers(1) == []
    assert visit.port.acked == len(visit.port.events)
    assert visit.port.monotonic_s() < 20


@pytest.mark.slow
def test_a_stop_from_elsewhere_breaks_the_question_off(visit: Visit) -> None:
    while_thinking(visit, visit.session.stop)
    assert visit.run().outcome == "stopped"
    assert visit.port.monotonic_s() < 20
