"""Features that were asked for, as the kernel takes them."""

from __future__ import annotations

from dataclasses import dataclass

from tensorwire.proto.tf.features import (
    FixedLenFeature,
    FixedLenSequenceFeature,
    RaggedFeature,
    SparseFeature,
    VarLenFeature,
)
from tensorwire.proto.tf.fields import STRING, dtype_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Request", "Requests", "zero_of"]

#: dtype -> (kind of list in a Feature, its number of bytes)
KINDS = {"int64": "int64", "float32": "float", STRING: "bytes"}

#: Kinds of partitions; TensorFlow's own are taken by these names too.
PARTITIONS = (
    "RowSplits",
    "RowLengths",
    "RowStarts",
    "RowLimits",
    "ValueRowIds",
    "UniformRowLength",
)

OURS = {
    cls.__name__: cls
    for cls in (
        FixedLenFeature,
        FixedLenSequenceFeature,
        RaggedFeature,
        SparseFeature,
        VarLenFeature,
    )
}


@dataclass(slots=True)
class Request:
    """One key, in one way. ``count``: how many values; None: any number."""

    dtype: str
    count: int | None = None
    required: bool = False
    default: tuple[Any, ...] | None = None

    def spec(self, key: str | bytes) -> tuple[Any, ...]:
        """As `tensorwire._core.tf_example.parse` takes it."""
        encoded = key.encode() if isinstance(key, str) else bytes(key)
        return encoded, KINDS[self.dtype], self.required, self.count, self.default


class Requests:
    """The keys that a dict of features needs, each once, and in what place it is."""

    def __init__(self, features: Mapping[Any, Any], *, steps: bool = False) -> None:
        self.features = {name: _ours(name, feature) for name, feature in features.items()}
        self._requests: dict[Any, Request] = {}
        for name, feature in self.features.items():
            for key, request in _needed(name, feature, steps):
                known = self._requests.setdefault(key, request)
                if known != request:
                    raise ValueError(f"feature {key!r} is asked for in two ways")
        self.specs = tuple([one.spec(key) for key, one in self._requests.items()])
        self._places = {key: place for place, key in enumerate(self._requests)}

    def place(self, key: Any) -> int:
        """Which of ``specs`` has that key."""
        return self._places[key]


def _ours(name: Any, feature: Any) -> Any:
    """One of our classes; TensorFlow's own are taken by their names and attributes."""
    cls = OURS.get(type(feature).__name__)
    if cls is None:
        raise TypeError(
            f"feature {name!r} is {type(feature).__name__}; there are {', '.join(OURS)}"
        )
    if type(feature) is cls:
        return feature
    names = cls.__dataclass_fields__
    return cls(**{one: getattr(feature, one) for one in names if hasattr(feature, one)})


def _needed(name: Any, feature: Any, steps: bool) -> list[tuple[Any, Request]]:
    """Keys, and how each is read."""
    dtype = _dtype(name, feature.dtype)
    if isinstance(feature, VarLenFeature):
        return [(name, Request(dtype))]
    if isinstance(feature, RaggedFeature):
        key = name if feature.value_key is None else feature.value_key
        return [(key, Request(dtype)), *_partition_keys(name, feature)]
    if isinstance(feature, SparseFeature):
        if steps:
            raise ValueError(f"feature {name!r}: a SparseFeature is not for sequences")
        keys = [feature.index_key] if isinstance(feature.index_key, str) else feature.index_key
        found = [(key, Request("int64")) for key in keys]
        return [*found, (feature.value_key, Request(dtype))]
    count = _count(name, feature.shape)
    if isinstance(feature, FixedLenSequenceFeature):
        required = not feature.allow_missing
        return [(name, Request(dtype, count if steps else None, required))]
    if steps:
        raise ValueError(
            f"feature {name!r}: in a sequence a FixedLenFeature is a FixedLenSequenceFeature"
        )
    if feature.default_value is None:
        return [(name, Request(dtype, count, True))]
    default = _default(name, feature.default_value, dtype, count)
    return [(name, Request(dtype, count, False, default))]


def _partition_keys(name: Any, feature: RaggedFeature) -> list[tuple[Any, Request]]:
    found = []
    for partition in feature.partitions:
        kind = type(partition).__name__
        if kind == "UniformRowLength":
            if partition.length < 1:
                raise ValueError(f"feature {name!r}: rows of length {partition.length}")
        elif kind in PARTITIONS:
            found.append((partition.key, Request("int64")))
        else:
            known = ", ".join(f"RaggedFeature.{one}" for one in PARTITIONS)
            raise TypeError(f"feature {name!r}: a partition is one of {known}, not {partition!r}")
    return found


def _dtype(name: Any, dtype: Any) -> str:
    found = dtype_name(dtype)
    if found not in KINDS:
        raise ValueError(f"feature {name!r}: dtype must be {', '.join(KINDS)}, not {found}")
    return found


def _count(name: Any, shape: Any) -> int:
    count = 1
    for size in shape:
        if size is None or int(size) < 0:
            raise ValueError(f"feature {name!r}: shape {tuple(shape)} must be known in full")
        count *= int(size)
    return count


def _default(name: Any, default: Any, dtype: str, count: int) -> tuple[bytes, ...]:
    """The bytes of each value."""
    import numpy as np

    flat: list[Any]
    if isinstance(default, (str, bytes)):
        flat = [default]
    else:
        wanted = object if dtype == STRING else np.dtype(dtype)
        flat = list(np.asarray(default, wanted).ravel())
    if len(flat) == 1:
        flat = flat * count
    if len(flat) != count:
        raise ValueError(f"feature {name!r}: a default of {len(flat)} values for {count}")
    if dtype == STRING:
        return tuple([one.encode() if isinstance(one, str) else bytes(one) for one in flat])
    return tuple([one.tobytes() for one in flat])


def zero_of(feature: FixedLenSequenceFeature, dtype: str) -> Any:
    """What pads."""
    if feature.default_value is not None:
        default = feature.default_value
        return default.encode() if isinstance(default, str) else default
    return b"" if dtype == STRING else 0
