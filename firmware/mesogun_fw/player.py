"""What a player promises: it plays strokes by hardware, from a finite list, with no help of the processor.

Boards implement it. The guard is its only caller. All of it allocates nothing, except `load`, which the loop calls while
unarmed. Whenever a list ends, or is halted, all pins go low. What it is doing is told to the guard through its inputs
(PLAYING, ELAPSED_US, PERIODS).
"""

from mesogun_fw.stroke import Stroke


class Player:
    def load(self, stroke: Stroke) -> None:
        """Make `stroke` the one that is played from now on. Only called while nothing plays."""
        raise NotImplementedError

    def start(self, variant: int) -> None:
        """Play one period, list `variant`, beginning now."""
        raise NotImplementedError

    def grant(self, variant: int) -> None:
        """Let one more period follow the present one without a gap. At most one is granted ahead."""
        raise NotImplementedError

    def revoke(self) -> None:
        """Forget the granted period if it has not begun."""
        raise NotImplementedError

    def halt(self) -> int:
        """Stop at once, step pins low, whatever was granted forgotten; how many words of this period were put."""
        raise NotImplementedError

    def go_away(self, entries: int) -> None:
        """Play the first `entries` of the stroke's `away` list, once."""
        raise NotImplementedError
