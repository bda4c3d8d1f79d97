"""A computer's clock may be set amid a session, and a gun has no calendar: each is held against the other here."""

import time
from datetime import datetime, timedelta

from mesogun.gun.client import Gun
from mesogun.times import CLOCK_OFF_S, as_utc, now


class Clock:
    """A Clock says what time it is in a session that begins now.

    That is what this computer's clock says, as long as the gun's milliseconds, or the seconds that this computer counts by itself,
    bear it out. A gun that was not heard to the end, and a computer that slept, count too little and never too much.
    """

    def __init__(self, gun: Gun) -> None:
        self._gun = gun
        self._boot = gun.welcome.boot
        self._began = now()
        self._began_s = time.monotonic()
        self._began_ms = self._gun_ms()

    def read(self) -> tuple[str, int]:
        """Returns the time, UTC as the record writes it, and by how many ms this computer's clock is ahead of it.

        That is 0 unless the clock is odd.
        """
        says = now()
        lasted_s = (says - self._began).total_seconds()
        counted_s = [time.monotonic() - self._began_s]
        if self._gun.welcome.boot == self._boot:
            counted_s.append((self._gun_ms() - self._began_ms) / 1000)
        if any(abs(lasted_s - one) <= CLOCK_OFF_S for one in counted_s):
            return as_utc(max(says, self._began)), 0
        truly: datetime = self._began + timedelta(seconds=max(counted_s))
        return as_utc(truly), round((says - truly).total_seconds() * 1000)

    def _gun_ms(self) -> int:
        return self._gun.link.state["at_ms"]
