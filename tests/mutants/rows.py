"""The rows of docs/mutants.toml, each held to its rules; an edit is found by its tokens, once, or it is refused.

A row names the place of the mistake, the text that was there, the text that a tired engineer would leave, and the tests that
must fail. Texts are compared as tokens, so spacing, line ends and comments do not matter.
"""

import ast
import textwrap
import tokenize
import tomllib
from dataclasses import dataclass
from functools import cache
from io import StringIO
from itertools import accumulate, pairwise
from pathlib import Path, PurePath
from typing import Any

# These words in the name of a test file say that it compares recorded bytes or pages: it notices a change, not a danger.
COMPARING = frozenset(("golden", "doc", "docs"))
KEYS = {"id", "control", "at", "was", "now", "edits", "meaning", "tests", "hang", "lives"}
LAYOUT = (
    tokenize.NEWLINE,
    tokenize.NL,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.COMMENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Wrong(ValueError):
    """The row cannot be used; the text says why."""


@dataclass(frozen=True)
class Edit:
    was: str
    now: str


@dataclass(frozen=True)
class Row:
    id: str
    control: str
    file: str
    place: str  # a function, Class.method, or a name that is bound at the top; empty: the whole file
    edits: tuple[Edit, ...]
    meaning: str
    tests: tuple[str, ...]
    hang: bool = False  # a hang counts as noticed
    lives: str = ""  # why no test can notice it


def read(path: Path) -> list[Row]:
    """Every row of a file. Raises Wrong when one is not of the shape of a row."""
    content = tomllib.loads(path.read_text())
    if set(content) - {"mutant"}:
        raise Wrong(f"{path.name} holds only [[mutant]]")
    return [_row(values) for values in content.get("mutant", [])]


def controls(path: Path) -> list[str]:
    """The ids of the controls of a hazards.toml."""
    hazards = tomllib.loads(path.read_text())["hazard"]
    return [control["id"] for hazard in hazards for control in hazard["control"]]


def _row(values: dict[str, Any]) -> Row:
    name = values.get("id") or "a row without id"
    if unknown := set(values) - KEYS:
        raise Wrong(f"{name}: there is no key {min(unknown)}")
    if missing := {"id", "control", "at", "meaning"} - set(values):
        raise Wrong(f"{name}: {min(missing)} is missing")
    if not all(values[key] for key in ("control", "at", "meaning")):
        raise Wrong(f"{name}: control, at and meaning say something")
    if ("edits" in values) == ("was" in values or "now" in values):
        raise Wrong(f"{name}: one edit is was and now, several are edits")
    if bool(values.get("tests")) == bool(values.get("lives")):
        raise Wrong(f"{name}: a row names tests, or says why it lives")
    edits = values.get("edits") or [{key: values[key] for key in ("was", "now") if key in values}]
    if any(set(edit) != {"was", "now"} for edit in edits):
        raise Wrong(f"{name}: an edit is was and now")
    file, _, place = values["at"].partition("::")
    return Row(
        id=name,
        control=values["control"],
        file=file,
        place=place,
        edits=tuple(Edit(edit["was"], edit["now"]) for edit in edits),
        meaning=values["meaning"],
        tests=tuple(values.get("tests", ())),
        hang=values.get("hang", False),
        lives=values.get("lives", ""),
    )


def problems(rows: list[Row], known: list[str], root: Path) -> list[tuple[str, str]]:
    """What is wrong with the rows, before anything is run: (id, in words). Nothing is the good answer."""
    found = []
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            found.append((row.id, "two rows have this id"))
        seen.add(row.id)
        if row.control not in known:
            found.append((row.id, f"there is no control {row.control}"))
        found += [(row.id, why) for node in row.tests if (why := _refused(node, root))]
        try:
            mutated((root / row.file).read_text(), row.place, row.edits)
        except (OSError, Wrong) as wrong:
            found.append((row.id, str(wrong)))
    return found


def bare(rows: list[Row], known: list[str]) -> list[str]:
    """The controls that no row breaks so that a test notices: of these nothing shows that they work."""
    broken = {row.control for row in rows if not row.lives}
    return [control for control in known if control not in broken]


def _refused(node: str, root: Path) -> str:
    file, _, name = node.partition("::")
    path = PurePath(file)
    if COMPARING & set(path.stem.split("_")):
        return f"{node} compares recorded bytes or pages: it does not count"
    if "mutants" in path.parts:
        return f"{node} looks at the rows themselves: it does not count"
    if not (root / file).is_file():
        return f"{node}: there is no such file"
    found = name.partition("[")[0].rpartition("::")[2] in _functions((root / file).read_text())
    return "" if found else f"{node}: there is no such test"


@cache
def _functions(source: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, FUNCTIONS)}


# ---- an edit ----


def mutated(source: str, place: str, edits: tuple[Edit, ...]) -> str:
    """The source with all edits made. Raises Wrong when one is not to be found exactly once, or nothing would be changed."""
    tree = ast.parse(source)
    first, last = _lines_of(tree, place)
    lines = source.splitlines(keepends=True)
    starts = list(accumulate(map(len, lines[first - 1 : last]), initial=sum(map(len, lines[: first - 1]))))
    tokens = _tokens("".join(lines[first - 1 : last]))
    cuts = []
    for edit in edits:
        (row, column), (end_row, end_column) = _only(tokens, edit)
        line = lines[first + row - 2]
        indent = line[: len(line) - len(line.lstrip())]
        now = textwrap.indent(textwrap.dedent(edit.now).strip("\n"), indent).removeprefix(indent)
        cuts.append((starts[row - 1] + column, starts[end_row - 1] + end_column, now))
    cuts.sort()
    if any(one[1] > other[0] for one, other in pairwise(cuts)):
        raise Wrong("two edits overlap")
    text = source
    for begin_at, end_at, now in reversed(cuts):
        text = text[:begin_at] + now + text[end_at:]
    try:
        after = ast.parse(text)
    except SyntaxError:
        return text  # the compiler says so, in the run
    if _empty(after) > _empty(tree):
        raise Wrong("a body would be emptied")
    return text


def _lines_of(tree: ast.Module, place: str) -> tuple[int, int]:
    """First and last line of the place."""
    where: ast.AST = tree
    for name in place.split(".") if place else ():
        found = [node for node in getattr(where, "body", []) if name in _names(node)]
        if len(found) != 1:
            raise Wrong(f"there is no {place}" if not found else f"there is more than one {place}")
        where = found[0]
    if isinstance(where, ast.Module):
        return 1, max((node.end_lineno or 1 for node in where.body), default=1)
    assert isinstance(where, ast.stmt)
    decorators = getattr(where, "decorator_list", [])
    return min([where.lineno, *(node.lineno for node in decorators)]), where.end_lineno or where.lineno


def _names(node: ast.AST) -> set[str]:
    """What a statement defines."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return {part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    return [token for token in tokenize.generate_tokens(StringIO(source).readline) if token.type not in LAYOUT]


def _only(tokens: list[tokenize.TokenInfo], edit: Edit) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where its `was` begins and ends."""
    wanted = _texts(edit.was)
    if not wanted:
        raise Wrong("was is empty")
    if wanted == _texts(edit.now):
        raise Wrong("nothing would be changed")
    texts = [token.string for token in tokens]
    found = [at for at in range(len(texts)) if texts[at : at + len(wanted)] == wanted]
    if len(found) != 1:
        raise Wrong(f"gone: {edit.was}" if not found else f"ambiguous, {len(found)} times there: {edit.was}")
    return tokens[found[0]].start, tokens[found[0] + len(wanted) - 1].end


def _texts(python: str) -> list[str]:
    """What a piece of a program says: its tokens, without line ends, indents and comments."""
    try:
        # Inside brackets a tokenizer does not care for indents and line ends.
        return [token.string for token in _tokens(f"(\n{python}\n)")][1:-1]
    except (tokenize.TokenError, SyntaxError) as error:
        raise Wrong(f"no Python: {python}") from error


def _empty(tree: ast.Module) -> int:
    """How many functions do nothing."""
    functions = [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]
    return sum(all(_nothing(part) for part in function.body) for function in functions)


def _nothing(part: ast.stmt) -> bool:
    return isinstance(part, ast.Pass) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
