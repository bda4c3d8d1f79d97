"""An FRAM at the chip's SPI, select line included."""

from mesogun_fw.boards.pico import pins

from .chip import Chip

SIO_OUT = 0xD000_0010


class Memory:
    """An MB85RS64V as its data sheet has it: a write counts byte by byte, and only after an enable of its own."""

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.bytes = bytearray(8_192)
        self.frames: list[list[int]] = []
        self._enabled = False
        chip.rp.spi[0].on_transmit = self.transmit
        chip.rp.write_uint32(chip.k[20] + 4, 2)  # enabled, as machine.SPI leaves it
        chip.rp.write_uint32(chip.k[20], 7)
        chip.rp.write_uint32(SIO_OUT, 1 << pins.FRAM_SELECT)
        self._selects = 0
        self._watch()

    def _watch(self) -> None:
        """Begin a frame at each fall of the select line."""
        write = self.chip.rp.sio.write_uint32
        sio = self.chip.rp.sio

        def seen(offset: int, value: int) -> None:
            before = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            write(offset, value)
            after = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            if before and not after:
                self.frames.append([])
            if after and not before and self.frames[-1][0] == 2:
                self._enabled = False

        sio.write_uint32 = seen

    def transmit(self, value: int) -> None:
        frame = self.frames[-1]
        frame.append(value)
        answer = 0xFF
        at = (frame[1] << 8 | frame[2]) + len(frame) - 4 if len(frame) > 3 else 0
        if frame == [6]:
            self._enabled = True
        elif len(frame) > 3 and frame[0] == 3:
            answer = self.bytes[at % 8_192]
        elif len(frame) > 3 and frame[0] == 2 and self._enabled:
            self.bytes[at % 8_192] = value
        self.chip.rp.spi[0].complete_transmit(answer)
