"""The guard sees this: one flat array of integers, filled by the board before every tick. Switches are 0 or 1."""

(
    ESTOP_OPEN,
    TRIGGER_A,
    TRIGGER_B,
    CONTACT_A,
    CONTACT_B,
    HOME,
    CLEAR,
    NEEDLE_UM,  # the needle's encoder says this; it is zero wherever it was at power-on
    PLUNGER_NM,  # the plunger's encoder says this
    LATE_US,  # this tick is so late
    PLAYING,  # 0 is nothing, 1 is a list of a stroke, 2 is the way back
    ELAPSED_US,  # it counts from the start of the present list (one entered from another counts as if played from its start)
    LISTS_PLAYED,  # so many lists have been played since start, the granted ones and the present one included
    SYRINGE,  # 1 means seated
    PRESSURE_KPA,  # it is of the air, pneumatic drive
    SUPPLY_MV,
    TEMPERATURE_C,
    STOP_UM,  # the depth stop stands here, pneumatic drive
    SINCE_US,  # the tick before was so long ago, a second at most, 0 if there was none
    PAST_US,  # this tick came so long past its millisecond
) = range(20)

INPUTS = 20
