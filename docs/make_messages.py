"""Writes docs/MESSAGES.md from the table of messages: `python docs/make_messages.py`. A test holds the two together."""

from pathlib import Path

from mesogun_fw import explanations, faults, messages
from mesogun_fw.inputs import BITS
from mesogun_fw.state import EVENTS

HEAD = """# What the gun and the laptop say to each other

Made from `firmware/mesogun_fw/messages.py` by `python docs/make_messages.py`; do not edit.

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


def text() -> str:
    from mesogun_fw import frames

    sample = b"".join(
        [frames.encode(7, "beat", [12]), frames.encode(0, "ended", [13, 81_250, messages.HOLD, faults.LIFTED, 0, 41])]
    ).decode()
    parts = [HEAD.format(sample=sample.rstrip())]
    for way, title in WAYS.items():
        parts.append(f"\n## {title}\n")
        for name, its_way, meaning, fields in messages.MESSAGES:
            if its_way == way:
                parts.append(f"\n### `{name}`\n\n{meaning}\n")
                if fields:
                    parts.append("\n| field | from | to | meaning |\n|---|---|---|---|\n")
                    parts += [f"| `{key}` | {low} | {high} | {what} |\n" for key, low, high, what in fields]
    parts.append("\n## Numbers in fields\n\n")
    parts.append("`state`, `before`, `after`: " + ", ".join(f"{i} {name}" for i, name in enumerate(messages.STATES)) + "\n\n")
    parts.append("`event`: " + ", ".join(f"{i} {name}" for i, name in enumerate(EVENTS)) + "\n\n")
    parts.append("`inputs`, from bit 0: " + ", ".join(BITS) + "\n\n")
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
