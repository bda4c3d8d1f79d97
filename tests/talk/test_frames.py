"""A line is exactly what the table says, or it is nothing."""

import binascii
import contextlib
import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun_fw import limits
from mesogun_fw.talk import frames, packing, table
from mesogun_fw.talk.frames import BadFrame, OutOfRange
from mesogun_fw.talk.messages import MESSAGES, PROTO

BEAT = b"7 beat ack=12 *9f9d2cf1\n"
PASS = frames.encode(65_535, "pass", [0, 3, 100, 1, 2_000, 300_000, 10_000, 500_000, 0, 200_000])


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, list[int]]:
    name, _, fields = draw(st.sampled_from(MESSAGES))
    return name, [draw(st.integers(low, high)) for _, low, high in fields]


def why_refused(line: bytes) -> str:
    """A line that is no message at all; a well-formed one with a wrong value is another matter."""
    with pytest.raises(BadFrame) as refused:
        frames.decode(line)
    assert not isinstance(refused.value, OutOfRange), line
    return refused.value.what


def test_a_line_can_be_read_by_a_person() -> None:
    assert frames.encode(7, "beat", [12]) == BEAT
    assert frames.decode(BEAT) == (7, "beat", [12])


@given(st.integers(0, frames.SEQ_MAX), messages())
def test_every_message_of_the_table_comes_back_as_it_went(seq: int, message: tuple[str, list[int]]) -> None:
    name, values = message
    line = frames.encode(seq, name, values)
    assert frames.decode(line) == (seq, name, values)
    assert line.endswith(b"\n")
    assert set(line[:-1]) <= set(range(32, 127))


def test_every_message_fits_a_line_with_its_widest_values() -> None:
    for name, _, fields in MESSAGES:
        widest = [max(low, high, key=lambda value: len(str(value))) for _, low, high in fields]
        assert len(frames.encode(frames.SEQ_MAX, name, widest)) <= limits.LINE_MAX, name


@pytest.mark.parametrize("line", [BEAT, PASS])
def test_no_byte_can_be_changed(line: bytes) -> None:
    for i in range(len(line)):
        for byte in range(256):
            if byte != line[i]:
                why_refused(line[:i] + bytes([byte]) + line[i + 1 :])


@pytest.mark.parametrize("line", [BEAT, PASS])
def test_no_byte_can_be_inserted(line: bytes) -> None:
    for i in range(len(line) + 1):
        for byte in range(256):
            why_refused(line[:i] + bytes([byte]) + line[i:])


@pytest.mark.parametrize("line", [BEAT, PASS])
def test_no_bytes_can_be_missing(line: bytes) -> None:
    for i in range(len(line)):
        for j in range(i + 1, len(line) + 1):
            why_refused(line[:i] + line[j:])


@given(st.binary(max_size=limits.LINE_MAX + 10))
def test_garbage_is_no_message(garbage: bytes) -> None:
    why_refused(garbage)
    why_refused(garbage + b"\n")


@pytest.mark.parametrize(
    "number",
    ["+5", "1_0", " 12 ", "12 ", "\t12", "012", "00", "-0", "--1", "-", "", "1.0", "1e3", "0x1f", "٣", "²", str(1 << 53), "9" * 99],
)
def test_a_number_is_written_in_one_way_only(number: str) -> None:
    why_refused(frames.seal(1, f"beat ack={number}"))
    with pytest.raises(BadFrame):
        frames.number(number)


@given(st.integers(-frames.NUMBER_MAX, frames.NUMBER_MAX))
def test_a_number_comes_back_as_it_went(value: int) -> None:
    assert frames.number(str(value)) == value


@given(st.text(alphabet=string.digits + "+-_. xe٣²"))
def test_whatever_is_taken_for_a_number_is_written_like_one(text: str) -> None:
    with contextlib.suppress(BadFrame):
        assert str(frames.number(text)) == text


@pytest.mark.parametrize(
    "body",
    [
        "begin syringe_bore_um=12060 passes=1 syringe_nl=0 flow_max_nl_s=500",
        "begin passes=1 passes=1 syringe_bore_um=12060 flow_max_nl_s=500",
        "begin passes=1 syringe_bore_um=12060 syringe_nl=0",
        "begin passes=1 syringe_bore_um=12060 syringe_nl=0 flow_max_nl_s=500 dose_nl=1",
        "begin passes=1 syringe_bore_um=12060 syringe_nl=0  flow_max_nl_s=500",
        "begin passes 1 syringe_bore_um=12060 syringe_nl=0 flow_max_nl_s=500",
        "begin Passes=1 syringe_bore_um=12060 syringe_nl=0 flow_max_nl_s=500",
        "fire",
        "beat ack=1 ok",
        "beat ack==1",
        "beat ",
    ],
)
def test_fields_come_all_once_and_in_order(body: str) -> None:
    assert why_refused(frames.seal(1, body)) in ("no such message", "fields", "field order", "number")


@pytest.mark.parametrize("seq", ["-1", "65536", "01", "+1", "", "x"])
def test_a_sequence_number_is_a_number_up_to_65535(seq: str) -> None:
    head = f"{seq} beat ack=1 ".encode()
    why_refused(head + b"*%08x\n" % binascii.crc32(head))


def test_a_line_ends_with_one_line_feed_and_a_lower_case_crc() -> None:
    assert why_refused(BEAT[:-1] + b"\r\n") == "not printable"
    assert why_refused(BEAT[:-1] + b"\r") == "length"
    assert why_refused(BEAT + b"\n") == "not printable"
    assert why_refused(BEAT + BEAT) == "not printable"
    assert why_refused(BEAT.replace(b"9f9d2cf1", b"9F9D2CF1")) == "crc"


def test_a_line_too_long_is_refused_before_anything_in_it_is_looked_at() -> None:
    assert why_refused(frames.seal(1, "beat ack=" + "1" * limits.LINE_MAX)) == "length"


def test_a_value_outside_its_range_is_refused_by_naming_the_field() -> None:
    with pytest.raises(OutOfRange) as refused:
        frames.decode(frames.seal(9, "begin passes=8 syringe_bore_um=17001 syringe_nl=0 flow_max_nl_s=500"))
    wrong = refused.value
    assert (wrong.seq, wrong.name, wrong.field, wrong.value, wrong.low, wrong.high) == (9, "begin", 1, 17_001, 4_000, 17_000)


@pytest.mark.parametrize("values", [[], [-1], [1, 2], [1 << 30]])
def test_a_message_that_does_not_fit_the_table_cannot_be_written(values: list[int]) -> None:
    with pytest.raises(ValueError, match="beat"):
        frames.encode(1, "beat", values)


def test_a_digest_is_the_start_of_sha_256_over_the_bodies_a_line_each() -> None:
    bodies = ["begin passes=1", "pass index=0"]
    whole = hashlib.sha256(b"begin passes=1\npass index=0\n").hexdigest()
    assert frames.digest(bodies) == int(whole[:12], 16)
    assert len({frames.digest(b) for b in (bodies, bodies[::-1], bodies[:1], ["".join(bodies)], [])}) == 5


def test_the_hash_of_the_table_changes_with_every_name_range_and_direction(monkeypatch: pytest.MonkeyPatch) -> None:
    hashes = {table.HASH}
    variants = [[*MESSAGES[:-1]], [MESSAGES[1], MESSAGES[0], *MESSAGES[2:]]]
    for i, (name, way, fields) in enumerate(MESSAGES):
        rows = [(name + "x", way, fields), (name, way + "x", fields)]
        for j, (key, low, high) in enumerate(fields):
            for field in ((key + "x", low, high), (key, low - 1, high), (key, low, high + 1)):
                rows.append((name, way, (*fields[:j], field, *fields[j + 1 :])))
        variants += [[*MESSAGES[:i], row, *MESSAGES[i + 1 :]] for row in rows]
    for variant in variants:
        hashes.add(packing.hash_of(tuple(variant)))
    monkeypatch.setattr("mesogun_fw.talk.messages.PROTO", PROTO + 1)
    hashes.add(packing.hash_of(MESSAGES))
    assert len(hashes) == len(variants) + 2
