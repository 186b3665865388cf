"""encode_proto: padded arrays as a batch of messages."""

from __future__ import annotations

from tensorwire.proto.tf.fields import STRING, choose, dtype_name
from tensorwire.proto.tf.schema import class_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from typing import Any

    import numpy as np

    from tensorwire.proto.schema import Schema
    from tensorwire.proto.tf.fields import Chosen

__all__ = ["encode_proto"]


def encode_proto(
    sizes: Any,
    values: Sequence[Any],
    field_names: Sequence[str],
    message_type: str | type[Any],
    descriptor_source: str | bytes | os.PathLike[str] | Schema = "local://",
) -> np.ndarray[Any, Any]:
    """An object array of messages, as ``bytes``: what ``tf.io.encode_proto`` answers.

    ``sizes``: how many values of each field a message gets, 0 or less for none; int32 of the
    batch's shape with the number of fields added. ``values``: for each field an array of the
    batch's shape with one dimension added, in the dtypes that `decode_proto` gives; ``bytes`` or
    ``str`` objects for strings, messages and groups.

    Shape: the batch's. Fields are written ascending by number, packed where the schema says so;
    defaults are written like any value, and two values of a field that is not repeated both. Wider
    numbers lose their upper bits. A group's value is written between its two tags, so that what
    `decode_proto` gives for groups must lose its own first. Not as TensorFlow 2.21: a negative size
    of a packed field writes nothing, not an empty run; extensions may be written too.

    Raises: ``ValueError`` for no fields, shapes that do not fit, a size beyond the values;
    ``TypeError`` for what is no bytes.
    """
    import numpy as np

    names = tuple(field_names)
    if not names:
        raise ValueError("at least one field is needed")
    chosen = choose(class_named(message_type, descriptor_source), names)
    if len(values) != len(names):
        raise ValueError(f"{len(names)} field names and {len(values)} arrays of values")
    arrays = [_array(field, value) for field, value in zip(chosen, values, strict=True)]
    shape = arrays[0].shape[:-1]
    for field, array in zip(chosen, arrays, strict=True):
        if array.shape[:-1] != shape:
            raise ValueError(
                f"values of {field.name!r} have shape {array.shape}; all must be of the batch"
                f" {shape} and one dimension more"
            )
    counts = np.ascontiguousarray(sizes, np.int32)
    if counts.shape != (*shape, len(names)):
        raise ValueError(f"sizes have shape {counts.shape}, not {(*shape, len(names))}")
    from tensorwire._core.tf_encode import encode

    fields = [
        (field.number, field.kind, field.packed, array.shape[-1], output, array)
        for output, (field, array) in enumerate(zip(chosen, arrays, strict=True))
    ]
    fields.sort(key=lambda field: field[0])
    rows = int(np.prod(shape, dtype=np.int64))
    found: np.ndarray[Any, Any] = np.empty(rows, object)
    found[:] = encode(counts, len(names), tuple(fields), rows)
    return found.reshape(shape)


def _array(field: Chosen, value: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind == "S":
        if isinstance(value, np.ndarray):
            raise TypeError(
                f"values of {field.name!r}: an array of dtype S cuts zero bytes off; use object"
            )
        array = np.array(value, object)
    dtype = dtype_name(array.dtype)
    field.require(dtype)
    if array.ndim < 2:
        raise ValueError(
            f"values of {field.name!r} have shape {array.shape}; the batch's and one dimension more"
            " are needed"
        )
    return np.ascontiguousarray(array, object if dtype == STRING else dtype)
