"""Reading a protocol: what a person can write, and what they are told when it cannot be used."""

import pytest
from pydantic import ValidationError
from rigs.clinical import FACE

from mesogun.clinical.protocol import read_protocol
from mesogun.refusal import Problem, Refused

MESOLIFT = FACE.text


def refusal(text: str) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        read_protocol(text.encode(), "mine.toml")
    assert caught.value.source == "mine.toml"
    return caught.value.problems


def changed(before: str, after: str) -> str:
    """The mesolift protocol with one thing changed, where it first occurs."""
    assert before in MESOLIFT
    return MESOLIFT.replace(before, after, 1)


def the_problem(before: str, after: str) -> Problem:
    problems = refusal(changed(before, after))
    assert len(problems) == 1, problems
    return problems[0]


def test_a_protocol_cannot_be_changed_once_it_is_read() -> None:
    protocol = read_protocol(MESOLIFT.encode())
    with pytest.raises(ValidationError):
        protocol.passes[0].depth_mm = 9.0
    assert isinstance(protocol.passes, tuple)


@pytest.mark.parametrize(
    ("key", "value", "limit"),
    [
        ("depth_mm = 2.0", "10.1", "at most 10 mm"),
        ("depth_mm = 2.0", "0", "at least 0.2 mm"),
        ("depth_mm = 2.0", "-2.0", "at least 0.2 mm"),
        ("depth_mm = 2.0", "2.05", "in steps of 0.1 mm"),
        ("depth_mm = 2.0", "nan", "not nan"),
        ("depth_mm = 2.0", "inf", "not nan or infinity"),
        ("depth_mm = 2.0", "-inf", "not nan or infinity"),
        ("depth_mm = 2.0", "1e999", "not nan or infinity"),
        ("depth_mm = 2.0", "true", "must be a number"),
        ("depth_mm = 2.0", '"2.0"', "must be a number"),
        ("depth_mm = 2.0", "[2.0]", "must be a number"),
        ("depth_mm = 2.0", "{}", "must be a number"),
        ("depth_mm = 2.0", "2024-01-01", "must be a number"),
        ("depth_mm = 2.0", "1" + "0" * 4000, "at most 10 mm"),
        ("depth_mm = 2.0", "0x1" + "0" * 40_000, "at most 10 mm"),
        ("rate_hz = 4", "12", "at most 10 shots/s"),
        ("dose_ul = 10", "201", "at most 200 µl"),
        ("dose_ul = 10", "0.5", "at least 1 µl"),
        ("dose_ul = 10", "false", "must be a number"),
        ("dwell_ms = 80", "0.5", "in steps of 1 ms"),
        ("points = 150", "150.0", "must be a whole number"),
        ("points = 150", "0", "at least 1 points"),
        ("points = 150", "true", "must be a whole number"),
        ("spacing_mm = 4", "0", "at least 0.5 mm"),
    ],
)
def test_a_number_that_cannot_be_used_is_refused_by_field_value_limit_and_remedy(key: str, value: str, limit: str) -> None:
    name = key.split(" ")[0]
    problem = the_problem(key, f"{name} = {value}")
    assert problem.field == f"passes[0].{name}"
    assert limit in problem.limit
    assert problem.remedy.startswith(("Set ", "Write it without quotes: "))
    assert 0 < len(problem.value) <= 60


@pytest.mark.parametrize(
    ("before", "after", "field", "says"),
    [
        ('mode = "continuous"', 'mode = "constant_flow"', "passes[0].mode", "Did you mean constant flow?"),
        ('technique = "nappage"', 'technique = "comprehensive"', "passes[0].technique", "not in this version"),
        ('technique = "nappage"', 'technique = "nappege"', "passes[0].technique", "Did you mean nappage?"),
        ('area = "face"', 'area = "moon"', "area", "Choose face"),
        ('gauge = "30G"', 'gauge = "26G"', "needle.gauge", "Did you mean"),
        ("length_mm = 4", "length_mm = 14", "needle.length_mm", "at most 13 mm"),
        ("size_ml = 5", "size_ml = 4", "syringe.size_ml", "Choose 1, 2, 2.5, 3, 5, 10 ml"),
        ("size_ml = 5", "size_ml = 1", "syringe.filled_ml", "more than the syringe of 1 ml holds"),
        ("filled_ml = 3.0", "filled_ml = 3.001", "syringe.filled_ml", "steps of 0.01 ml"),
        ('group = "vitamin"', 'group = "vitamins"', "cocktail.ingredients[1].group", "Did you mean vitamin?"),
        ("dose_ul = 10", "dose_ul = 0", "passes[0].dose_ul", "dry needling only"),
        ('technique = "nappage"', 'technique = "dry needling"', "passes[0].dose_ul", "dry needling gives no dose"),
        ('mode = "continuous"\nhand_mm_s = 0', 'mode = "burst"', "passes[0].burst", "needs the number of shots"),
        ("spacing_mm = 4", "spacing_mm = 4\nburst = 3", "passes[0].burst", "has no burst"),
        ("depth_mm = 2.0", "depth_mm = 4.1", "passes[0].depth_mm", "deeper than the needle's 4 mm"),
        ('title = "', "title = 3 # ", "title", "must be text"),
        ('title = "', 'title = "\\u001b[2J', "title", "readable"),
        ('title = "Mesolift', 'title = "\\n', "title", "one line"),
    ],
)
def test_what_contradicts_itself_or_is_unknown_is_refused(before: str, after: str, field: str, says: str) -> None:
    problem = the_problem(before, after)
    assert problem.field == field
    assert says in f"{problem.limit}. {problem.remedy}"


def test_a_misspelt_key_is_named_with_the_nearest_one() -> None:
    missing, unknown = refusal(changed("depth_mm = 2.0", "dept_mm = 2.0"))
    assert (missing.field, missing.value) == ("passes[0].depth_mm", "missing")
    assert "from 0.2 to 10 mm" in missing.remedy
    assert (unknown.field, unknown.remedy) == ("passes[0].dept_mm", "Did you mean depth_mm?")


def test_an_unknown_key_that_resembles_nothing_is_answered_with_the_known_ones() -> None:
    problem = the_problem("[needle]", "[needle]\nxyz = 1")
    assert problem.field == "needle.xyz"
    assert "gauge, length_mm" in problem.remedy


def test_a_key_cannot_act_on_the_terminal() -> None:
    problem = the_problem("[needle]", '[needle]\n"\\u001b[2J" = 1')
    assert problem.field.isprintable()


def test_all_problems_of_a_file_are_told_at_once() -> None:
    text = changed("depth_mm = 2.0", "depth_mm = 10.1").replace("rate_hz = 2", "rate_hz = 12").replace("area", "aera")
    text = text.replace("depth_mm = 1.5", "depth_mm = 5.0")
    fields = [problem.field for problem in refusal(text)]
    assert sorted(fields) == ["aera", "area", "passes[0].depth_mm", "passes[1].depth_mm", "passes[1].rate_hz"]


def test_a_missing_table_and_a_table_that_is_none_are_named() -> None:
    fields = {problem.field: problem for problem in refusal('schema = 1\nneedle = 3\npasses = "two"\nsources = []\n')}
    assert fields["syringe"].value == "missing"
    assert fields["needle"].limit == "must be a table"
    assert fields["passes"].limit == "must be a list"
    assert fields["sources"].remedy == "Write at least one"


def test_more_passes_than_a_program_holds_are_refused() -> None:
    head, last = MESOLIFT.rsplit("[[passes]]", 1)
    assert refusal(head + ("[[passes]]" + last) * 8)[0].field == "passes"


def test_a_protocol_of_a_newer_mesogun_is_refused_for_that_alone() -> None:
    problem = the_problem("schema = 1", 'schema = 2\nfuture = "key"')
    assert problem.limit.startswith("made for a newer mesogun")
    assert problem.remedy == "Update mesogun"


@pytest.mark.parametrize("line", ["", "schema = true", 'schema = "1"', "schema = 0", "schema = 1.0"])
def test_a_protocol_without_a_usable_schema_is_refused(line: str) -> None:
    assert the_problem("schema = 1", line).field == "schema"


def test_the_schema_is_the_first_key() -> None:
    text = changed("schema = 1\n", "").replace('area = "face"', 'area = "face"\nschema = 1')
    assert [problem.limit for problem in refusal(text)] == ["must be the first key"]


def test_a_dry_needling_protocol_needs_no_cocktail() -> None:
    before, rest = MESOLIFT.split("[cocktail]")
    passes = "[[passes]]" + rest.split("[[passes]]")[1]
    text = before.replace("filled_ml = 3.0", "filled_ml = 0") + passes.replace("dose_ul = 10", "dose_ul = 0")
    assert read_protocol(text.replace("nappage", "dry needling").encode()).cocktail is None
