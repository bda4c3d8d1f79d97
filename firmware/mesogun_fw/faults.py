"""Why shots ended and why a request was refused: code, name, what happened, likely cause, what to do.

The first fault latches; it is cleared by the button at the gun, never by the host.
"""

from mesogun_fw.messages import DONE, ESTOP, FAULT, HOLD, PAUSE

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

# code: (name, kind of ending, what happened, likely cause, what to do)
REASONS = {
    PASS_DONE: ("pass done", DONE, "every shot of the pass is made", "", "go on with the next pass"),
    RELEASED: ("released", HOLD, "the trigger was released", "", "press again to go on"),
    LIFTED: ("lifted", HOLD, "the gun left the skin", "", "set it down and press again to go on"),
    PRESS_DONE: ("press done", HOLD, "the shots of this press are made", "", "go to the next point and press again"),
    DISARMED: ("disarmed", PAUSE, "the laptop disarmed the gun", "stop on the laptop", "arm again to go on"),
    LINK_SILENT: (
        "link silent",
        PAUSE,
        "nothing heard from the laptop for 0.5 s",
        "cable, sleeping or stopped laptop",
        "check the cable, arm again",
    ),
    IDLE_TOO_LONG: ("idle", PAUSE, "armed for 60 s without a shot", "", "arm again when ready"),
    HELD_TOO_LONG: ("held too long", PAUSE, "the trigger was held for 60 s", "trigger taped or stuck", "release it, arm again"),
    RECORD_FULL: (
        "record full",
        PAUSE,
        "the laptop does not take the record any more",
        "disk full or slow",
        "free the disk, arm again",
    ),
    SYRINGE_EMPTY: (
        "syringe empty",
        PAUSE,
        "no full dose is left",
        "partial shots used volume",
        "change the syringe, load the rest as a new plan",
    ),
    SHOTS_CEILING: ("shot ceiling", PAUSE, "2000 shots since arming", "", "arm again to go on"),
    ESTOP_PRESSED: ("e-stop", ESTOP, "the emergency stop was pressed", "", "release it, press clear at the gun"),
    TRIGGER_DISAGREES: (
        "trigger disagrees",
        FAULT,
        "the two contacts of the trigger differ",
        "broken switch or wire",
        "have the trigger repaired",
    ),
    NEEDLE_OVERRUN: (
        "needle overrun",
        FAULT,
        "the needle would have left its depth",
        "runaway motor, loose encoder",
        "do not use; have the drive checked",
    ),
    NEEDLE_ASTRAY: (
        "needle astray",
        FAULT,
        "the needle is not where it was sent",
        "lost steps: blocked needle, loose coupling",
        "check the needle, press clear, home again",
    ),
    DEPTH_WRONG: (
        "depth wrong",
        FAULT,
        "measured depth is off by more than 0.1 mm or 5 %",
        "wrong um per step, lost steps",
        "home again; if it comes back, calibrate",
    ),
    NOT_HOME: (
        "not home",
        FAULT,
        "the needle did not come home",
        "blocked needle, broken spring",
        "check the needle, press clear, home again",
    ),
    FREE_FLOW: (
        "free flow",
        FAULT,
        "the plunger moved when it must be still",
        "syringe not latched, pushed by hand",
        "take the gun off the skin, seat the syringe",
    ),
    DOSE_WRONG: (
        "dose wrong",
        FAULT,
        "measured dose is off by more than 1 ul or 5 %",
        "stalled plunger: occlusion, empty syringe",
        "check needle, line and syringe, press clear",
    ),
    GUARD_LATE: (
        "guard late",
        FAULT,
        "the guard was blind for over 2 ms",
        "overloaded or failing controller",
        "press clear; if it comes back, have it checked",
    ),
    LOOP_DEAD: ("loop dead", FAULT, "the device loop stopped", "firmware error", "switch off and on; report it"),
    GUARD_DEAD: ("guard dead", FAULT, "the guard stopped", "firmware error", "switch off and on; report it"),
    PLAYER_STOPPED: (
        "player stopped",
        FAULT,
        "the pin timeline ended too early",
        "failing controller",
        "switch off and on; report it",
    ),
    HOME_SWITCH: (
        "home switch",
        FAULT,
        "home switch and encoder contradict each other",
        "broken switch, loose encoder",
        "have the home switch checked",
    ),
    SYRINGE_OUT: ("syringe out", FAULT, "the syringe is not seated", "taken out, or not latched", "seat the syringe, press clear"),
    SYRINGE_MISSING: ("syringe missing", PAUSE, "no syringe is seated", "", "seat the syringe, arm again"),
    SUPPLY_LOW: ("supply low", FAULT, "the supply is below 20 V", "battery empty, loose plug", "charge or plug in, press clear"),
    TOO_HOT: ("too hot", FAULT, "the controller is above 70 C", "blocked air, failing driver", "let it cool, press clear"),
    PRESSURE_WRONG: (
        "pressure wrong",
        FAULT,
        "the air is not between 300 and 600 kPa",
        "regulator, hose or compressor",
        "set the regulator, press clear",
    ),
    STOP_ASTRAY: (
        "stop astray",
        FAULT,
        "the depth stop is not where it was sent",
        "lost steps, loose stop",
        "press clear, home again; if it comes back, have it checked",
    ),
    DEPTH_NOT_SET: (
        "depth not set",
        PAUSE,
        "the trigger was released while the depth stop moved",
        "",
        "arm again and hold the trigger until the stop stands",
    ),
    JOURNAL_BEHIND: ("journal behind", PAUSE, "the gun's own journal was not ready for the next shot", "", "arm again to go on"),
    JOURNAL_FAILED: (
        "journal failed",
        FAULT,
        "the gun's own journal does not keep what is written",
        "failing memory chip",
        "do not use; have it checked",
    ),
    SELF_TEST: (
        "self-test",
        FAULT,
        "the gun's self-test failed",
        "see mesogun device selftest",
        "let go of trigger and skin, press clear; if it comes back, have it checked",
    ),
    LOGIC: ("logic", FAULT, "something happened that cannot happen", "firmware error", "switch off and on; report it"),
}

OUT_OF_RANGE = 1
OUT_OF_SEQUENCE = 2
WRONG_STATE = 3
WRONG_ORDER = 4
DIGEST_DIFFERS = 5
PERIOD_TOO_SHORT = 6
VOLUME_TOO_LARGE = 7
NOT_A_STEP = 8
FLOW_TOO_FAST = 9
AUDIT_FAILED = 10
STROKE_TOO_LONG = 11
PASS_COMPLETE = 12
NOT_A_REQUEST = 13
RESTART_DUE = 14
RECORD_WAITS = 15
MODE_CONFUSED = 16
NO_SYRINGE = 17
OTHER_PROTO = 18
MODE_NOT_HERE = 19
NOT_WHILE_ARMED = 20
HISTORY_UNKNOWN = 21
NOT_PLAUSIBLE = 22
WRONG_SERIAL = 23
NOT_STORED = 24

# code: (name, what, what to do)
REFUSALS = {
    OUT_OF_RANGE: ("out of range", "the value is outside what the gun accepts", "use a value inside the limits"),
    OUT_OF_SEQUENCE: ("out of sequence", "the request does not follow the one before", "open the conversation again with hello"),
    WRONG_STATE: ("wrong state", "the gun cannot do this in its present state", "see the state the gun reports"),
    WRONG_ORDER: ("wrong order", "the program is not complete or its passes are out of order", "load the program again"),
    DIGEST_DIFFERS: ("digest differs", "what the gun stored is not what was sent", "load the program again"),
    PERIOD_TOO_SHORT: (
        "period too short",
        "needle, dose and dwell take longer than the period",
        "lower the rate, the depth, the dose or the dwell",
    ),
    VOLUME_TOO_LARGE: (
        "volume too large",
        "the program needs more than the syringe holds",
        "fewer points, a smaller dose or a larger syringe",
    ),
    NOT_A_STEP: ("not a step", "depth comes in steps of 0.1 mm", "round the depth to 0.1 mm"),
    FLOW_TOO_FAST: ("flow too fast", "the flow is more than the needle passes", "a slower rate or a thicker needle"),
    AUDIT_FAILED: ("audit failed", "the compiled stroke failed its independent check", "do not use; report it"),
    STROKE_TOO_LONG: ("stroke too long", "the stroke does not fit the gun's memory", "a faster needle or a smaller dose"),
    PASS_COMPLETE: ("pass complete", "every shot of this pass is made", "go on with the next pass"),
    NOT_A_REQUEST: ("not a request", "this message is not for the gun", "update mesogun on both sides"),
    RESTART_DUE: ("restart due", "the gun has been on for five days", "switch it off and on"),
    RECORD_WAITS: ("record waits", "too many events are not yet on the laptop's disk", "free the laptop's disk, then try again"),
    MODE_CONFUSED: ("mode confused", "burst and mode contradict each other", "burst above 1 goes with burst mode only"),
    NO_SYRINGE: (
        "no syringe",
        "a dose is asked for and the program has no filled syringe",
        "enter the syringe and its filled volume",
    ),
    MODE_NOT_HERE: ("mode not here", "this gun's drive cannot do this mode", "choose another mode, or a gun with a motor"),
    NOT_WHILE_ARMED: ("not while armed", "this setting cannot change between two shots", "disarm, change it, arm again"),
    HISTORY_UNKNOWN: (
        "history unknown",
        "the gun's own journal is blank, damaged or another gun's: what it has given is not known",
        "write down what is known, then start a new journal: mesogun device journal --format",
    ),
    NOT_PLAUSIBLE: (
        "not plausible",
        "these figures contradict each other",
        "needle brake at most a quarter of its acceleration; steps that divide 0.1 mm",
    ),
    WRONG_SERIAL: ("wrong serial", "this is not the gun with that serial number", "look at the number on the gun"),
    NOT_STORED: ("not stored", "the gun could not store it", "try again; if it comes back, have it checked"),
    OTHER_PROTO: (
        "other protocol",
        "the laptop speaks another version of the protocol",
        "update mesogun on the laptop or flash the gun",
    ),
}
