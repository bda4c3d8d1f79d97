"""mesogun checks clinical protocols, sends them to an injection gun, and keeps the record. It is no cleared medical device.

    import mesogun
    protocol = mesogun.load("face/mesolift")
    result = mesogun.give(protocol, "sim://")
    print(result)

Names are imported when they are first used (PEP 562), so that importing this costs nothing. docs/API.md tells each.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mesogun.version import __version__ as __version__

if TYPE_CHECKING:
    from os import PathLike

    from mesogun.clinical.explain import Explanation as Explanation
    from mesogun.clinical.library import load as load
    from mesogun.clinical.library import loads as loads
    from mesogun.clinical.plans import Plan as Plan
    from mesogun.clinical.protocol import Protocol as Protocol
    from mesogun.clinical.rules import Finding as Finding
    from mesogun.gun.client import Gun as Gun
    from mesogun.gun.ports import ports as ports
    from mesogun.records.history import History as History
    from mesogun.records.result import NotComplete as NotComplete
    from mesogun.records.result import Result as Result
    from mesogun.records.rows import RecordsFailed as RecordsFailed
    from mesogun.records.tally import Progress as Progress
    from mesogun.refusal import GunStopped as GunStopped
    from mesogun.refusal import LinkLost as LinkLost
    from mesogun.refusal import MesogunError as MesogunError
    from mesogun.refusal import Problem as Problem
    from mesogun.refusal import Refused as Refused
    from mesogun.visit.person import Answer as Answer
    from mesogun.visit.person import Arming as Arming
    from mesogun.visit.person import Choice as Choice
    from mesogun.visit.person import Person as Person
    from mesogun.visit.person import Question as Question
    from mesogun.visit.public import NOBODY as NOBODY
    from mesogun.visit.public import check as check
    from mesogun.visit.public import connect as connect
    from mesogun.visit.public import explain as explain
    from mesogun.visit.public import give as give
    from mesogun.visit.public import plan as plan

    def records(where: str | PathLike[str] | None = None, simulated: bool = False) -> History:
        """Reads a record: a file or a URL, else this computer's own, of simulated guns when asked for."""


_ROOMS = {
    "mesogun.clinical.explain": ("Explanation",),
    "mesogun.clinical.library": ("load", "loads"),
    "mesogun.clinical.plans": ("Plan",),
    "mesogun.clinical.protocol": ("Protocol",),
    "mesogun.clinical.rules": ("Finding",),
    "mesogun.gun.client": ("Gun",),
    "mesogun.gun.ports": ("ports",),
    "mesogun.records.history": ("History",),
    "mesogun.records.result": ("NotComplete", "Result"),
    "mesogun.records.rows": ("RecordsFailed",),
    "mesogun.records.tally": ("Progress",),
    "mesogun.refusal": ("GunStopped", "LinkLost", "MesogunError", "Problem", "Refused"),
    "mesogun.visit.person": ("Answer", "Arming", "Choice", "Person", "Question"),
    "mesogun.visit.public": ("NOBODY", "check", "connect", "explain", "give", "plan"),
}
_HOME = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted({*_HOME, "__version__", "records"})


if not TYPE_CHECKING:  # who checks types sees the names above, and no other

    def __getattr__(name: str) -> Any:
        if name == "records":  # a room that can be called
            return import_module("mesogun.records")
        if name not in _HOME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOME[name]), name)
        return value


def __dir__() -> list[str]:
    return list(__all__)
