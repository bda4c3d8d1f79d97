"""mesogun_fw: the firmware of the gun. Runs unchanged on MicroPython and CPython."""

VERSION = 100  # 0.1.0 as major * 10_000 + minor * 100 + patch
