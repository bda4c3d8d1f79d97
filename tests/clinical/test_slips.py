"""What people write instead of TOML: each slip is named, with its line, and hides nothing else that is wrong with the file."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mesogun.clinical.protocol import read_protocol
from mesogun.clinical.sources import in_words
from mesogun.clinical.toml_places import places
from mesogun.refusal import Problem, Refused, named

FILES = sorted((Path(__file__).parents[2] / "protocols").rglob("*.toml"))
MESOLIFT = (Path(__file__).parents[1] / "rigs/protocols/mesolift-as-written.toml").read_text(encoding="utf-8")


def refusal(content: bytes) -> tuple[Problem, ...]:
    with pytest.raises(Refused) as caught:
        read_protocol(content, "mine.toml")
    return caught.value.problems


def changed(*changes: tuple[str, str]) -> str:
    text = MESOLIFT
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    return text


@pytest.mark.parametrize(
    ("before", "after", "points_at", "says"),
    [
        ("depth_mm = 2.0", "depth_mm = 1,5", "1,5", "a decimal comma. Write a point: depth_mm = 1.5"),
        ("depth_mm = 2.0", "depth_mm = 1,5 # deep", "1,5", "a decimal comma"),
        ("depth_mm = 2.0", "depth_mm=1,5", "1,5", "a decimal comma"),
        ("depth_mm = 2.0", "depth_mm = 2 mm", "2 mm", "without its unit, which the name of the key says. Write depth_mm = 2"),
        ("depth_mm = 2.0", "depth_mm = 2.0mm", "2.0mm", "without its unit"),
        ("depth_mm = 2.0", "depth_mm = .5", ".5", "Write depth_mm = 0.5"),
        ("depth_mm = 2.0", "depth_mm = 2.", "2.", "Write depth_mm = 2"),
        ("depth_mm = 2.0", "depth_mm = 02.0", "02.0", "Write depth_mm = 2"),
        ("depth_mm = 2.0", "depth_mm = 2.0;", ";", "Take ; away"),
        ("depth_mm = 2.0", "depth_mm = 2.0,", "2.0,", "Take , away"),
        ("depth_mm = 2.0", "depth_mm = 2.0 // deep", "//", "a comment begins with #"),
        ("depth_mm = 2.0", "depth_mm: 2.0", ":", "between a key and its value stands ="),
        ("depth_mm = 2.0", "depth_mm 2.0", " 2.0", "between a key and its value stands ="),
        ("depth_mm = 2.0", "depth mm = 2.0", "depth mm", "a key is one word. Write depth_mm = …"),
        ("depth_mm = 2.0", "depth_mm =", "", "the key has no value"),
        ("depth_mm = 2.0", "depth_mm = 2.0\ndepth_mm = 2.0", "2.0", "depth_mm stands twice in this table"),
        ("depth_mm = 2.0", "depth_mm =\u00a02.0", "\u00a0", "this looks like a blank"),
        ("depth_mm = 2.0", "depth_mm = 1.000,5", "1.000,5", "this is not one number"),
        ("depth_mm = 2.0", "depth_mm = 2-3", "2-3", "this is not one number"),
        ("depth_mm = 2.0", "depth_mm = ½", "½", "this is not one number"),
        ('gauge = "30G"', "gauge = 30G", "30G", 'text stands in quotes. Write gauge = "30G"'),
        ("size_ml = 5", 'size_ml = "5"', '"5"', "quotes make text of it. Write it without quotes: size_ml = 5"),
        ('area = "face"', "area = face", "face", 'text stands in quotes. Write area = "face"'),
        ('area = "face"', 'area = "face', '"face', "the text has no mark at its end"),
        ('area = "face"', 'area = face"', 'face"', "the text has no mark at its beginning"),
        ('area = "face"', "area = “face”", "“face”", "a typographic quotation mark"),
        ('area = "face"', "area = \u2018face\u2019", "\u2018face", "a typographic quotation mark"),
        ('title = "Mesolift: face, two passes"', 'title = "C:\\mine"', '"C:', "Write it twice"),
    ],
)
def test_a_slip_is_called_by_its_name_and_is_all_that_is_wrong_with_the_file(
    before: str, after: str, points_at: str, says: str
) -> None:
    (problem,) = refusal(changed((before, after)).encode())
    assert says in f"{problem.limit}. {problem.remedy}"
    assert problem.line
    assert problem.column
    assert problem.text == changed((before, after)).split("\n")[problem.line - 1]
    assert problem.text[problem.column - 1 :].startswith(points_at)
    assert problem.field.endswith(before.split(" ")[0])


def test_all_slips_and_all_values_out_of_range_of_a_file_are_told_at_once_in_the_order_of_its_lines() -> None:
    text = changed(
        *(("depth_mm = 2.0", "depth_mm = 15,5"), ("rate_hz = 4", "rate_hz = 12"), ("length_mm = 4", "length_mm = 4 mm")),
        *(("dose_ul = 20", "dose_ul: 500"), ("points = 60", "points ="), ('group = "vitamin"', 'group = "vitamins"')),
    )
    problems = refusal(text.encode())
    told = [(one.field, one.limit.split(":")[0]) for one in problems]
    assert told == [
        ("needle.length_mm", "a number stands without its unit, which the name of the key says"),
        ("cocktail.ingredients[1].group", "no such choice"),
        ("passes[0].depth_mm", "a decimal comma"),
        ("passes[0].depth_mm", "must be at most 10 mm"),
        ("passes[0].rate_hz", "must be at most 10 shots/s"),
        ("passes[1].dose_ul", "between a key and its value stands ="),
        ("passes[1].dose_ul", "must be at most 200 µl"),
        ("passes[1].points", "the key has no value"),
    ]
    assert {one.text for one in problems} <= set(text.split("\n")), "the lines that are shown are those of the file"
    assert [one.line for one in problems] == sorted(one.line or 0 for one in problems)


@pytest.mark.parametrize(
    ("before", "after", "at", "says"),
    [
        ("]\n\n[needle]", "\n\n[needle]", "needle]", "not closed before this, or a comma is missing"),
        ('(S)",\n  "003, drug', '(S)"\n  "003, drug', '"003, drug', "not closed before this, or a comma is missing"),
        ("[syringe]", "[needle]", "needle", "this table stands twice"),
        ("[syringe]", "[syringe", "", "not TOML"),
        ("[needle]", "[needle.*]", "*", "not TOML"),
        (
            'DOMAIN 2: 2 to 3 ml a session on the face (M)",',
            "DOMAIN 2: 2 to 3 ml a session on the face (M),",
            "",
            "no mark at its end",
        ),
    ],
)
def test_what_cannot_be_read_past_is_told_with_its_line_and_nothing_is_guessed_behind_it(
    before: str, after: str, at: str, says: str
) -> None:
    (problem,) = refusal(changed((before, after)).encode())
    assert says in problem.limit
    assert problem.line
    assert problem.column
    assert problem.text[problem.column - 1 :].startswith(at)


@pytest.mark.parametrize(
    ("value", "number"), [('"1.5"', "1.5"), ("'1.5'", "1.5"), ('"1,5"', "1.5"), ('" 2 mm"', "2"), ('"2.0µl"', "2.0")]
)
def test_quotes_round_a_number_are_called_that(value: str, number: str) -> None:
    (problem,) = refusal(changed(("depth_mm = 2.0", f"depth_mm = {value}")).encode())
    assert problem.limit == "must be a number, and quotes make text of it"
    assert problem.remedy == f"Write it without quotes: depth_mm = {number}"


@pytest.mark.parametrize(
    ("encoding", "value"),
    [
        ("utf-16", "UTF-16 text"),
        ("utf-16-le", "UTF-16 text"),
        ("utf-16-be", "UTF-16 text"),
        ("utf-32", "UTF-32 text"),
        ("latin-1", "Latin-1 or Windows-1252 text"),
        ("cp1252", "Latin-1 or Windows-1252 text"),
    ],
)
def test_a_file_in_another_encoding_is_called_by_its_name_with_what_to_do(encoding: str, value: str) -> None:
    (problem,) = refusal(changed(("Dull, dry", "Über, dry")).encode(encoding))
    assert problem.value == value
    assert "UTF-8" in problem.remedy
    if "Latin" in value:
        assert problem.line == 6
        assert problem.text[(problem.column or 0) - 1] == "Ü"


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (rb"{\rtf1\ansi schema = 1}", "a word processor's document"),
        (b"PK\3\4 word/document.xml", "a word processor's document"),
        (MESOLIFT.replace("\n", "\r").encode(), "one line"),
    ],
)
def test_what_an_editor_saved_in_a_way_of_its_own_is_called_that(content: bytes, value: str) -> None:
    (problem,) = refusal(content)
    assert problem.value == value
    assert "Save it" in problem.remedy


@pytest.mark.parametrize("after", ["depth_mm = 1,5", "depth_mm: 1.5", "depth mm = 1.5", "depth_mm = 1.5 mm", "depth_mm = 1.5;"])
def test_a_slip_is_the_same_in_a_file_of_windows(after: str) -> None:
    unix, windows = (refusal(changed(("depth_mm = 2.0", after)).replace("\n", end).encode()) for end in ("\n", "\r\n"))
    assert unix == windows


def test_a_mark_of_byte_order_is_no_matter_at_the_beginning_and_is_named_anywhere_else() -> None:
    assert read_protocol("\ufeff".encode() + MESOLIFT.encode()).area == "face"
    (problem,) = refusal(changed(("depth_mm = 2.0", "\ufeffdepth_mm = 2.0")).encode())
    assert problem.value == "U+FEFF"
    (spoilt,) = refusal(("\ufeff" + changed(("rate_hz = 4", "rate_hz = 40"))).encode())
    assert spoilt.text == "rate_hz = 40"


def test_a_key_that_is_missing_is_missed_where_its_table_begins() -> None:
    problems = refusal(changed(("depth_mm = 1.5\n", ""), ("gauge", "gouge")).encode())
    assert [(one.field, one.text) for one in problems] == [
        ("needle.gauge", "[needle]"),
        ("needle.gouge", 'gouge = "30G"'),
        ("passes[1].depth_mm", "[[passes]]"),
    ]


def test_of_a_key_that_there_is_not_the_key_is_pointed_at_and_of_a_wrong_value_the_value() -> None:
    problems = refusal(changed(("length_mm = 4\n", "length_mm = 40\n  colour = { shade = 1 }\n")).encode())
    assert [(one.column, (one.text[one.column - 1 :])[:3]) for one in problems if one.column] == [(13, "40"), (3, "col")]


def test_passes_are_counted_from_1_where_a_person_reads_them() -> None:
    assert named("passes[0].depth_mm") == "pass 1, depth_mm"
    assert named("cocktail.ingredients[2].group") == "ingredient 3, group"
    assert named("sources[0]") == "source 1"
    assert named("passes") == "passes"
    assert named("needle.gauge") == "needle.gauge"
    (problem,) = refusal(changed(("rate_hz = 2\n", "rate_hz = 20\n")).encode())
    assert str(problem).startswith("line 74: pass 2, rate_hz = 20: must be at most 10 shots/s")


def test_where_a_figure_comes_from_is_said_in_words() -> None:
    assert in_words("003, A") == "document 003, our assumption"
    assert in_words("DOMAIN 1 to 4, M") == "sections 1 to 4 of DOMAIN.md, clinics' and vendors' pages"


def set_at(data: object, path: tuple[str | int, ...], value: object) -> None:
    for part in path[:-1]:
        data = data[part]  # type: ignore[index]
    data[path[-1]] = value  # type: ignore[index]


ODD = """a.b = 1.5
"c d" = { e = [1, 2, { f = "}]#" }], 'g' = 1979-05-27 07:32:00 } # [x]
[h.i]
j = \"\"\"
k = 1
\"\"\"
[[l]]
m = ["a", # "
  '''b'''
]
[[l]]
[[l.n]]
o = true
"""


@pytest.mark.parametrize("text", [ODD, *(file.read_text(encoding="utf-8") for file in FILES)])
def test_another_value_put_where_a_value_stands_is_the_value_of_that_path(text: str) -> None:
    for path, at in places(text).items():
        data = tomllib.loads(text)
        old: object = data
        for part in path:
            old = old[part]  # type: ignore[index]
        if isinstance(old, dict | list):
            continue
        end = next(end for end in range(at + 1, len(text)) if text[end] in " ,]}\n" and read_as(text[at:end], old))
        set_at(data, path, "another")
        assert tomllib.loads(f'{text[:at]}"another"{text[end:]}') == data


def read_as(text: str, value: object) -> bool:
    try:
        return bool(tomllib.loads(f"a = {text}")["a"] == value)
    except tomllib.TOMLDecodeError:
        return False


@example('a "\\\\}"{;{1.{;\'{]{ b]#}\\""#=;[]#]\'a \n={ ::\\\']:=[#')  # it was put right again and again
@given(st.text(alphabet="ab=,.:;\"'[]{}#\\ \n1", max_size=40))
def test_whatever_stands_in_a_file_its_places_are_found_or_it_is_refused(text: str) -> None:
    problems = refusal(("schema = 1\n" + text).encode())
    assert all(one.line is None or one.column for one in problems)
