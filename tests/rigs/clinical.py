"""Protocols, changed in one place, past every check of their models.

FACE, SCALP, BODY and LINES are as the library had them before anybody asked what of a dose is at depth: they accept any share.
"""

from pathlib import Path
from typing import Any

from mesogun.clinical.protocol import Protocol, load_protocol
from mesogun.clinical.rules import Finding, findings

LIBRARY = Path(__file__).parents[2] / "protocols"
FILES = {file.stem: load_protocol(file) for file in LIBRARY.rglob("*.toml")}
_BEFORE = {file.stem: load_protocol(file) for file in (Path(__file__).parent / "protocols").glob("*.toml")}
FACE, SCALP, BODY, LINES = (_BEFORE[name] for name in ("mesolift", "hair-loss", "cellulite", "fine-lines"))


def few_points(folder: Path, first: int, second: int) -> str:
    """A file: the mesolift protocol with so many points in its passes."""
    text = (LIBRARY / "face" / "mesolift.toml").read_text(encoding="utf-8")
    path = folder / "small.toml"
    path.write_text(text.replace("points = 60", f"points = {first}").replace("points = 15", f"points = {second}"), encoding="utf-8")
    return str(path)


def with_pass(protocol: Protocol, **changes: Any) -> Protocol:
    return protocol.model_copy(update={"passes": (protocol.passes[0].model_copy(update=changes), *protocol.passes[1:])})


def with_ingredient(protocol: Protocol, **changes: Any) -> Protocol:
    assert protocol.cocktail
    first, *rest = protocol.cocktail.ingredients
    changed = protocol.cocktail.model_copy(update={"ingredients": (first.model_copy(update=changes), *rest)})
    return protocol.model_copy(update={"cocktail": changed})


def in_area(protocol: Protocol, area: str) -> Protocol:
    return protocol.model_copy(update={"area": area})


def of(rule: str, protocol: Protocol) -> list[Finding]:
    return [finding for finding in findings(protocol) if finding.rule == rule]
