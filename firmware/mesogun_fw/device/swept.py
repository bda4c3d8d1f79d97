"""A plunger's travel has a volume: pi/4 (355/452) times the square of the bore, rounded to the nearest nanolitre, halves upwards.

That product has 64 bits, more than the board reckons with at once: it is made in limbs of 15 bits and divided four bits at a time.
"""

from mesogun_fw.shim import micropython

const = micropython.const

# travel * 71 * bore ** 2 / 90_400_000_000 it is: the divisor is 2 ** 11 times the first, its half has the other three as limbs.
_DIVISOR = const(44_140_625)
_HALF_0 = const(17_408)
_HALF_1 = const(3_138)
_HALF_2 = const(42)
_LIMB = const(0x7FFF)


@micropython.viper
def swept_nl(travel_nm: int, bore_um: int) -> int:
    """A travel of less than 2^30 nm, forwards or backwards, in a bore of less than 23 mm has this volume."""
    back = 1 if travel_nm < 0 else 0
    if back:
        travel_nm = 0 - travel_nm
    t0 = travel_nm & _LIMB
    t1 = travel_nm >> 15
    area = bore_um * bore_um
    part = (area & _LIMB) * 71
    a0 = part & _LIMB
    part = (area >> 15) * 71 + (part >> 15)
    a1 = part & _LIMB
    a2 = part >> 15
    part = a0 * t0 + _HALF_0 - back  # a half is rounded down when it is negative: that is upwards, too
    low = part & _LIMB
    part = (part >> 15) + a1 * t0
    carried = part >> 15
    part = (part & _LIMB) + a0 * t1 + _HALF_1
    high = part & _LIMB
    part = carried + (part >> 15) + a2 * t0 + a1 * t1 + _HALF_2
    high |= (part & _LIMB) << 15
    rest = (part >> 15) + a2 * t1
    rest = rest << 2 | high >> 28  # this is less than the divisor yet
    nl = 0
    shift = 24
    while shift >= -4:
        rest = rest << 4 | ((high >> shift) & 15 if shift >= 0 else low >> 11)
        digit = rest // _DIVISOR
        rest -= digit * _DIVISOR
        nl = nl << 4 | digit
        shift -= 4
    return 0 - nl if back else nl
