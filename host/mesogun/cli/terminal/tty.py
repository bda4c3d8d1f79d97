"""The terminal behind standard input, as the system has it: whether it is there."""

import os
import sys

if sys.platform == "win32":

    def let_go() -> bool:
        """Returns False: a program does not outlive its window here."""
        return False

else:
    import errno
    import termios

    _GONE = (errno.EIO, errno.ENXIO)  # Linux, macOS

    def let_go() -> bool:
        """Puts nothing in the place of a terminal that was shut, so that no output fails any more. Tells whether one was."""
        gone = [standard for standard in (0, 1, 2) if _is_gone(standard)]
        for standard in gone:
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, standard)
            os.close(nowhere)
        return bool(gone)

    def _is_gone(standard: int) -> bool:
        try:
            termios.tcgetattr(standard)
        except termios.error as error:
            return error.args[0] in _GONE
        return False
