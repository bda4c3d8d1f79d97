"""The simulated board keeps a player's promises; the simulated hand behaves like a person's."""

import json
from pathlib import Path

import pytest
from rigs.rig import Rig, a_pass, figures_of, settings_of
from rigs.tape import Tape

from mesogun_fw import limits
from mesogun_fw.guard.inputs import ELAPSED_US, ESTOP_OPEN, LISTS_PLAYED, NEEDLE_UM, PLAYING, TRIGGER_A
from mesogun_fw.stroke import stepper
from mesogun_fw.stroke.language import Stroke
from mesogun_fw.stroke.retreat import NEEDLE_STEP
from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, RUNNING
from mesogun_sim.board import ENCODER_START_UM, FIFO_BYTES, SimBoard
from mesogun_sim.desk import Desk
from mesogun_sim.faults import BREAKAGES, Fault, parse
from mesogun_sim.practitioner import Practitioner
from mesogun_sim.trace import Trace

PASS = a_pass(period_us=150_000)


class Bench:
    """A board alone, its clock in the test's hand, a stroke of 2 mm loaded."""

    def __init__(self) -> None:
        self.us = 0
        self.tape = Tape(Trace(1, None))
        self.board = SimBoard(1, lambda: self.us, self.tape)
        self.player = self.board.player
        self.stroke = Stroke()
        stepper.compile(self.stroke, settings_of(PASS), self.board.description)
        self.player.load(self.stroke, 0)
        self.board.enable(True)

    def at(self, us: int) -> tuple[int, int, int]:
        """(playing, elapsed, periods) at that time."""
        self.us = us
        x = self.board.sense()
        return x[PLAYING], x[ELAPSED_US], x[LISTS_PLAYED]


def test_one_period_is_played_and_no_more() -> None:
    bench = Bench()
    bench.player.start(0, 0)
    assert bench.at(149_999) == (1, 149_999, 1)
    assert bench.at(150_000) == (0, 0, 1)


def test_a_granted_period_follows_without_a_gap_and_is_the_last() -> None:
    bench = Bench()
    bench.player.start(0, 0)
    bench.at(145_000)
    bench.player.grant(0, 1)
    assert bench.at(150_000) == (1, 0, 2)
    assert bench.at(300_000) == (0, 0, 2)
    assert [play.start_us for play in bench.tape.plays] == [0, 150_000]


def test_a_granted_period_can_be_revoked_until_it_begins() -> None:
    bench = Bench()
    bench.player.start(0, 0)
    bench.player.grant(0, 0)
    bench.player.revoke()
    assert bench.at(150_000) == (0, 0, 1)


def test_a_halt_tells_the_words_put_and_forgets_what_was_granted() -> None:
    bench = Bench()
    bench.player.start(0, 0)
    bench.player.grant(0, 0)
    bench.at(5_000)
    steps = bench.tape.count(NEEDLE_STEP)
    words = bench.player.halt()
    assert bench.at(5_001) == (0, 0, 1)
    assert (words - 1) // 2 <= bench.tape.count(NEEDLE_STEP) - steps <= words // 2
    assert bench.at(200_000)[0] == 0


@pytest.mark.parametrize("us", range(0, 60_000, 700))
def test_the_way_back_from_any_moment_ends_at_home(us: int) -> None:
    bench = Bench()
    bench.player.start(0, 0)
    bench.at(us)
    entries = bench.stroke.way_back(bench.stroke, bench.player.halt(), 0)
    bench.player.go_away(0, entries)
    if figures_of(PASS).back_start_us > us:
        assert bench.at(us + 1)[0] == 2
        bench.at(us + 100_000)
        position = deepest = 0
        for _, inwards in bench.tape.rises(NEEDLE_STEP):
            position += -1 if inwards else 1
            deepest = max(deepest, position)
        assert position == 0
        assert deepest <= 200


def test_an_estop_cuts_the_motor_whatever_the_firmware_does() -> None:
    bench = Bench()
    bench.player.start(0, 0)
    bench.at(20_000)
    bench.board.estop = 1
    bench.at(21_000)
    assert not bench.board.energised
    assert bench.board.inputs[ESTOP_OPEN] == 1
    assert bench.board.axis.tip_um(60_000) == 0


def test_the_encoder_starts_anywhere_and_is_off_by_a_micrometre_at_most() -> None:
    bench = Bench()
    seen = set()
    for ms in range(200):
        bench.at(ms * 1000)
        seen.add(bench.board.inputs[NEEDLE_UM] - ENCODER_START_UM)
    assert seen == {-1, 0, 1}


def test_a_host_that_does_not_read_fills_the_cable_and_no_more() -> None:
    bench = Bench()
    line = bytearray(b"x" * 400)
    assert bench.board.write(line, 400)
    assert bench.board.write(line, 400)
    assert not bench.board.write(line, FIFO_BYTES - 799), "a line is taken whole or not at all"
    assert bench.board.write(line, FIFO_BYTES - 800)
    assert not bench.board.write(line, 1)
    assert bench.board.to_host == b"x" * FIFO_BYTES


def test_a_stuck_trigger_contact_stays_closed_when_the_finger_lets_go() -> None:
    rig = Rig()
    rig.happen("trigger-a-stuck")
    rig.press(in_ms=5)
    rig.release(in_ms=10)
    rig.wait(20)
    assert rig.board.inputs[TRIGGER_A] == 1


def test_every_fault_can_be_named_on_a_command_line() -> None:
    for name in BREAKAGES:
        assert parse(f"{name}@1500") == Fault(name, 1_500)
    assert parse("lift@10-20") == Fault("lift", 10, 20)
    for wrong in ("lift", "lift@", "lift@x", "nothing@5", "needle-stall@5-9"):
        with pytest.raises(ValueError, match=r"a fault is|does not end"):
            parse(wrong)


def test_the_hand_homes_in_the_air_shoots_on_the_skin_and_lets_go_of_a_fault() -> None:
    desk = Desk(5)
    hand = desk.hand
    assert isinstance(hand, Practitioner)
    board = desk.board
    for lamp, trigger, contact in ((HOMING, 1, 0), (IDLE, 0, 0), (ARMED, 1, 1), (FAULTED, 0, 0)):
        board.state = lamp
        hand.look(desk.now_ms)
        for _ in range(3_000):
            desk.now_ms += 1
            hand.move(desk.now_ms)
        assert (board.trigger_a, board.trigger_b) == (trigger, trigger), lamp
        assert (board.contact_a, board.contact_b) == (contact, contact), lamp


@pytest.mark.slow
def test_the_hand_gives_the_gun_time_to_take_a_press_for_a_fresh_one() -> None:
    for seed in range(20):
        rig = Rig(seed, hand=True, row_shots=3)
        rig.ask("hello", 1)
        rig.ask("home")
        rig.until_lamp(IDLE)
        rig.load(a_pass(shots=8))
        rig.arm()
        rig.until_lamp(IDLE)
        assert [shot["flags"] & 1 for shot in rig.told("shot")].count(0) == 8
        assert rig.told("ended")[-1]["done"] == 8


def test_rows_end_after_the_shots_that_the_hand_makes_in_a_row() -> None:
    rig = Rig(hand=True, row_shots=4)
    rig.ask("hello", 1)
    rig.ask("home")
    rig.until_lamp(IDLE)
    rig.load(a_pass(shots=12, period_us=500_000))
    rig.arm()
    rig.until_lamp(RUNNING)
    rig.until_lamp(ARMED)
    assert 4 <= rig.told("ended")[-1]["done"] <= 5


def test_device_json_says_what_the_gun_is(tmp_path: Path) -> None:
    rig = Rig(9, trace=tmp_path)
    rig.ready()
    rig.desk.close()
    device = json.loads((tmp_path / "device.json").read_text())
    assert device["depth_cap_um"] == limits.DEPTH_CAP_UM
    assert (device["seed"], device["drive"], device["simulated"]) == (9, "stepper", True)
    assert (device["needle_nm_per_step"], device["syringe_bore_um"]) == (10_000, 12_060)
