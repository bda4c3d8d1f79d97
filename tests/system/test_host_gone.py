"""The laptop dies or freezes in the middle of a pass: the gun, in a process of its own and in real time, looks after itself."""

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rigs import outside
from rigs.whole import (
    CONTINUOUS,
    HOST,
    GunProcess,
    Line,
    give,
    gun_process,
    messages,
    plan_of,
    program,
    protocol,
    recorded,
    reported,
)

from mesogun.gun.client import Gun
from mesogun.records import Records
from mesogun_fw.talk import reasons
from mesogun_fw.talk.codes import PARTIAL

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no such signals here")

LONG = protocol(CONTINUOUS | {"points": 14})
NEXT = protocol(CONTINUOUS | {"points": 3})
BOUND_US = 520_000  # heartbeats are aged at 500 ms; then 20 ms, and the retract stroke (DOMAIN 5)


@contextmanager
def host_process(gun: GunProcess, db: str, shots: int) -> Iterator["subprocess.Popen[str]"]:
    """A host in a session of its own, somewhere in a stroke after so many shots."""
    host = program(HOST, gun.url, db, LONG)
    try:
        assert host.stdout is not None
        while int(host.stdout.readline()) < shots:
            pass
        time.sleep(0.23)
        yield host
    finally:
        host.kill()
        host.communicate()


def silences(trace: Path) -> list[tuple[Line, Line]]:
    """(last beat before it, the gun's report of the pause) of each time that the gun missed its host."""
    log = messages(trace)
    paused = {line.fields["n"]: line for line in log if line.name == "ended" and line.fields["reason"] == reasons.LINK_SILENT}
    beats = [line for line in log if line.name == "beat"]
    # a report that was lost is told again later: when it happened counts
    return [([beat for beat in beats if beat.at_us < line.fields["at_ms"] * 1000][-1], line) for line in paused.values()]


def needle_was_home_in_time(trace: Path, silence: tuple[Line, Line]) -> None:
    """And nothing moved from then on until the gun was armed again."""
    beat, _ = silence
    strokes = outside.strokes(trace)
    retract_us = max(stroke.end_us - stroke.turned_us for stroke in strokes)
    armed_us = min((line.at_us for line in messages(trace) if line.name == "arm" and line.at_us > beat.at_us), default=1 << 60)
    caught = [stroke for stroke in strokes if stroke.start_us < armed_us][-1]
    assert caught.ends_at == 0
    assert beat.at_us < caught.end_us <= beat.at_us + BOUND_US + retract_us
    assert not [stroke for stroke in strokes if caught.end_us < stroke.start_us < armed_us]


@pytest.mark.long
@pytest.mark.slow
def test_a_host_killed_in_mid_pass_leaves_the_needle_home_and_no_shot_unrecorded(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/records.db"
    trace = tmp_path / "trace"
    with gun_process(trace) as gun:
        with host_process(gun, db, shots=7) as host:
            host.send_signal(signal.SIGKILL)
            host.wait()
        time.sleep(0.9)

        with Records.open(db) as records:
            (interrupted,) = records.unfinished()
            known = recorded(records)
            on_disk = {shot.n for shot in records.shots(interrupted.id)}
            assert interrupted.whole == len(known) > 0
            records.acknowledge(interrupted.id, "Dr. Example", "the laptop went out")
            with Gun.connect(gun.url) as again:
                assert [event for event in again.earlier if event.name == "shot"], "the gun kept what nobody had on disk"
                assert give(again, records, plan_of(NEXT)).outcome == "complete"
            first, second = recorded(records, 1), recorded(records, 2)

    assert first + second == reported(trace)
    assert first[: len(known)] == known
    assert len(first) > len(known)
    assert len(first) + len(second) == len(outside.strokes(trace))
    for silence in silences(trace):
        needle_was_home_in_time(trace, silence)
    log = messages(trace)
    again_us = [line.at_us for line in log if line.name == "hello"][-1]
    acked = max(line.fields["ack"] for line in log if line.name == "beat" and line.at_us < again_us)
    let_go = {line.fields["n"] for line in log if line.name == "shot" and line.fields["n"] <= acked}
    assert let_go, "the host had told the gun to forget some"
    assert let_go <= on_disk


@pytest.mark.long
@pytest.mark.slow
def test_a_frozen_host_finds_the_gun_paused_and_goes_on_without_losing_a_shot(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path}/records.db"
    trace = tmp_path / "trace"
    with gun_process(trace) as gun, host_process(gun, db, shots=4) as host:
        host.send_signal(signal.SIGSTOP)
        time.sleep(1.0)
        host.send_signal(signal.SIGCONT)
        said, _ = host.communicate(timeout=30)
        assert said.split()[-1] == "complete"

    with Records.open(db) as records:
        assert records.unfinished() == []
        assert recorded(records) == reported(trace)
        assert len([shot for shot in records.shots(1) if not shot.flags & PARTIAL]) == 14
    for silence in silences(trace):
        needle_was_home_in_time(trace, silence)
    assert silences(trace)
