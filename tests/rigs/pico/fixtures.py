"""A chip to play on, a gun to work with, and MicroPython's `machine` around both."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mesogun_build.bundle import VERSIONS, Bundle, bundle
from mesogun_fw.boards.pico.files import Copies
from mesogun_fw.config import Description
from mesogun_fw.memory import description
from mesogun_fw.memory.journal import Journal
from mesogun_sim.memory import Fram
from rigs.smallfirmware import write_firmware

from . import machine_of_tests

machine_of_tests.install()

from .chip import Chip, wired  # noqa: E402
from .gun import Gun, QuickChip, assembled, mount  # noqa: E402
from .session import SERIAL, Assemble, armed  # noqa: E402


@pytest.fixture
def chip() -> Iterator[Chip]:
    machine_of_tests.forget()
    with wired(Chip()) as one:
        yield one


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A small firmware, ready to be flashed."""
    return bundle(write_firmware(tmp_path_factory.mktemp("source"), 100), "armv6m", 31, VERSIONS[0])


@pytest.fixture
def root(tmp_path: Path, small: Bundle, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A board's file system as `mesogun flash` leaves it."""
    mount(tmp_path, monkeypatch)
    for file in (small.main, *small.files):
        path = Path(f"{tmp_path}{file.path}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.data)
    return tmp_path


@pytest.fixture(scope="session")
def journal() -> bytes:
    """An FRAM with the empty journal of this gun."""
    fram = Fram()
    Journal(fram).format(SERIAL)
    return bytes(fram.image)


@pytest.fixture
def assemble(root: Path, journal: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assemble]:
    """Assembles one gun, not yet started, whose timer has run since `at_us`; after each other several with one flash."""
    open_ = []

    def gun(at_us: int = 0, fram: bytes = journal, described: bool = True) -> Gun:
        machine_of_tests.forget()
        chip = QuickChip()
        chip.rp.clock.tick(1_000 * at_us)
        for context in (wired(chip), assembled(chip, root, fram, monkeypatch)):
            open_.append(context)
            one: Any = context.__enter__()
        if described:
            description.store(Copies(lambda on: None), Description())
        return one  # type: ignore[no-any-return]

    yield gun
    for context in reversed(open_):
        context.__exit__(None, None, None)


@pytest.fixture
def gun(assemble: Assemble) -> Gun:
    """One that stands armed on the skin."""
    return armed(assemble().start())
