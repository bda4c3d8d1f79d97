"""Internal flash keeps the hardware description: always a whole one, the newest, whatever a power cut did.

A description is a tuple of integers with the version of its format; what they mean is not this file's business. There are two
copies, each written whole: sequence number, version, count, values, CRC-32. A write goes to the older copy, so that the newer
one is there until the new one has been read back.
"""

from mesogun_fw.memory.promises import Flash, with_crc, without_crc

_VALUES_MAX = 255


class NoDescription(Exception):
    """There is no hardware description, so no gun: `what` says why. The remedy is to write one while unarmed, needle home."""

    def __init__(self, what: str) -> None:
        super().__init__("no hardware description: " + what)
        self.what = what


class WriteFailed(Exception):
    """The flash does not hold what was written. The description before is still in force."""


def read(flash: Flash, version: int, count: int) -> tuple:  # type: ignore[type-arg]
    """The newest whole copy gives (values, damaged copies: 0 or 1).

    It raises NoDescription, also when that copy is of another format.
    """
    found = _found(flash)
    if not found:
        raise NoDescription("both copies damaged" if _damaged(flash) else "never written")
    _, _, found_version, values = found[0]
    if found_version != version or len(values) != count:
        raise NoDescription(
            "format %d with %d values, this firmware reads format %d with %d" % (found_version, len(values), version, count)
        )
    return values, _damaged(flash)


def write(flash: Flash, version: int, values: tuple) -> None:  # type: ignore[type-arg]
    """From now on `values` are the description. It raises ValueError for what does not fit; WriteFailed."""
    if not 0 <= version <= 255 or not 0 < len(values) <= _VALUES_MAX:
        raise ValueError("does not fit the copy")
    for value in values:
        if not -(1 << 31) <= value < 1 << 31:
            raise ValueError("does not fit the copy")
    found = _found(flash)
    sequence, copy = (found[0][0] + 1, 1 - found[0][1]) if found else (1, 0)
    data = with_crc(_form(len(values)), (sequence, version, len(values)) + values)
    flash.copy_write(copy, data)
    if flash.copy_read(copy) != data:
        raise WriteFailed("copy %d does not hold what was written" % copy)


def _form(count: int) -> str:
    return "<IBB%di" % count


def _found(flash: Flash) -> list:  # type: ignore[type-arg]
    """Every whole copy gives (sequence, copy, version, values), newest first."""
    whole = []
    for copy in range(2):
        data = flash.copy_read(copy)
        figures = without_crc(_form(data[5]), data) if len(data) > 6 else ()
        if figures:
            whole.append((figures[0], copy, figures[1], figures[3:]))
    if len(whole) == 2 and whole[1][0] > whole[0][0]:
        whole.reverse()
    return whole


def _damaged(flash: Flash) -> int:
    return len([copy for copy in range(2) if flash.copy_read(copy)]) - len(_found(flash))
