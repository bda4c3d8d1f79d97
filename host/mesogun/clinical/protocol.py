"""A person writes a protocol as a strict TOML file: it becomes an immutable `Protocol`, or is refused with every problem.

A model is a table of the file, a field is a key. Numbers stay in the practitioner's units; planning.py converts them.
"""

import hashlib
from collections.abc import Iterator
from math import radians, sin
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, model_validator

from mesogun.clinical.needles import GAUGES
from mesogun.clinical.protocol_fields import BY_MODE, OF_ITS_MODE, Dose, SyringeSize, Text, Volume, choice, quantity, up_to
from mesogun.clinical.protocol_problems import Breach, breach, in_their_places, in_words, shown, slips
from mesogun.clinical.quantities import LEAST_SHARE_PERCENT, QUANTITIES
from mesogun.clinical.quantity import Quantity
from mesogun.clinical.syringes import LINES_UL_KPA
from mesogun.clinical.techniques import MODES, NEEDED, TECHNIQUES
from mesogun.clinical.toml_file import content, parsed
from mesogun.refusal import Problem, Refused
from mesogun_fw import limits

SCHEMA = 1

AREAS = (
    *("face", "under-eye", "neck", "decollete", "hands", "submental", "scalp"),
    *("body", "arms", "abdomen", "waist", "legs", "joint", "muscle", "ligament"),
)
# These are the drug groups that the documents name (000, 003, 004), and those that a rule asks for.
GROUPS = (
    *("amino acid", "anaesthetic", "antioxidant", "blood product", "DHT blocker", "enzyme", "filler", "growth factor", "hormone"),
    *("hyaluronic acid", "lipolytic", "mineral", "nucleic acid", "pain relief", "plant extract", "trace element", "vasodilator"),
    *("vitamin", "other"),
)
BASES = ("water", "oil", "alcohol")


class Table(BaseModel):
    """A Table takes no unknown key, converts no type, and does not change afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    def needs(self, key: str) -> bool:
        """Tells whether the table must have this key."""
        return type(self).model_fields[key].is_required()


class Needle(Table):
    gauge: Annotated[str, choice(GAUGES)]
    length_mm: Annotated[float, quantity("length_mm")]


class Syringe(Table):
    """A Syringe is of plastic unless it is `stiff`: glass or COC, on a short hard line. Its line counts extra when it is named."""

    size_ml: SyringeSize
    filled_ml: Annotated[float, quantity("filled_ml")]
    stiff: bool = False
    line: Annotated[str, choice(LINES_UL_KPA)] | None = None

    @model_validator(mode="after")
    def _holds_its_fill(self) -> "Syringe":
        if self.filled_ml > self.size_ml:
            raise breach(
                Breach("filled_ml", f"more than the syringe of {self.size_ml:g} ml holds", "Fill less, or take a larger one")
            )
        return self


class Ingredient(Table):
    name: Text
    group: Annotated[str, choice(GROUPS)]
    volume_ml: Volume
    base: Annotated[str, choice(BASES)] = "water"


class Diluent(Table):
    name: Text
    volume_ml: Volume


class Cocktail(Table):
    viscosity_mpa_s: Annotated[float, quantity("viscosity_mpa_s")]
    ingredients: Annotated[tuple[Ingredient, ...], Field(strict=False), up_to(20)]
    diluent: Diluent | None = None


class Pass(Table):
    """A Pass is one run over the area with fixed settings; its mode decides which keys it has (techniques.NEEDED).

    Without `needle_mm_s` the needle moves as fast as the gun can. In constant flow the needle stays in for `seconds` in all;
    a retrograde shot gives its dose along `depth_mm` of the needle's way back. `depth_mm` is along the needle: `angle_deg` is
    how the hand holds it, it only informs, and no limit is wider for it. Without `dwell_ms` the needle rests at depth for as long
    as its period leaves and a hand that glides at `hand_mm_s` (spacing times rate when left out) allows. A practitioner who
    accepts that less of a dose is at depth says how much and why.
    """

    model_config = ConfigDict(validate_default=True, json_schema_extra=BY_MODE)  # a key left out is judged as well

    technique: Annotated[str, choice(TECHNIQUES)]
    mode: Annotated[str, choice(MODES)]
    depth_mm: Annotated[float, quantity("depth_mm")]
    angle_deg: Annotated[int, quantity("angle_deg")] = 90
    rate_hz: Annotated[Annotated[float, quantity("rate_hz")] | None, OF_ITS_MODE] = None
    dose_ul: Annotated[Dose | None, OF_ITS_MODE] = None
    flow_ul_s: Annotated[Annotated[float, quantity("flow_ul_s")] | None, OF_ITS_MODE] = None
    seconds: Annotated[Annotated[int, quantity("seconds")] | None, OF_ITS_MODE] = None
    dwell_ms: Annotated[Annotated[float, quantity("dwell_ms")] | None, OF_ITS_MODE] = None
    points: Annotated[Annotated[int, quantity("points")] | None, OF_ITS_MODE] = None
    spacing_mm: Annotated[Annotated[float, quantity("spacing_mm")] | None, OF_ITS_MODE] = None
    needle_mm_s: Annotated[float, quantity("needle_mm_s")] | None = None
    burst: Annotated[Annotated[int, quantity("burst")] | None, OF_ITS_MODE] = None
    hand_mm_s: Annotated[Annotated[float, quantity("hand_mm_s")] | None, OF_ITS_MODE] = None
    least_share_percent: Annotated[int, quantity("least_share_percent")] = LEAST_SHARE_PERCENT
    less_share_because: Text | None = None

    @property
    def across_mm(self) -> float:
        """This is how deep below the skin the tip ends when the needle is held at its angle."""
        return round(self.depth_mm * sin(radians(self.angle_deg)), 2)

    def needs(self, key: str) -> bool:
        return key in NEEDED[self.mode] or super().needs(key)

    @property
    def accepts_less(self) -> bool:
        """Tells whether a practitioner accepts that less of each dose is at depth than is planned for."""
        return self.least_share_percent < LEAST_SHARE_PERCENT

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Pass":
        dry = self.technique == "dry needling"
        if dry and self.mode in ("constant flow", "retrograde"):
            limit = f"{self.mode} is a way to give drug, and dry needling gives none"
            raise breach(Breach("mode", limit, "Set single, burst or continuous"))
        if self.dose_ul is not None and dry != (self.dose_ul == 0):
            limit = "dry needling gives no dose" if dry else "a dose of 0 is dry needling only"
            raise breach(Breach("dose_ul", limit, f"Set 0 with dry needling, else {QUANTITIES['dose_ul'].choice}"))
        if self.accepts_less and not self.less_share_because:
            limit = f"less than {LEAST_SHARE_PERCENT} % of each dose at depth is for a practitioner to accept, with a reason"
            raise breach(
                Breach("less_share_because", limit, 'Write `less_share_because = "…"`, or leave out `least_share_percent`')
            )
        return self


class Protocol(Table):
    """This is one clinical protocol. `text` and `digest` (SHA-256, hex) are those of the file it was read from, else empty."""

    schema_number: int = Field(alias="schema", ge=SCHEMA, le=SCHEMA)
    title: Text
    area: Annotated[str, choice(AREAS)]
    indication: Text
    sources: Annotated[tuple[Text, ...], Field(strict=False), up_to(50)]
    needle: Needle
    syringe: Syringe
    cocktail: Cocktail | None = None  # dry needling has none
    passes: Annotated[tuple[Pass, ...], Field(strict=False), up_to(limits.PASSES_MAX)]
    _text: str = PrivateAttr("")

    @property
    def deepest_across_mm(self) -> float:
        return max(one.across_mm for one in self.passes)

    @property
    def text(self) -> str:
        return self._text

    @property
    def digest(self) -> str:
        return hashlib.sha256(self._text.encode()).hexdigest() if self._text else ""

    def numbers(self) -> Iterator[tuple[str, Quantity, float]]:
        """Yields every number that the table of quantities knows, as (field, its row, value). A dose of 0 is left out."""
        tables: list[tuple[str, Table]] = [("needle", self.needle), ("syringe", self.syringe)]
        if self.cocktail:
            tables.append(("cocktail", self.cocktail))
            tables += [(f"cocktail.ingredients[{index}]", one) for index, one in enumerate(self.cocktail.ingredients)]
            tables += [("cocktail.diluent", self.cocktail.diluent)] if self.cocktail.diluent else []
        tables += [(f"passes[{index}]", one) for index, one in enumerate(self.passes)]
        for where, table in tables:
            for name, value in table:
                left_out = value is None and not table.needs(name)
                if name in QUANTITIES and not left_out and (name != "dose_ul" or value != 0):
                    yield f"{where}.{name}", QUANTITIES[name], value


_MODELS: dict[tuple[str, ...], type[Table]] = {
    (): Protocol,
    ("needle",): Needle,
    ("syringe",): Syringe,
    ("cocktail",): Cocktail,
    ("cocktail", "ingredients"): Ingredient,
    ("cocktail", "diluent"): Diluent,
    ("passes",): Pass,
}
_KEYS = {place: tuple(field.alias or name for name, field in model.model_fields.items()) for place, model in _MODELS.items()}


def load_protocol(path: Path) -> Protocol:
    """Returns the protocol in the file, every number inside its range. Raises Refused with all that is wrong with the file."""
    return read_protocol(content(path), str(path))


def read_protocol(found: bytes, source: str = "") -> Protocol:
    """Does what `load_protocol` does, from a file's bytes. `source` is what a refusal calls the file."""
    read = parsed(found, source)
    problems = [*slips(read), *_schema(read.tables, source), *_beyond_needle(read.tables)]
    try:
        protocol = Protocol.model_validate(read.tables | {"schema": SCHEMA})
    except ValidationError as wrong:
        problems += in_words(wrong, _KEYS)
    if problems:
        raise Refused(*in_their_places(read, problems), source=source)
    protocol._text = read.text
    return protocol


def _beyond_needle(data: dict[str, Any]) -> list[Problem]:
    """Judges rule P1 on the raw tables, so that a mistake elsewhere in the file does not hide this one."""
    passes = data.get("passes")
    length_mm = _number(data.get("needle"), "length_mm")
    problems = []
    for index, one in enumerate(passes if isinstance(passes, list) else []):
        depth_mm = _number(one, "depth_mm")
        if depth_mm and length_mm and depth_mm > length_mm:
            limit = f"deeper than the needle's {length_mm:g} mm"
            remedy = "Set a shallower depth, or fit a longer needle"
            problems.append(Problem(f"passes[{index}].depth_mm", shown(depth_mm), limit, remedy))
    return problems


def _number(table: object, key: str) -> float | None:
    """Returns the value of a key that a quantity accepts, else None: the models tell what else is wrong with it."""
    value = table.get(key) if isinstance(table, dict) else None
    return None if QUANTITIES[key].wrong(value) else value


def _schema(data: dict[str, Any], source: str) -> list[Problem]:
    """Returns what is wrong with `schema`. A newer one is refused at once: this version cannot tell what else would be wrong."""
    number = data.get("schema")
    remedy = f"Write `schema = {SCHEMA}` before every other key"
    if number is None:
        return [Problem("schema", "missing", "a protocol says first which edition of the format it is", remedy)]
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return [Problem("schema", shown(number), "must be a whole number from 1", remedy)]
    if number > SCHEMA:
        limit = f"made for a newer mesogun: this one reads schema {SCHEMA}"
        raise Refused(Problem("schema", shown(number), limit, "Update mesogun"), source=source)
    if next(iter(data)) != "schema":
        return [Problem("schema", shown(number), "must be the first key", "Move it before every other key")]
    return []
