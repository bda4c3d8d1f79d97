"""What the bits and small numbers of messages are called: switches, self-tests, the journal's condition, a shot's flags.

The device goes by the numbers; the names are for whoever reads them. Imports nothing.
"""

# Bits of `inputs`, in this order.
SWITCHES = ("e-stop", "trigger a", "trigger b", "contact a", "contact b", "home", "clear")

# Bits of a shot's flags. 0 is a whole shot.
PARTIAL = 1  # cut short: counts as volume, not as a point
UNCERTAIN = 2  # in flight when power or program was lost: counted as given, never repeated
DEPTH_OFF = 4  # measured depth outside tolerance
DOSE_OFF = 8  # measured dose outside tolerance

# The journal's condition. Anything but GOOD means that the history is unknown; it is never taken for zero.
BLANK = 0  # never formatted, or a format that was cut short
DAMAGED = 1  # more is wrong than a power cut can have done, or the memory does not hold what is written
FOREIGN = 2  # the journal of another gun
GOOD = 3
CONDITIONS = ("blank", "damaged", "of another gun", "good")

# The self-test: bit numbers of `failed`. Memory, files, encoders, sounder and lamp are the board's to test.
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

# What changed the state: `event` of message `changed`, by number. The device's table of them is state.py.
EVENTS = (
    "load", "home", "arm", "disarm", "hello",
    "started", "stopping", "end of hold", "paused", "pass done", "homed", "homing ended", "fault", "e-stop", "cleared", "move",
)  # fmt: skip
