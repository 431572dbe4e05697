"""For all tests."""

import os

from hypothesis import settings

# A test that passes must pass again on the same tree; `HYPOTHESIS_PROFILE=wide pytest` looks further.
settings.register_profile("steady", derandomize=True, print_blob=True)
settings.register_profile("wide", print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
