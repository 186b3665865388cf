"""The contract's tests run on upstream's classes and on ours: a wrong expectation shows on both."""

import pytest

from . import contract_schemas

SYNTAXES = ("proto2", "proto3", "editions")


@pytest.fixture
def file(tmp_path):
    """Writes bytes to a file of records, for scans."""

    def write(data: bytes, name: str = "records.bin"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


@pytest.fixture(params=["upb", "ours"])
def kind(request) -> str:
    """Whose classes a test gets."""
    return request.param


@pytest.fixture
def two(kind):
    """The classes of the proto2 file."""
    return contract_schemas.classes(kind, "proto2")


@pytest.fixture
def three(kind):
    """The classes of the proto3 file."""
    return contract_schemas.classes(kind, "proto3")


@pytest.fixture
def edition(kind):
    """The classes of the file of edition 2023."""
    return contract_schemas.classes(kind, "editions")


@pytest.fixture(params=SYNTAXES)
def each(request, kind):
    """The classes of each file in turn."""
    return contract_schemas.classes(kind, request.param)
