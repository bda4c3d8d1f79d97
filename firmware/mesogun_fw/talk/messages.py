"""THE table of messages. Firmware, host and documentation are made from it; its hash is compared at hello.

A row: (name, way, fields); a field: (name, low, high). Integers only, the unit is in the name.
The comment behind a name is its meaning, for docs/MESSAGES.md; the device does without.
Ways: `ask` host to device, answered once; `answer` device to host, carries the sequence number of its request;
`event` device to host, sequence number 0, numbered by `n` and kept until the host has it on disk.
Imports nothing.
"""

PROTO = 1
SEQ_MAX = 65_535  # the highest sequence number; the next is 1

ASK = "ask"
ANSWER = "answer"
EVENT = "event"

_BIG = (1 << 53) - 1
_MS = (1 << 30) - 1
_N = ("n", 1, _MS)  # number of the event since boot
_AT = ("at_ms", 0, _MS)  # device time, milliseconds since boot

SINGLE = 1  # one shot a press
BURST = 2  # `burst` shots a press
CONTINUOUS = 3  # shots while the trigger is held
CONSTANT_FLOW = 4  # the needle stays in and drug flows while the trigger is held; a shot is one second of it
RETROGRADE = 5  # one shot a press, dispensed while the needle withdraws

# What moves the needle.
STEPPER = 0
PNEUMATIC = 1

# Kinds of ending.
DONE = 0  # every shot of the pass made
HOLD = 1  # trigger released or gun lifted: the next press goes on
PAUSE = 2  # arm again
FAULT = 3  # latched until the clear button is pressed
ESTOP = 4

ENDINGS = ("done", "end of hold", "pause", "fault", "e-stop")

# States of the device.
UNHOMED = 0  # position of the needle unknown
IDLE = 1
HOMING = 2
ARMED = 3  # the next fresh press with skin contact makes shots
RUNNING = 4
RETURNING = 5  # the needle comes back after a stop
FAULTED = 6
STOPPED = 7  # e-stop

STATES = ("unhomed", "idle", "homing", "armed", "running", "returning", "fault", "e-stop")

# What a gun is made of, and what one of this kind can plausibly be.
GUN = (
    ("needle_nm_per_step", 5_000, 10_000),  # needle travel per step
    ("needle_um_s", 5_000, 300_000),  # fastest the needle may move
    ("needle_out_mm_s2", 4_000, 30_000),  # acceleration outwards and back, and an abort's braking
    ("needle_brake_mm_s2", 1_000, 7_500),  # braking into depth: at most a quarter of an abort's, the guard's room to act
    ("plunger_nm_per_step", 100, 5_000),  # plunger travel per step
    ("plunger_um_s", 1_000, 20_000),  # fastest the plunger may move
    ("plunger_mm_s2", 100, 5_000),  # acceleration of the plunger
    ("plunger_travel_um", 10_000, 80_000),  # plunger travel from full to the end stop
    ("needle_encoder_nm", 1_000, 10_000),  # needle travel per count of its encoder
    ("plunger_encoder_nm", 100, 2_000),  # plunger travel per count of its encoder
    ("drive", 0, 1),  # what moves the needle: 0 stepper, 1 pneumatic
    ("valve_out_us", 5_000, 60_000),  # pneumatic: from valve on to needle at the stop, at full depth, the longest measured
    ("valve_back_us", 5_000, 80_000),  # pneumatic: from full depth to home, the longest measured
    ("stop_nm_per_step", 1_000, 20_000),  # pneumatic: travel of the depth stop per step
    ("stop_um_s", 500, 20_000),  # pneumatic: speed of the depth stop
)

MESSAGES = (
    (
        "hello",  # first line of a conversation
        ASK,
        (
            ("proto", 0, 9999),  # protocol version of the host
        ),
    ),
    ("hardware", ASK, ()),  # what is the gun made of
    (
        "beat",  # the host is alive; events up to `ack` are on its disk
        ASK,
        (
            ("ack", 0, _MS),  # last event on disk
        ),
    ),
    (
        "events",  # send again every kept event from `since` on
        ASK,
        (
            ("since", 1, _MS),  # first event wanted
        ),
    ),
    ("home", ASK, ()),  # check the needle axis: moves only while the trigger is held in the air
    (
        "begin",  # start of a program; forgets the one before
        ASK,
        (
            ("passes", 1, 8),  # passes that follow
            ("syringe_bore_um", 4_000, 17_000),  # inner diameter of the syringe
            ("syringe_nl", 0, 10_000_000),  # what it was filled with; `used_nl` of `watched` is off it already
            ("flow_max_nl_s", 500, 2_000_000),  # what the needle passes
        ),
    ),
    (
        "pass",  # one pass of the program, in order
        ASK,
        (
            ("index", 0, 7),  # which pass
            ("mode", 1, 5),  # 1 single, 2 burst, 3 continuous, 4 constant flow, 5 retrograde
            ("shots", 1, 2_000),  # shots of the pass
            ("burst", 1, 20),  # shots a press in burst mode, else 1
            ("depth_um", 200, 10_000),  # depth
            ("needle_um_s", 5_000, 300_000),  # needle speed
            ("dose_nl", 0, 200_000),  # dose a shot; 0 is dry needling
            ("flow_nl_s", 500, 2_000_000),  # flow while dispensing
            ("dwell_us", 0, 2_000_000),  # time at depth after the last plunger step
            ("period_us", 100_000, 5_000_000),  # start to start
        ),
    ),
    (
        "commit",  # the program is complete and this is its digest
        ASK,
        (
            ("digest", 0, _BIG),  # see frames.digest
            ("tag", 0, 65_535),  # whose program it is: the journal keeps it with every shot
        ),
    ),
    (
        "arm",  # compile, audit and arm one pass
        ASK,
        (
            ("index", 0, 7),  # which pass
        ),
    ),
    (
        "adjust",  # another setting for the armed pass, compiled and audited beside the present one; in use from the next shot on
        ASK,
        (
            ("depth_um", 200, 10_000),  # depth
            ("needle_um_s", 5_000, 300_000),  # needle speed
            ("dose_nl", 0, 200_000),  # dose a shot
            ("flow_nl_s", 500, 2_000_000),  # flow while dispensing
            ("dwell_us", 0, 2_000_000),  # time at depth after the last plunger step
            ("period_us", 100_000, 5_000_000),  # start to start
        ),
    ),
    (
        "gauge",  # one slow way of the needle out and back in the air, trigger held: for measuring its travel
        ASK,
        (
            ("depth_um", 200, 10_000),  # how far out
        ),
    ),
    (
        "prime",  # push the plunger in the air, trigger held, needle home: fills the line, or a dose to weigh; its volume is waste
        ASK,
        (
            ("volume_nl", 1_000, 200_000),  # how much
            ("flow_nl_s", 500, 2_000_000),  # how fast
            ("syringe_bore_um", 4_000, 17_000),  # inner diameter of the syringe
        ),
    ),
    ("selftest", ASK, ()),  # test again what is tested at power-on; moves nothing, only while nothing may start
    (
        "configure",  # store what the gun is made of, as in answer `gun`; in use from the next start on.
        # Only while nothing may start
        ASK,
        GUN,
    ),
    ("journal", ASK, ()),  # what the gun's own journal adds up to
    (
        "log",  # one record of the journal
        ASK,
        (
            ("back", 0, 999),  # how many records back, 0 the newest
        ),
    ),
    (
        "format",  # start a new journal: for a new gun, or when the old one is lost
        ASK,
        (
            ("serial", 0, _BIG),  # serial number of this gun, so that it is meant
        ),
    ),
    ("restart", ASK, ()),  # start again, as after power-on; with the clear button held it leaves to MicroPython's prompt
    ("watch", ASK, ()),  # live inputs and figures of the guard
    ("disarm", ASK, ()),  # stop: needle back, nothing starts until armed again
    (
        "welcome",  # answer to hello
        ANSWER,
        (
            ("proto", 0, 9999),  # protocol version of the device
            ("table", 0, 0xFFFFFFFF),  # hash of this table
            ("version", 0, 999_999),  # firmware: major, minor, patch by two digits each
            ("simulated", 0, 1),  # 1: no needle at the other end
            ("serial", 0, _BIG),  # serial number of the gun
            ("boot", 0, _BIG),  # differs at every start of the device; events are numbered within it
            ("depth_cap_um", 0, 10_000),  # deepest depth this device accepts
            ("dose_max_nl", 0, 200_000),  # largest dose
            ("period_min_us", 100_000, 5_000_000),  # shortest period
            ("flow_max_nl_s", 500, 2_000_000),  # fastest flow
        ),
    ),
    (
        "gun",  # answer to hardware: what the gun is made of, and what a gun of this kind can plausibly be
        ANSWER,
        GUN,
    ),
    (
        "state",  # full status
        ANSWER,
        (
            ("state", 0, 7),  # see STATES
            _AT,
            ("fault", 0, 99),  # latched fault, 0 none
            ("index", -1, 7),  # armed pass, -1 none
            ("done", 0, 2_000),  # shots made of that pass, partial ones not counted
            ("events", 0, _MS),  # last event made
            ("kept", 0, 256),  # events kept, not yet on the host's disk
            ("inputs", 0, 255),  # bits: see codes.SWITCHES
            ("bad_lines", 0, _MS),  # lines refused since boot
            ("left_nl", -1, 10_000_000),  # the syringe still holds this, by the loaded program; -1: none is loaded
        ),
    ),
    ("ok", ANSWER, ()),  # done
    (
        "program",  # answer to commit: what the device derived from what it stored
        ANSWER,
        (
            ("digest", 0, _BIG),  # digest of what is stored
            ("shots", 1, 16_000),  # shots of all passes
            ("deepest_um", 0, 10_000),  # deepest point
            ("volume_nl", 0, _BIG),  # volume of all passes
            ("duration_ms", 0, _BIG),  # time in strokes, without the hand's own
        ),
    ),
    (
        "armed",  # answer to arm
        ANSWER,
        (
            ("index", 0, 7),  # armed pass
            ("left", 1, 2_000),  # shots still to make
            ("deepest_um", 0, 10_000),  # deepest point found by the audit
            ("stroke_nl", 0, 201_000),  # dose found by the audit, without the carry
            ("period_us", 100_000, 5_000_000),  # period found by the audit
            ("words", 1, 4_096),  # words of the stroke
        ),
    ),
    (
        "journaled",  # answer to journal and format
        ANSWER,
        (
            ("condition", 0, 3),  # see codes.CONDITIONS
            ("epoch", 0, 65_535),  # another number after every format
            ("shots", 0, _BIG),  # made since the journal was started
            ("volume_nl", 0, _BIG),  # given in them, as commanded
            ("uncertain", 0, _BIG),  # of them in flight when power or program was lost
        ),
    ),
    (
        "logged",  # answer to log: one shot; number 0 when there is none so far back
        ANSWER,
        (
            ("number", 0, _BIG),  # shot since the journal was started
            ("digest", 0, _BIG),  # of its program
            ("pass_index", 0, 7),  # which pass
            ("shot", 0, 1_000_000),  # number of the shot in its pass
            ("commanded_dose_nl", 0, 201_000),  # dose asked for
            ("measured_depth_um", -20_000, 20_000),  # deepest the encoder saw
            ("measured_dose_nl", -1_000_000, 1_000_000),  # dose by the plunger's encoder
            ("flags", 0, 15),  # 1 partial, 2 uncertain, 4 depth off, 8 dose off
            ("tag", 0, 65_535),  # of its program's `commit`
        ),
    ),
    (
        "tested",  # answer to selftest
        ANSWER,
        (
            ("failed", 0, 0xFFFF),  # bits: see codes.TESTS, 0 is all well
        ),
    ),
    (
        "watched",  # answer to watch
        ANSWER,
        (
            ("state", 0, 7),  # see STATES
            ("inputs", 0, 255),  # bits: see codes.SWITCHES
            ("syringe", 0, 1),  # 1: seated
            ("needle_um", -_MS, _MS),  # needle from home, by its encoder
            ("plunger_nm", -_MS, _MS),  # plunger, by its encoder
            ("supply_mv", -_MS, _MS),  # supply
            ("temperature_c", -_MS, _MS),  # controller
            ("pressure_kpa", -_MS, _MS),  # air, of a pneumatic drive
            ("stop_um", -_MS, _MS),  # depth stop, of a pneumatic drive
            ("late_us", 0, _MS),  # latest tick of the guard since the last watch
            ("tick_us", 0, _MS),  # longest tick of the guard since the last watch; 0 where it is not measured
            ("waste_nl", 0, _BIG),  # primed since power-on
            ("used_nl", 0, _BIG),  # doses and waste since the syringe was last seen out, or since power-on
        ),
    ),
    (
        "refused",  # nothing was done
        ANSWER,
        (
            ("code", 1, 99),  # see explanations.REFUSALS
            ("field", -1, 31),  # which field of the request, -1 none
            ("value", -_BIG, _BIG),  # its value
            ("low", -_BIG, _BIG),  # lowest accepted
            ("high", -_BIG, _BIG),  # highest accepted
        ),
    ),
    (
        "shot",  # one injection
        EVENT,
        (
            _N,
            _AT,
            ("at_us", 0, 999),  # microseconds past at_ms at which the period started
            ("pass_index", 0, 7),  # which pass
            ("shot", 1, 1_000_000),  # number of the shot in its pass, every attempt counted
            ("period_us", 0, 5_000_000),  # commanded period
            ("commanded_depth_um", 0, 10_000),  # depth asked for
            ("measured_depth_um", -20_000, 20_000),  # deepest the encoder saw
            ("commanded_dose_nl", 0, 201_000),  # dose asked for
            ("measured_dose_nl", -1_000_000, 1_000_000),  # dose by the plunger's encoder
            ("flags", 0, 15),  # 1 partial, 2 uncertain, 4 depth off, 8 dose off
        ),
    ),
    (
        "ended",  # shots stopped, and why
        EVENT,
        (
            _N,
            _AT,
            ("kind", 0, 4),  # 0 done, 1 end of hold, 2 pause, 3 fault, 4 e-stop
            ("reason", 0, 99),  # see explanations.REASONS
            ("pass_index", -1, 7),  # which pass, -1 none armed
            ("done", 0, 2_000),  # shots made of it, partial ones not counted
        ),
    ),
    (
        "changed",  # the state changed
        EVENT,
        (
            _N,
            _AT,
            ("before", 0, 7),  # state before
            ("after", 0, 7),  # state after
            ("event", 0, 31),  # see codes.EVENTS
        ),
    ),
)


BY_NAME = {row[0]: row for row in MESSAGES}
