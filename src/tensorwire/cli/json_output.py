"""Documents as JSON that any parser takes."""

from __future__ import annotations

import json

__all__ = ["write"]


def write(document: object) -> None:
    """One document on standard output, in ASCII: what a terminal would act on is escaped.

    REQUIRES: no NaN and no infinity in it, as JSON has neither.
    """
    text = json.dumps(document, indent=2, ensure_ascii=True, allow_nan=False)
    print(text.replace("\x7f", "\\u007f"))  # DEL is ASCII; it can only stand inside a string
