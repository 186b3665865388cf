from collections.abc import Sequence
from typing import Any, Final

import numpy as np

BYTES: Final[int]
TEXT: Final[int]
TEXT_OR_BYTES: Final[int]

def span_objects(
    buffers: Sequence[Any],
    starts: np.ndarray[Any, Any],
    spans: np.ndarray[Any, Any],
    kind: int,
    valid: np.ndarray[Any, Any] | None = None,
) -> list[str | bytes | None]: ...
def gather_spans(
    buffers: Sequence[Any], starts: np.ndarray[Any, Any], columns: list[np.ndarray[Any, Any]]
) -> tuple[np.ndarray[Any, Any], list[np.ndarray[Any, Any]]]: ...
