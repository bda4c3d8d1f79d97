"""Shots of a gun that no session here has: which they are, what is kept of them, and how many of the newest are of a program."""

from collections.abc import Iterator
from typing import cast

import pytest
from rigs.teller import BOOT, DIGEST, Teller, begun, heard

from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.visit.accounting import account, keep_missing, missing, newest_elsewhere
from mesogun_fw.talk.codes import PARTIAL
from mesogun_fw.talk.messages import BY_NAME

OTHER = DIGEST + 1
BACK_MAX = next(high for name, _, high in BY_NAME["log"][2] if name == "back")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as opened:
        yield opened


@pytest.fixture
def gun() -> Teller:
    return Teller()


def lacks(records: Records, gun: Teller, after: int = 0) -> set[int]:
    return missing(records, gun.serial, gun.journal(), after)


def elsewhere(records: Records, gun: Teller, digest: int = DIGEST) -> int:
    return newest_elsewhere(cast(Gun, gun), records, gun.journal(), digest)


def test_what_no_session_here_has_is_missing_after_the_number_that_is_asked_about(records: Records, gun: Teller) -> None:
    gun.shot(0, 1)
    session = begun(records, gun)
    heard(records, session, gun.shot(0, 1), gun.shot(0, 2, flags=PARTIAL))
    gun.shot(0, 3)
    assert [lacks(records, gun, after) for after in range(5)] == [{1, 4}, {4}, {4}, {4}, set()]


def test_an_assumed_shot_is_none_of_the_journals_numbers(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    heard(records, session, gun.shot(0, 1))
    records.uncertain(session, BOOT, 1_500, 0, 2_000, 10_000)
    gun.shot(0, 2)
    assert lacks(records, gun) == {2}


def test_another_journal_or_another_gun_accounts_for_nothing_of_this_one(records: Records, gun: Teller) -> None:
    session = begun(records, gun)
    heard(records, session, gun.shot(0, 1), gun.shot(0, 2))
    keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    gun.epoch = 2
    assert lacks(records, gun) == {1, 2}
    gun.epoch, gun.serial = 1, Teller().serial
    assert lacks(records, gun) == {1, 2}


def test_what_is_missing_is_kept_as_foreign_and_not_missing_any_more(records: Records, gun: Teller) -> None:
    heard(records, begun(records, gun), gun.shot(0, 1))
    gun.shot(1, 5, digest=OTHER, measured_dose_nl=7_000)
    gun.shot(0, 2)
    keep_missing(cast(Gun, gun), records, gun.journal(), 1)
    kept = records.foreign(gun.serial)
    assert [(one.number, one.digest, one.epoch, one.gun_boot) for one in kept] == [(2, OTHER, 1, BOOT), (3, DIGEST, 1, BOOT)]
    assert (kept[0].values["pass_index"], kept[0].values["measured_dose_nl"], kept[0].values["tag"]) == (1, 7_000, 9)
    assert lacks(records, gun) == set()


def test_what_the_journal_has_no_row_of_stays_missing(records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    gun.shot(0, 1)
    gun.shot(0, 2)
    rows = list(gun.rows)
    monkeypatch.setattr(gun, "log", lambda back: rows[0] if back == 1 else None)
    keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    assert (lacks(records, gun), [one.number for one in records.foreign(gun.serial)]) == ({2}, [1])


def test_a_row_of_another_number_than_was_asked_for_is_none(records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    gun.shot(0, 1)
    gun.shot(0, 2)
    monkeypatch.setattr(gun, "log", lambda back: gun.rows[-1])
    keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    assert lacks(records, gun) == {1}


def test_the_journal_is_asked_no_further_back_than_its_message_goes(
    records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, BACK_MAX + 3):
        gun.shot(0, number, told=False)
    monkeypatch.setattr(gun, "log", gun.asked.append)  # and it has none of them
    keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    assert sorted(gun.asked) == list(range(BACK_MAX + 1))


def test_of_the_newest_shots_those_of_the_program_count_that_no_session_here_has(records: Records, gun: Teller) -> None:
    heard(records, begun(records, gun), gun.shot(0, 1))
    gun.shot(0, 1, digest=OTHER)
    gun.shot(0, 2)
    gun.shot(0, 3)
    assert (elsewhere(records, gun), elsewhere(records, gun, OTHER), elsewhere(records, gun, 1)) == (2, 1, 0)
    account(cast(Gun, gun), records)  # keeps them as foreign, or in the session
    assert elsewhere(records, gun, OTHER) == 1


@pytest.mark.parametrize(("after", "found"), [(15, 1), (16, 0)])
@pytest.mark.parametrize("known", [False, True])
def test_the_newest_16_are_looked_at(after: int, found: int, known: bool, records: Records, gun: Teller) -> None:
    gun.shot(0, 1)
    if known:
        keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    for number in range(after):
        gun.shot(0, number + 1, digest=OTHER)
    assert elsewhere(records, gun) == found


def test_shots_of_before_the_journal_was_begun_anew_are_not_of_the_newest(records: Records, gun: Teller) -> None:
    gun.shot(0, 1)
    keep_missing(cast(Gun, gun), records, gun.journal(), 0)
    gun.epoch, gun.rows = 2, []
    heard(records, begun(records, gun), gun.shot(0, 1))
    assert elsewhere(records, gun) == 0
