"""A whole client of a gun in plain Python: it gives five shots and keeps what the gun tells of them. It imports nothing of mesogun.

It needs pyserial, and docs/MESSAGES.md to go with it: there stands what every line means. With a simulated gun in one terminal

    mesogun sim --tcp 5555

    python examples/small_client.py socket://127.0.0.1:5555 events.csv

in another. It takes simulated guns only: what comes out of a real one goes into a person, and this client keeps no record of
whom. Whoever has a gun on a bench and means it says so with `--real` and the serial number printed on the gun.
"""

import argparse
import binascii
import hashlib
import os
import sys
import time
from typing import TextIO

import serial

PROTO, TABLE = 1, 0x5EF71E7D  # the edition of the messages that this was written for
BEGIN = "begin passes=1 syringe_bore_um=12060 syringe_nl=1000000 flow_max_nl_s=300000"
PASS = "pass index=0 mode=3 shots=5 burst=1 depth_um=2000 needle_um_s=300000"
PASS += " dose_nl=10000 flow_nl_s=300000 dwell_us=80000 period_us=250000"
DERIVED = {"shots": 5, "deepest_um": 2000, "volume_nl": 50_000}  # what the gun has to make of that
UNHOMED, IDLE, HOMING, ARMED, RUNNING, RETURNING = range(6)  # `state`; 6 is a fault, 7 the e-stop
DONE, HOLD = 0, 1  # `kind` of an ending; the others stop it: pause, fault, e-stop
BEAT_S, ANSWER_S, SLOW_S, TRIES = 0.1, 0.1, 0.3, 20
Fields = dict[str, int]


class Stopped(Exception):
    """It does not go on, for this reason."""


def sealed(body: str) -> bytes:
    """The line of `7 beat ack=0`: its CRC is of all before the asterisk, the blank too."""
    head = f"{body} ".encode("ascii")
    return head + b"*%08x\n" % binascii.crc32(head)


def opened(line: bytes) -> tuple[int, str, Fields] | None:
    """Number, name and fields of a line; None when one byte of it is wrong. The CRC comes first."""
    head, star, crc = line.rpartition(b"*")
    if not star or crc != b"%08x" % binascii.crc32(head):
        return None
    seq, name, *fields = head.decode("ascii").split()
    return int(seq), name, {key: int(value) for key, value in (field.split("=") for field in fields)}


class Gun:
    """A conversation: one request at a time, and events in between, each of which is kept once and in order."""

    def __init__(self, port: serial.Serial, file: TextIO) -> None:
        self.port, self.file = port, file
        self.state: Fields = {}
        self.ending: Fields = {}
        self.next_n = self.on_disk = 0  # the event that comes next, 0: not known yet; the last one that is on disk
        self.seq = 0
        self.piece = b""
        self.beat_s = 0.0

    def ask(self, request: str) -> Fields:
        """Sends a request until it is answered. The same line again is harmless: the gun does nothing twice."""
        self.seq = self.seq % 65_535 + 1
        line = sealed(f"{self.seq} {request}")
        patience_s = SLOW_S if request.split()[0] in ("hello", "home", "arm") else ANSWER_S
        for _ in range(TRIES):
            self.port.write(line)
            until_s = time.monotonic() + patience_s
            while time.monotonic() < until_s:
                for seq, name, fields in self.heard():
                    if seq == self.seq and name == "refused":
                        raise Stopped(f"the gun refused {request}: {fields}; MESSAGES.md says what code {fields['code']} means")
                    if seq == self.seq:
                        return fields
        raise Stopped(f"the gun does not answer {request}")

    def heard(self) -> list[tuple[int, str, Fields]]:
        """Lines that have come whole; the events among them are kept already."""
        self.port.timeout = 0.02
        *lines, self.piece = (self.piece + self.port.read(self.port.in_waiting or 1)).split(b"\n")
        said = [message for message in map(opened, lines) if message is not None]
        for seq, name, fields in said:
            if seq == 0 and fields["n"] == self.next_n:
                print(name, *(f"{key}={value}" for key, value in fields.items()), sep=",", file=self.file)
                self.next_n += 1
                if name == "ended":
                    self.ending = fields
                elif name == "shot":
                    print("shot", fields["shot"], "of", fields["measured_dose_nl"], "nl,", fields["measured_depth_um"], "um deep")
        return said

    def beat(self) -> None:
        """Ten times a second the gun hears that we live and which events are on disk; after half a second without it pauses.

        An event that it had made by the last beat, and that is not here by this one, was lost: it is asked for again.
        """
        while time.monotonic() < self.beat_s + BEAT_S:
            self.heard()
        self.beat_s = time.monotonic()
        promised = self.state.get("events", 0)
        self.state = self.ask(f"beat ack={self.on_disk}")
        if self.next_n - 1 > self.on_disk:  # one visit to the disk for all that came: it takes its time
            self.file.flush()
            os.fsync(self.file.fileno())
            self.on_disk = self.next_n - 1
        if 0 < self.next_n <= promised:
            self.ask(f"events since={self.next_n}")


def greet(gun: Gun, real: int | None) -> None:
    """Hello, and which gun it is. Nothing may come before it; it disarms the gun."""
    welcome = gun.ask(f"hello proto={PROTO}")
    if (welcome["proto"], welcome["table"]) != (PROTO, TABLE):
        raise Stopped(f"the gun speaks edition {welcome['proto']}, table {welcome['table']:08x}; this client {PROTO}, {TABLE:08x}")
    if not welcome["simulated"] and welcome["serial"] != real:
        raise Stopped(f"gun {welcome['serial']} is a real one: this client takes simulated guns")
    print(f"gun {welcome['serial']}, {'simulated' if welcome['simulated'] else 'real'}")
    gun.beat()
    gun.next_n = gun.state["events"] - gun.state["kept"] + 1  # what nobody has acknowledged yet comes first


def home(gun: Gun) -> None:
    if gun.state["state"] == UNHOMED:
        gun.ask("home")
        print("hold the gun in the air and press the trigger: the needle finds its home")
        gun.beat()
    while gun.state["state"] == HOMING:
        gun.beat()
    if gun.state["state"] != IDLE:
        raise Stopped(f"the gun is not ready: state {gun.state['state']}, fault {gun.state['fault']}")


def load(gun: Gun) -> None:
    """The plan goes over, and comes back as the gun has understood it."""
    for request in (BEGIN, PASS):
        gun.ask(request)
    digest = int.from_bytes(hashlib.sha256(f"{BEGIN}\n{PASS}\n".encode()).digest()[:6], "big")
    program = gun.ask(f"commit digest={digest} tag={int.from_bytes(os.urandom(2), 'big')}")
    if any(program[key] != value for key, value in (DERIVED | {"digest": digest}).items()):
        raise Stopped(f"the gun derived something else: {program}")


def give(gun: Gun) -> None:
    """From here on the trigger makes shots: nothing that a client sends does."""
    gun.ending = {}
    armed = gun.ask("arm index=0")
    dose_fits = abs(armed["stroke_nl"] - 10_000) < 100  # it is whole steps of the plunger
    if (armed["deepest_um"], armed["period_us"], armed["left"]) != (2000, 250_000, 5) or not dose_fits:
        raise Stopped(f"the gun's audit found something else: {armed}")
    print("set the gun down and keep the trigger pressed")
    while not gun.ending or gun.ending["kind"] == HOLD:  # released or lifted: the next press goes on
        gun.beat()
    if gun.ending["kind"] != DONE:
        raise Stopped(f"it ended before all was given: {gun.ending}")


def settle(gun: Gun) -> None:
    """Disarmed, at rest, and everything it has told is on disk and acknowledged."""
    gun.ask("disarm")
    until_s = time.monotonic() + 10
    gun.beat()
    while gun.state["state"] in (HOMING, ARMED, RUNNING, RETURNING) or gun.on_disk < gun.state["events"]:
        if time.monotonic() > until_s:
            raise Stopped(f"the gun does not come to rest: {gun.state}")
        gun.beat()
    gun.beat()


def session(port: serial.Serial, events: str, real: int | None) -> int:
    """Gives the plan, and returns an exit code. Whatever happens, the gun is disarmed."""
    with open(events, "a", encoding="ascii") as file:
        gun = Gun(port, file)
        try:
            greet(gun, real)
            try:
                home(gun)
                load(gun)
                give(gun)
            finally:
                settle(gun)
        except (Stopped, OSError, KeyboardInterrupt) as why:
            print(f"stopped: {why or 'by Ctrl-C'}", file=sys.stderr)
            return 1
    print("complete")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Gives five shots with a simulated gun.")
    parser.add_argument("port", help="such as socket://127.0.0.1:5555")
    parser.add_argument("events", help="what the gun tells is added to this file")
    parser.add_argument("--real", metavar="SERIAL", type=int, help="a real gun, by the serial number printed on it")
    chosen = parser.parse_args()
    with serial.serial_for_url(chosen.port, baudrate=115_200) as cable:
        sys.exit(session(cable, chosen.events, chosen.real))
