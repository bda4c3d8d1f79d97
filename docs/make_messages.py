"""`python docs/make_messages.py` writes docs/MESSAGES.md from the table of messages. A test holds the two together."""

import ast
import io
import tokenize
from pathlib import Path

from mesogun.gun import explanations
from mesogun_fw.talk import messages, reasons
from mesogun_fw.talk.codes import EVENTS, SWITCHES

HEAD = """# What the gun and the laptop say to each other

Made from `firmware/mesogun_fw/talk/messages.py` by `python docs/make_messages.py`; do not edit.

One message is one line of printable ASCII: `seq name key=value … *crc32` and a line feed. Values are decimal integers,
units are in the names, every field is there and in this order. The CRC is that of zlib, eight hex digits, over all before
the asterisk. A line that is not exactly so is counted and never answered. `hello` opens a conversation with any sequence
number; every next request carries the next one (1 follows 65535). The same line sent again gets the same answer again.
Events carry sequence number 0, are numbered since boot by `n`, and are kept until a `beat` acknowledges them.

```
{sample}
```
"""

WAYS = {
    messages.ASK: "Requests: laptop to gun, answered once",
    messages.ANSWER: "Answers",
    messages.EVENT: "Events: gun to laptop",
}

TABLE = Path(messages.__file__).read_text(encoding="utf-8")


def comments(source: str) -> dict[int, str]:
    """Returns the comment behind each line of code, whole lines of comment right below it included."""
    found: dict[int, list[str]] = {}
    code = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            words = found.setdefault(code, [])
            if token.start[0] == code + len(words):
                words.append(token.string.removeprefix("#").strip())
        elif token.type != tokenize.NL:
            code = token.end[0]
    return {line: " ".join(words) for line, words in found.items()}


def meanings(source: str) -> dict[str, tuple[str, list[str]]]:
    """Returns every message's meaning and those of its fields. Raises ValueError naming one that has no comment of its own."""
    said = comments(source)
    constants = {node.targets[0].id: node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)}
    owners: dict[int, ast.Tuple] = {}

    def itself(node: ast.expr) -> ast.expr:
        return constants[node.id] if isinstance(node, ast.Name) else node

    def meaning(row: ast.Tuple) -> str:
        name = row.elts[0]
        if owners.setdefault(name.lineno, row) is not row or not said.get(name.lineno):
            raise ValueError(f"messages.py, line {name.lineno}: {name.value} has no comment of its own")
        return said[name.lineno]

    return {
        row.elts[0].value: (meaning(row), [meaning(itself(field)) for field in itself(row.elts[2]).elts])
        for row in constants["MESSAGES"].elts
    }


def text() -> str:
    """Returns the whole of MESSAGES.md."""
    from mesogun_fw.talk import frames

    means = meanings(TABLE)
    sample = b"".join(
        [frames.encode(7, "beat", [12]), frames.encode(0, "ended", [13, 81_250, messages.HOLD, reasons.LIFTED, 0, 41])]
    ).decode()
    parts = [HEAD.format(sample=sample.rstrip())]
    for way, title in WAYS.items():
        parts.append(f"\n## {title}\n")
        for name, its_way, fields in messages.MESSAGES:
            if its_way == way:
                meaning, meaning_of_fields = means[name]
                parts.append(f"\n### `{name}`\n\n{meaning}\n")
                if fields:
                    parts.append("\n| field | from | to | meaning |\n|---|---|---|---|\n")
                    rows = zip(fields, meaning_of_fields, strict=True)
                    parts += [f"| `{key}` | {low} | {high} | {what} |\n" for (key, low, high), what in rows]
    parts.append("\n## Numbers in fields\n\n")
    parts.append("`state`, `before`, `after`: " + ", ".join(f"{i} {name}" for i, name in enumerate(messages.STATES)) + "\n\n")
    parts.append("`event`: " + ", ".join(f"{i} {name}" for i, name in enumerate(EVENTS)) + "\n\n")
    parts.append("`inputs`, from bit 0: " + ", ".join(SWITCHES) + "\n\n")
    parts.append(
        "`reason` and `fault`:\n\n| | name | ending | what happened | likely cause | what to do |\n|---|---|---|---|---|---|\n"
    )
    for code, (name, kind, what, cause, remedy) in sorted(explanations.REASONS.items()):
        parts.append(f"| {code} | {name} | {messages.ENDINGS[kind]} | {what} | {cause} | {remedy} |\n")
    parts.append("\n`code` of `refused`:\n\n| | name | what | what to do |\n|---|---|---|---|\n")
    for code, (name, what, remedy) in sorted(explanations.REFUSALS.items()):
        parts.append(f"| {code} | {name} | {what} | {remedy} |\n")
    return "".join(parts)


if __name__ == "__main__":
    Path(__file__).with_name("MESSAGES.md").write_text(text())
