"""Tests here need heavy frameworks: `pip install '.[test,interop]'`, `pytest -m interop`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items):
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.interop)
