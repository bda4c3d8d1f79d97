"""What the guard sees: one flat array of integers, filled by the board before every tick."""

(
    ESTOP_OPEN,
    TRIGGER_A,
    TRIGGER_B,
    CONTACT_A,
    CONTACT_B,
    HOME,
    CLEAR,
    NEEDLE_UM,  # needle encoder, zero wherever it was at power-on
    PLUNGER_NM,  # plunger encoder
    LATE_US,  # how late this tick is
    PLAYING,  # 0 nothing, 1 periods, 2 the way back
    ELAPSED_US,  # since the start of this period, or of the way back
    PERIODS,  # periods begun since start
) = range(13)

INPUTS = 13
BITS = ("e-stop", "trigger a", "trigger b", "contact a", "contact b", "home", "clear")
