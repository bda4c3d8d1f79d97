"""`mesogun device`, called in this process, on the simulated gun or on one that can be made to say anything."""

import json
import tempfile
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mesogun.cli import mesogun
from mesogun.gun.client import Gun
from mesogun.gun.wire import WireLog
from rigs.fakegun import FakeGun
from rigs.schemas import valid


def call(*arguments: str, typed: str = "") -> Result:
    """A command on the simulated gun, unless a port is named."""
    env = {"MESOGUN_HOME": tempfile.gettempdir()}
    gun = () if "--port" in arguments else ("--sim",)
    return CliRunner().invoke(mesogun, ("device", *arguments, *gun), input=typed, env=env)


def told(*arguments: str, typed: str = "", code: int = 0) -> dict[str, Any]:
    """The last line of a command with --json, and its only one."""
    result = call(*arguments, "--json", typed=typed)
    assert result.exit_code == code, result.output
    (line,) = result.stdout.splitlines()
    answer: dict[str, Any] = json.loads(line)
    return valid(answer)


def fake_at_every_port(monkeypatch: pytest.MonkeyPatch) -> FakeGun:
    port = FakeGun()

    def connect(url: str, wire: WireLog | None = None) -> Gun:
        port.open()
        return Gun(port, wire)

    monkeypatch.setattr(Gun, "connect", connect)
    return port
