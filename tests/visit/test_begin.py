"""What is said and asked before a session begins, each at its limit: the syringe, what was given lately, whose records."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rigs.fakegun import a_plan
from rigs.person import Scripted
from rigs.teller import BOOT, DIGEST, START, Teller, begun, heard

from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.refusal import Problem, Refused
from mesogun.visit import begin
from mesogun.visit.begin import LATELY_H, filled_nl_of
from mesogun.visit.left import left_of
from mesogun.visit.person import Answer, Arming, GivenBefore, Pause

FILE = "ab" * 32
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as opened:
        yield opened


@pytest.fixture
def gun() -> Teller:
    return Teller()


# ---- the syringe ----


@pytest.mark.parametrize(("used_nl", "refused"), [(4_600_000, False), (4_600_001, True), (5_100_000, True)])
def test_the_syringe_holds_the_plan_to_the_nanolitre_after_all_that_left_it(used_nl: int, refused: bool) -> None:
    plan = a_plan(40)  # 0.4 ml of 5 ml
    gun = cast(Gun, SimpleNamespace(watch=lambda: SimpleNamespace(used_nl=used_nl)))
    if not refused:
        begin._syringe_holds(plan, gun)
        return
    with pytest.raises(Refused, match="Put in a freshly filled syringe") as caught:
        begin._syringe_holds(plan, gun)
    assert caught.value.problems[0].value == f"{max(0, 5_000_000 - used_nl) / 1e6:g} ml"


@pytest.mark.parametrize(("text", "nl"), [("0.01", 10_000), ("10", 10_000_000), ("0", 0), ("2,55", 2_550_000), (" 3 ", 3_000_000)])
def test_a_volume_that_is_stated_is_millilitres(text: str, nl: int) -> None:
    assert filled_nl_of(text) == nl


@pytest.mark.parametrize("text", ["10.01", "-0.01", "2.555", "1e9", "inf", "nan", "", "2 ml", "2.5.1"])
def test_a_volume_that_no_syringe_shows_is_refused(text: str) -> None:
    with pytest.raises(Refused) as caught:
        filled_nl_of(text)
    assert caught.value.problems[0].field == "filled"
    assert caught.value.problems[0].value == text


# ---- given lately ----


def lately(records: Records, gun: Teller, *, digest: str = FILE, order: int = 0) -> GivenBefore | None:
    left = left_of(records, order) if order else None
    protocol = cast(Any, SimpleNamespace(digest=digest))
    return begin._given_lately(cast(Gun, gun), protocol, cast(Any, SimpleNamespace(digest=DIGEST)), records, left, gun.journal())


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """Sets the clock of the record so long before now."""

    monkeypatch.setattr(begin, "now", lambda: NOW)

    def ago(before: timedelta) -> None:
        utc = (NOW - before).isoformat(timespec="milliseconds")
        monkeypatch.setattr("mesogun.records.store.now_utc", lambda: utc)

    return ago


def given(records: Records, gun: Teller, shots: int = 1, **changed: Any) -> int:
    session = begun(records, gun, protocol_digest=FILE, plan_digest=DIGEST + 1, **changed)  # it was planned otherwise then
    heard(records, session, *(gun.shot(0, number) for number in range(1, shots + 1)))
    return session


@pytest.mark.parametrize(("before", "said"), [(timedelta(hours=12), True), (timedelta(hours=12, milliseconds=1), False)])
def test_what_was_begun_within_twelve_hours_is_said(
    before: timedelta, said: bool, records: Records, gun: Teller, at: Callable[[timedelta], None]
) -> None:
    at(before)
    session = given(records, gun)
    gun.boot += 1
    found = lately(records, gun)
    assert (found is not None) == said
    assert LATELY_H == 12
    if found:
        assert ([row.id for row in found.sessions], found.elsewhere) == ([session], 0)


@pytest.mark.parametrize(("hours", "said"), [(0, True), (11.99, True), (12.01, False), (-1, False)])
def test_what_a_gun_gave_that_was_not_switched_off_since_is_said_whatever_the_clock_says(
    hours: float, said: bool, records: Records, gun: Teller, at: Callable[[timedelta], None]
) -> None:
    """Somebody has set the computer's clock a month ahead."""
    at(timedelta(days=30))
    given(records, gun, 3)
    gun.now_ms = 3_000 + round(hours * 3_600_000)
    assert (lately(records, gun) is not None) == said


def test_only_what_was_given_of_this_very_protocol_by_this_very_gun_is_said(
    records: Records, gun: Teller, at: Callable[[timedelta], None]
) -> None:
    at(timedelta(hours=1))
    given(records, gun, 0)
    assert lately(records, gun) is None, "nothing was made"
    given(records, gun)
    assert lately(records, gun, digest="cd" * 32) is None
    assert lately(records, Teller()) is None
    assert lately(records, gun) is not None


def test_an_uncertain_shot_is_one_that_was_given(records: Records, gun: Teller, at: Callable[[timedelta], None]) -> None:
    at(timedelta(hours=1))
    session = given(records, gun, 0)
    records.uncertain(session, BOOT, 1_000, 0, 2_000, 10_000)
    assert lately(records, gun) is not None


def test_the_sessions_of_the_order_are_not_said_and_others_of_the_same_protocol_are(
    records: Records, gun: Teller, at: Callable[[timedelta], None]
) -> None:
    at(timedelta(hours=1))
    first = given(records, gun)
    given(records, gun, rest_of=first)
    assert lately(records, gun, order=first) is None
    other = given(records, gun)
    found = lately(records, gun, order=first)
    assert found
    assert [row.id for row in found.sessions] == [other]


def test_what_only_the_journal_has_of_this_program_is_said(records: Records, gun: Teller) -> None:
    gun.shot(0, 1)
    assert lately(records, gun) == GivenBefore((), 1)


# ---- whose records ----


@pytest.mark.parametrize("kept", [False, True])
def test_records_are_of_simulated_guns_or_of_real_ones(kept: bool, tmp_path_factory: pytest.TempPathFactory) -> None:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('kind')}/records.db") as records:
        for simulated in (False, True):
            begin._only_its_kind(records, "here", simulated)  # the first decides
        records.begin(replace(START, simulated=kept))
        begin._only_its_kind(records, "here", kept)
        with pytest.raises(Refused, match=f"it holds sessions of {'simulated' if kept else 'real'} guns"):
            begin._only_its_kind(records, "here", not kept)


# ---- who agrees ----

QUESTION = Arming("confirm-gun", "Its number:", Pause(""), agreeing=("1234567",))


@pytest.mark.parametrize("words", ["1", "123", "4567", "12345678", "01234567", "1234 567", "", "yes", "1234567."])
def test_a_part_of_the_serial_number_or_more_than_it_agrees_to_nothing(words: str) -> None:
    assert not Answer(words, "Dr. A").agrees(QUESTION)


def test_capitals_do_not_matter_and_nobody_agrees_to_nothing() -> None:
    kite = Arming("go-on", "Type kite:", Pause(""), agreeing=("kite",))
    typed = ("kite", "KITE", "", "kit", "e", "kites", "end")
    assert [words for words in typed if Answer(words, "Dr. A").agrees(kite)] == ["kite", "KITE"]
    assert not Answer("kite", "").agrees(kite)


def asking(*answers: str, by: str = "Dr. A") -> tuple[begin._Asking, Scripted]:
    left = iter(answers)
    person = Scripted({"confirm-gun": lambda question: next(left)}, by=by)
    return begin._Asking(cast(Gun, SimpleNamespace()), person), person


PROBLEM = Problem("confirmation", "", "another number", "Look")


def test_an_empty_line_is_asked_again_and_all_that_was_answered_is_kept() -> None:
    ask, person = asking("", "", "1234567")
    ask.agreed(QUESTION, PROBLEM)
    assert [one.answer for one in ask.answers] == ["", "", "1234567"]
    assert len(person.asked) == 3


def test_the_first_line_that_is_not_what_agrees_is_the_end_of_it() -> None:
    ask, person = asking("123", "1234567")
    with pytest.raises(Refused) as caught:
        ask.agreed(QUESTION, PROBLEM)
    assert (caught.value.problems[0].value, len(person.asked)) == ("123", 1)


def test_where_nobody_is_there_nothing_is_agreed_to() -> None:
    ask, _ = asking("1234567", by="")
    with pytest.raises(Refused, match="no terminal"):
        ask.agreed(QUESTION, PROBLEM)
    assert ask.answers == []
