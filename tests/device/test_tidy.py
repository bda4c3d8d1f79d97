"""Memory is put in order while nobody waits for anything: otherwise it would be in the midst of a turn, and leave holes."""

from itertools import pairwise

import pytest
from rigs.rig import Rig, a_pass

from mesogun_fw.device.loop import TIDY_IDLE_MS, TIDY_MS
from mesogun_fw.talk.messages import IDLE, RUNNING, UNHOMED


def watched(rig: Rig, patch: pytest.MonkeyPatch) -> tuple[list[int], list[int]]:
    """When memory was put in order, and when a turn had anything to do."""
    tidied: list[int] = []
    worked: list[int] = []
    device = rig.device

    def tidy(idle: bool) -> None:
        assert idle == (rig.board.state in (IDLE, UNHOMED))
        tidied.append(rig.now_ms)

    patch.setattr(rig.board, "tidy", tidy)
    for what, name in ((device.wire, "answer"), (device.events, "new"), (device.journal, "done")):

        def noticed(*values: object, real: object = getattr(what, name)) -> object:
            worked.append(rig.now_ms)
            return real(*values)  # type: ignore[operator]

        patch.setattr(what, name, noticed)
    return tidied, worked


@pytest.mark.parametrize("period_us", [100_000, 200_000, 333_333])
def test_it_is_done_every_second_of_shots_and_never_in_a_turn_that_has_anything_to_do(
    period_us: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = Rig().ready(a_pass(period_us=period_us, depth_um=1_000, dose_nl=1_000))
    rig.press()
    rig.until(lambda: rig.board.state == RUNNING)
    tidied, worked = watched(rig, monkeypatch)
    rig.wait(6_000)
    assert rig.board.state == RUNNING
    assert len(rig.told("shot")) > 15
    assert 4 <= len(tidied) <= 6
    assert all(later - sooner >= TIDY_MS for sooner, later in pairwise(tidied))
    assert not set(tidied) & set(worked)


def test_a_gun_that_waits_does_it_more_often_and_between_the_messages_of_a_program_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.home()
    tidied, worked = watched(rig, monkeypatch)
    rig.wait(2_000)
    assert 8 <= len(tidied) <= 10
    assert all(later - sooner >= TIDY_IDLE_MS for sooner, later in pairwise(tidied))
    for _ in range(40):
        rig.load(a_pass())
    assert rig.now_ms > tidied[-1]
    assert all(later - sooner <= 2 * TIDY_IDLE_MS for sooner, later in pairwise(tidied))
    assert not set(tidied) & set(worked)
