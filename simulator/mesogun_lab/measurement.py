"""There is one way of making a report: jobs, each measured by itself, wherever there is a processor for it; then a row for each."""

import multiprocessing
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from mesogun.refusal import MesogunError
from mesogun.telling import to_dict
from mesogun.version import __version__
from mesogun_lab.bench import Stopped

if TYPE_CHECKING:
    from matplotlib.figure import Figure


# Okabe and Ito's colours, which everybody can tell apart, as in the picture of a session.
ENCODER, PLUNGER, DEPTH = "#66727c", "#0072b2", "#d55e00"


class Job(Protocol):
    @property
    def words(self) -> str: ...


J = TypeVar("J", bound=Job)
M = TypeVar("M")


@dataclass(frozen=True)
class Measurement(Generic[J, M]):
    """`jobs` are a few, or with True all; `measure` runs in a process of its own where there are several. A heading that begins
    with a blank is a number's. `method` says what is measured and how, and what it does not say."""

    name: str
    title: str
    method: str
    jobs: Callable[[bool], Iterable[J]]
    measure: Callable[[J], M]
    headings: tuple[str, ...]
    row: Callable[[M], tuple[str, ...]]
    draw: Callable[["Figure", Sequence[M]], None]


@dataclass(frozen=True)
class NotMeasured:
    job: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was measured, in the order of its jobs, by a simulated gun."""

    schema: str
    title: str
    method: str
    version: str = __version__
    simulated: bool = True
    results: tuple[Any, ...]
    not_measured: tuple[NotMeasured, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return to_dict(self)


def report(of: Measurement[J, M], jobs: Sequence[J], processes: int = 1, on_done: Callable[[], object] = lambda: None) -> Report:
    results: list[M] = []
    missing: list[NotMeasured] = []
    for one in _made(of, jobs, processes):
        if isinstance(one, NotMeasured):
            missing.append(one)
        else:
            results.append(one)
        on_done()
    return Report(schema=f"lab-{of.name}/1", title=of.title, method=of.method, results=tuple(results), not_measured=tuple(missing))


def _made(of: Measurement[J, M], jobs: Sequence[J], processes: int) -> Iterator[M | NotMeasured]:
    work = _Work(of.measure)
    if processes == 1:
        yield from map(work, jobs)
        return
    with multiprocessing.Pool(processes, initializer=_only_the_parent_is_stopped) as pool:  # leaving it ends them
        yield from pool.imap(work, jobs)


class _Work(Generic[J, M]):
    """Measures; a gun that cannot do it, or stops by itself, is a finding."""

    def __init__(self, measure: Callable[[J], M]) -> None:
        self._measure = measure

    def __call__(self, job: J) -> M | NotMeasured:
        try:
            return self._measure(job)
        except (MesogunError, Stopped) as why:
            return NotMeasured(job.words, str(why))


def _only_the_parent_is_stopped() -> None:
    """Ctrl-C reaches every process of a terminal; the parent heeds it and ends the others by SIGTERM."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if name in signal.Signals.__members__:
            signal.signal(signal.Signals[name], signal.SIG_DFL)
