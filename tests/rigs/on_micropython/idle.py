"""The firmware as main.py starts it: what is large first, then everything else; then it idles with a host that beats."""

import gc

from mesogun_fw.device.events import Events
from mesogun_fw.stroke.language import Stroke

STROKES, EVENTS = (Stroke(), Stroke()), Events()
gc.threshold(4_096)

from mesogun_fw.boards.player import Player  # noqa: E402
from mesogun_fw.boards.unhurried import Unhurried  # noqa: E402
from mesogun_fw.config import Description  # noqa: E402
from mesogun_fw.device.loop import Device  # noqa: E402
from mesogun_fw.guard import inputs  # noqa: E402
from mesogun_fw.guard.cells import fresh  # noqa: E402
from mesogun_fw.memory.promises import Fram  # noqa: E402
from mesogun_fw.talk import frames  # noqa: E402
from mesogun_fw.talk.messages import PROTO  # noqa: E402

gc.threshold(-1)


class Blank(Fram):
    """A memory chip that nobody has written: the board's is not in its RAM either."""

    size = 8_192

    def read(self, at, place, start, end):
        for i in range(start, end):
            place[i] = 0


class Idle(Unhurried):
    description = Description()
    serial, boot, simulated, described = 100_001, 1, 1, True
    player, fram = Player(), Blank()

    def __init__(self):
        self.inputs = fresh()
        self.inputs[inputs.HOME] = self.inputs[inputs.SYRINGE] = 1
        self.inputs[inputs.SUPPLY_MV], self.inputs[inputs.TEMPERATURE_C] = 24_000, 30
        self.now_ms = self.told = 0
        self.asked = b""

    def ms(self):
        return self.now_ms

    def read(self, into, at):
        size = len(self.asked)
        into[at : at + size] = self.asked
        self.asked = b""
        return size

    def write(self, line, size):
        self.told += size
        return True

    def enable(self, on):
        pass

    def show(self, state):
        pass

    def align(self, words):
        return 0

    def selftest(self):
        return 0


board = Idle()
device = Device(board, STROKES, EVENTS)
board.asked = frames.encode(1, "hello", [PROTO])
for board.now_ms in range(1, 20_000):
    device.guard.tick(board.now_ms)
    if not board.now_ms % 100:
        board.asked = frames.encode(1 + board.now_ms // 100, "beat", [0])
    device.step()
gc.collect()
print(device.state, device.fault, board.told > 10_000, gc.mem_alloc())
