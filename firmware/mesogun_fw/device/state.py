"""This is the one transition table: every event in every state has an entry.

An entry is the next state, REFUSE (a request cannot be done now), STAY (there is nothing to do) or NEVER (a thing cannot
happen: the device goes to FAULTED with reason LOGIC).
"""

from mesogun_fw.talk.messages import ARMED, FAULTED, HOMING, IDLE, RETURNING, RUNNING, STOPPED, UNHOMED

REFUSE = -1
STAY = -2
NEVER = -3

# The host requests these.
ASKED_LOAD, ASKED_HOME, ASKED_ARM, ASKED_DISARM, HELLO = range(5)
# The guard reports these.
STARTED, STOPPING, HELD_END, PAUSED, PASS_ENDED, HOMED, HOME_ENDED, FAULT_LATCHED, ESTOP_LATCHED, CLEARED = range(5, 15)
ASKED_MOVE = 15  # the host asks for a move in the air that is no shot and needs a known needle

# Columns are in the order in which codes.EVENTS names them.
TABLE = (
    # UNHOMED: loading is harmless, arming needs a known needle
    (STAY, HOMING, REFUSE, STAY, STAY, NEVER, NEVER, NEVER, STAY, NEVER, NEVER, STAY, FAULTED, STOPPED, NEVER, REFUSE),
    # IDLE: everything may be asked
    (STAY, HOMING, ARMED, STAY, STAY, NEVER, NEVER, NEVER, STAY, NEVER, NEVER, STAY, FAULTED, STOPPED, NEVER, HOMING),
    # HOMING: disarm and hello ask the guard to end it; it reports HOME_ENDED
    (REFUSE, STAY, REFUSE, STAY, STAY, STAY, STAY, NEVER, UNHOMED, NEVER, IDLE, UNHOMED, FAULTED, STOPPED, NEVER, REFUSE),
    # ARMED: disarm and hello ask the guard to pause; it reports PAUSED
    (REFUSE, REFUSE, REFUSE, STAY, STAY, RUNNING, STAY, STAY, IDLE, NEVER, NEVER, NEVER, FAULTED, STOPPED, NEVER, REFUSE),
    # RUNNING: nothing else may be loaded, moved or armed
    (REFUSE, REFUSE, REFUSE, STAY, STAY, NEVER, RETURNING, ARMED, IDLE, IDLE, NEVER, NEVER, FAULTED, STOPPED, NEVER, REFUSE),
    # RETURNING: nothing new starts until the needle is home
    (REFUSE, REFUSE, REFUSE, STAY, STAY, NEVER, STAY, ARMED, IDLE, IDLE, NEVER, NEVER, FAULTED, STOPPED, NEVER, REFUSE),
    # FAULTED: the first fault stays; it is cleared at the gun
    (REFUSE, REFUSE, REFUSE, STAY, STAY, NEVER, STAY, NEVER, STAY, NEVER, NEVER, STAY, STAY, STOPPED, UNHOMED, REFUSE),
    # STOPPED: it is cleared at the gun
    (REFUSE, REFUSE, REFUSE, STAY, STAY, NEVER, STAY, NEVER, STAY, NEVER, NEVER, STAY, STAY, STAY, UNHOMED, REFUSE),
)


def following(state: int, event: int) -> int:
    """This is the entry of the table: the next state, or REFUSE, STAY, NEVER."""
    return TABLE[state][event]
