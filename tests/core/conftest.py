"""A file on disk and the two ways to hold it."""

import pytest


@pytest.fixture(params=["map", "read"])
def mode(request):
    """The name of a constructor of Source."""
    return request.param


@pytest.fixture
def content():
    return bytes(range(256)) * 64


@pytest.fixture
def path(tmp_path, content):
    """A file that holds ``content``."""
    file = tmp_path / "model.bin"
    file.write_bytes(content)
    return file
