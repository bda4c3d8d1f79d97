"""A port that is taken, or that belongs to something else: said clearly, nothing moved, and whoever has it undisturbed."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rigs.marks import slow
from rigs.whole import CONTINUOUS, give, gun_process, messages, plan_of, protocol, recorded, reported

from mesogun.gun.client import Gun
from mesogun.gun.port import NoGun
from mesogun.records import Records
from mesogun.records.tally import Progress
from mesogun_sim.desk import Desk
from mesogun_sim.serve import serve_pty


def refusal_at(url: str) -> str:
    """What a person is told who names this port."""
    with pytest.raises(NoGun) as refused:
        Gun.connect(url)
    assert refused.value.exit_code == 2
    (problem,) = refused.value.problems
    assert (problem.field, problem.value) == ("port", url)
    return problem.limit


@pytest.mark.slow
def test_a_second_host_is_turned_away_and_the_first_one_does_not_notice(tmp_path: Path) -> None:
    told: list[str] = []
    intruder = threading.Thread(target=lambda: told.append(refusal_at(process.url)))

    def watch(now: Progress) -> None:
        if now.done == 2 and not intruder.ident:
            intruder.start()

    with gun_process(tmp_path / "trace") as process:
        with Records.open(f"sqlite:///{tmp_path}/records.db") as records, Gun.connect(process.url) as gun:
            summary = give(gun, records, plan_of(protocol(CONTINUOUS | {"points": 6})), on_progress=watch)
            rows = recorded(records)
        intruder.join()
    assert "another program is using it" in told[0]
    assert (summary.outcome, summary.shots) == ("complete", 6)
    assert rows == reported(tmp_path / "trace")
    assert len([line for line in messages(tmp_path / "trace") if line.name == "hello"]) == 1


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo terminals")
def test_a_second_host_at_a_pseudo_terminal_is_refused_until_the_first_one_leaves() -> None:
    class SwitchedOff(Exception):
        pass

    paths: list[str] = []
    told = threading.Event()
    over = threading.Event()

    def say(path: str) -> None:
        paths.append(path)
        told.set()

    def watch() -> None:
        if over.is_set():
            raise SwitchedOff

    def serve() -> None:
        desk = Desk()
        desk.watch = watch
        with contextlib.suppress(SwitchedOff):
            serve_pty(desk, 1.0, say)

    gun_thread = threading.Thread(target=serve)
    gun_thread.start()
    told.wait(10)
    try:
        with Gun.connect(paths[0]):
            assert refusal_at(paths[0]) == "another program is using it"
        Gun.connect(paths[0]).close()
    finally:
        over.set()
        gun_thread.join()


# ---- something else is there ----


def silence(client: socket.socket) -> None:
    while client.recv(4_096):
        pass


def noise(client: socket.socket) -> None:
    while True:
        client.sendall(bytes(range(256)))


def hanging_up(client: socket.socket) -> None:
    client.recv(1)


def web_server(client: socket.socket) -> None:
    client.recv(4_096)
    client.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: example\r\nConnection: close\r\n\r\n")


@contextlib.contextmanager
def listening(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A port where something talks like that."""

    def serve() -> None:
        while True:
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                talk(client)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.long
@pytest.mark.parametrize(
    ("talk", "told"),
    [
        slow((silence, "nothing answers")),
        slow((noise, "something answers that is no mesogun")),
        (hanging_up, "the other end hung up"),
        (web_server, "something answers that is no mesogun"),
    ],
)
def test_what_is_no_gun_is_told_from_one(talk: Callable[[socket.socket], None], told: str) -> None:
    with listening(talk) as url:
        assert told in refusal_at(url)
