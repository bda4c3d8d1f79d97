# These are the gun's first lines. Whatever else is broken, they make every output safe: no power flows, valves are off, no
# pulse goes out.
import machine

for pin in (21, 22, 0, 1, 2, 3, 4, 5, 15):  # these are enable, dump, timeline and lamp of boards/pico/pins.py
    machine.Pin(pin, machine.Pin.OUT, value=0)

import gc  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402

import micropython  # noqa: E402

micropython.kbd_intr(-1)  # a byte 0x03 from the host is a byte
micropython.alloc_emergency_exception_buf(100)

SLOT = "/mesogun-a"


def in_one_piece(size: int) -> bytearray:
    """So much memory, or the next less that there is in one piece."""
    try:
        return bytearray(size)
    except MemoryError:
        return in_one_piece(size - 1_024)


def play() -> None:
    """The device runs for ever, so this never returns.

    When anything fails, the pins are made safe and the watchdog resets the gun, which then starts unhomed.
    """
    board = None
    try:
        # The serial port stays MicroPython's own, and lines may be sent past its stream. A host that has seen the gun already sees
        # it leave and come back, so this is done before anybody speaks.
        usb = machine.USBDevice()
        usb.builtin_driver = usb.BUILTIN_DEFAULT  # type: ignore[attr-defined]
        usb.active(True)
        sys.path.insert(0, SLOT)
        from mesogun_fw.boards.pico import container

        container.mount(SLOT)
        from mesogun_fw.device.events import Events
        from mesogun_fw.stroke.language import Stroke

        strokes, events = (Stroke(), Stroke()), Events()  # memory is still in one piece
        # What imports leave behind is swept before it lies between what stays, and no more often: a sweep takes 8 to 25 ms.
        gc.threshold(16_384)
        from mesogun_fw.boards.pico.board import PicoBoard
        from mesogun_fw.device.loop import Device

        container.unmount()
        sys.modules.pop(container.__name__, None)
        del container  # nothing is imported any more: its code makes room
        gc.collect()
        gc.threshold(-1)  # from here on the device's loop says when
        whole = in_one_piece(34_304)  # what is made next and stays goes around this, into the gaps that imports have left
        board = PicoBoard(SLOT)
        device = Device(board, strokes, events)
        del whole
        board.run()
        while True:
            due_ms = board.ms() + device.step()
            board.turn(device.tick_ms())
            while board.ms() < due_ms and not board.waiting() and not device.noted():
                time.sleep_ms(1)
    except BaseException as why:
        machine.Pin(21, machine.Pin.OUT, value=0)
        if board is not None:
            board.give_up()
        sys.print_exception(why)
        machine.WDT(timeout=1_000)
        while True:
            time.sleep_ms(100)


if machine.Pin(20, machine.Pin.IN, machine.Pin.PULL_UP)():
    play()
micropython.kbd_intr(3)  # the clear button is held: this is maintenance, by the REPL
