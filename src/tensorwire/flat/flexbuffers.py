"""FlexBuffers: values that need no schema, as Python has them.

===========================  =====================================================================
null, bool                   None, bool
int, uint, float             int, float, stored in place or elsewhere ("indirect")
key, string                  str; bytes that are no UTF-8 become surrogate escapes
blob                         bytes
vector                       list
typed vector, tuple          list, or with ``arrays=True`` a NumPy array
map                          dict; of a key that occurs again the last value
===========================  =====================================================================

Source: google/flatbuffers docs/source/internals.md, "FlexBuffers".
"""

from __future__ import annotations

from tensorwire._core import flex
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    import numpy as np
    from typing_extensions import Buffer

    from tensorwire.limits import Limits

__all__ = ["from_flexbuffer"]


#: Type of elements -> letter of NumPy. Source: flexbuffers.h, enum Type.
_LETTERS = {1: "i", 2: "u", 3: "f", 26: "u"}
BOOL = 26


def from_flexbuffer(
    data: Buffer,
    *,
    limits: Limits | None = None,
    arrays: bool = False,
    origin: int = 0,
    path: str = "",
) -> Any:
    """The value that all of ``data`` encodes, verified while it is read.

    Copies: everything; with ``arrays=True`` nothing of typed vectors of numbers, which become
    read-only arrays on ``data``, holding it. Text and blobs that several places share are shared.
    ``limits.flat_depth``: nested vectors and maps, 200 at most. ``origin``
    is added to the offsets in errors, ``path`` goes before their paths.
    Raises: ``DecodeError`` with offset and path, such as ``layers[3].name``; ``LimitError`` for
    parts shared so often that there are far more values than bytes.
    """
    depth = DEFAULT.flat_depth if limits is None else limits.flat_depth
    return flex.read(data, depth, _array_maker(data) if arrays else None, origin, path)


def _array_maker(data: Buffer) -> Callable[[int, int, int, int], np.ndarray]:
    import numpy as np

    def array(element: int, width: int, at: int, count: int) -> np.ndarray:
        dtype = f"<{_LETTERS[element]}{width}"
        if count == 0:  # of floats, the width may be none that floats have
            made = np.empty(0, dtype="f4" if element == 3 else dtype)
        else:
            made = np.frombuffer(data, dtype, count, at)
        if element == BOOL:
            made = made != 0
        made.flags.writeable = False
        return made

    return array
