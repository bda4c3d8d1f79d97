"""A simulated gun runs in real time, at a TCP port or a pseudo-terminal, for any client that opens a serial port.

There is one client at a time, as with a cable. It ends on KeyboardInterrupt; the trace is then complete.
"""

import contextlib
import os
import select
import socket
import time
from collections.abc import Callable, Iterator
from typing import Protocol

from mesogun_sim.desk import Desk

TURN_S = 0.002
TURN_MS = 50  # the gun runs so far at most between two looks at the cable, also when it has to catch up
SILENT_MS = 300  # a laptop that is heard now and then, ten times a second, is never silent for longer


class NoTrace(Exception):
    """The trace was asked for and could not be written whole; the gun was served to the end."""


class End(Protocol):
    """A cable has this end: `exchange` sends what it takes of `data` and returns (taken, received); None when unplugged."""

    def exchange(self, data: bytes, wait_s: float) -> tuple[int, bytes] | None: ...


class TcpEnd:
    def __init__(self, server: socket.socket, say: Callable[[str], None]) -> None:
        self._server = server
        self._say = say
        self._client: socket.socket | None = None

    def exchange(self, data: bytes, wait_s: float) -> tuple[int, bytes] | None:
        readable, _, _ = select.select([self._server, *([self._client] if self._client else [])], [], [], wait_s)
        if self._server in readable:
            self._accept()
        client = self._client
        if client is None:
            return None
        try:
            received = client.recv(65_536) if client in readable else b""
            if client in readable and not received:
                raise ConnectionResetError
            return self._send(client, data), received
        except OSError:
            self._say("client gone")
            client.close()
            self._client = None
            return None

    def _send(self, client: socket.socket, data: bytes) -> int:
        try:
            return client.send(data) if data else 0
        except BlockingIOError:
            return 0

    def _accept(self) -> None:
        client, address = self._server.accept()
        if self._client is not None:
            client.close()
            self._say("a second client was turned away: the cable has one end")
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client = client
        self._say(f"client {address[0]}:{address[1]}")


class PtyEnd:
    def __init__(self, master: int) -> None:
        os.set_blocking(master, False)
        self._master = master

    def exchange(self, data: bytes, wait_s: float) -> tuple[int, bytes] | None:
        readable, _, _ = select.select([self._master], [], [], wait_s)
        try:
            received = os.read(self._master, 65_536) if readable else b""
            try:
                taken = os.write(self._master, data) if data else 0
            except BlockingIOError:
                taken = 0
        except OSError:
            return None
        return taken, received


def serve_tcp(desk: Desk, port: int, speed: float, say: Callable[[str], None]) -> None:
    """The gun is served at 127.0.0.1:`port` (0 means any free one; `say` tells). It raises OSError when the port is taken."""
    with socket.create_server(("127.0.0.1", port)) as server:
        say(f"socket://127.0.0.1:{server.getsockname()[1]}")
        _run(desk, TcpEnd(server, say), speed)


def serve_pty(desk: Desk, speed: float, say: Callable[[str], None]) -> None:
    """The gun is served at a pseudo-terminal, on Linux and macOS; `say` tells its path."""
    with _pty() as (master, path):
        say(path)
        _run(desk, PtyEnd(master), speed)


@contextlib.contextmanager
def _pty() -> Iterator[tuple[int, str]]:
    import pty
    import tty

    master, slave = pty.openpty()
    tty.setraw(slave)  # it is kept open here, so that a client may come and go
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(slave)
        os.close(master)


def _run(desk: Desk, end: End, speed: float) -> None:
    """Silence on the cable lasts as long as it does outside: a busy machine is not taken for a laptop that is gone.

    The gun's clock runs `speed` times real time for SILENT_MS after each word heard; from then on the silence is real time.
    """
    seen_s = heard_s = time.monotonic()
    due_ms, heard_ms = 0.0, 0
    try:
        while True:
            now_s = time.monotonic()
            passed_s, seen_s = now_s - seen_s, now_s
            due_ms = min(due_ms + passed_s * 1000 * speed, heard_ms + max(SILENT_MS, (seen_s - heard_s) * 1000))
            desk.advance(min(int(due_ms), desk.now_ms + TURN_MS), to_byte=True)
            moved = end.exchange(bytes(desk.board.to_host), 0 if desk.now_ms < int(due_ms) else TURN_S)
            if moved is None:
                time.sleep(TURN_S)
                continue
            taken, received = moved
            if taken:
                desk.take(taken)
            if received:
                desk.send(received)
                heard_s, heard_ms = time.monotonic(), desk.now_ms
    finally:
        try:
            desk.close()
        except OSError as error:
            raise NoTrace(error.strerror or str(error)) from error
