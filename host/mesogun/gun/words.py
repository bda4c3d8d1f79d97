"""The gun speaks in numbers; this module says them as a clinician would."""

from collections.abc import Mapping

from mesogun.gun import explanations
from mesogun.gun.explanations import RefusalCode
from mesogun.refusal import Problem, Refused
from mesogun_fw.talk import refusals
from mesogun_fw.talk.messages import BY_NAME, STATES

_UNITS = {  # of a thousand in a field that ends so
    "_nl_s": "µl/s", "_um_s": "mm/s", "_mm_s2": "m/s²", "_nm_per_step": "µm/step",
    "_um": "mm", "_nl": "µl", "_us": "ms", "_ms": "s", "_nm": "µm", "_mv": "V",
}  # fmt: skip
_WHOLE_UNITS = {"_kpa": "kPa", "_c": "°C"}


def figure_in_words(name: str, value: int) -> tuple[str, str]:
    """Returns a wire field as a clinician would say it: depth_um 2500 is "depth", "2.5 mm"."""
    for suffix, unit in _UNITS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " "), f"{value / 1000:.10g} {unit}"
    for suffix, unit in _WHOLE_UNITS.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " "), f"{value} {unit}"
    return name.replace("_", " "), str(value)


def dotted(version: int) -> str:
    """Returns 0.1.0 for 100, and "unknown" for -1, which is what a board without a readable manifest has."""
    return "unknown" if version < 0 else f"{version // 10_000}.{version // 100 % 100}.{version % 100}"


def reason_in_words(reason: explanations.Reason) -> str:
    """Says why shots ended (a code of explanations.REASONS): what happened, its likely cause, what to do."""
    _, _, what, cause, remedy = explanations.REASONS.get(reason, ("", 0, f"the gun stopped, code {reason}", "", "update mesogun"))
    return f"{what}{f' ({cause})' if cause else ''}: {remedy}"


class DeviceRefused(Refused):
    """The gun refused a request and did nothing. `asked` are the request's values by name.

    `code` is one of explanations.REFUSALS; `field` is the request's, "" when the refusal is about none.
    """

    def __init__(self, request: str, asked: Mapping[str, int], code: int, field: int, value: int, low: int, high: int) -> None:
        fields = BY_NAME[request][2]
        self.request = request
        self.code = RefusalCode(code)
        self.field = fields[field][0] if 0 <= field < len(fields) else ""
        self.value, self.low, self.high = value, low, high
        _, what, remedy = explanations.REFUSALS.get(self.code, ("", f"the gun refused, code {code}", "Update mesogun"))
        if code == refusals.WRONG_STATE and 0 <= value < len(STATES):
            what = f"{what}: {STATES[value]}"
        where = f"pass {asked['index'] + 1}" if request == "pass" else request
        problem = Problem("request", where, what, remedy)
        figure = "volume_nl" if code == refusals.VOLUME_TOO_LARGE else self.field
        if figure:
            name, shown = figure_in_words(figure, value)
            limit = f"{what} ({figure_in_words(figure, low)[1]} to {figure_in_words(figure, high)[1]})"
            problem = Problem(f"{where}, {name}", shown, limit, remedy)
        super().__init__(problem, source="gun")
