"""What is left of a session is given in another: exactly that, only when it is proven, and only when a person agrees."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rigs.fakegun import FakeGun
from rigs.person import Scripted, consent
from rigs.visit import press

from mesogun.clinical.library import library
from mesogun.clinical.protocol import Protocol, read_protocol
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.refusal import Refused
from mesogun.visit.begin import Rest, filled_nl_of
from mesogun.visit.giving import Given, give
from mesogun.visit.left import Left, left_of
from mesogun.visit.person import GivenBefore, Nobody, Person
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import DOSE_OFF, PARTIAL
from mesogun_fw.talk.messages import HOLD, PAUSE, UNHOMED

STOP = {"confirm-gun": "7", "go-on": "end"}
YES = {"confirm-gun": "7", "go-on": consent, "give-rest": consent, "given-before": consent, "filled": "2.5"}
ELSE_YES = {"after-fault": consent, "after-estop": consent}


@pytest.fixture
def protocol() -> Protocol:
    """The mesolift protocol with 6 and 4 points."""
    text = (library() / "face" / "mesolift.toml").read_text()
    return read_protocol(text.replace("points = 60", "points = 6").replace("points = 15", "points = 4").encode())


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'records.db'}"


Giving = Callable[..., Given]


@pytest.fixture
def giving(protocol: Protocol, url: str) -> Giving:
    def given(port: FakeGun, person: Person, **options: object) -> Given:
        port.open()
        options.setdefault("protocol", protocol)
        return give(gun=Gun(port), person=person, db=url, **options)  # type: ignore[arg-type]

    return given


def broken_off(giving: Giving, *flags: int, after: int = 3, real: bool = False) -> FakeGun:
    """A session of which so many shots were made, the last of them with these flags, that a person then ended."""
    port = FakeGun()
    port.welcome[3] = not real
    shoot, made = port.shot, [0]

    def shot(*_: int) -> None:
        made[0] += 1
        index = made[0] - (after - len(flags)) - 1
        shoot(flags[index] if 0 <= index < len(flags) else 0)

    port.shot = shot  # type: ignore[method-assign]
    port.plays = press((after, (PAUSE, reasons.DISARMED)))
    assert giving(port, Scripted(STOP)).summary.outcome == "stopped"
    port.shot = shoot  # type: ignore[method-assign]
    port.plays = press()
    port.asked.clear()
    return port


def passes_of(port: FakeGun) -> list[tuple[int, int]]:
    """Index and shots of each pass that the gun was told."""
    return [(values[0], values[2]) for name, values in port.asked if name == "pass"]


def refusal(giving: Giving, port: FakeGun, person: Person, **options: object) -> str:
    with pytest.raises(Refused) as refused:
        giving(port, person, **options)
    assert not {"home", "begin", "arm"} & {name for name, _ in port.asked}
    return str(refused.value)


@pytest.mark.parametrize(("after", "told"), [(3, [(0, 3), (1, 4)]), (6, [(0, 4)]), (8, [(0, 2)])])
def test_a_rest_gives_the_passes_that_have_something_left_and_no_more(
    giving: Giving, url: str, after: int, told: list[tuple[int, int]]
) -> None:
    port = FakeGun()
    port.plays = press((after, (PAUSE, reasons.DISARMED))) if after < 6 else press((6, (HOLD, 0)), (after - 6, (PAUSE, 1)))
    assert giving(port, Scripted(STOP)).summary.outcome == "stopped"
    port.plays = press()
    port.asked.clear()
    person = Scripted(YES)
    given = giving(port, person, rest=Rest(1, 3_000_000))
    assert (given.summary.outcome, given.summary.shots) == ("complete", 10 - after)
    assert passes_of(port) == told
    with Records.open(url) as records:
        order = left_of(records, 1)
        assert ([row.id for row in order.sessions], order.left) == ([1, 2], {1: 0, 2: 0})
        assert records.session(2).rest_of == 1
    (shown,) = [one for one in person.shown if isinstance(one, Left)]
    assert sum(shown.left.values()) == 10 - after


def test_a_partial_shot_leaves_its_point_and_a_wrong_one_fills_it(giving: Giving) -> None:
    port = broken_off(giving, PARTIAL, DOSE_OFF, after=4)
    assert giving(port, Scripted(YES), rest=Rest(1, 3_000_000)).summary.outcome == "complete"
    assert passes_of(port) == [(0, 3), (1, 4)], "of 4 shots one was partial"


def test_a_rest_of_a_rest_goes_on_where_that_one_stopped(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    port.plays = press((2, (PAUSE, reasons.DISARMED)))
    assert giving(port, Scripted(YES | STOP), rest=Rest(1, 3_000_000)).summary.shots == 2
    port.plays = press()
    port.asked.clear()
    assert giving(port, Scripted(YES), rest=Rest(2, 3_000_000)).summary.outcome == "complete"
    assert passes_of(port) == [(0, 1), (1, 4)]
    with Records.open(url) as records:
        assert records.session(3).rest_of == 1
    port.asked.clear()
    assert "nothing is left" in refusal(giving, port, Scripted(YES), rest=Rest(3, 3_000_000))


def test_an_order_is_waived_once_by_whichever_of_its_sessions(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    port.plays = press((2, (PAUSE, reasons.HELD_TOO_LONG)))
    giving(port, Scripted(YES | STOP), rest=Rest(1, 3_000_000))
    with Records.open(url) as records:
        records.waive(2, "Dr. A", "of its order")
        assert records.session(1).waived == "Dr. A: of its order"
        with pytest.raises(Refused, match="waived before, by Dr"):
            records.waive(2, "Dr. B", "twice")


def test_a_rest_is_shown_and_a_person_agrees(giving: Giving) -> None:
    port = broken_off(giving)
    assert "the word was" in refusal(giving, port, Scripted(YES | {"give-rest": "yes"}), rest=Rest(1, 3_000_000))
    assert "no terminal" in refusal(giving, port, Nobody(), rest=Rest(1, 3_000_000))
    assert giving(port, Nobody(), rest=Rest(1, 3_000_000), named=False).summary.outcome == "complete", "a simulated one only says"


def test_what_the_syringe_holds_is_stated_anew_and_what_left_it_before_is_not_taken_off_twice(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    port._watch = lambda values: ("watched", [1, 0, 1, 0, 0, 24_000, 31, 0, 0, 0, 0, 0, 700_000])  # type: ignore[method-assign]
    giving(port, Scripted(YES), rest=Rest(1, None))
    (begin,) = [values for name, values in port.asked if name == "begin"]
    assert begin[2] == 2_500_000 + 700_000
    with Records.open(url) as records:
        assert ("filled", "2.5") in [(row.question, row.answer) for row in records.answers(2)], "who said it is on record"


def test_a_simulated_gun_that_has_forgotten_all_is_another_gun_and_a_real_one_is_not(giving: Giving) -> None:
    port = broken_off(giving)
    port.journal.clear()
    port.epoch = 1
    assert giving(port, Scripted(YES), rest=Rest(1, 3_000_000)).summary.outcome == "complete"


@pytest.mark.parametrize("filled", ["0.01", "", "much", "-1", "nan", "1e400"])
def test_a_syringe_that_does_not_hold_it_is_refused(giving: Giving, filled: str) -> None:
    port = broken_off(giving)
    assert "filled" in refusal(giving, port, Scripted(YES | {"filled": filled}), rest=Rest(1, None))


def test_a_rest_is_not_given_when_nobody_says_what_the_syringe_holds(giving: Giving) -> None:
    port = broken_off(giving)
    silent = Scripted({name: answer for name, answer in YES.items() if name != "filled"})
    assert "the syringe holds another volume than at first" in refusal(giving, port, silent, rest=Rest(1, None))


def test_a_volume_is_read_as_it_is_written() -> None:
    assert [filled_nl_of(text) for text in ("3", "2.5", "2,5")] == [3_000_000, 2_500_000, 2_500_000]


def test_a_rest_needs_the_same_file(giving: Giving, protocol: Protocol) -> None:
    other = read_protocol(protocol.text.replace("points = 6", "points = 7").encode())
    assert "another file" in refusal(giving, broken_off(giving), Scripted(YES), rest=Rest(1, 3_000_000), protocol=other)


def test_a_rest_needs_a_session(giving: Giving) -> None:
    assert "no such session" in refusal(giving, broken_off(giving), Scripted(YES), rest=Rest(9, 3_000_000))


def test_what_is_left_can_be_waived_by_name(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    with Records.open(url) as records:
        records.waive(1, "Dr. A", "enough for today")
        with pytest.raises(Refused, match="waived before"):
            records.waive(1, "Dr. B", "twice")
    assert "Dr. A: enough for today" in refusal(giving, port, Scripted(YES), rest=Rest(1, 3_000_000))


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_rest_is_refused_when_a_real_gun_has_another_journal(giving: Giving, url: str, epoch: int) -> None:
    port = broken_off(giving, real=True)
    port.epoch = epoch
    port.journal.clear()
    assert "another journal" in refusal(giving, port, Scripted(YES), rest=Rest(1, 3_000_000))


def test_a_rest_is_refused_when_the_journal_does_not_reach_back(giving: Giving) -> None:
    port = broken_off(giving)
    port.journal += [[number, 4_711, 0, 1, 10_000, 0, 0, 0, 0] for number in range(len(port.journal) + 1, 400)]
    assert "that are in no record here" in refusal(giving, port, Scripted(YES), rest=Rest(1, 3_000_000))


def test_shots_of_others_within_reach_are_kept_as_foreign_and_the_rest_is_given(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    port.journal += [[number, 4_711, 0, number, 10_000, 0, 0, 0, 0] for number in range(len(port.journal) + 1, 40)]
    assert giving(port, Scripted(YES), rest=Rest(1, 3_000_000)).summary.outcome == "complete"
    with Records.open(url) as records:
        assert [one.number for one in records.foreign()] == list(range(4, 40))


def test_shots_of_this_very_session_that_its_record_does_not_have_are_in_the_way(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    digest, tag = port.journal[-1][1], port.journal[-1][-1]
    port.journal.append([4, digest, 0, 4, 10_000, 0, 0, 0, tag])
    assert "that its record has no place for" in refusal(giving, port, Scripted(YES), rest=Rest(1, 3_000_000))


def test_another_gun_gives_the_rest_when_the_old_one_was_read_to_the_end(giving: Giving) -> None:
    broken_off(giving)
    other = FakeGun()
    other.welcome[4] = 8
    assert giving(other, Scripted(YES | {"confirm-gun": "8"}), rest=Rest(1, 3_000_000)).summary.outcome == "complete"


def test_another_gun_does_not_when_the_old_one_was_not(giving: Giving) -> None:
    port = FakeGun()
    port.after(2_600, lambda: setattr(port, "cut", True))
    assert giving(port, Scripted(STOP)).summary.outcome == "interrupted"
    other = FakeGun()
    other.welcome[4] = 8
    said = refusal(giving, other, Scripted(YES | {"confirm-gun": "8"}), rest=Rest(1, 3_000_000))
    assert "gun 7 has not told all" in said


def test_the_gun_and_the_record_agree_on_what_is_left_at_every_arming(giving: Giving) -> None:
    """A lost gun comes back after a power cut: its journal tells the last shots, and the rest is what remains."""
    port = FakeGun()
    port.after(2_600, lambda: setattr(port, "cut", True))
    giving(port, Scripted(STOP))
    port.cut = False
    port.sleep_s(2)
    made = len(port.journal)
    port.power_cut()
    port.asked.clear()
    given = giving(port, Scripted(YES), rest=Rest(1, 3_000_000))
    assert (given.summary.outcome, given.summary.shots) == ("complete", 10 - made)
    assert len(port.journal) == 10


# ---- given a short while ago ----


def test_what_was_given_lately_is_said_first_and_a_person_agrees(giving: Giving) -> None:
    port = broken_off(giving)
    assert "the word was" in refusal(giving, port, Scripted(YES | {"given-before": "ja"}))
    person = Scripted(YES)
    assert giving(port, person).summary.outcome == "complete"
    (before,) = [one for one in person.shown if isinstance(one, GivenBefore)]
    assert [row.id for row in before.sessions] == [1]
    assert [question.id for question in person.asked][-2:] == ["given-before", "confirm-gun"]


def test_the_order_of_a_rest_is_not_what_was_given_before_it(giving: Giving) -> None:
    person = Scripted(YES)
    giving(broken_off(giving), person, rest=Rest(1, 3_000_000))
    assert "given-before" not in [question.id for question in person.asked]


def test_a_simulated_gun_only_says_what_was_given_lately(giving: Giving) -> None:
    port = broken_off(giving)
    person = Scripted({})
    assert giving(port, person, named=False).summary.outcome == "complete"
    assert person.asked == []
    assert any(isinstance(one, GivenBefore) for one in person.shown)


def test_what_was_given_for_records_elsewhere_is_known_by_the_journal(giving: Giving, url: str) -> None:
    port = broken_off(giving)
    Path(url.removeprefix("sqlite:///")).unlink()
    person = Scripted(YES)
    giving(port, person)
    (before,) = [one for one in person.shown if isinstance(one, GivenBefore)]
    assert (before.sessions, before.elsewhere) == ((), 3)


def test_the_same_protocol_on_another_day_is_said_by_nobody(giving: Giving, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = broken_off(giving)
    monkeypatch.setattr("mesogun.visit.begin.LATELY_H", -1)
    person = Scripted(YES)
    giving(port, person)
    assert not any(isinstance(one, GivenBefore) for one in person.shown)


def test_a_fault_that_was_not_gone_on_from_leaves_a_rest(giving: Giving) -> None:
    port = FakeGun()
    port.after(2_000, lambda: port.ended(3, reasons.TOO_HOT))
    port.after(4_000, lambda: port.go(UNHOMED))
    assert giving(port, Scripted(STOP)).summary.outcome == "fault"
    made = len(port.journal)
    port.asked.clear()
    assert giving(port, Scripted(YES | ELSE_YES), rest=Rest(1, 3_000_000)).summary.shots == 10 - made
