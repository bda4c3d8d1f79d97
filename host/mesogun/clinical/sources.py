"""Where a figure or a rule comes from is written in short; a person reads it in words."""

import re

_WORDS = {
    "S": "a seed document",
    "H": "a label, guidance or paper",
    "M": "clinics' and vendors' pages",
    "C": "computed",
    "A": "our assumption",
}
TRUST = "; ".join(f"{short}: {words}" for short, words in _WORDS.items())
_DOMAIN = re.compile(r"DOMAIN (\d(?: to \d)?)")
_SHORT = re.compile(r"\b(?:(00\d)|([SHMCA]))\b")


def in_words(source: str) -> str:
    """Returns "document 003, our assumption" for "003, A"."""
    text = _DOMAIN.sub(lambda found: f"section{'s' * (len(found[1]) > 1)} {found[1]} of DOMAIN.md", source)
    return _SHORT.sub(lambda found: f"document {found[1]}" if found[1] else _WORDS[found[2]], text)
