"""This is THE table of what a practitioner sets: unit, range, usual range, step, reasons, source. Checks and remedies read it.

Ranges are whole counts of the device's own unit (um, nl, us); `per_unit` of them make one of the practitioner's. So the same
row judges and converts a number, without a float in between. What the device limits comes from limits.py.
"""

from mesogun.clinical.quantity import Quantity as Quantity
from mesogun_fw import limits

SECOND_US = 1_000_000
LEAST_SHARE_PERCENT = 85  # A: of each dose, over all that is not known of a path

TABLE = (
    Quantity(
        "depth_mm",
        "mm",
        "the depth of the needle's tip past the skin",
        1000,
        limits.DEPTH_MIN_UM,
        limits.DEPTH_CAP_UM,
        limits.DEPTH_STEP_UM,
        (1_000, limits.DEPTH_CAP_UM),  # when it is set shallower, under half of the needle is buried (DOMAIN 4, H)
        "set shallower, the needle does not reach into the skin",
        "no document allows a deeper injection",
        "003; DOMAIN 1",
    ),
    Quantity(
        "angle_deg",
        "°",
        "the angle of the needle to the skin",
        1,
        15,
        90,
        1,
        (15, 90),
        "a flatter needle leaves the skin again, or stays in its outer layer",
        "a needle that is upright leans to no side",
        "000, A; DOMAIN 1",
    ),
    Quantity(
        "rate_hz",
        "shots/s",
        "the shot rate",
        10,
        10 * SECOND_US // limits.PERIOD_MAX_US,
        10 * SECOND_US // limits.PERIOD_MIN_US,
        1,
        (10 * SECOND_US // limits.PERIOD_MAX_US, 90),  # the fastest gun found makes 9 (DOMAIN 1, M)
        "slower is no series of shots",
        "no gun in the field is as fast",
        "DOMAIN 1",
    ),
    Quantity(
        "dose_ul",
        "µl",
        "the dose of one shot",
        1000,
        limits.DOSE_MIN_NL,
        limits.DOSE_MAX_NL,
        100,  # A: it is one plunger step in a 10 ml syringe
        (limits.DOSE_MIN_NL, 100_000),  # A: more is given against pain and fat only (DOMAIN 2)
        "the smallest drop that can be metered",
        "the largest dose at one point that a label allows",
        "DOMAIN 1, DOMAIN 2",
    ),
    Quantity(
        "flow_ul_s",
        "µl/s",
        "the flow while the needle stays in",
        1000,
        2 * limits.DOSE_ERROR_NL,  # a second may be off by DOSE_ERROR_NL: less than that could stall unseen
        limits.DOSE_MAX_NL // 4,
        100,
        (2_000, 10_000),  # A: "slow, continuous" is all that was found (DOMAIN 2, T5)
        "of a slower one the gun cannot tell within a second that it has stopped",
        "in four seconds it gives what a label allows at one point",
        "A; DOMAIN 2, T5 and T7",
    ),
    Quantity(
        "seconds",
        "s",
        "the seconds of flow in all",
        1,
        1,
        min(limits.SHOTS_PER_PASS_MAX, limits.SHOTS_PER_ARMING_MAX),
        1,
        (1, 600),  # A: these are ten minutes with the trigger held
        "a pass without flow does nothing",
        "the gun gives no more at one arming",
        "A",
    ),
    Quantity(
        "dwell_ms",
        "ms",
        "the time at depth after dispensing",
        1000,
        0,
        limits.DWELL_MAX_US,
        1000,
        (20_000, limits.DWELL_MAX_US),  # when it is shorter, drug still flows while the needle leaves (DOMAIN 4, C)
        "time does not run backwards",
        "a needle that stays longer is not making shots",
        "A",
    ),
    Quantity(
        "points",
        "points",
        "the number of points",
        1,
        1,
        min(limits.SHOTS_PER_PASS_MAX, limits.SHOTS_PER_ARMING_MAX),
        1,
        (1, 500),  # A: a hand can do such a pass in one go
        "a pass without a point does nothing",
        "the gun makes no more at one arming",
        "A",
    ),
    Quantity(
        "spacing_mm",
        "mm",
        "the distance from point to point",
        1000,
        500,
        50_000,
        100,
        (1_000, 30_000),  # this runs from the closest nappage to the widest point by point (DOMAIN 2)
        "closer points are one wound",
        "wider points are no pattern",
        "A",
    ),
    Quantity(
        "needle_mm_s",
        "mm/s",
        "the needle's speed",
        1000,
        limits.NEEDLE_SPEED_MIN_UM_S,
        limits.NEEDLE_SPEED_MAX_UM_S,
        1000,
        (50_000, limits.NEEDLE_SPEED_MAX_UM_S),  # A: slower hurts more
        "a needle that slow tears",
        "no needle drive follows faster",
        "A",
    ),
    Quantity(
        "hand_mm_s",
        "mm/s",
        "the speed of the hand while the needle is in",
        1000,
        0,
        100_000,
        100,
        (0, 20_000),  # A: 4 mm apart at five a second
        "a hand does not glide backwards",
        "no hand places points that fast",
        "A",
    ),
    Quantity(
        "least_share_percent",
        "%",
        "the least share of each dose at depth",
        1,
        0,
        100,
        1,
        (0, 100),  # less than LEAST_SHARE_PERCENT has a reason, which is confirmed before it is given
        "a share is not negative",
        "there is no more than the whole dose",
        "A; DOMAIN 4",
    ),
    Quantity(
        "burst",
        "shots",
        "the number of shots a press",
        1,
        2,
        limits.BURST_MAX,
        1,
        (2, 10),
        "one shot a press is mode single",
        "a longer burst leaves the hand no control",
        "A",
    ),
    Quantity(
        "length_mm",
        "mm",
        "the needle's length",
        1000,
        4_000,
        13_000,
        100,
        (4_000, 13_000),
        "guns take no shorter needle",
        "guns take no longer needle",
        "DOMAIN 1, M",
    ),
    Quantity(
        "filled_ml",
        "ml",
        "the volume in the syringe",
        1_000_000,
        0,
        limits.SYRINGE_MAX_NL,
        10_000,
        (0, 6_000_000),  # a general session takes 2 to 6 ml (DOMAIN 2, M)
        "a volume is not negative",
        "guns take no larger syringe",
        "DOMAIN 1, M",
    ),
    Quantity(
        "volume_ml",
        "ml",
        "the volume of an ingredient",
        1_000_000,
        10_000,
        limits.SYRINGE_MAX_NL,
        10_000,
        (10_000, limits.SYRINGE_MAX_NL),
        "no syringe's scale shows less",
        "guns take no larger syringe",
        "A",
    ),
    Quantity(
        "viscosity_mpa_s",
        "mPa·s",
        "the cocktail's viscosity",
        10,
        5,
        5_000,
        1,
        (10, 100),  # DOMAIN 3 is computed for these: water to a light gel
        "nothing injected is thinner than warm water",
        "a thicker gel passes no fine needle",
        "A",
    ),
)

QUANTITIES = {row.name: row for row in TABLE}
