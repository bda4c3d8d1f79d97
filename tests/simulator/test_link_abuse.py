"""Whatever comes down the cable, and however little is read: no tick missed, no shot unasked for, no event lost, memory bounded.

HYPOTHESIS_PROFILE=nightly sends a million mutated lines instead of twenty thousand.
"""

import random
from collections.abc import Callable

import pytest
from rigs.guns import SETUPS, Gun, shooting
from rigs.marks import mostly_slow
from rigs.search import times
from rigs.witness import Witness

from mesogun_fw import limits
from mesogun_fw.config import REFERENCE
from mesogun_fw.device.wire import BUFFER
from mesogun_fw.talk import frames
from mesogun_fw.talk.messages import ASK, FAULTED, IDLE, MESSAGES, RUNNING
from mesogun_sim.board import FIFO_BYTES

LINES = times(20_000, nightly=1_000_000, least=20_000)
ASKS = [(row[0], row[2]) for row in MESSAGES if row[1] == ASK]
USB_BYTES_MS = 1_200  # what full-speed USB carries in a millisecond


class Abuser:
    """Makes lines: good ones of every request, and what can become of them on the way or in a bad head."""

    def __init__(self, gun: Gun, seed: int) -> None:
        self._gun = gun
        self._random = random.Random(seed)
        self._sent: list[bytes] = [b"\n"]
        self._asks = [row for row in ASKS if seed % 4 == 0 or row[0] != "restart"]  # after that there is little to abuse
        self.seq = gun.seq

    def good(self) -> bytes:
        """Well formed, of the right number more often than not, its values on and between their limits."""
        pick = self._random
        name, fields = pick.choice(self._asks)
        values = (
            list(REFERENCE)
            if name == "configure" and pick.random() < 0.5
            else [pick.choice((low, high, pick.randint(low, high))) for _, low, high in fields]
        )
        if pick.random() < 0.7:
            self.seq = self.seq % frames.SEQ_MAX + 1
        return frames.encode(self.seq, name, values)

    def line(self, broken: bool) -> bytes:
        """`broken`: by the way only, so that its sum tells."""
        pick = self._random
        line = bytearray(self.good())
        what = pick.randrange(5 if broken else 12)
        at = pick.randrange(len(line))
        if what == 0:
            line[at] ^= 1 << pick.randrange(8)
        elif what == 1:
            line[at] = pick.choice((0, 3, 4, 10, 13, 127, 128, 255))
        elif what == 2:
            del line[at : at + pick.randint(1, 9)]
        elif what == 3:
            line[at:at] = bytes(pick.randrange(256) for _ in range(pick.randint(1, 9)))
        elif what == 4:
            line = line[:at]
        elif what == 5:
            line[at:at] = line[pick.randrange(len(line)) :]
        elif what == 6:
            line = bytearray(pick.choice(self._sent))  # replayed
        elif what == 7:
            # a good sum over a bad text
            text = bytearray(line[line.index(b" ") + 1 : line.rindex(b" ")])
            text[pick.randrange(len(text))] = pick.randrange(32, 127)
            line = bytearray(frames.seal(self.seq, text.decode("ascii")))
        elif what == 8 and pick.random() < 0.05:
            line[at:at] = bytes((pick.choice((65, 3, 0, 255)),)) * 3_000
        elif what == 9 and pick.random() < 0.2:
            # what gets the device to listen again
            self.seq = self.seq % frames.SEQ_MAX + 1
            line = bytearray(frames.encode(self.seq, "hello", [1]))
        self._sent = [*self._sent[-20:], bytes(line)]
        return bytes(line)


class Watched:
    """Counts a gun's ticks against its clock, and what its wire holds."""

    def __init__(self, gun: Gun, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gun = gun
        self.ticks = self.stalled_ms = 0
        self._start_ms = gun.now_ms
        device = gun.device
        tick, stall = device.guard.tick, gun.desk._stall

        def ticked(now_ms: int) -> None:
            self.ticks += 1
            tick(now_ms)

        def stalled(us: int) -> None:
            before = gun.now_ms
            stall(us)
            self.stalled_ms += gun.now_ms - before

        monkeypatch.setattr(device.guard, "tick", ticked)
        monkeypatch.setattr(gun.board, "on_busy", stalled)

    def is_well(self) -> None:
        gun = self.gun
        assert self.ticks == gun.now_ms - self._start_ms - self.stalled_ms, "a tick was missed"
        wire, events = gun.device.wire, gun.device.events
        assert wire._filled <= len(wire._buffer) == BUFFER
        assert wire._waiting_size <= len(wire._waiting) <= limits.LINE_MAX
        assert events.kept() <= limits.EVENTS_KEPT
        assert len(gun.board.to_host) <= FIFO_BYTES


def answers_again(gun: Gun) -> None:
    """The host comes back: one hello, and every event that it has not had follows, without a gap."""
    gun.set(trigger_a=0, trigger_b=0)
    gun.board.to_device.clear()
    gun.desk.send(b"\n")
    for _ in range(200):
        gun.desk.advance(gun.now_ms + 5)
        gun.desk.receive()
    gun._received = b""
    gun.seq = 4_000
    gun.beats = True
    assert gun.ask("hello", 1, settle_ms=5_000)[0] == "welcome"
    gun.ask("events", gun.last_event + 1)
    gun.wait(1_000)
    numbers = [fields["n"] for _, fields in gun.events]
    assert numbers == list(range(1, gun.device.events.last + 1)), "an event was lost"


def stop_moves(gun: Gun) -> int:
    return sum(bool(play.timeline.stop_us) for play in gun.tape.plays)


def listen(gun: Gun) -> None:
    """Read what the device says, as a host does that is not interested."""
    for line in gun.desk.receive().split(b"\n"):
        assert len(line) < limits.LINE_MAX


@pytest.mark.parametrize("name", mostly_slow(["motor, continuous", "air, continuous"]))
def test_mutated_lines_move_nothing_and_lose_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the middle of treatments: shots go on being made by the hand, and only by it."""
    sent = 0
    seed = 0
    shots = configured = 0
    while sent < LINES // 2:
        seed += 1
        gun = shooting(name).again()
        witness = Witness(gun)
        placed = stop_moves(gun)
        watched = Watched(gun, monkeypatch)
        abuser = Abuser(gun, seed)
        gun.beats = False
        restarts = gun.board.restarts
        for count in range(1_000):
            gun.desk.send(abuser.line(broken=bool(seed % 2)))
            if seed % 2 and count % 90 == 0:
                gun.desk.send(b"\n")
                gun.say("beat", 0)  # the true host, on a cable that garbles
            if count in (500, 720):
                gun.set(trigger_a=count // 720, trigger_b=count // 720)
            for _ in range(6):  # a line takes so long
                gun.desk.advance(gun.now_ms + 1)
                if gun.board.restarts == restarts:
                    watched.is_well()
            if count % 7 == 0:
                gun.desk.receive()
            if gun.board.restarts != restarts:
                break  # another device: what it reports is counted from one again
        sent += count
        shots += witness.begun
        configured += bool(watched.stalled_ms)
        if gun.board.restarts == restarts:
            answers_again(gun)
            assert gun.device.wire.bad_lines > 50
            made = 1 + witness.begun - (stop_moves(gun) - placed)  # the stop's way is no shot
            assert len(gun.told("shot")) == witness.reported == made, "a shot without its report, or a report too many"
    assert shots > 2 * seed, "nothing was going on"
    assert configured, "no line was good enough to be done"


FLOODS: dict[str, Callable[[int], bytes]] = {
    "noise": lambda ms: random.Random(ms).randbytes(USB_BYTES_MS),
    "Ctrl-C": lambda ms: b"\x03" * USB_BYTES_MS,
    "NULs": lambda ms: b"\0" * USB_BYTES_MS,
    "line feeds": lambda ms: b"\n" * USB_BYTES_MS,
    "one line without an end": lambda ms: b"A" * USB_BYTES_MS,
    "half lines": lambda ms: frames.encode(ms % 9_000 + 1, "arm", [0])[:9] * 130,
    "stale lines": lambda ms: frames.encode(7, "disarm", []) * 60,
    "wrong sums": lambda ms: frames.encode(ms % 9_000 + 1, "disarm", []).replace(b"*", b"*0") * 50,
}


@pytest.mark.parametrize("name", ["motor, continuous", "air, constant flow"])
@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_at_full_speed_in_the_middle_of_shots(name: str, flood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The host is drowned, so the gun pauses in time; until then it goes on undisturbed."""
    gun = shooting(name).again()
    watched = Watched(gun, monkeypatch)
    witness = Witness(gun)
    before = len(gun.strokes())
    gun.beats = False
    for ms in range(900):
        # what the device does not take, a USB host keeps: it sends no more than is taken
        gun.desk.send(FLOODS[flood](ms)[: max(0, 4 * USB_BYTES_MS - len(gun.board.to_device))])
        gun.desk.advance(gun.now_ms + 1)
        listen(gun)
        watched.is_well()
    assert len(gun.strokes()) - before == witness.begun
    assert gun.board.state == IDLE, "paused, for nobody was heard"
    assert not gun.board.energised
    answers_again(gun)
    assert len(gun.told("shot")) == len(gun.strokes()) >= 1


@pytest.mark.slow
def test_replies_that_are_never_read_stop_the_gun_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two minutes: a host that writes and does not read. Its beats are not taken any more, so it is a silent host."""
    gun = shooting("motor, continuous").again()
    watched = Watched(gun, monkeypatch)
    begun_ms = gun.now_ms
    for _ in range(1_200):
        gun.seq += 1
        if len(gun.board.to_device) < 4_000:
            gun.desk.send(frames.encode(gun.seq, "beat", [0]))
        gun.desk.advance(gun.now_ms + 100)
        watched.is_well()
    assert gun.now_ms - begun_ms >= 120_000
    assert gun.board.state == IDLE
    assert FIFO_BYTES - limits.LINE_MAX < len(gun.board.to_host) <= FIFO_BYTES
    kept = len(gun.strokes())
    answers_again(gun)
    assert len(gun.told("shot")) == kept > 1


def test_lines_sent_again_or_out_of_order_are_done_once_and_change_nothing() -> None:
    gun = shooting("motor, continuous").again()
    gun.wait(30)
    stale = [frames.encode(seq, "disarm", []) for seq in range(max(1, gun.seq - 40), gun.seq)]
    for line in stale + stale[::-1]:
        gun.desk.send(line)
        gun.wait(10)  # no faster than it can be answered: else the beats behind them come too late
    assert gun.board.state == RUNNING
    line = frames.encode(gun.seq + 1, "adjust", list(SETUPS["motor, single"].one[4:]))
    for _ in range(8):  # more would take longer than the gun waits for a beat
        gun.desk.send(line)
    gun.seq += 1
    gun.wait(400)
    assert gun.ask("watch")[0] == "watched"
    assert gun.board.state == RUNNING, gun.told("ended")
    assert {shot["period_us"] for shot in gun.told("shot")} == {110_300, 150_000}


@pytest.mark.parametrize("request_", ["format", "configure", "prime", "gauge", "home", "restart", "selftest"])
def test_no_request_disturbs_shots_that_are_being_made(request_: str) -> None:
    gun = shooting("air, continuous").again()
    fields = dict(ASKS)[request_]
    values = [gun.board.serial] if request_ == "format" else [low for _, low, _ in fields]
    for _ in range(30):
        assert gun.ask(request_, *values)[0] == "refused"
        gun.wait(10)
    assert gun.board.state == RUNNING != FAULTED
    assert len(gun.strokes()) == 1 + (gun.desk.now_us() - gun.strokes()[0].start_us) // 100_300
    assert gun.device.journal.summary()[0] >= 2
