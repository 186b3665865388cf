"""Hypothesis tries the same examples on every commit, and new ones with TENSORWIRE_NIGHTLY=1."""

import os

from hypothesis import settings

NIGHTLY = os.environ.get("TENSORWIRE_NIGHTLY", "") not in ("", "0")

settings.register_profile("commit", derandomize=True, deadline=None)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile("nightly" if NIGHTLY else "commit")
