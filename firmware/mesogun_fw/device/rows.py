"""The values of a message go by the names of its fields, and stand in an array that is made once: nothing is allocated for them."""

from array import array

from mesogun_fw.talk import lines
from mesogun_fw.talk.messages import BY_NAME, MESSAGES


class Asked:
    """One request has these values. It is the same object for every request, so nobody keeps it."""

    def __init__(self) -> None:
        self.name = ""
        self.place = array("i", bytes(4 * lines.VALUES_MAX))  # for `lines.take`
        self._values: "array[int] | list[int]" = self.place

    def taken(self, message: int) -> None:
        """`lines.take` has put sequence number and values of this message into `place`."""
        self.name = MESSAGES[message][0]
        self._values = self.place

    def given(self, seq: int, name: str, values: list) -> None:  # type: ignore[type-arg]
        """`frames.decode` has found these."""
        self.name = name
        self._values = [seq] + values

    @property
    def seq(self) -> int:
        return self._values[0]

    def __getitem__(self, field: str) -> int:
        fields = BY_NAME[self.name][2]
        at = 0
        while fields[at][0] != field:
            at += 1
        return self._values[at + 1]

    def row(self) -> list:  # type: ignore[type-arg]
        """The values are given in the order of the table, to be kept."""
        return list(self._values[1 : len(BY_NAME[self.name][2]) + 1])

    def by_name(self) -> dict:  # type: ignore[type-arg]
        """The values are given by the names of their fields, to be kept."""
        fields = {}
        for field, value in zip(BY_NAME[self.name][2], self.row()):
            fields[field[0]] = value
        return fields


class Row:
    """A message is filled in, value by value in the order of the table: `row["state"] = 3`.

    It raises ValueError when a field is not the next one, or its value is outside its row of the table.
    """

    def __init__(self) -> None:
        self.message = 0
        self.name = ""
        self._fields: tuple = ()  # type: ignore[type-arg]
        self._next = 0
        self._values = array("i")
        self._at = 0

    def begin(self, message: int, values: "array[int]", at: int) -> None:
        """The values of this message come, into `values` from `at` on."""
        self.message = message
        self.name = MESSAGES[message][0]
        self._fields = BY_NAME[self.name][2]
        self._next = 0
        self._values = values
        self._at = at

    def __setitem__(self, field: str, value: int) -> None:
        if self.whole() or self._fields[self._next][0] != field:
            raise ValueError("%s: %s is not its next field" % (self.name, field))
        self._put(value)

    def fill(self, values: list) -> None:  # type: ignore[type-arg]
        """All values that are left are given at once."""
        if len(values) != len(self._fields) - self._next:
            raise ValueError("%s takes no %d values" % (self.name, len(values)))
        for value in values:
            self._put(value)

    def _put(self, value: int) -> None:
        key, low, high = self._fields[self._next]
        if not low <= value <= high:  # an array would keep the low bits of any number
            raise ValueError("%s: %s=%d is outside %d..%d" % (self.name, key, value, low, high))
        self._next += 1
        if lines.wide(low, high):
            sign = -1 if value < 0 else 1
            self._values[self._at] = sign * (sign * value // lines.PART)
            self._at += 1
            value = sign * (sign * value % lines.PART)
        self._values[self._at] = value
        self._at += 1

    def whole(self) -> bool:
        return self._next == len(self._fields)
