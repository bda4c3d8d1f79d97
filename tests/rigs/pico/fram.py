"""An FRAM at the chip's SPI, select line included."""

from mesogun_fw.boards.pico import pins

from .chip import Chip

SIO_OUT = 0xD000_0010
SPI_STATUS = 0x0C


class Memory:
    """An MB85RS64V as its data sheet has it: a write counts byte by byte, and only after an enable, which it uses up.

    What is sent while nobody is selected goes to nobody: `unheard` counts it. A byte is under way for `looks_a_byte` looks at the
    bus's status; one amid which the select line rises goes to nobody either.
    """

    def __init__(self, chip: Chip) -> None:
        self.chip = chip
        self.bytes = bytearray(8_192)
        self.frames: list[list[int]] = []
        self.looks_a_byte = 0
        self.unheard = 0
        self._enabled = False
        self._frame: list[int] | None = None  # of whoever is selected
        self._under_way: tuple[int, list[int] | None] | None = None
        self._looks = 0
        chip.rp.spi[0].on_transmit = self.transmit
        chip.rp.write_uint32(chip.k[20] + 4, 2)  # enabled, as machine.SPI leaves it
        chip.rp.write_uint32(chip.k[20], 7)
        chip.rp.write_uint32(SIO_OUT, 1 << pins.FRAM_SELECT)
        self._watch()
        self._pass_time()

    def _watch(self) -> None:
        """Begin a frame at each fall of the select line."""
        write = self.chip.rp.sio.write_uint32
        sio = self.chip.rp.sio

        def seen(offset: int, value: int) -> None:
            before = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            write(offset, value)
            after = sio.read_uint32(0x10) >> pins.FRAM_SELECT & 1
            if before and not after:
                self._frame = []
                self.frames.append(self._frame)
            if after and not before:
                if self._frame and self._frame[0] == 2:
                    self._enabled = False
                self._frame = None

        sio.write_uint32 = seen

    def _pass_time(self) -> None:
        spi = self.chip.rp.spi[0]
        read = spi.read_uint32

        def looked(offset: int) -> int:
            value = int(read(offset))
            if offset == SPI_STATUS and self._under_way:
                self._looks -= 1
                if self._looks <= 0:
                    self._arrive()
            return value

        spi.read_uint32 = looked

    def transmit(self, value: int) -> None:
        self._under_way = value, self._frame
        self._looks = self.looks_a_byte
        if not self._looks:
            self._arrive()

    def _arrive(self) -> None:
        assert self._under_way
        value, frame = self._under_way
        self._under_way = None
        answer = 0xFF
        if frame is None or frame is not self._frame:
            self.unheard += 1
        else:
            frame.append(value)
            at = (frame[1] << 8 | frame[2]) + len(frame) - 4 if len(frame) > 3 else 0
            if frame == [6]:
                self._enabled = True
            elif len(frame) > 3 and frame[0] == 3:
                answer = self.bytes[at % 8_192]
            elif len(frame) > 3 and frame[0] == 2 and self._enabled:
                self.bytes[at % 8_192] = value
        self.chip.rp.spi[0].complete_transmit(answer)
