"""Where the values of the messages stand that the gun sends often: whoever fills one in puts each where it belongs.

Their order is that of the table of messages. A wide value has two places.
"""

BEAT_ACK = 1  # the sequence number stands before it

(
    STATE_STATE,
    STATE_AT_MS,
    STATE_FAULT,
    STATE_INDEX,
    STATE_DONE,
    STATE_EVENTS,
    STATE_KEPT,
    STATE_INPUTS,
    STATE_BAD_LINES,
    STATE_LEFT_NL,
) = range(10)

(
    WATCHED_STATE,
    WATCHED_INPUTS,
    WATCHED_SYRINGE,
    WATCHED_NEEDLE_UM,
    WATCHED_PLUNGER_NM,
    WATCHED_SUPPLY_MV,
    WATCHED_TEMPERATURE_C,
    WATCHED_PRESSURE_KPA,
    WATCHED_STOP_UM,
    WATCHED_LATE_US,
    WATCHED_TICK_US,
    WATCHED_WASTE_NL,
    WATCHED_WASTE_NL_REST,
    WATCHED_USED_NL,
    WATCHED_USED_NL_REST,
) = range(15)

(
    SHOT_N,
    SHOT_AT_MS,
    SHOT_AT_US,
    SHOT_PASS_INDEX,
    SHOT_SHOT,
    SHOT_PERIOD_US,
    SHOT_COMMANDED_DEPTH_UM,
    SHOT_MEASURED_DEPTH_UM,
    SHOT_COMMANDED_DOSE_NL,
    SHOT_MEASURED_DOSE_NL,
    SHOT_FLAGS,
) = range(11)

ENDED_N, ENDED_AT_MS, ENDED_KIND, ENDED_REASON, ENDED_PASS_INDEX, ENDED_DONE = range(6)

CHANGED_N, CHANGED_AT_MS, CHANGED_BEFORE, CHANGED_AFTER, CHANGED_EVENT = range(5)
