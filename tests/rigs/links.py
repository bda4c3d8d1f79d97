"""A link to a gun that can be made to say anything."""

from mesogun.gun.link import Link
from mesogun_fw.talk.messages import PROTO
from rigs.fakegun import FakeGun


def connected(gun: FakeGun) -> Link:
    link = Link(gun)
    link.ask("hello", proto=PROTO)
    link.catch_up(1, len(gun.events))
    return link


def run(link: Link, seconds: float) -> list[int]:
    """Numbers of the events heard in this time."""
    until_s = link.now_s() + seconds
    heard = []
    while link.now_s() < until_s:
        heard += [event.n for event in link.turn()]
    return heard
