"""What all tests share: how Hypothesis draws, and where the sample files are.

Hypothesis tries the same examples on every commit, and new ones with TENSORWIRE_NIGHTLY=1. The
samples lie outside the repository, so that tests over them may have to skip.
"""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

NIGHTLY = os.environ.get("TENSORWIRE_NIGHTLY", "") not in ("", "0")

settings.register_profile("commit", derandomize=True, deadline=None)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile("nightly" if NIGHTLY else "commit")

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_finish():
    """24,000 tests are many objects: each `gc.collect()` of a test would look at them all."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def samples():
    """The folder of ONNX samples."""
    named = os.environ.get("TENSORWIRE_DATA")
    folder = (Path(named) if named else ROOT.parent / "shared" / "data") / "onnx"
    if not folder.is_dir():
        pytest.skip(f"no sample files in {folder}; TENSORWIRE_DATA names their folder")
    return folder
