"""Why something of generated code stays as it is."""

from __future__ import annotations


class Unrecognised(Exception):
    """The text says why."""
