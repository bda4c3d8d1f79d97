"""The file of a protocol: whatever a person hands over, it is read as it is or refused in words that help."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rigs.clinical import FACE

from mesogun.clinical import toml_file
from mesogun.clinical.protocol import load_protocol, read_protocol
from mesogun.refusal import Refused

MESOLIFT = FACE.text


def test_a_protocol_keeps_the_text_and_the_digest_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mesolift.toml"
    file.write_bytes(b"\xef\xbb\xbf" + MESOLIFT.replace("\n", "\r\n").encode())  # as an editor on Windows saves it
    protocol = load_protocol(file)
    assert protocol.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert protocol.text.encode() == file.read_bytes()
    assert [one.technique for one in protocol.passes] == ["nappage", "papule"]


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"\x89PNG\r\n\x1a\n", "binary data"),
        (b"schema = 1\0", "binary data"),
        (b"schema = 1\n[title", "end of the file"),
        (b"schema = 1\ntitle ~ 3", "line 2, column 7"),
        (b"a = " + b"[" * 100_000, "not TOML"),
        (b"a = 1" + b"0" * 10_000, "not TOML"),
    ],
)
def test_what_is_no_toml_is_refused_with_the_place(content: bytes, value: str) -> None:
    with pytest.raises(Refused) as caught:
        read_protocol(content, "mine.toml")
    assert [problem.value for problem in caught.value.problems] == [value]


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.toml"
    with file.open("wb") as huge:
        huge.truncate(1 << 40)
    with pytest.raises(Refused, match="at most 256 KiB"):
        load_protocol(file)


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_bytes((MESOLIFT + "#").encode().ljust(toml_file.FILE_MAX_BYTES, b"-"))
    assert load_protocol(file).area == "face"


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no such file"):
        load_protocol(tmp_path / "nothing.toml")
    with pytest.raises(Refused, match="a folder"):
        load_protocol(tmp_path)


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(MESOLIFT, encoding="utf-8")

    def forbidden(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", forbidden)
    with pytest.raises(Refused, match="permission denied"):
        load_protocol(file)


def told_in_our_words(content: bytes) -> None:
    """The content is a protocol, or is refused by field and value without a word of the validator's."""
    try:
        read_protocol(content, "mine.toml")
        return
    except Refused as refused:
        problems = refused.problems
    assert problems
    for problem in problems:
        assert problem.field
        assert problem.value
        assert str(problem).isprintable()
        assert "Input should" not in str(problem)
        assert "cannot be used here" not in str(problem)


@given(st.integers(0, len(MESOLIFT)), st.integers(0, 30), st.text(max_size=12))
def test_damage_to_a_file_gets_no_more_than_a_refusal_in_our_words(at: int, cut: int, put: str) -> None:
    told_in_our_words((MESOLIFT[:at] + put + MESOLIFT[at + cut :]).encode("utf-8", "surrogatepass"))


LINES = MESOLIFT.splitlines()
SETTINGS = [number for number, line in enumerate(LINES) if " = " in line and not line.startswith(("#", "sources"))]
VALUES = (
    *("-1", "0", "3.5", "nan", "-inf", "true", '""', '"x"', "[]", "[1]", '["a"]', "[{}]", "{}", "{a = 1}"),
    *("07:32:00", "0xffffffffffff", "9" * 4000, "0x" + "9" * 5000),
)


@given(st.sampled_from(SETTINGS), st.sampled_from(VALUES))
def test_any_value_at_any_key_gets_no_more_than_a_refusal_in_our_words(number: int, value: str) -> None:
    key = LINES[number].split(" = ")[0]
    told_in_our_words("\n".join([*LINES[:number], f"{key} = {value}", *LINES[number + 1 :]]).encode())
