"""This module finds a protocol by its file, or by its name in the library that comes with mesogun."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesogun.refusal import Problem, Refused

if TYPE_CHECKING:
    from mesogun.clinical.plans import Plan
    from mesogun.clinical.protocol import Protocol


def load(source: str | os.PathLike[str]) -> "Protocol":
    """Returns the protocol in this file, or of this name in the library, such as face/mesolift. Raises Refused that names it."""
    from mesogun.clinical.protocol import load_protocol

    return load_protocol(protocol_file(os.fspath(source)))


def loads(text: str | bytes) -> "Protocol":
    """Returns the protocol that this text is, as a file would have it. Raises Refused."""
    from mesogun.clinical.protocol import read_protocol

    return read_protocol(text.encode() if isinstance(text, str) else text)


def loaded(name: str, *gun: Any) -> "tuple[Protocol, Plan]":
    """Returns the protocol, and its plan on this gun, by what `plan` takes of one: nothing is a gun of the reference design.

    Raises Refused that names the file.
    """
    from mesogun.clinical.planning import plan
    from mesogun.clinical.protocol import load_protocol

    protocol = load_protocol(protocol_file(name))
    try:
        return protocol, plan(protocol, *gun)
    except Refused as refused:
        raise Refused(*refused.problems, source=name) from None


def library() -> Path:
    """Returns the folder of protocols that came with mesogun: it is inside the installed package, else in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "protocols"
    return installed if installed.is_dir() else package.parents[1] / "protocols"


def names() -> list[str]:
    """Returns the names the library holds, sorted: face/mesolift and so on."""
    folder = library()
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.rglob("*.toml"))


def protocol_file(name: str) -> Path:
    """Returns the file of this name, else the library's. Raises Refused, naming the library, when there is neither."""
    if os.path.exists(name) or name.endswith(".toml"):  # unlike Path.exists, this answers for any name at all
        return Path(name)
    if name in names():
        return library() / f"{name}.toml"
    remedy = f"Name a file, or one of the library: {', '.join(names())}"
    raise Refused(Problem("file", "missing", "there is no such file, nor is it in the library", remedy), source=name)
