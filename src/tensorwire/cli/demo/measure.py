"""One library opens one model, in a process of its own. `trial` starts it.

Arguments: the library, the model, and a tiny model that is opened before anything is measured, so
that what is imported on first use is counted as import.
"""

from __future__ import annotations

import json
import sys
from time import perf_counter

from tensorwire.cli.demo.memory import memory

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: (version, what opens a model by name, what gives the arrays of an open model)
    Library = tuple[str, Callable[[str], Any], Callable[[Any], list[Any]]]

__all__ = ["main"]


def main(library: str, path: str, tiny: str) -> None:
    """Prints what was measured, as JSON."""
    print(json.dumps(measured(library, path, tiny)))


def measured(library: str, path: str, tiny: str) -> dict[str, Any]:
    """Seconds and bytes, and the sum of the last element of each array."""
    start = perf_counter()
    version, open_model, arrays_of = LIBRARIES[library]()
    arrays_of(open_model(tiny))
    imported = perf_counter()
    before = memory()
    opening = perf_counter()
    model = open_model(path)
    opened = perf_counter()
    arrays = arrays_of(model)
    finished = perf_counter()
    added = memory().since(before)
    return {
        "version": version,
        "import_seconds": imported - start,
        "open_seconds": opened - opening,
        "arrays_seconds": finished - opened,
        **added,
        "last_elements": float(sum(float(array.reshape(-1)[-1]) for array in arrays)),
    }


def _tensorwire() -> Library:
    import tensorwire

    return tensorwire.__version__, tensorwire.open, lambda model: list(model.values())


def _onnx() -> Library:
    import onnx
    from onnx import numpy_helper

    def arrays(model: Any) -> list[Any]:
        return [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]

    return onnx.__version__, onnx.load, arrays


LIBRARIES: dict[str, Callable[[], Library]] = {"tensorwire": _tensorwire, "onnx": _onnx}

if __name__ == "__main__":
    main(*sys.argv[1:])
