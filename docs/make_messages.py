"""`python docs/make_messages.py` writes docs/MESSAGES.md from the table of messages. A test holds the two together."""

import ast
import io
import tokenize
from pathlib import Path

from mesogun.gun import explanations
from mesogun_fw.talk import frames, messages, table
from mesogun_fw.talk.codes import EVENTS, SWITCHES

HEAD = """# What the gun and the laptop say to each other

Made from `firmware/mesogun_fw/talk/messages.py` and `docs/messages_head.md` by `python docs/make_messages.py`; do not edit.

"""
WRITTEN = Path(__file__).with_name("messages_head.md")  # by hand: what the table cannot tell

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


def conversation() -> str:
    """Returns a session of one pass of two shots, as lines on the cable: `>` to the gun, `<` from it."""
    begin = frames.body("begin", [1, 12_060, 1_000_000, 300_000])
    one = frames.body("pass", [0, messages.CONTINUOUS, 2, 1, 2_000, 300_000, 10_000, 300_000, 80_000, 250_000])
    digest = frames.digest([begin, one])
    welcome = f"welcome proto={messages.PROTO} table={table.HASH} version=100 simulated=1 serial=100001 boot=3952647806"
    inputs = {name: 1 << bit for bit, name in enumerate(SWITCHES)}
    held = inputs["trigger a"] + inputs["trigger b"] + inputs["contact a"] + inputs["contact b"]
    said = [
        f"> 1 hello proto={messages.PROTO}",
        f"< 1 {welcome} depth_cap_um=10000 dose_max_nl=200000 period_min_us=100000 flow_max_nl_s=2000000",
        "> 2 beat ack=0",
        f"< 2 {_state(messages.IDLE, 9_100, -1, 0, 2, 2, inputs['home'], -1)}",
        f"> 3 {begin}",
        "< 3 ok",
        f"> 4 {one}",
        "< 4 ok",
        f"> 5 commit digest={digest} tag=40961",
        f"< 5 program digest={digest} shots=2 deepest_um=2000 volume_nl=20000 duration_ms=500",
        "> 6 arm index=0",
        "< 6 armed index=0 left=2 deepest_um=2000 stroke_nl=9995 period_us=250000 words=922",
        "< 0 changed n=3 at_ms=9410 before=1 after=3 event=2",
        "> 7 beat ack=3",
        f"< 7 {_state(messages.ARMED, 9_450, 0, 0, 3, 0, inputs['home'], 1_000_000)}",
        "< 0 changed n=4 at_ms=9990 before=3 after=4 event=5",
        "< 0 shot n=5 at_ms=9990 at_us=166 pass_index=0 shot=1 period_us=250000 commanded_depth_um=2000 measured_depth_um=1998"
        " commanded_dose_nl=10000 measured_dose_nl=9995 flags=0",
        "> 13 beat ack=5",
        f"< 13 {_state(messages.RUNNING, 10_260, 0, 1, 5, 0, held, 990_000)}",
    ]
    return "\n".join(line[:2] + _sealed(line[2:]) for line in said)


def _state(state: int, at_ms: int, index: int, done: int, events: int, kept: int, inputs: int, left_nl: int) -> str:
    return frames.body("state", [state, at_ms, 0, index, done, events, kept, inputs, 0, left_nl])


def _sealed(line: str) -> str:
    """Returns the line with its CRC. Raises BadFrame when it is no message of the table."""
    number, _, body = line.partition(" ")
    sealed = frames.seal(int(number), body)
    frames.decode(sealed)
    return sealed.decode().rstrip()


def text() -> str:
    """Returns the whole of MESSAGES.md."""
    means = meanings(TABLE)
    facts = {"proto": messages.PROTO, "table": f"{table.HASH:08x}", "table_number": table.HASH, "conversation": conversation()}
    parts = [HEAD, WRITTEN.read_text(encoding="utf-8").format(**facts)]
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
