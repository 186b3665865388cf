"""Errors by their types: the texts differ between upstream's backends and are no contract."""

from typing import Any

import pytest


def refused(*errors: type[Exception]) -> Any:
    """What is inside raises one of these."""
    return pytest.raises(errors)
