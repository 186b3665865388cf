"""Why something of generated code stays as it is."""

from __future__ import annotations


class Unrecognised(Exception):  # noqa: N818  no error: the text is a reason for the report
    """The text says why."""
