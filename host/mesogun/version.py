"""The version of this distribution. The build reads this file; nothing else says the number."""

__version__ = "0.1.0"
