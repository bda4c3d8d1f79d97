"""A line of a wire log, of a trace or from a terminal is said in words: which message, its fields with units, why and what to do.

What a line is, frames.py alone knows; what a message is, the table of messages.
"""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from mesogun.gun import explanations
from mesogun.gun.answers import flags_of
from mesogun.gun.explanations import Reason, RefusalCode
from mesogun.gun.words import DeviceRefused, dotted, figure_in_words, reason_in_words
from mesogun_fw.talk import codes, frames, messages
from mesogun_fw.talk.messages import BY_NAME

LINE = re.compile(r"(?:(?:(?P<time>\d{1,17}) )?(?P<way>[<>]) )?(?P<line>.*)", re.DOTALL)
DATES_US = 10**14  # what is larger is a date: no gun is on for three years
GOOD, WRONG, MISSING = "good", "wrong", "missing"
_WHY = {
    "length": "it is longer or shorter than any message",
    "not printable": "it has characters that no message has",
    "no such message": "the table of messages has none of this name",
    "sequence number": "its sequence number is none",
    "fields": "it has more or fewer fields than this message has",
    "field order": "it has other fields than this message has, or in another order",
    "number": "a number is not written as messages have it",
}
MODES = {
    messages.SINGLE: "single",
    messages.BURST: "burst",
    messages.CONTINUOUS: "continuous",
    messages.CONSTANT_FLOW: "constant flow",
    messages.RETROGRADE: "retrograde",
}


@dataclass(frozen=True)
class Decoded:
    """Decoded is one line. `time_us` is of the gun's clock, or a date where a laptop kept the line; None when it has no time.

    `way` is > to the gun, < from it. `crc` is good, wrong or missing; `problem` says why the line is no message of ours: what
    it would say with a good CRC is there all the same. `words` are for a person.
    """

    time_us: int | None
    way: str
    seq: int | None
    message: str
    fields: dict[str, int]
    crc: str
    problem: str
    words: str
    line: str

    @property
    def utc(self) -> str | None:
        """This is the time of a line that a laptop kept."""
        if self.time_us is None or not DATES_US <= self.time_us < 100 * DATES_US:
            return None
        return datetime.fromtimestamp(self.time_us / 1e6, UTC).isoformat(timespec="milliseconds")

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"utc": self.utc}


class Decoder:
    """A Decoder takes lines in their order: what a gun refuses is a field of the request with the same number."""

    def __init__(self) -> None:
        self._asked: dict[int, tuple[str, dict[str, int]]] = {}

    def decoded(self, text: str) -> Decoded:
        """Returns what this line says; it need be no message."""
        found = LINE.fullmatch(text.strip())
        assert found, "any text has a last part, which may be all of it"
        line, way = found["line"], found["way"] or ""
        seq, message, fields, crc, problem = _read(line)
        if message:
            way = way or (">" if BY_NAME[message][1] == messages.ASK else "<")
            if not problem and BY_NAME[message][1] == messages.ASK:
                self._asked[seq or 0] = (message, fields)
        words = self._refused(seq or 0, fields) if message == "refused" else _in_words(fields)
        return Decoded(int(found["time"]) if found["time"] else None, way, seq, message, fields, crc, problem, words, line)

    def _refused(self, seq: int, fields: dict[str, int]) -> str:
        if not fields:
            return ""
        if asked := self._asked.get(seq):
            request, values = asked
            return "; ".join(str(problem) for problem in DeviceRefused(request, values, **fields).problems)
        unknown = (f"code {fields['code']}", "the gun refused", "update mesogun")
        return "{}: {}: {}".format(*explanations.REFUSALS.get(RefusalCode(fields["code"]), unknown))


def _read(line: str) -> tuple[int | None, str, dict[str, int], str, str]:
    """Returns number, message, fields, how its CRC is, and why it is no message; of what cannot be known nothing."""
    try:
        return *_message(line.encode() + b"\n"), GOOD, ""
    except frames.OutOfRange as error:
        field = BY_NAME[error.name][2][error.field][0]
        return error.seq, error.name, {}, GOOD, f"{field}={error.value} is outside {error.low} to {error.high}"
    except frames.BadFrame as error:
        why = _WHY.get(error.what, "its CRC is not that of the line")
        if error.what not in ("crc", "length", "not printable"):
            return None, "", {}, GOOD, why
    head, star, _ = line.rpartition(" *")
    number, _, body = (head if star else line).partition(" ")
    crc = WRONG if star else MISSING
    try:
        return *_message(frames.seal(frames.number(number), body)), crc, why if star else "it has no CRC"
    except frames.BadFrame:
        return None, "", {}, crc, why if star else "it has no CRC"


def _message(line: bytes) -> tuple[int, str, dict[str, int]]:
    seq, name, values = frames.decode(line)
    return seq, name, frames.named(name, values)


def _in_words(fields: dict[str, int]) -> str:
    """Returns the fields as a person would say them, why and what to do last."""
    reason = Reason(fields.get("reason", fields.get("fault", 0)))
    said = [_CODES[name](value) if name in _CODES else " ".join(figure_in_words(name, value)) for name, value in fields.items()]
    why = [reason_in_words(reason)] if reason or "reason" in fields else []
    return "; ".join([", ".join(said), *why] if said else why)


def _one_of(label: str, names: "tuple[str, ...] | dict[int, str]") -> Callable[[int], str]:
    known = names if isinstance(names, dict) else dict(enumerate(names))
    return lambda value: f"{label} {known.get(value, value)}".strip()


def _bits(label: str, names: tuple[str, ...], none: str) -> Callable[[int], str]:
    def said(bits: int) -> str:
        named = [names[i] if i < len(names) else f"bit {i}" for i in range(bits.bit_length()) if bits >> i & 1]
        return f"{label} {' and '.join(named) or none}"

    return said


def _which_pass(index: int) -> str:
    return f"pass {index + 1}" if index >= 0 else "no pass"


def _named_reason(label: str) -> Callable[[int], str]:
    return _one_of(label, {int(code): said[0] for code, said in explanations.REASONS.items()})


_CODES: dict[str, Callable[[int], str]] = {
    "n": lambda n: f"event {n}",
    "at_us": lambda us: f"and {us} µs",
    "ack": lambda n: f"on disk up to event {n}",
    "since": lambda n: f"again from event {n} on",
    "index": _which_pass,
    "pass_index": _which_pass,
    "state": _one_of("", messages.STATES),
    "before": _one_of("from", messages.STATES),
    "after": _one_of("to", messages.STATES),
    "event": _one_of("by", codes.EVENTS),
    "kind": _one_of("", messages.ENDINGS),
    "mode": _one_of("mode", MODES),
    "drive": _one_of("drive", {messages.STEPPER: "stepper", messages.PNEUMATIC: "pneumatic"}),
    "condition": _one_of("journal", codes.CONDITIONS),
    "simulated": _one_of("", ("real", "simulated")),
    "syringe": _one_of("syringe", ("out", "seated")),
    "reason": _named_reason("because"),
    "fault": lambda code: _named_reason("latched by")(code) if code else "no fault",
    "inputs": _bits("closed", codes.SWITCHES, "none"),
    "failed": _bits("failed", codes.TESTS, "none"),
    "flags": lambda flags: " and ".join(flags_of(flags)) or "whole",
    "version": lambda version: f"version {dotted(version)}",
    "table": lambda table: f"table {table:08x}",
    "left_nl": lambda nl: f"left {nl / 1000:g} µl" if nl >= 0 else "syringe not known",
    "digest": lambda digest: f"digest {digest:012x}",
}
