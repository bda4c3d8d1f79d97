"""A line is said in words: message, fields with their units, CRC, why and what to do; of one that is no message that is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesogun.clinical.techniques import MODES as BY_WORD
from mesogun.gun.decoding import GOOD, MISSING, MODES, WRONG, Decoded, Decoder
from mesogun_fw.talk import frames, messages, reasons, refusals
from mesogun_fw.talk.messages import BY_NAME

SHOT = {
    "n": 9, "at_ms": 81_250, "at_us": 165, "pass_index": 1, "shot": 3, "period_us": 250_000, "commanded_depth_um": 2_000,
    "measured_depth_um": 1_998, "commanded_dose_nl": 10_000, "measured_dose_nl": 9_995, "flags": 0,
}  # fmt: skip


def line(seq: int, name: str, **fields: int) -> str:
    return frames.encode(seq, name, frames.row(name, fields)).decode()


def said(text: str) -> Decoded:
    return Decoder().decoded(text)


@pytest.mark.parametrize("edge", [1, 2])
@pytest.mark.parametrize("name", BY_NAME)
def test_every_message_of_the_table_is_said_with_every_field(name: str, edge: int) -> None:
    values = [field[edge] for field in BY_NAME[name][2]]
    one = said(frames.encode(7, name, values).decode())
    assert (one.seq, one.message, one.crc, one.problem) == (7, name, GOOD, "")
    assert list(one.fields.values()) == values
    assert one.way == (">" if BY_NAME[name][1] == messages.ASK else "<")
    assert name == "refused" or len(one.words.split(", ")) >= len(values)


def test_figures_have_their_units_and_numbers_their_meaning() -> None:
    assert said(line(0, "shot", **SHOT)).words == (
        "event 9, at 81.25 s, and 165 µs, pass 2, shot 3, period 250 ms, commanded depth 2 mm, measured depth 1.998 mm, "
        "commanded dose 10 µl, measured dose 9.995 µl, whole"
    )
    assert said(line(0, "shot", **SHOT | {"flags": 5})).words.endswith(", partial and depth off")
    watched = dict.fromkeys((field[0] for field in BY_NAME["watched"][2]), 0) | {"inputs": 0b100011, "supply_mv": 23_900}
    words = said(line(3, "watched", **watched)).words
    for one in ("unhomed", "closed e-stop and trigger a and home", "supply 23.9 V", "temperature 0 °C", "pressure 0 kPa"):
        assert one in words


def test_why_it_stopped_is_said_and_what_to_do() -> None:
    ended = {"n": 13, "at_ms": 81_250, "kind": messages.HOLD, "reason": reasons.LIFTED, "pass_index": 0, "done": 41}
    assert said(line(0, "ended", **ended)).words == (
        "event 13, at 81.25 s, end of hold, because lifted, pass 1, done 41; "
        "the gun left the skin: set it down and press again to go on"
    )
    assert "latched by" in said(line(2, "state", **dict.fromkeys((f[0] for f in BY_NAME["state"][2]), 0) | {"fault": 22})).words


def test_a_refusal_is_of_the_request_with_its_number() -> None:
    decoder = Decoder()
    decoder.decoded(line(4, "gauge", depth_um=4_000))
    decoder.decoded(line(5, "beat", ack=0))
    refused = line(4, "refused", code=refusals.OUT_OF_RANGE, field=0, value=4_000, low=200, high=3_000)
    assert decoder.decoded(refused).words.startswith(
        "gauge, depth = 4 mm: the value is outside what the gun accepts (0.2 mm to 3 mm)"
    )
    assert said(refused).words == "out of range: the value is outside what the gun accepts: use a value inside the limits"
    assert "update mesogun" in said(line(4, "refused", code=99, field=-1, value=0, low=0, high=0)).words


def test_a_time_and_a_way_are_taken_as_a_trace_and_as_a_laptop_write_them() -> None:
    beat = line(7, "beat", ack=12)
    of_a_gun, of_a_laptop = said(f"81250000 > {beat}"), said(f"1796147269979546 > {beat}")
    assert (of_a_gun.time_us, of_a_gun.utc, of_a_gun.way) == (81_250_000, None, ">")
    assert of_a_laptop.utc == "2026-12-01T17:47:49.979+00:00"
    assert said(f"> {beat}").message == said(f"  {beat}\r\n").message == "beat"
    assert said(f"< {beat}").way == "<", "what a line says of itself is believed"


def test_a_line_that_came_damaged_is_said_as_far_as_it_goes() -> None:
    beat = line(7, "beat", ack=12).strip()
    for text, crc in ((beat.replace("12", "13"), WRONG), (beat.partition(" *")[0], MISSING), (beat[:-1], WRONG)):
        one = said(text)
        assert (one.message, one.crc) == ("beat", crc)
        assert "CRC" in one.problem
    assert said(frames.seal(7, "bet ack=1").decode()).problem == "the table of messages has none of this name"
    assert said(frames.seal(7, "beat ack=1 ack=2").decode()).problem == "it has more or fewer fields than this message has"
    assert said(frames.seal(7, "arm index=8").decode()).problem == "index=8 is outside 0 to 7"
    assert said("hello there").message == ""


def test_a_syringe_of_which_nothing_is_known_holds_no_figure() -> None:
    state = {"state": 1, "at_ms": 9, "fault": 0, "index": -1, "done": 0, "events": 0, "kept": 0, "inputs": 0, "bad_lines": 0}
    assert "syringe not known" in said(line(7, "state", **state, left_nl=-1)).words
    assert "left 990 µl" in said(line(7, "state", **state, left_nl=990_000)).words


def test_a_damaged_request_is_not_what_a_gun_refused() -> None:
    decoder = Decoder()
    decoder.decoded(line(4, "gauge", depth_um=4_000).replace("4000", "5000"))
    words = decoder.decoded(line(4, "refused", code=refusals.OUT_OF_RANGE, field=0, value=1, low=2, high=3)).words
    assert words.startswith("out of range: ")


REFUSED = st.from_regex(r"(\d+ [<>] )?5 refused code=\d\d? field=-?\d\d? value=-?\d low=0 high=\d", fullmatch=True)


@given(st.one_of(st.text(), st.sampled_from(sorted(BY_NAME)).map(lambda name: f"5 {name} x=1 *00000000"), REFUSED))
def test_whatever_is_pasted_is_said_or_said_to_be_no_message(text: str) -> None:
    decoder = Decoder()
    decoder.decoded(line(5, "beat", ack=0))
    one = decoder.decoded(text)
    assert one.message in BY_NAME or one.problem or not text.strip()
    one.to_dict()


def test_modes_have_the_names_of_protocols() -> None:
    assert {word: number for number, word in MODES.items()} == BY_WORD
