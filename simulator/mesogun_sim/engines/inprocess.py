"""The firmware runs in this process, which is fast."""

from mesogun_fw.device.loop import Device
from mesogun_sim.board import SimBoard
from mesogun_sim.quiet import quiet_ms


class InProcess:
    def __init__(self, board: SimBoard) -> None:
        self._board = board
        self.device = Device(board)
        board.costs.take()  # its start has a time of its own
        self.cost_us = self.masked_us = 0
        self._guard = self.device.guard
        self.wake_ms = 0
        self.quiet_ms = 0
        self._starts = board.restarts

    def turn(self, now_ms: int, tick: bool, step: bool) -> None:
        guard = self._guard
        if tick:
            guard.tick(now_ms)
        if step and (now_ms >= self.wake_ms or self.device.noted() or self._board.to_device):
            self.wake_ms = now_ms + self.device.step()
            self._board.costs.turned(bool(self.device.later))
            if self._board.restarts != self._starts:
                self._starts = self._board.restarts
                self.device = Device(self._board, self.device.strokes)
                self._board.costs.take()
                self._guard = self.device.guard
                self.wake_ms = 0
        self.quiet_ms = quiet_ms(self._board.inputs, now_ms) if tick else 0
        self.cost_us, self.masked_us = self._board.costs.take()

    def close(self) -> None:
        pass
