"""These are the hard ceilings of the device: integers with reasons.

This file imports nothing and depends on nothing; no option changes a ceiling. `DOMAIN` is the project's page of facts; 003 is
the seed document that states the depth limit twice.
"""

# A depth is how far the tip is past the skin-contact plane of the nose cone, along the needle.
DEPTH_CAP_UM = 10_000  # 003 says "injections at depths not exceeding 10 mm"
DEPTH_MIN_UM = 200  # this is the shallowest depth a gun is set to (DOMAIN 1)
DEPTH_STEP_UM = 100  # settings come in tenths of a millimetre (DOMAIN 1)
DEPTH_FAULT_UM = 10_050  # a measured depth beyond it is a fault: it is the cap plus what encoder noise can feign (DOMAIN 5)
DEPTH_ERROR_UM = 100  # a measured depth off by more than the larger of this and DEPTH_ERROR_PERCENT is a fault (DOMAIN 5)
DEPTH_ERROR_PERCENT = 5
FOLLOW_ERROR_UM = 250  # a moving needle farther than this off its expected path has lost steps, stalled or run away
HOME_ERROR_UM = 60  # a needle at rest counts as home inside this
HOME_OPEN_UM = 150  # out there the home switch is open: it closes within 100 um of home (docs/HARDWARE.md)

# A frequency has these limits, as periods.
PERIOD_MIN_US = 100_000  # this is 10 shots/s: the fastest gun in the field does 9 (DOMAIN 1)
PERIOD_MAX_US = 5_000_000  # this is 0.2 shots/s

# A dose has these limits.
DOSE_MAX_NL = 200_000  # this is 200 ul, the largest dose per point on a label (DOMAIN 2, T7)
DOSE_MIN_NL = 1_000  # this is 1 ul: 1 ml is 1000 drops (DOMAIN 1); 0 is dry needling
FLOW_MAX_NL_S = 2_000_000  # what is faster than a 27G needle of 4 mm passes water at 300 kPa is no injection any more
FLOW_MIN_NL_S = 500  # slower than this the stroke would not end within the longest period
SYRINGE_MAX_NL = 10_000_000  # this is 10 ml, the largest syringe in the field (DOMAIN 1)
SYRINGE_BORE_MIN_UM = 4_000  # 1 ml syringes have 4.6 to 4.8 mm
SYRINGE_BORE_MAX_UM = 17_000  # 10 ml syringes have 14.5 to 15.9 mm
# A whole shot's measured dose off by more than the larger of this and DOSE_ERROR_PERCENT is a fault (DOMAIN 5).
DOSE_ERROR_NL = 1_000
DOSE_ERROR_PERCENT = 5
PLUNGER_STILL_NM = 4_000  # plunger travel outside a dose that is more than this is more than encoder noise: it is free flow

# Needle, dwell and burst have these limits.
NEEDLE_SPEED_MIN_UM_S = 5_000
NEEDLE_SPEED_MAX_UM_S = 300_000  # the reference design reaches this; hardware may be slower, never faster
DWELL_MIN_US = 2  # this is the shortest word a player plays; 0 is no dwell
DWELL_MAX_US = 2_000_000
BURST_MAX = 20

# These figures are what the gun lives on. A motor gun measures the 24 V of its motors; a pneumatic one, whose analogue input is
# the depth stop's, measures the 5 V made from them. 400 kPa of air is the middle of what industrial valves take (A).
SUPPLY_MIN_MV = 20_000  # below it steppers lose steps before anything else fails
SUPPLY_LOGIC_MIN_MV = 4_500
TEMPERATURE_MAX_C = 70
PRESSURE_MIN_KPA = 300
PRESSURE_MAX_KPA = 600
STOP_ERROR_UM = 50  # the depth stop may be this far from where it was sent: it is half of what a depth may be off

# One program and one arming hold no more than this.
PASSES_MAX = 8
SHOTS_PER_PASS_MAX = 2_000
SHOTS_PER_ARMING_MAX = 2_000
VOLUME_PER_ARMING_MAX_NL = SYRINGE_MAX_NL

# These are the times of the guard. One tick is 1 ms.
TICK_US = 1_000
TICK_LATE_US = 2_000  # a tick later than this was blind for too long to go on
TRIGGER_DEBOUNCE_MS = 20
TRIGGER_DISAGREE_MS = 100  # when two contacts of one switch differ for longer, one is broken
TRIGGER_RELEASED_MS = 200  # a press is fresh after the trigger was open this long (DOMAIN 5)
CONTACT_STABLE_MS = 100  # skin contact stands this long before the first shot
LINK_SILENT_MS = 500  # when the host is unheard for this long, the gun pauses
LOOP_DEAD_MS = 300  # the device loop is dead when the guard has not heard it for this long: five of its longest turns, 60 ms
GUARD_DEAD_MS = 20  # the guard is dead when the device loop has not heard it for this long: twenty of its ticks
HOLD_MAX_MS = 60_000  # a hold of the trigger lasts this long at most (A)
IDLE_MAX_MS = 60_000  # a gun that is armed without a shot for this long disarms (DOMAIN 5)
SPRING_MS = 200  # a spring brings the needle home faster than this
GRANT_LEAD_US = 6_000  # the next period is granted no earlier than this before it starts
UPTIME_MAX_MS = 432_000_000  # this is 5 days: it ends before millisecond ticks can no longer be told apart (they wrap at 12.4 days)

# The stroke's language, a message line and the record have these limits.
STROKE_WORDS_MAX = 2_944  # these are 32-bit words, 11.5 KiB: the longest stroke of the reference design takes 2,932 of them
PULSE_US = 5  # a step pulse is high this long; drivers ask for 1 to 2.5
LINE_MAX = 344  # a message line has this many bytes at most, its line feed included; the longest of the table has 338
EVENTS_KEPT = 256  # so many events are kept until the host has them on disk
