"""This is the version of the distribution, and the build reads it here. The firmware says it too, as mesogun_fw.VERSION."""

__version__ = "0.1.0"
