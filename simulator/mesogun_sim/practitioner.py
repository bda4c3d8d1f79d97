"""The simulated practitioner sees the lamp and hears clicks as a person would, sets the gun down, holds the trigger, moves on.

Reaction times vary by a hash of seed and count, so a run repeats exactly.
"""

from mesogun_fw.talk.messages import ARMED, HOMING, RETURNING, RUNNING
from mesogun_sim.board import SimBoard
from mesogun_sim.plant.noise import spread

CHANNEL = 20
ROW_SHOTS = 25  # in continuous mode the hand lifts after so many shots, to start the next row


class Practitioner:
    """The hand moves next at `due_ms`; `move` does it; `look` lets the practitioner see and hear the gun."""

    def __init__(self, seed: int, board: SimBoard, row_shots: int = ROW_SHOTS) -> None:
        self._seed = seed
        self._board = board
        self._row_shots = row_shots
        self._plan: list[tuple[int, str, int]] = []
        self._count = 0
        self._lamp = -1
        self._clicks = 0
        self._row_start = 0

    @property
    def due_ms(self) -> int | None:
        return self._plan[0][0] if self._plan else None

    def move(self, now_ms: int) -> None:
        while self._plan and self._plan[0][0] <= now_ms:
            _, what, value = self._plan.pop(0)
            setattr(self._board, what, value)

    def look(self, now_ms: int) -> None:
        board = self._board
        if board.state != self._lamp:
            self._lamp = board.state
            self._decide(now_ms)
        if board.clicks != self._clicks:
            self._clicks = board.clicks
            if self._lamp == RUNNING and self._clicks - self._row_start >= self._row_shots and not self._plan:
                self._let_go(now_ms + self._about(120))

    def _decide(self, now_ms: int) -> None:
        if self._lamp == HOMING:
            self._plan.clear()
            at = self._lift(now_ms)
            self._press(max(at, now_ms) + self._about(500))
        elif self._lamp == ARMED:
            self._plan.clear()
            at = self._lift(now_ms + self._about(150) if self._board.trigger_b else now_ms)
            at += self._about(350)
            self._plan += [(at, "contact_a", 1), (at + 8, "contact_b", 1)]
            self._press(at + self._about(240))
        elif self._lamp == RUNNING:
            self._row_start = self._board.clicks
        elif self._lamp != RETURNING:
            self._plan.clear()
            self._lift(now_ms + self._about(150) if self._board.trigger_b else now_ms)

    def _lift(self, at: int) -> int:
        """The trigger is released and the gun taken off the skin, where that is not so already; the answer is when it is done."""
        if self._board.trigger_a or self._board.trigger_b:
            self._let_go(at)
            at += self._about(90)
        if self._board.contact_a or self._board.contact_b:
            self._plan += [(at, "contact_a", 0), (at + 5, "contact_b", 0)]
            at += 5
        return at

    def _let_go(self, at: int) -> None:
        self._plan += [(at, "trigger_b", 0), (at + 2, "trigger_a", 0)]

    def _press(self, at: int) -> None:
        self._plan += [(at, "trigger_a", 1), (at + 3, "trigger_b", 1)]

    def _about(self, ms: int) -> int:
        self._count += 1
        return spread(self._seed, CHANNEL, self._count, ms * 3 // 4, ms * 5 // 4)
