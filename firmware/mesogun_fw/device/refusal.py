"""A refusal says why a request is not done. Whatever would have done it raises it; then nothing has changed."""

from mesogun_fw.talk import table


class NotYet(Exception):
    """A request is not done yet: it waits for the self-test, or takes turns. It is asked again in the next one."""


class Refusal(Exception):
    """`code` is of refusals.py; then come the request's field by name, "" for none, its value, lowest and highest accepted.

    The last one is `Refusal.last`: a handler that names its exception has a frame too large for the stack, at every beat.
    """

    last: "Refusal"

    def __init__(self, code: int, field: str = "", value: int = 0, low: int = 0, high: int = 0) -> None:
        super().__init__(code)
        Refusal.last = self
        self.code = code
        self.field = field
        self.value = value
        self.low = low
        self.high = high

    def row(self, request: str) -> list:  # type: ignore[type-arg]
        """The answer `refused` to that request has these values: the field is a number, -1 for none."""
        number = -1
        for i, field in enumerate(table.fields(request)):
            if field[0] == self.field:
                number = i
        return [self.code, number, self.value, self.low, self.high]
