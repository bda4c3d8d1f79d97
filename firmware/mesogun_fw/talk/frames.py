"""A line becomes a message and back: `seq name key=value ... *crc32` and a line feed. Nothing is ever accepted in part.

Only this file knows what a line looks like. It is printable ASCII with decimal integers and every field of the table in its
order. Its CRC-32 is of all before the asterisk, and is checked before anything is split.
"""

import binascii
import hashlib

from mesogun_fw import limits
from mesogun_fw.talk import messages, table

SEQ_MAX = messages.SEQ_MAX
NUMBER_MAX = (1 << 53) - 1  # this is the largest figure of the table, of either sign: every language holds it exactly


class BadFrame(Exception):
    """A line is no message. `what` says why, for logs; such a line is never answered, only counted."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class OutOfRange(BadFrame):
    """A well-formed message has a value its table row does not allow. It is answered with a refusal naming the field."""

    def __init__(self, seq: int, name: str, field: int, value: int, low: int, high: int) -> None:
        super().__init__("%s: field %d = %d is outside %d..%d" % (name, field, value, low, high))
        self.seq = seq
        self.name = name
        self.field = field
        self.value = value
        self.low = low
        self.high = high


def named(name: str, values: list) -> dict:  # type: ignore[type-arg]
    """A message's values are given by the names of its fields."""
    fields = {}
    for field, value in zip(table.fields(name), values):
        fields[field[0]] = value
    return fields


def row(name: str, fields: dict) -> list:  # type: ignore[type-arg]
    """A message's values are given back in the order of the table."""
    return [fields[field[0]] for field in table.fields(name)]


def body(name: str, values: list) -> str:  # type: ignore[type-arg]
    """The message is given without sequence number and CRC. It raises KeyError, ValueError if it does not fit the table."""
    fields = table.fields(name)
    if len(fields) != len(values):
        raise ValueError("%s takes %d values, not %d" % (name, len(fields), len(values)))
    parts = [name]
    for (key, low, high), value in zip(fields, values):
        if not low <= value <= high:
            raise ValueError("%s: %s=%d is outside %d..%d" % (name, key, value, low, high))
        parts.append("%s=%d" % (key, value))
    return " ".join(parts)


def seal(seq: int, text: str) -> bytes:
    """A body is made into a line."""
    head = ("%d %s " % (seq, text)).encode()
    return head + b"*%08x\n" % binascii.crc32(head)


def encode(seq: int, name: str, values: list) -> bytes:  # type: ignore[type-arg]
    return seal(seq, body(name, values))


def decode(line: bytes) -> tuple:  # type: ignore[type-arg]
    """One line, its line feed included, becomes (seq, name, [values]). It raises BadFrame, OutOfRange."""
    if len(line) > limits.LINE_MAX or len(line) < 14 or line[-1] != 10:
        raise BadFrame("length")
    if min(line[:-1]) < 32 or max(line[:-1]) > 126:
        raise BadFrame("not printable")
    if line[-11:-1] != b" *%08x" % binascii.crc32(line[:-10]):
        raise BadFrame("crc")
    parts = line[:-11].decode().split(" ")
    if len(parts) < 2 or parts[1] not in table.NUMBER_OF:
        raise BadFrame("no such message")
    seq = number(parts[0])
    if not 0 <= seq <= SEQ_MAX:
        raise BadFrame("sequence number")
    name = parts[1]
    fields = table.fields(name)
    if len(parts) != len(fields) + 2:
        raise BadFrame("fields")
    values = []
    for part, field in zip(parts[2:], fields):
        key = field[0] + "="
        if not part.startswith(key):
            raise BadFrame("field order")
        values.append(number(part[len(key) :]))
    for i, value in enumerate(values):
        if not fields[i][1] <= value <= fields[i][2]:
            raise OutOfRange(seq, name, i, value, fields[i][1], fields[i][2])
    return seq, name, values


def number(text: str) -> int:
    """A decimal integer is read as this project writes it: ASCII digits, one minus sign, no leading zero.

    Else it raises BadFrame.
    """
    digits = text[1:] if text.startswith("-") else text
    if not 0 < len(digits) <= 17 or (digits[0] == "0" and (len(digits) > 1 or digits != text)):
        raise BadFrame("number")
    # isdigit alone would take digits of other scripts on CPython
    if not digits.isdigit() or min(digits) < "0" or max(digits) > "9":
        raise BadFrame("number")
    value = int(text)
    if not -NUMBER_MAX <= value <= NUMBER_MAX:
        raise BadFrame("number")
    return value


def digest(bodies: list) -> int:  # type: ignore[type-arg]
    """This is a program's fingerprint: the first 48 bits of SHA-256 over the bodies of `begin` and every `pass`, a line each."""
    sha = hashlib.sha256()
    for text in bodies:
        sha.update(text.encode() + b"\n")
    value = 0
    for byte in sha.digest()[:6]:
        value = value << 8 | byte
    return value
