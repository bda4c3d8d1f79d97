"""The values of a message go by the names of its fields, and stand in an array that is made once: nothing is allocated for them."""

from array import array

from mesogun_fw.talk import lines, table
from mesogun_fw.talk.widths import wide


class Asked:
    """One request has these values. It is the same object for every request, so nobody keeps it."""

    def __init__(self) -> None:
        self.name = ""
        self.place = array("i", bytes(4 * table.VALUES_MAX))  # `lines.take` puts them there
        self.values: "array[int] | list[int]" = self.place  # the sequence number first

    def __getitem__(self, field: str) -> int:
        fields = table.fields(self.name)
        at = 0
        while fields[at][0] != field:
            at += 1
        return self.values[at + 1]

    def row(self) -> list:  # type: ignore[type-arg]
        """The values are given in the order of the table, to be kept."""
        return list(self.values[1 : len(table.fields(self.name)) + 1])

    def by_name(self) -> dict:  # type: ignore[type-arg]
        """The values are given by the names of their fields, to be kept."""
        fields = {}
        for field, value in zip(table.fields(self.name), self.row()):
            fields[field[0]] = value
        return fields


def fill(values: "array[int]", at: int, name: str, given: list) -> None:  # type: ignore[type-arg]
    """All values of a message are put into an array, from place `at` on, as a line wants them.

    It raises ValueError when they do not fit the table. (An array would keep the low bits of any number.)
    """
    fields = table.fields(name)
    if len(fields) != len(given):
        raise ValueError("%s takes %d values, not %d" % (name, len(fields), len(given)))
    for (key, low, high), value in zip(fields, given):
        if not low <= value <= high:
            raise ValueError("%s: %s=%d is outside %d..%d" % (name, key, value, low, high))
        if wide(low, high):
            sign = -1 if value < 0 else 1
            values[at] = sign * (sign * value // lines.PART)
            at += 1
            value = sign * (sign * value % lines.PART)
        values[at] = value
        at += 1
