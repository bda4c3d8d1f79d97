"""Each reason why a rest is not given, alone: all else is as it should be."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rigs.teller import BOOT, DIGEST, START, TAG, Teller, begun, heard

from mesogun.gun.answers import Journaled
from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.records.rows import Account
from mesogun.refusal import Refused
from mesogun.visit.left import left_of
from mesogun.visit.rest import may_be_given, not_proven
from mesogun_fw.talk.codes import DAMAGED, GOOD

PLAN = '{"passes": [{"index": 0, "shots": 3, "depth_um": 2000}]}'
FILE = "ab"  # the protocol's digest


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path_factory.mktemp('records')}/records.db") as opened:
        yield opened


@pytest.fixture
def gun() -> Teller:
    """It made a shot before anything of ours."""
    gun = Teller()
    gun.shot(0, 1, digest=1, tag=1)
    return gun


def given(
    records: Records, gun: Teller, shots: int = 1, *, ends: bool = True, proven: bool = True, journal: bool = True, **changed: Any
) -> int:
    """A session that gave so many shots of 3, ended, and was accounted for, as far as it is not said otherwise."""
    changed = {"protocol_digest": FILE, "plan_json": PLAN} | changed
    session = begun(records, gun, **changed) if journal else records.begin(replace(START, gun_serial=gun.serial, **changed))
    heard(records, session, *(gun.shot(0, number) for number in range(1, shots + 1)))
    if ends:
        records.finish(session, "stopped", {})
    if proven:
        records.account(session, Account(BOOT, journal=gun.journal()))
    return session


def refusal(records: Records, gun: Teller, session: int, *, file: str = FILE, journal: Journaled | None = None) -> str:
    """Why its rest is not given; "" when it may be."""
    try:
        protocol = cast(Any, SimpleNamespace(digest=file))
        may_be_given(left_of(records, session), protocol, cast(Gun, gun), journal or gun.journal(), records)
    except Refused as refused:
        return str(refused) or "refused without a reason"
    return ""


def test_a_rest_is_given_when_there_is_no_reason_against_it(records: Records, gun: Teller) -> None:
    assert refusal(records, gun, given(records, gun, 2)) == ""


def test_it_is_of_the_same_file_to_the_byte(records: Records, gun: Teller) -> None:
    assert "another file" in refusal(records, gun, given(records, gun), file="ac")


def test_what_is_left_was_not_waived(records: Records, gun: Teller) -> None:
    session = given(records, gun)
    records.waive(session, "Dr. A", "enough")
    assert "waived, by Dr. A: enough" in refusal(records, gun, session)


@pytest.mark.parametrize(("shots", "left"), [(2, True), (3, False)])
def test_something_is_left(shots: int, left: bool, records: Records, gun: Teller) -> None:
    assert ("nothing is left" in refusal(records, gun, given(records, gun, shots))) == (not left)


def test_something_is_left_of_one_pass_of_several(records: Records, gun: Teller) -> None:
    two = '{"passes": [{"index": 0, "shots": 1, "depth_um": 2000}, {"index": 1, "shots": 1, "depth_um": 2000}]}'
    assert refusal(records, gun, given(records, gun, 1, plan_json=two)) == ""


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        ({"ends": False}, "it has no end"),
        ({"journal": False}, "what the gun's journal held before"),
        ({"proven": False}, "has not told all"),
    ],
)
@pytest.mark.parametrize("elsewhere", [False, True])
def test_it_is_proven_of_each_session_of_the_order_what_was_given(
    lacks: dict[str, bool], says: str, elsewhere: bool, records: Records, gun: Teller
) -> None:
    first = given(records, gun)
    given(records, gun, 1, rest_of=first, **lacks)  # type: ignore[arg-type]
    gives = Teller() if elsewhere else gun
    assert says in refusal(records, gives, first), "another gun is no way around it"
    (problem,) = not_proven(left_of(records, first), records.path)
    assert problem.value == f"session {first + 1}"


def test_another_gun_gives_it_when_the_old_one_was_read_to_the_end(records: Records, gun: Teller) -> None:
    other = Teller()
    other.epoch = 9
    assert refusal(records, other, given(records, gun)) == ""


# ---- the journal since ----


def test_the_journal_is_the_same_and_has_not_gone_back(records: Records, gun: Teller) -> None:
    session = given(records, gun, 2)
    now = gun.journal()
    assert refusal(records, gun, session, journal=now) == ""
    for another in (Journaled(GOOD, 2, 3, 0, 0), Journaled(GOOD, 1, 2, 0, 0)):
        assert "another journal" in refusal(records, gun, session, journal=another)
        gun.simulated = 1
        assert refusal(records, gun, session, journal=another) == "", "a simulated gun that was switched on anew is another gun"
        gun.simulated = 0


def test_it_has_not_gone_back_behind_what_the_last_session_of_the_order_saw(records: Records, gun: Teller) -> None:
    first = given(records, gun)
    given(records, gun, 1, rest_of=first)
    assert "another journal" in refusal(records, gun, first, journal=Journaled(GOOD, 1, 2, 0, 0))


@pytest.mark.parametrize("simulated", [0, 1])
def test_the_journal_is_good(simulated: int, records: Records, gun: Teller) -> None:
    session = given(records, gun)
    gun.simulated = simulated
    assert "another journal" in refusal(records, gun, session, journal=Journaled(DAMAGED, 1, 2, 0, 0))


def test_what_others_did_since_is_kept_and_in_nobodys_way(records: Records, gun: Teller) -> None:
    session = given(records, gun)
    gun.shot(0, 1, digest=1, tag=1)
    assert refusal(records, gun, session) == ""
    assert [one.number for one in records.foreign(gun.serial)] == [3], "what was before is nobody's concern"


def test_what_was_done_since_is_known_by_its_rows(records: Records, gun: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    session = given(records, gun)
    gun.shot(0, 1, digest=1, tag=1)
    monkeypatch.setattr(gun, "log", lambda back: None)
    assert "the gun made 1 shots since that are in no record here" in refusal(records, gun, session)


@pytest.mark.parametrize(("digest", "tag", "in_the_way"), [(DIGEST, TAG, True), (DIGEST + 1, TAG, False), (DIGEST, TAG + 1, False)])
def test_a_shot_of_this_very_program_and_tag_is_in_the_way(
    digest: int, tag: int, in_the_way: bool, records: Records, gun: Teller
) -> None:
    session = given(records, gun)
    gun.shot(0, 1, digest=digest, tag=tag)
    said = refusal(records, gun, session)
    assert ("1 shots of this very session since that its record has no place for" in said) == in_the_way


def test_a_shot_of_a_rest_of_the_order_is_in_the_way_too(records: Records, gun: Teller) -> None:
    first = given(records, gun)
    given(records, gun, 1, rest_of=first, tag=TAG + 5)
    gun.shot(0, 7, tag=TAG + 5)
    assert "of this very session" in refusal(records, gun, first)


def test_what_the_gun_did_before_the_order_is_not_in_the_way(records: Records, gun: Teller) -> None:
    earlier = given(records, gun)
    gun.shot(0, 2)
    assert "of this very session" in refusal(records, gun, earlier)  # and it is foreign now
    later = given(records, gun)
    assert refusal(records, gun, later) == ""
