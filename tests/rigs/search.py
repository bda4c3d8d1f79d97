"""How far a search goes: as far as its test says, times what the profile of the run asks for (tests/conftest.py)."""

from hypothesis import settings

USUAL = 100  # hypothesis's own number of examples: a profile that asks for twice as many asks every test for twice as many
LEAST = 5


def times(usual: int, nightly: int | None = None, least: int = LEAST) -> int:
    """So many in `make long`, half in `make test`, a tenth in `make quick`; at night twenty times as many, or `nightly`."""
    factor = settings().max_examples
    if factor > USUAL and nightly is not None:
        return nightly
    return max(least, usual * factor // USUAL)


def examples(usual: int, nightly: int | None = None) -> settings:
    """For a test that searches: `@examples(40)`. A test that does not say draws as many as the profile."""
    return settings(max_examples=times(usual, nightly))


def stride() -> int:
    """Moments that are alike are all tried, 1 apart; in `make quick` 7 apart, which meets all phases of what goes by 2, 8, 10."""
    return 7 if settings().max_examples < USUAL // 2 else 1
