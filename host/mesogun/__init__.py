"""mesogun checks clinical protocols, sends them to an injection gun, and keeps the record. It is no cleared medical device."""

from mesogun.version import __version__ as __version__
