"""Shots that are nobody's: each is kept once, with all that is known of it, by gun, journal and number."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mesogun.records import Records
from mesogun.records.rows import ForeignShot

ONE = ForeignShot("2026-01-02T03:04:05.000+00:00", 7, 42, 1, 12, 99, {"flags": 0, "shot": 3})


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    with Records.open(f"sqlite:///{tmp_path}/records.db") as opened:
        yield opened


def test_a_foreign_shot_is_known_by_gun_journal_and_number(records: Records) -> None:
    others = [replace(ONE, gun_serial=8), replace(ONE, epoch=2), replace(ONE, number=13)]
    again = [replace(ONE, seen_utc="2027"), replace(ONE, values={}), replace(ONE, gun_boot=1), replace(ONE, digest=None)]
    records.keep_foreign([ONE])
    records.keep_foreign([*others, *again])
    assert records.foreign() == [ONE, *others]
    assert records.foreign(8) == others[:1]


def test_one_without_a_number_is_known_by_what_the_gun_told_of_it(records: Records) -> None:
    told = replace(ONE, epoch=None, number=None, digest=None)
    others = [replace(told, gun_boot=43), replace(told, values={"flags": 1}), replace(told, gun_serial=8), ONE]
    records.keep_foreign([told, told, *others, replace(told, seen_utc="2027")])
    assert records.foreign() == [told, *others]
