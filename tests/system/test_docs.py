"""The documents say what the code says."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from mesogun.gun.decoding import Decoder
from mesogun.gun.explanations import FIGURES
from mesogun.gun.link import SLOW
from mesogun_fw.talk import table
from mesogun_fw.talk.messages import BY_NAME, GUN, MESSAGES

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_messages", ROOT / "docs" / "make_messages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_message_document_is_made_from_the_table(maker: ModuleType) -> None:
    assert (ROOT / "docs" / "MESSAGES.md").read_text() == maker.text(), "run: python docs/make_messages.py"


def test_what_is_written_by_hand_of_the_conversation_names_messages_and_fields_that_there_are(maker: ModuleType) -> None:
    written = maker.WRITTEN.read_text()
    names = BY_NAME.keys() | {field[0] for row in MESSAGES for field in row[2]} | {"table"}
    assert set(re.findall(r"`([a-z_]+)`", written)) <= names
    assert set(re.findall(r"`(\w+)`", written.partition("takes long (")[2].partition(")")[0])) == set(SLOW)


def test_the_conversation_it_shows_is_of_this_edition_and_every_line_of_it_is_good(maker: ModuleType) -> None:
    decoder = Decoder()
    lines = [decoder.decoded(line) for line in maker.conversation().splitlines()]
    assert [line.problem for line in lines] == [""] * len(lines)
    assert f"table `{table.HASH:08x}`" in maker.text()
    asked = {(line.seq, line.way) for line in lines if line.seq}
    assert {seq for seq, way in asked if way == ">"} == {seq for seq, way in asked if way == "<"}


@pytest.mark.slow
def test_every_message_and_field_has_its_meaning_in_a_comment(maker: ModuleType) -> None:
    """Take any one of them away and the document is not made."""
    lines = maker.TABLE.splitlines(keepends=True)
    names = set()
    for i, line in enumerate(lines):
        if row := re.match(r"""(?:_\w+ = | +)\(?"(\w+)",.*?(  # .*)""", line):
            name, comment = row.groups()
            names.add(name)
            with pytest.raises(ValueError, match=f"line {i + 1}: {name} has no comment"):
                maker.meanings("".join([*lines[:i], line.replace(comment, ""), *lines[i + 1 :]]))
    assert names == BY_NAME.keys() | {field[0] for row in MESSAGES for field in row[2]}


def test_two_fields_on_one_line_do_not_share_a_comment(maker: ModuleType) -> None:
    first, second = '("index", 0, 7),', '("left", 1, 2_000),'
    shared, joined = re.subn(rf"{re.escape(first)}  # .*\n +{re.escape(second)}", f"{first} {second}", maker.TABLE)
    assert joined == 1
    with pytest.raises(ValueError, match="left has no comment"):
        maker.meanings(shared)


def test_the_host_tells_the_same_meanings_of_the_figures_of_a_gun(maker: ModuleType) -> None:
    _, meanings = maker.meanings(maker.TABLE)["gun"]
    assert {name: meaning for (name, *_), meaning in zip(GUN, meanings, strict=True)} == FIGURES
