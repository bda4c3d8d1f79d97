"""These codes say why shots ended: `reason` of message `ended`. The host says in words what they mean (gun/explanations.py).

The first fault latches; it is cleared by the clear button, never by the host. Why a request was refused is another matter,
and another file: refusals.py.
"""

PASS_DONE = 0
RELEASED = 1
LIFTED = 2
PRESS_DONE = 3
DISARMED = 10
LINK_SILENT = 11
IDLE_TOO_LONG = 12
HELD_TOO_LONG = 13
RECORD_FULL = 14
SYRINGE_EMPTY = 15
SHOTS_CEILING = 16
ESTOP_PRESSED = 20
TRIGGER_DISAGREES = 21
NEEDLE_OVERRUN = 22
NEEDLE_ASTRAY = 23
DEPTH_WRONG = 24
NOT_HOME = 25
FREE_FLOW = 26
DOSE_WRONG = 27
GUARD_LATE = 28
LOOP_DEAD = 29
GUARD_DEAD = 30
PLAYER_STOPPED = 31
HOME_SWITCH = 32
LOGIC = 33
SYRINGE_OUT = 34
SUPPLY_LOW = 35
TOO_HOT = 36
PRESSURE_WRONG = 37
STOP_ASTRAY = 38
SYRINGE_MISSING = 39
SELF_TEST = 40
DEPTH_NOT_SET = 41
JOURNAL_BEHIND = 42
JOURNAL_FAILED = 43

# Smaller numbers end a hold; numbers from here on pause ...
FIRST_PAUSE = DISARMED
# ... and numbers from here on latch, but for those that say so in the host's explanations.py.
FIRST_FAULT = ESTOP_PRESSED
