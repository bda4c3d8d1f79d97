"""mesogun_fw is the firmware of the gun: the same sources run on CPython and, with their numbers folded in, on MicroPython."""

VERSION = 100  # 0.1.0 is written as major * 10_000 + minor * 100 + patch
