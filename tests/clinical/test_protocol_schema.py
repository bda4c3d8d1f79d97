"""The JSON Schema of a protocol is what an editor completes and checks by: it says no where `mesogun check` says no."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from mesogun.cli import mesogun
from mesogun.clinical.protocol import Pass, read_protocol
from mesogun.clinical.protocol_schema import FILE, protocol_schema
from mesogun.clinical.quantities import TABLE
from mesogun.clinical.techniques import MODES
from mesogun.refusal import Refused

LIBRARY = Path(__file__).parents[2] / "protocols"
FILES = sorted(LIBRARY.rglob("*.toml"))
MESOLIFT = (Path(__file__).parents[1] / "rigs/protocols/mesolift-as-written.toml").read_text(encoding="utf-8")
SCHEMA = Draft7Validator(protocol_schema())


def agreed(text: str) -> bool:
    """Whether check and schema both take the text; they must be of one mind."""
    try:
        read_protocol(text.encode())
        taken = True
    except Refused:
        taken = False
    assert SCHEMA.is_valid(tomllib.loads(text)) == taken, text
    return taken


def changed(before: str, after: str) -> str:
    assert before in MESOLIFT
    return MESOLIFT.replace(before, after, 1)


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(protocol_schema())


def test_the_schema_that_is_shipped_is_the_one_of_these_models() -> None:
    printed = CliRunner().invoke(mesogun, ["schema", "protocol"]).stdout
    assert json.loads(printed) == protocol_schema()
    assert (LIBRARY / FILE).read_text(encoding="utf-8") == printed, "mesogun schema protocol > protocols/protocol.schema.json"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_protocol_of_the_library_names_the_schema_and_keeps_it(file: Path) -> None:
    first, *_ = (text := file.read_text(encoding="utf-8")).splitlines()
    mark, where = first.split(" ")
    assert mark == "#:schema"
    assert (file.parent / where).resolve() == LIBRARY / FILE
    assert agreed(text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("schema = 1", "schema = 0"),
        ("schema = 1", ""),
        ("depth_mm = 2.0", "depth_mm = 10.1"),
        ("depth_mm = 2.0", "depth_mm = 0.1"),
        ("depth_mm = 2.0", 'depth_mm = "2.0"'),
        ("depth_mm = 2.0", "dept_mm = 2.0"),
        ("depth_mm = 2.0", "depth_mm = 2.0\nangle_deg = 14"),
        ("rate_hz = 4", "rate_hz = 11"),
        ("rate_hz = 4\n", ""),
        ("rate_hz = 4", "rate_hz = 4\nflow_ul_s = 10"),
        ("dose_ul = 10", "dose_ul = 201"),
        ("dose_ul = 10", "dose_ul = 0"),
        ("dwell_ms = 80", "dwell_ms = 0.5"),
        ("dwell_ms = 80", "dwell_ms = 2001"),
        ("points = 150", "points = 0"),
        ("points = 150", "points = true"),
        ("spacing_mm = 4", "spacing_mm = 60"),
        ("spacing_mm = 4", "needle_mm_s = 4\nspacing_mm = 4"),
        ('mode = "continuous"', 'mode = "continous"'),
        ('mode = "continuous"', 'mode = "burst"'),
        ('technique = "nappage"', 'technique = "comprehensive"'),
        ('technique = "nappage"', 'technique = "dry needling"'),
        ('area = "face"', 'area = "moon"'),
        ('title = "Mesolift: face, two passes"', 'title = "  "'),
        ('title = "Mesolift: face, two passes"', 'title = "' + "x" * 301 + '"'),
        ('gauge = "30G"', 'gauge = "26G"'),
        ("length_mm = 4", "length_mm = 14"),
        ("size_ml = 5", "size_ml = 4"),
        ("filled_ml = 3.0", "filled_ml = 11"),
        ("viscosity_mpa_s = 3", "viscosity_mpa_s = 0"),
        ('group = "vitamin"', 'group = "vitamins"'),
        ("volume_ml = 0.8", "volume_ml = 0"),
        ("volume_ml = 0.8", 'volume_ml = 0.8\nbase = "honey"'),
        ("[syringe]", "[syringe]\ncolour = 1"),
        ("[needle]", "[nedle]"),
    ],
)
def test_what_check_refuses_in_one_place_of_a_file_an_editor_marks(before: str, after: str) -> None:
    assert not agreed(changed(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("depth_mm = 2.0", "depth_mm = 2"),
        ("depth_mm = 2.0", "depth_mm = 2.1\nangle_deg = 45"),
        ("size_ml = 5", "size_ml = 5.0"),
        ("spacing_mm = 4", "spacing_mm = 4\nneedle_mm_s = 100"),
        ("volume_ml = 0.8", 'volume_ml = 0.8\nbase = "oil"'),  # a rule refuses it, when it is planned
    ],
)
def test_what_check_takes_an_editor_leaves_alone(before: str, after: str) -> None:
    assert agreed(changed(before, after))


VALUES: dict[str, Any] = {
    row.name: st.sampled_from([limit / row.per_unit for limit in (row.low - row.step, row.low, row.high, row.high + row.step)])
    for row in TABLE
    if row.name in Pass.model_fields and row.name != "depth_mm"
}
WHOLE = ("points", "seconds", "burst", "angle_deg")


@given(
    st.sampled_from(list(MODES)),
    st.fixed_dictionaries({"depth_mm": st.just(2.0)}, optional={**VALUES, "dose_ul": VALUES["dose_ul"] | st.just(0)}),
    st.sampled_from(["nappage", "dry needling"]),
)
def test_whatever_keys_a_pass_has_editor_and_check_are_of_one_mind(mode: str, values: dict[str, float], technique: str) -> None:
    rows = {key: int(value) if key in WHOLE else value for key, value in values.items()}
    lines = [f'mode = "{mode}"', f'technique = "{technique}"', *(f"{key} = {value}" for key, value in rows.items())]
    agreed(MESOLIFT.split("[[passes]]")[0] + "[[passes]]\n" + "\n".join(lines) + "\n")
