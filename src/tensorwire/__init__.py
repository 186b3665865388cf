"""Inference model files opened at the speed of ``mmap``, their tensors as NumPy arrays on the file.

::

    import tensorwire as tw

    with tw.open("model.onnx") as m:
        m["conv1.weight"]          # np.ndarray on the mapped file
        print(m.graph)
"""

from __future__ import annotations

from tensorwire.errors import (
    ContainmentError,
    DecodeError,
    LayoutError,
    LimitError,
    ModelError,
    TensorwireWarning,
    UnsupportedError,
)

__version__ = "0.1.0"

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from tensorwire.api import from_buffer, identify, load_file, open, validate
    from tensorwire.dtypes import DType
    from tensorwire.graph import Graph, Node
    from tensorwire.limits import Limits
    from tensorwire.model import Model
    from tensorwire.report import Report
    from tensorwire.tensor import Tensor

#: name -> the module it is imported from when it is first used
_LAZY = {
    "DType": "dtypes",
    "Graph": "graph",
    "Limits": "limits",
    "Model": "model",
    "Node": "graph",
    "Report": "report",
    "Tensor": "tensor",
    "from_buffer": "api",
    "identify": "api",
    "load_file": "api",
    "open": "api",
    "validate": "api",
}

__all__ = [
    "ContainmentError",
    "DType",
    "DecodeError",
    "Graph",
    "LayoutError",
    "LimitError",
    "Limits",
    "Model",
    "ModelError",
    "Node",
    "Report",
    "Tensor",
    "TensorwireWarning",
    "UnsupportedError",
    "from_buffer",
    "identify",
    "load_file",
    "open",
    "validate",
]


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
