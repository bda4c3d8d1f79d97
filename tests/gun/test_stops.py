"""A stop is heeded by whoever has it, once or thirty times, and whoever is around hears of it."""

import signal
import threading

import pytest

from mesogun.gun.stops import SIGNALS, Stops


def handlers() -> list[object]:
    return [signal.getsignal(number) for number in SIGNALS]


def test_ctrl_c_sigterm_and_the_end_of_the_terminal_are_stops() -> None:
    assert [number.name for number in SIGNALS] == [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@pytest.mark.parametrize("number", SIGNALS)
def test_every_stop_is_heeded_and_does_not_end_the_program(number: signal.Signals) -> None:
    before = handlers()
    stops: list[str] = []
    with Stops(lambda: stops.append("stop"), heard=lambda which: stops.append(which.name)):
        signal.raise_signal(number)
    assert stops == [number.name, "stop"]
    assert handlers() == before


def test_a_stop_comes_at_once_where_it_may_and_does_not_break_into_what_follows() -> None:
    with Stops() as stops:
        stops.at_once = True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            pytest.fail("it broke into what follows")


def test_who_is_within_has_the_stops_and_who_is_around_hears_of_them() -> None:
    heard: list[str] = []
    with Stops(lambda: heard.append("around"), heard=lambda which: heard.append(which.name)):
        with Stops(lambda: heard.append("within")):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
    assert heard == ["SIGTERM", "within", "SIGINT", "around"]


def test_what_goes_to_the_end_has_the_stops_until_the_one_around_it_is_left() -> None:
    before = handlers()
    heeded: list[str] = []
    with Stops(lambda: heeded.append("around")):
        with Stops(lambda: heeded.append("within"), to_the_end=True):
            pass
        signal.raise_signal(signal.SIGINT)
    assert heeded == ["within"]
    assert handlers() == before
    with Stops(to_the_end=True):
        pass
    assert handlers() == before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no such signal here")
def test_a_program_that_is_to_outlive_its_terminal_does_and_ctrl_c_is_heeded_all_the_same() -> None:
    before = [signal.signal(number, signal.SIG_IGN) for number in (signal.SIGHUP, signal.SIGINT)]
    heeded: list[str] = []
    try:
        with Stops(heard=lambda which: heeded.append(which.name)):
            signal.raise_signal(signal.SIGHUP)
            signal.raise_signal(signal.SIGINT)
    finally:
        for number, handler in zip((signal.SIGHUP, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert heeded == ["SIGINT"]


def test_where_no_signal_arrives_there_is_nothing_to_heed() -> None:
    before = handlers()
    during: list[list[object]] = []

    def elsewhere() -> None:
        with Stops():
            during.append(handlers())

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert during == [before]
