"""Where the sample files are: outside the repository, so that tests over them may have to skip."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def data_folder():
    named = os.environ.get("TENSORWIRE_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def samples():
    """The folder of ONNX samples."""
    folder = data_folder() / "onnx"
    if not folder.is_dir():
        pytest.skip(f"no sample files in {folder}; TENSORWIRE_DATA names their folder")
    return folder
