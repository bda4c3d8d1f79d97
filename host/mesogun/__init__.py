"""mesogun: check clinical protocols, send them to an injection gun, and keep the record. Not a cleared medical device."""

from mesogun.version import __version__ as __version__
