"""HYPOTHESIS_PROFILE=long makes the search for unintended shots a long one."""

import os

from hypothesis import settings

settings.register_profile("long", settings.get_profile("mesogun"), max_examples=25_000)
if os.environ.get("HYPOTHESIS_PROFILE"):
    settings.load_profile(os.environ["HYPOTHESIS_PROFILE"])
