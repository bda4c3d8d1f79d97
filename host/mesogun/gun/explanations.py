"""Here a person's words say what every code of talk/reasons.py and talk/refusals.py means, and every figure of messages.GUN.

Why it stopped and why it said no are two kinds of number: a checker of types keeps them apart, where both are integers.
"""

from typing import Annotated, NewType

from mesogun.telling import Codes
from mesogun_fw.talk import reasons, refusals
from mesogun_fw.talk.messages import DONE, ESTOP, FAULT, HOLD, PAUSE

Reason = NewType("Reason", int)  # it says why it stopped, and is of talk/reasons.py
RefusalCode = NewType("RefusalCode", int)  # it says why it said no, and is of talk/refusals.py

# As other programs are told a Reason: their schema has the words.
ReasonTold = Annotated[int, Codes("mesogun.gun.explanations:REASONS", 2, 3, 4)]

# A code has (name, kind of ending, what happened, likely cause, what to do).
_REASONS = {
    reasons.PASS_DONE: ("pass done", DONE, "every shot of the pass is made", "", "go on with the next pass"),
    reasons.RELEASED: ("released", HOLD, "the trigger was released", "", "press again to go on"),
    reasons.LIFTED: ("lifted", HOLD, "the gun left the skin", "", "set it down and press again to go on"),
    reasons.PRESS_DONE: ("press done", HOLD, "the shots of this press are made", "", "go to the next point and press again"),
    reasons.DISARMED: ("disarmed", PAUSE, "the laptop disarmed the gun", "stop on the laptop", "arm again to go on"),
    reasons.LINK_SILENT: (
        "link silent",
        PAUSE,
        "nothing heard from the laptop for 0.5 s",
        "cable, sleeping or stopped laptop",
        "check the cable, arm again",
    ),
    reasons.IDLE_TOO_LONG: ("idle", PAUSE, "armed for 60 s without a shot", "", "arm again when ready"),
    reasons.HELD_TOO_LONG: (
        "held too long",
        PAUSE,
        "the trigger was held for 60 s",
        "trigger taped or stuck",
        "release it, arm again",
    ),
    reasons.RECORD_FULL: (
        "record full",
        PAUSE,
        "the laptop does not take the record any more",
        "disk full or slow",
        "free the disk, arm again",
    ),
    reasons.SYRINGE_EMPTY: (
        "syringe empty",
        PAUSE,
        "no full dose is left",
        "partial shots used volume",
        "change the syringe, load the rest as a new plan",
    ),
    reasons.SHOTS_CEILING: ("shot ceiling", PAUSE, "2000 shots since arming", "", "arm again to go on"),
    reasons.ESTOP_PRESSED: ("e-stop", ESTOP, "the emergency stop was pressed", "", "release it, press the clear button at the gun"),
    reasons.TRIGGER_DISAGREES: (
        "trigger disagrees",
        FAULT,
        "the two contacts of the trigger differ",
        "broken switch or wire",
        "have the trigger repaired",
    ),
    reasons.NEEDLE_OVERRUN: (
        "needle overrun",
        FAULT,
        "the needle would have left its depth",
        "runaway motor, loose encoder",
        "do not use; have the drive checked",
    ),
    reasons.NEEDLE_ASTRAY: (
        "needle astray",
        FAULT,
        "the needle is not where it was sent",
        "lost steps: blocked needle, loose coupling",
        "check the needle, press the clear button, home again",
    ),
    reasons.DEPTH_WRONG: (
        "depth wrong",
        FAULT,
        "measured depth is off by more than 0.1 mm or 5 %",
        "wrong um per step, lost steps",
        "home again; if it comes back, calibrate",
    ),
    reasons.NOT_HOME: (
        "not home",
        FAULT,
        "the needle did not come home",
        "blocked needle, broken spring",
        "check the needle, press the clear button, home again",
    ),
    reasons.FREE_FLOW: (
        "free flow",
        FAULT,
        "the plunger moved when it must be still",
        "syringe not latched, pushed by hand",
        "take the gun off the skin, seat the syringe",
    ),
    reasons.DOSE_WRONG: (
        "dose wrong",
        FAULT,
        "measured dose is off by more than 1 ul or 5 %, under 2 ul by more than half",
        "stalled plunger: occlusion, empty syringe",
        "check needle, line and syringe, press the clear button",
    ),
    reasons.GUARD_LATE: (
        "guard late",
        FAULT,
        "the guard was blind for over 2 ms",
        "overloaded or failing controller",
        "press the clear button; if it comes back, have it checked",
    ),
    reasons.LOOP_DEAD: ("loop dead", FAULT, "the device loop stopped", "firmware error", "switch off and on; report it"),
    reasons.GUARD_DEAD: ("guard dead", FAULT, "the guard stopped", "firmware error", "switch off and on; report it"),
    reasons.PLAYER_STOPPED: (
        "player stopped",
        FAULT,
        "the pin timeline ended too early",
        "failing controller",
        "switch off and on; report it",
    ),
    reasons.HOME_SWITCH: (
        "home switch",
        FAULT,
        "home switch and encoder contradict each other",
        "broken switch, loose encoder",
        "have the home switch checked",
    ),
    reasons.SYRINGE_OUT: (
        "syringe out",
        FAULT,
        "the syringe is not seated",
        "taken out, or not latched",
        "seat the syringe, press the clear button",
    ),
    reasons.SYRINGE_MISSING: ("syringe missing", PAUSE, "no syringe is seated", "", "seat the syringe, arm again"),
    reasons.SUPPLY_LOW: (
        "supply low",
        FAULT,
        "the supply is below 20 V, or 4.5 V of a pneumatic gun",
        "loose plug, failing supply",
        "see to plug and supply, press the clear button",
    ),
    reasons.TOO_HOT: (
        "too hot",
        FAULT,
        "the controller is above 70 C",
        "blocked air, failing driver",
        "let it cool, press the clear button",
    ),
    reasons.PRESSURE_WRONG: (
        "pressure wrong",
        FAULT,
        "the air is not between 300 and 600 kPa",
        "regulator, hose or compressor",
        "set the regulator, press the clear button",
    ),
    reasons.STOP_ASTRAY: (
        "stop astray",
        FAULT,
        "the depth stop is not where it was sent",
        "lost steps, loose stop",
        "press the clear button, home again; if it comes back, have it checked",
    ),
    reasons.DEPTH_NOT_SET: (
        "depth not set",
        PAUSE,
        "the trigger was released while the depth stop moved",
        "",
        "arm again and hold the trigger until the stop stands",
    ),
    reasons.JOURNAL_BEHIND: (
        "journal behind",
        PAUSE,
        "the gun's own journal was not ready for the next shot",
        "",
        "arm again to go on",
    ),
    reasons.JOURNAL_FAILED: (
        "journal failed",
        FAULT,
        "the gun's own journal does not keep what is written",
        "failing memory chip",
        "do not use; have it checked",
    ),
    reasons.SELF_TEST: (
        "self-test",
        FAULT,
        "the gun's self-test failed",
        "see mesogun device selftest",
        "let go of trigger and skin, press the clear button; if it comes back, have it checked",
    ),
    reasons.LOGIC: ("logic", FAULT, "something happened that cannot happen", "firmware error", "switch off and on; report it"),
}

# A code has (name, what, what to do).
_REFUSALS = {
    refusals.OUT_OF_RANGE: ("out of range", "the value is outside what the gun accepts", "use a value inside the limits"),
    refusals.OUT_OF_SEQUENCE: (
        "out of sequence",
        "the request does not follow the one before",
        "open the conversation again with hello",
    ),
    refusals.WRONG_STATE: ("wrong state", "the gun cannot do this in its present state", "see the state the gun reports"),
    refusals.WRONG_ORDER: ("wrong order", "the program is not complete or its passes are out of order", "load the program again"),
    refusals.DIGEST_DIFFERS: ("digest differs", "what the gun stored is not what was sent", "load the program again"),
    refusals.PERIOD_TOO_SHORT: (
        "period too short",
        "needle, dose and dwell take longer than the period",
        "lower the rate, the depth, the dose or the dwell",
    ),
    refusals.VOLUME_TOO_LARGE: (
        "volume too large",
        "the program needs more than the syringe holds: what was filled, less all that left it since it was put in",
        "put in a freshly filled syringe; else fewer points, a smaller dose or a larger syringe",
    ),
    refusals.NOT_A_STEP: ("not a step", "depth comes in steps of 0.1 mm", "round the depth to 0.1 mm"),
    refusals.FLOW_TOO_FAST: ("flow too fast", "the flow is more than the needle passes", "a slower rate or a thicker needle"),
    refusals.AUDIT_FAILED: ("audit failed", "the compiled stroke failed its independent check", "do not use; report it"),
    refusals.STROKE_TOO_LONG: ("stroke too long", "the stroke does not fit the gun's memory", "a faster needle or a smaller dose"),
    refusals.PASS_COMPLETE: ("pass complete", "every shot of this pass is made", "go on with the next pass"),
    refusals.NOT_A_REQUEST: ("not a request", "this message is not for the gun", "update mesogun on both sides"),
    refusals.RESTART_DUE: (
        "restart due",
        "the gun has been on for five days, or a new description of it is stored",
        "switch it off and on",
    ),
    refusals.RECORD_WAITS: (
        "record waits",
        "too many events are not yet on the laptop's disk",
        "free the laptop's disk, then try again",
    ),
    refusals.MODE_CONFUSED: ("mode confused", "burst and mode contradict each other", "burst above 1 goes with burst mode only"),
    refusals.NO_SYRINGE: (
        "no syringe",
        "a dose is asked for and the syringe does not hold it: what was filled, less all that left it since it was put in",
        "put in a freshly filled syringe, and state its filled volume",
    ),
    refusals.MODE_NOT_HERE: ("mode not here", "this gun's drive cannot do this mode", "choose another mode, or a gun with a motor"),
    refusals.NOT_WHILE_ARMED: ("not while armed", "this setting cannot change between two shots", "disarm, change it, arm again"),
    refusals.HISTORY_UNKNOWN: (
        "history unknown",
        "the gun's own journal is blank, damaged or another gun's: what it has given is not known",
        "write down what is known, then start a new journal: mesogun device journal --format",
    ),
    refusals.NOT_PLAUSIBLE: (
        "not plausible",
        "these figures contradict each other",
        "needle brake at most a quarter of its acceleration; steps that divide 0.1 mm",
    ),
    refusals.WRONG_SERIAL: ("wrong serial", "this is not the gun with that serial number", "look at the number on the gun"),
    refusals.NOT_STORED: ("not stored", "the gun could not store it", "try again; if it comes back, have it checked"),
    refusals.NO_DESCRIPTION: (
        "no description",
        "the gun does not know what it is made of: nothing may move",
        "store its hardware description: mesogun device config set",
    ),
    refusals.OTHER_PROTO: (
        "other protocol",
        "the laptop speaks another version of the protocol",
        "update mesogun on the laptop or flash the gun",
    ),
}

REASONS = {Reason(code): said for code, said in _REASONS.items()}
REFUSALS = {RefusalCode(code): said for code, said in _REFUSALS.items()}

# A figure of messages.GUN has its meaning, as in the comment there; a test holds the two together.
FIGURES = {
    "needle_nm_per_step": "needle travel per step",
    "needle_um_s": "fastest the needle may move",
    "needle_out_mm_s2": "acceleration outwards and back, and an abort's braking",
    "needle_brake_mm_s2": "braking into depth: at most a quarter of an abort's, the guard's room to act",
    "plunger_nm_per_step": "plunger travel per step",
    "plunger_um_s": "fastest the plunger may move",
    "plunger_mm_s2": "acceleration of the plunger",
    "plunger_travel_um": "plunger travel from full to the end stop",
    "needle_encoder_nm": "needle travel per count of its encoder",
    "plunger_encoder_nm": "plunger travel per count of its encoder",
    "drive": "what moves the needle: 0 stepper, 1 pneumatic",
    "valve_out_us": "pneumatic: from valve on to needle at the stop, at full depth, the longest measured",
    "valve_back_us": "pneumatic: from full depth to home, the longest measured",
    "stop_nm_per_step": "pneumatic: travel of the depth stop per step",
    "stop_um_s": "pneumatic: speed of the depth stop",
}
