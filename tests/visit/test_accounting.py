"""What a gun tells late: each shot is in the record of the session that made it, in none twice, or is kept as nobody's."""

from pathlib import Path

import pytest
from rigs.fakegun import FakeGun, a_plan
from rigs.visit import Visit

from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun.visit import session
from mesogun.visit.accounting import Accounted, account
from mesogun_fw.talk.codes import UNCERTAIN
from mesogun_fw.talk.messages import ARMED


class Killed(BaseException):
    """The program is gone: nothing is wound up."""


def killed(visit: Visit, at_ms: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that is killed so many ms after it began; the gun hears no more of it, and pauses."""

    def kill() -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(session, "wind_up", lambda *_: kill())
        visit.port.after(at_ms, kill)
        with pytest.raises(Killed):
            visit.run()
    visit.records.close()
    visit.port.sleep_s(2)


def again(folder: Path, port: FakeGun, *shots: int) -> Visit:
    """Another program at the same gun, with the database of that folder."""
    return Visit(folder, a_plan(*shots), port)


def whole(visit: Visit) -> dict[int, int]:
    """Whole shots by session."""
    return {row.id: row.whole for row in visit.records.sessions()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    return tmp_path / "here"


@pytest.mark.parametrize("at_ms", range(1_200, 3_700, 277))
def test_what_a_killed_program_never_heard_is_in_its_own_session_and_not_in_the_next(
    at_ms: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again(folder, FakeGun(), 20)
    killed(first, at_ms, monkeypatch)
    made = len(first.port.journal)
    assert 0 < made < 20
    second = again(folder, first.port, 5)
    assert second.accounted.foreign == ()
    assert second.run().outcome == "complete"
    assert whole(second) == {2: 5, 1: made}
    row = second.records.session(1)
    assert row.began
    assert row.accounted
    assert (row.began.shots, row.accounted.shots) == (0, made)
    assert [shot.shot for shot in second.records.shots(1)] == list(range(1, made + 1))


def test_what_was_made_for_records_elsewhere_is_nobodys_here_and_added_to_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again(folder, FakeGun(), 20)
    killed(first, 2_500, monkeypatch)
    made = len(first.port.journal)
    other = again(folder.parent / "there", first.port, 5)
    assert [one.number for one in other.accounted.foreign] == list(range(made - len(other.accounted.foreign) + 1, made + 1))
    assert {one.digest for one in other.accounted.foreign} == {a_plan(20).digest}
    assert other.run().outcome == "complete"
    assert whole(other) == {1: 5}
    assert len(other.records.foreign()) == len(other.accounted.foreign) > 0
    other.records.close()
    back = again(folder, first.port, 5)
    row = back.records.session(1)
    assert row.whole == made, "the journal has them under its tag, whoever has their events"
    assert row.accounted is not None
    assert {one.digest for one in back.accounted.foreign} == {a_plan(5).digest}


def test_a_session_whose_last_acknowledgement_was_lost_leaves_nothing_strange(folder: Path) -> None:
    first = again(folder, FakeGun(), 5)
    first.port.wire = lambda line: [line]
    assert first.run().outcome == "complete"
    first.port.acked = 3  # the gun never heard that the rest is on disk
    first.records.close()
    second = again(folder, first.port, 4)
    assert second.accounted.foreign == ()
    assert second.run().outcome == "complete"
    assert whole(second) == {2: 4, 1: 5}


@pytest.mark.parametrize("field", [1, 8], ids=["program", "tag"])
def test_another_program_or_tag_that_goes_on_by_its_numbers_is_not_taken_for_the_session(
    field: int, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = again(folder, FakeGun(), 20)
    killed(first, 2_500, monkeypatch)
    made = len(first.port.journal)
    for row in first.port.journal[-2:]:
        row[field] += 1
    second = again(folder, first.port, 5)
    assert [one.number for one in second.accounted.foreign] == [made - 1, made]
    assert second.records.session(1).whole == made - 2


def assumed(folder: Path) -> Visit:
    """A session that lost its gun for good amid a shot, which it assumes to have been given."""
    visit = again(folder, FakeGun(), 20)
    port = visit.port
    port.after(2_550, lambda: setattr(port, "cut", True))
    summary = visit.run()
    assert (summary.outcome, summary.uncertain) == ("interrupted", 1)
    visit.records.close()
    port.cut = False
    port.open()
    port.sleep_s(2)
    return visit


def test_an_assumed_shot_of_which_the_gun_tells_later_is_what_it_tells_and_both_facts_are_kept(folder: Path) -> None:
    first = assumed(folder)
    made = len(first.port.journal)
    second = again(folder, first.port, 5)
    row = second.records.session(1)
    assert (row.whole, row.uncertain) == (made, 0)
    assert row.accounted
    assert row.accounted.shots == made
    (resolution,) = second.records.resolutions(1)
    assert resolution.number is not None
    assert 0 < resolution.number <= made
    with second.records._transaction() as connection:
        kept = connection.exec_driver_sql("SELECT flags FROM shots WHERE n = 0").scalars().all()
    assert kept == [UNCERTAIN]
    assert second.accounted.foreign == ()


def test_an_assumed_shot_that_was_never_made_counts_no_longer(folder: Path) -> None:
    visit = again(folder, FakeGun(), 20)
    port = visit.port
    monkey = port.shot

    def stops(flags: int = 0, depth_um: int = 0, dose_nl: int = 0) -> None:
        if port.cut:
            port._run += 1  # the gun stopped before that shot
            port.state = ARMED
        else:
            monkey(flags, depth_um, dose_nl)

    port.shot = stops  # type: ignore[method-assign]
    port.after(2_550, lambda: setattr(port, "cut", True))
    assert visit.run().uncertain == 1
    visit.records.close()
    port.cut = False
    port.open()
    port.sleep_s(2)
    made = len(port.journal)
    second = again(folder, port, 5)
    row = second.records.session(1)
    assert (row.whole, row.uncertain) == (made, 0)
    assert [resolution.number for resolution in second.records.resolutions(1)] == [None]


@pytest.mark.parametrize("flags", [0, UNCERTAIN])
def test_after_a_power_cut_the_journal_alone_tells_what_became_of_the_session(folder: Path, flags: int) -> None:
    first = assumed(folder)
    port = first.port
    made = len(port.journal)
    port.journal[-1][7] = flags  # with UNCERTAIN: power was lost in it
    port.power_cut()
    second = again(folder, port, 5)
    row = second.records.session(1)
    assert (row.whole + row.uncertain, row.uncertain) == (made, int(bool(flags)))
    told = [shot for shot in second.records.shots(1) if shot.n < 0]
    assert [-shot.n for shot in told] == list(range(made - len(told) + 1, made + 1))
    assert len(told) > 0
    assert second.run().outcome == "complete"
    assert whole(second)[2] == 5


def test_a_formatted_journal_proves_nothing(folder: Path) -> None:
    first = assumed(folder)
    first.port.power_cut()
    first.port.epoch += 1
    first.port.journal.clear()
    second = again(folder, first.port, 5)
    row = second.records.session(1)
    assert (row.uncertain, row.accounted) == (1, None)


def test_what_lies_beyond_the_journals_rows_is_not_proven(folder: Path) -> None:
    first = assumed(folder)
    port = first.port
    port.power_cut()
    port.journal += [[number, 4_711, 0, 1, 10_000, 0, 0, 0, 0] for number in range(len(port.journal) + 1, 400)]
    second = again(folder, port, 5)
    assert second.records.session(1).accounted is None


def test_accounting_twice_is_accounting_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = again(folder, FakeGun(), 20)
    killed(first, 2_500, monkeypatch)
    second = again(folder, first.port, 5)
    before = second.records.session(1)
    assert account(second.gun, second.records) == Accounted(second.accounted.journal, ())
    assert second.records.session(1) == before
    second.records.close()
    with Records.open(f"sqlite:///{folder}/records.db") as records:
        assert account(Gun(first.port), records).foreign == ()
        assert records.session(1) == before
