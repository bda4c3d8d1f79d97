"""A player promises this: it plays strokes by hardware, from a finite list, with no help of the processor.

Boards implement it. The guard's orders are its only caller, except for `load`, and for `halt` when the guard is dead or the gun
starts again. All but `load` allocate nothing. Whenever a list ends, or is halted, all pins go low. What it is doing is told to
the guard through its inputs (PLAYING, ELAPSED_US, LISTS_PLAYED).

There are two slots, so that a new stroke is made ready while the other is played. A list ends by itself with the needle home.
It may be left at one place for the entry of a granted one (see stroke/language.py); a grant is good for one time.
"""

from mesogun_fw.stroke.language import Stroke


class Player:
    strokes: "list[Stroke | None]"  # these were loaded, by slot

    def load(self, stroke: Stroke, slot: int) -> None:
        """`stroke` becomes the one in `slot`. It is only called for a slot that is neither played nor granted."""
        raise NotImplementedError

    def start(self, slot: int, variant: int) -> None:
        """List `variant` of that slot plays from its start, beginning now."""
        raise NotImplementedError

    def grant(self, slot: int, variant: int) -> None:
        """The present list goes over into this one's entry from where it may be left, without a gap. One at most is granted."""
        raise NotImplementedError

    def revoke(self) -> None:
        """The granted list is forgotten if it has not been entered."""
        raise NotImplementedError

    def halt(self) -> int:
        """It stops at once, all pins low, grants forgotten.

        The answer is how many words of the present list were put, those before its entry too.
        """
        raise NotImplementedError

    def go_away(self, slot: int, entries: int) -> None:
        """The first `entries` of that stroke's `away` list are played, once."""
        raise NotImplementedError

    def abort(self, slot: int, variant: int) -> None:
        """It halts; then the way back out of wherever list `variant` of that slot was left is found and played."""
        stroke = self.strokes[slot]
        self.go_away(slot, stroke.way_back(stroke, self.halt(), variant))  # type: ignore[union-attr, operator]

    def relieve(self, slot: int, steps: int) -> None:
        """It halts, then takes the plunger back by so many steps."""
        self.halt()
        self.go_away(slot, self.strokes[slot].relieve(steps))  # type: ignore[union-attr]
