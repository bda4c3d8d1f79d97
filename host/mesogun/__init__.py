"""mesogun: check clinical protocols, send them to an injection gun, and keep the record. Not a cleared medical device."""

__version__ = "0.1.0"
