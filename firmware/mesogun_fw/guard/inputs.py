"""What the guard sees: one flat array of integers, filled by the board before every tick. Switches are 0 or 1."""

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
    PLAYING,  # 0 nothing, 1 shots, 2 the way back
    ELAPSED_US,  # since the start of the present list (one entered from another: as if played from its start)
    PERIODS,  # lists begun since start, the granted ones included
    SYRINGE,  # 1: seated
    PRESSURE_KPA,  # of the air, pneumatic drive
    SUPPLY_MV,
    TEMPERATURE_C,
    STOP_UM,  # where the depth stop stands, pneumatic drive
) = range(18)

INPUTS = 18
