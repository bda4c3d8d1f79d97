"""The journal's rows and checkpoints are bytes in buffers made once: laid, sealed and judged by machine code.

A row: mark, then number, program, pass, shot, dose, CRC-32; then depth, dose, flags, and a CRC-32 that goes on from the row's
first. A checkpoint: shots done, their volume, uncertain ones, CRC-32. All numbers are little-endian. Nothing here is allocated, and
no number that a fast function takes or gives is large on the board.
"""

from mesogun_fw import crc
from mesogun_fw.crc import crc32, seal, sealed
from mesogun_fw.guard import marks
from mesogun_fw.shim import micropython, ptr8, ptr32
from mesogun_fw.talk import codes

const = micropython.const

# A row has these places.
MARK = const(0)
NUMBER = const(1)
PROGRAM = const(5)
PASS = const(13)
SHOT = const(14)
DOSE = const(16)
INTENT_CRC = const(20)
DEPTH = const(24)
MEASURED = const(26)
FLAGS = const(30)
END_CRC = const(31)
PROGRAM_SIZE = 8
# A checkpoint has these.
SHOTS = const(0)
VOLUME = const(4)
UNCERTAIN = const(12)
TOTALS_CRC = const(16)
TOTALS_SIZE = 20

# A row can hold these.
EMPTY = const(0)
TORN = const(1)
WRONG = const(2)  # more than a power cut can have done, or a whole row of another shot
AHEAD = const(3)
IN_FLIGHT = const(4)
CLOSED = const(5)


@micropython.viper
def lay_intent(row_, number: int, pass_index: int, shot: int, dose_nl: int, register_):  # type: ignore[no-untyped-def]
    """A shot that may come is laid and sealed. Its program is laid by whoever knows it."""
    row = ptr8(row_)
    row[PASS] = pass_index & 255
    row[SHOT] = shot & 255
    row[SHOT + 1] = (shot >> 8) & 255
    i = 0
    while i < 4:
        row[NUMBER + i] = number & 255
        row[DOSE + i] = dose_nl & 255
        number >>= 8
        dose_nl >>= 8
        i += 1
    ptr32(register_)[crc.CRC] = 0
    seal(row_, NUMBER, INTENT_CRC, register_)


@micropython.viper
def lay_end(row_, depth_um: int, measured_nl: int, flags: int, register_):  # type: ignore[no-untyped-def]
    """What became of a shot is laid behind its intent, and sealed."""
    row = ptr8(row_)
    row[DEPTH] = depth_um & 255
    row[DEPTH + 1] = (depth_um >> 8) & 255
    i = 0
    while i < 4:
        row[MEASURED + i] = measured_nl & 255
        measured_nl >>= 8
        i += 1
    row[FLAGS] = flags & 255
    # It goes on from the CRC of what comes before that CRC: with its own it would be the same for every row.
    ptr32(register_)[crc.CRC] = 0
    crc32(row_, NUMBER, INTENT_CRC, register_)
    seal(row_, DEPTH, END_CRC, register_)


@micropython.viper
def lay_dose(row_, dose_nl: int, cells_, at: int, register_):  # type: ignore[no-untyped-def]
    """An intent gets another dose; that and its CRC are laid in four of the guard's cells, two bytes in each."""
    row = ptr8(row_)
    c = ptr32(cells_)
    i = 0
    while i < 4:
        row[DOSE + i] = dose_nl & 255
        dose_nl >>= 8
        i += 1
    ptr32(register_)[crc.CRC] = 0
    seal(row_, NUMBER, INTENT_CRC, register_)
    i = 0
    while i < 4:
        c[at + i] = row[DOSE + 2 * i] | row[DOSE + 2 * i + 1] << 8
        i += 1


@micropython.viper
def judge(row_, number: int, register_) -> int:  # type: ignore[no-untyped-def]
    """This row, which should be of shot `number`, holds that."""
    row = ptr8(row_)
    prepared = 1 if row[MARK] == marks.STANDS_READY else 0  # a torn mark counts as begun
    ptr32(register_)[crc.CRC] = 0
    if not int(sealed(row_, NUMBER, INTENT_CRC, register_)):
        if prepared:
            return TORN
        i = NUMBER
        while i < marks.ROW_SIZE:
            if row[i]:
                return WRONG
            i += 1
        return EMPTY
    i = 0
    while i < 4:
        if row[NUMBER + i] != number & 255:
            return WRONG
        number >>= 8
        i += 1
    if int(sealed(row_, DEPTH, END_CRC, register_)):
        return CLOSED
    return AHEAD if prepared else IN_FLIGHT


@micropython.viper
def count(totals_, row_, register_):  # type: ignore[no-untyped-def]
    """A closed row is counted in a checkpoint: one shot more, its dose, and whether it is uncertain."""
    totals = ptr8(totals_)
    row = ptr8(row_)
    shots = 1
    volume = 0
    uncertain = 1 if row[FLAGS] & codes.UNCERTAIN else 0
    i = 0
    while i < 8:
        if i < 4:
            shots += totals[SHOTS + i]
            totals[SHOTS + i] = shots & 255
            shots >>= 8
            uncertain += totals[UNCERTAIN + i]
            totals[UNCERTAIN + i] = uncertain & 255
            uncertain >>= 8
            volume += row[DOSE + i]
        volume += totals[VOLUME + i]
        totals[VOLUME + i] = volume & 255
        volume >>= 8
        i += 1
    ptr32(register_)[crc.CRC] = 0
    seal(totals_, SHOTS, TOTALS_CRC, register_)


assert END_CRC + 4 == marks.ROW_SIZE
