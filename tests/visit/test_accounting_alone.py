"""Each thing by which a shot that is told late is known for whose it is, alone; program and tag are mostly the same."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest
from rigs.teller import BOOT, DIGEST, START, TAG, Teller, begun, heard

from mesogun.gun.client import Gun
from mesogun.records import Records, RecordsFailed
from mesogun.records.rows import SessionRow
from mesogun.refusal import Refused
from mesogun.visit.accounting import Accounted, account
from mesogun_fw.talk.codes import DAMAGED, GOOD, PARTIAL


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as opened:
        yield opened


@pytest.fixture
def gun() -> Teller:
    return Teller()


def accounted(records: Records, gun: Teller) -> Accounted:
    return account(cast(Gun, gun), records)


def foreign(accounted: Accounted) -> list[int | None]:
    return [one.number for one in accounted.foreign]


def told_of(row: SessionRow) -> tuple[int, int | None]:
    """How many shots it has, and where the journal stood when nothing of it was missing any more."""
    return row.made, row.accounted.shots if row.accounted else None


# ---- what goes on where a record stands ----


@pytest.mark.parametrize(
    ("shot", "goes_on"),
    [((1, 2), True), ((2, 1), True), ((1, 1), False), ((1, 3), False), ((2, 2), False), ((0, 3), False), ((0, 1), False)],
)
@pytest.mark.parametrize("told", [True, False])
def test_only_the_next_shot_of_a_pass_and_of_no_pass_before_goes_on_even_under_the_same_tag(
    shot: tuple[int, int], goes_on: bool, told: bool, records: Records, gun: Teller
) -> None:
    session = begun(records, gun)
    heard(records, session, gun.shot(0, 1), gun.shot(0, 2), gun.shot(1, 1))
    gun.shot(*shot, told=told)
    now = accounted(records, gun)
    assert foreign(now) == ([] if goes_on else [4])
    assert records.session(session).made == 3 + goes_on


def test_a_session_of_which_nothing_was_heard_begins_with_the_first_shot_of_its_first_pass(records: Records, gun: Teller) -> None:
    other = begun(records, gun)
    gun.shot(0, 2)
    assert foreign(accounted(records, gun)) == [1]
    assert records.session(other).made == 0


@pytest.mark.parametrize("changed", [{"digest": DIGEST + 1}, {"tag": TAG + 1}])
def test_program_and_tag_are_each_asked_for(changed: dict[str, int], records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    gun.shot(0, 1, **changed)
    gun.shot(0, 2)
    assert foreign(accounted(records, gun)) == [1, 2], "the run is cut at the first that is not of it"
    assert told_of(records.session(session)) == (0, 2)


def test_what_comes_after_the_next_session_began_is_not_of_the_one_before(records: Records, gun: Teller) -> None:
    first = begun(records, gun)
    gun.shot(0, 1)
    second = begun(records, gun, plan_digest=1)
    gun.shot(0, 2)
    assert foreign(accounted(records, gun)) == [2]
    assert [told_of(records.session(one)) for one in (first, second)] == [(1, 2), (0, 2)]


def test_two_sessions_get_each_their_own_and_nothing_twice(records: Records, gun: Teller) -> None:
    first = begun(records, gun)
    gun.shot(0, 1)
    second = begun(records, gun)
    gun.shot(0, 1)
    gun.shot(0, 2)
    assert foreign(accounted(records, gun)) == []
    assert [records.session(one).made for one in (first, second)] == [1, 2]
    assert accounted(records, gun) == Accounted(gun.journal(), ())
    assert [records.session(one).made for one in (first, second)] == [1, 2]


def test_what_is_on_record_and_was_kept_all_the_same_is_nobody_elses(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    gun.shot(0, 1)
    kept = list(gun.earlier)
    accounted(records, gun)
    gun.earlier = kept  # the gun never heard that it is on disk
    assert foreign(accounted(records, gun)) == []
    assert records.session(session).made == 1


def test_the_shot_before_a_session_began_is_not_of_it_and_not_forgotten(records: Records, gun: Teller) -> None:
    gun.shot(0, 1)
    session = begun(records, gun)
    gun.shot(0, 1)
    assert foreign(accounted(records, gun)) == [1]
    assert told_of(records.session(session)) == (1, 2)


def test_a_gun_that_has_fewer_shots_than_it_told_proves_nothing(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    heard(records, session, gun.shot(0, 1), gun.shot(0, 2))
    gun.rows.pop()
    accounted(records, gun)
    assert told_of(records.session(session)) == (2, None)


def test_a_journal_of_another_epoch_or_a_damaged_one_proves_nothing(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    gun.shot(0, 1)
    gun.epoch, gun.condition = 1, DAMAGED
    (one,) = accounted(records, gun).foreign
    assert (one.number, one.epoch, one.values["n"]) == (None, None, 1)
    gun.epoch, gun.condition = 2, GOOD
    gun.shot(0, 2)
    assert foreign(accounted(records, gun)) == [2]
    assert told_of(records.session(session)) == (0, None)


def test_a_session_of_before_the_journal_was_written_down_is_passed_over(records: Records, gun: Teller) -> None:
    old = records.begin(replace(START, gun_serial=gun.serial))
    session = begun(records, gun)
    gun.shot(0, 1)
    assert foreign(accounted(records, gun)) == []
    assert [told_of(records.session(one)) for one in (old, session)] == [(0, None), (1, 1)]


# ---- events, or the journal alone ----


def test_all_that_was_told_about_its_shots_is_in_the_record_of_the_session(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    told = [gun.tell("changed", before=1, after=3, event=0), gun.shot(0, 1)]
    told += [gun.tell("changed", before=3, after=4, event=0), gun.shot(0, 2, flags=PARTIAL), gun.tell("ended", kind=1)]
    assert accounted(records, gun).foreign == ()
    assert records.events(session) == told
    assert [shot.n for shot in records.shots(session)] == [2, 4]
    assert gun.forgotten == 5
    assert gun.earlier == []


def test_what_was_told_after_the_last_shot_is_of_the_newest_session_only(records: Records, gun: Teller) -> None:
    first = begun(records, gun)
    gun.shot(0, 1)
    second = begun(records, gun)
    heard(records, second, gun.tell("changed", told=False, before=0, after=1, event=0))
    ended = gun.tell("ended", kind=1)
    accounted(records, gun)
    assert [event.name for event in records.events(first)] == ["shot"]
    assert records.events(second)[-1] == ended


@pytest.mark.parametrize("field", ["pass_index", "shot", "commanded_dose_nl", "measured_depth_um", "measured_dose_nl", "flags"])
def test_an_event_that_is_not_the_journals_shot_is_not_taken_for_it(field: str, records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    gun.shot(0, 1, event={field: 7})
    accounted(records, gun)
    assert [shot.n for shot in records.shots(session)] == [-1]
    assert getattr(records.shots(session)[0], field) == getattr(gun.rows[0], field)
    assert records.events(session) == []


def test_a_shot_that_the_journal_tells_is_in_no_run_of_events_as_well(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    gun.shot(0, 1, event={"flags": PARTIAL})
    gun.shot(0, 2)
    gun.tell("ended", kind=1)
    accounted(records, gun)
    assert [shot.n for shot in records.shots(session)] == [-1, -2]


def test_a_shot_of_the_session_before_is_in_no_run_of_the_next(records: Records, gun: Teller) -> None:
    begun(records, gun)
    gun.shot(0, 1)
    second = begun(records, gun)
    gun.shot(0, 1)
    accounted(records, gun)
    assert [shot.n for shot in records.shots(second)] == [-2]


def test_an_event_behind_a_gap_is_not_taken_and_the_journal_tells_of_its_shot(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    heard(records, session, gun.tell("changed", told=False, before=0, after=1, event=0))
    gun.tell("changed", told=False, before=1, after=3, event=0)
    gun.shot(0, 1)
    accounted(records, gun)
    assert [shot.n for shot in records.shots(session)] == [-1]


def test_after_another_start_events_are_of_other_numbers_and_the_journal_tells(records: Records, gun: Teller) -> None:
    session = begun(records, gun, gun_boot=BOOT + 1)
    gun.shot(0, 1)
    gun.shot(0, 2)
    accounted(records, gun)
    assert [shot.n for shot in records.shots(session)] == [-1, -2]
    assert told_of(records.session(session)) == (2, 2)


# ---- a shot that was assumed ----


def assumed(records: Records, gun: Teller, boot: int = BOOT) -> int:
    session = begun(records, gun, gun_boot=boot)
    records.append(session, boot, [gun.shot(0, 1)])
    records.uncertain(session, boot, 1_500, 0, 2_000, 10_000)
    return session


@pytest.mark.parametrize(("boot", "by"), [(BOOT, "the gun told it later"), (BOOT + 1, "the gun's journal holds it")])
@pytest.mark.parametrize("more", [1, 2])
def test_an_assumed_shot_is_the_first_that_goes_on(boot: int, by: str, more: int, records: Records, gun: Teller) -> None:
    session = assumed(records, gun, boot)
    for number in range(2, 2 + more):
        gun.shot(0, number)
    accounted(records, gun)
    assert [(one.boot, one.number, one.evidence) for one in records.resolutions(session)] == [(boot, 2, by)]
    assert records.session(session).counts == {"whole": 1 + more, "partial": 0, "wrong": 0, "uncertain": 0}


def test_an_assumed_shot_that_the_journal_has_not_was_never_made(records: Records, gun: Teller) -> None:
    session = assumed(records, gun)
    accounted(records, gun)
    (resolution,) = records.resolutions(session)
    assert (resolution.number, resolution.evidence) == (None, "the gun's journal has only 1 shots of this session")
    assert told_of(records.session(session)) == (1, 1)


def test_where_the_journal_does_not_reach_an_assumed_shot_stays_assumed(
    records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = assumed(records, gun)
    gun.shot(0, 2, told=False)
    monkeypatch.setattr(gun, "log", lambda back: None)
    accounted(records, gun)
    assert records.resolutions(session) == []
    assert told_of(records.session(session)) == (2, None)


# ---- the order of things ----


def test_what_the_gun_told_is_on_disk_before_it_may_forget_it(
    records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    gun.shot(0, 1)

    def full(*_: object) -> None:
        raise RecordsFailed("disk full", "free it")

    with monkeypatch.context() as patch:
        patch.setattr(records, "keep_foreign", full)
        with pytest.raises(RecordsFailed):
            accounted(records, gun)
    assert (gun.forgotten, len(gun.earlier)) == (0, 1)
    kept = list(gun.earlier)
    assert foreign(accounted(records, gun)) == [1]
    assert gun.forgotten == 1
    gun.earlier = kept
    assert foreign(accounted(records, gun)) == [], "it is new once"


def test_a_gun_that_does_not_come_to_rest_is_not_accounted_for(records: Records, gun: Teller) -> None:
    gun.rests = False
    with pytest.raises(Refused, match="still moves"):
        accounted(records, gun)


def test_what_is_told_while_the_gun_comes_to_rest_is_accounted_for_too(
    records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = begun(records, gun)
    last = gun.shot(0, 1, told=False)
    monkeypatch.setattr(gun, "turn", lambda seconds: [last])
    accounted(records, gun)
    assert records.events(session) == [last]
