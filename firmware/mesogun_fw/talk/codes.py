"""These are the names of bits and small numbers of messages: switches, self-tests, journal, a shot's flags, changes of state.

The device goes by the numbers; the names are for whoever reads them. This file imports nothing.
"""

# These are the bits of `inputs`, in this order.
SWITCHES = ("e-stop", "trigger a", "trigger b", "contact a", "contact b", "home", "clear")

# These are the bits of a shot's flags. 0 is a whole shot.
PARTIAL = 1  # it was cut short: it counts as volume, not as a point
UNCERTAIN = 2  # nobody judged it, as power, program or ticks were lost in flight: it counts as given, never repeated
DEPTH_OFF = 4  # its measured depth is outside tolerance
DOSE_OFF = 8  # its measured dose is outside tolerance

# That makes of a shot exactly one of these.
WHOLE, CUT_SHORT, WRONG, UNKNOWN = range(4)
SHOT_KINDS = ("whole", "partial", "wrong", "uncertain")


def kind_of(flags: int) -> int:
    """This is what a shot's flags make of it, of SHOT_KINDS. All but a partial one fill their place, and are never repeated."""
    if flags & UNCERTAIN:
        return UNKNOWN
    if flags & PARTIAL:
        return CUT_SHORT
    return WRONG if flags & (DEPTH_OFF | DOSE_OFF) else WHOLE


# This is the journal's condition. Anything but GOOD means that the history is unknown; it is never taken for zero.
BLANK = 0  # it was never formatted, or a format was cut short
DAMAGED = 1  # more is wrong than a power cut can have done, or the memory does not hold what is written
FOREIGN = 2  # it is the journal of another gun
GOOD = 3
CONDITIONS = ("blank", "damaged", "of another gun", "good")

# These are the self-test's bit numbers, of `failed`. Memory, files, encoders, sounder and lamp are the board's to test.
(
    MEMORY,
    FILES,
    DESCRIPTION,
    JOURNAL,
    NEEDLE_ENCODER,
    PLUNGER_ENCODER,
    LAMP,
    TRIGGER_PRESSED,
    CONTACT_CLOSED,
    ESTOP_OPEN,
    SUPPLY,
) = range(11)
TESTS = (
    "memory",
    "firmware files",
    "hardware description",
    "journal",
    "needle encoder",
    "plunger encoder",
    "sounder and lamp",
    "trigger pressed at start",
    "skin contact closed at start",
    "e-stop open",
    "supply",
)

# This is what changed the state: `event` of message `changed`, by number. The device's table of them is device/state.py.
EVENTS = (
    "load", "home", "arm", "disarm", "hello",
    "started", "stopping", "end of hold", "paused", "pass done", "homed", "homing ended", "fault", "e-stop", "cleared", "move",
)  # fmt: skip
