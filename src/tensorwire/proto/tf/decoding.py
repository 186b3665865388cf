"""decode_proto: fields of a batch of messages as padded arrays."""

from __future__ import annotations

from collections import namedtuple
from functools import lru_cache

from tensorwire.errors import DecodeError
from tensorwire.limits import DEFAULT
from tensorwire.proto.tf.batches import batch_of
from tensorwire.proto.tf.fields import STRING, choose, dtype_name
from tensorwire.proto.tf.schema import class_named

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from typing import Any, NamedTuple

    import numpy as np

    from tensorwire._core.rows import Rows
    from tensorwire._core.tf_decode import Decoded
    from tensorwire.limits import Limits
    from tensorwire.proto.schema import Schema

    class DecodedProto(NamedTuple):
        """What `decode_proto` returns, named as TensorFlow names it."""

        sizes: np.ndarray[Any, Any]
        values: list[np.ndarray[Any, Any]]

else:
    # `typing` is slow to import.
    DecodedProto = namedtuple("DecodedProto", ["sizes", "values"])  # noqa: PYI024

__all__ = ["DecodedProto", "decode_proto"]

# Plans kept for calls that come again.
KEPT = 64


def decode_proto(
    bytes: Any,  # noqa: A002  TensorFlow's name
    message_type: str | type[Any],
    field_names: Sequence[str],
    output_types: Sequence[Any],
    descriptor_source: str | bytes | os.PathLike[str] | Schema = "local://",
    message_format: str = "binary",
    sanitize: bool = False,
    *,
    limits: Limits | None = None,
) -> DecodedProto:
    """Fields of a batch of messages as ``(sizes, values)``: what ``tf.io.decode_proto`` answers.

    ``bytes``: one message, a list or an object array of any shape of them, an Arrow array, or
    ``(buffer, offsets)``. ``field_names``: fields of ``message_type``, extensions by full name.
    ``output_types``: a dtype of each: float as float32 or float64, double as float64; int32,
    sint32, sfixed32 as int32 or int64; uint32, fixed32 as uint32 or uint64; 64-bit numbers as int64
    or uint64, by their sign; enums as int32, bool as bool; string, bytes, messages and groups (with
    both of their tags) as ``"string"``, in arrays of ``bytes`` objects. ``descriptor_source``: see
    `tensorwire.proto.tf.schema`; ``message_type`` may be a class instead. ``message_format="text"``
    reads the text format, through upstream's parser. ``sanitize=True`` parses and serializes each
    message first, so that submessages are merged and UTF-8 is checked.

    Shape: ``sizes``, int32, is the batch's with the number of fields added: how often each came.
    Of ``values`` each is the batch's with the largest of these sizes added, at least 1; what is not
    there is filled with the field's default. A field that is asked for again has size 0 there.

    As in TensorFlow, the last of several values of a singular field counts and submessages are not
    merged, packed and single numbers mix, an item of another wire type is skipped, oneofs are not
    looked at, and strings are not checked. Unlike TensorFlow 2.21, on purpose:

    - a packed negative int32 read as int64 keeps its sign: -5, not 4294967291;
    - packed numbers in a field that is not repeated are skipped, as every parser skips them:
      TensorFlow answers size 1 and the default, or fails if a value came before. An empty packed
      run behind values is no failure either;
    - bytes where a group is declared are skipped, too; TensorFlow fails;
    - a group's bytes are those of the message, where TensorFlow writes its tags anew;
    - tags of more than 32 bits and lengths of more than 64 or padded beyond five bytes are refused,
      as in all of this package.

    Raises: ``DecodeError`` (TensorFlow: DataLossError) naming row and byte; ``ValueError``
    (InvalidArgumentError) for an empty batch, unknown fields or types, dtypes that do not fit;
    ``LimitError`` for padding far above the size of the messages, see ``limits.column_growth``.
    Threads: the GIL is released.
    """
    cls: Any = class_named(message_type, descriptor_source)
    names, types = tuple(field_names), tuple([dtype_name(dtype) for dtype in output_types])
    if len(names) != len(types):
        raise ValueError(f"{len(names)} field names and {len(types)} output types")
    specs, dtypes, places = _plan(cls, names, types)
    rows, shape = batch_of(bytes, _change(cls, message_format, sanitize))
    if not any(len(chunk) for chunk in rows):
        raise ValueError("the batch is empty: at least one message is needed")
    import numpy as np

    from tensorwire._core.tf_decode import decode

    decoded = decode(rows, specs, len(names))
    _require_room(decoded, rows, names, dtypes, places, DEFAULT if limits is None else limits)
    sizes: np.ndarray[Any, Any] = np.zeros((*shape, len(names)), np.int32)
    if names:
        sizes = np.frombuffer(decoded.sizes, np.int32).reshape(sizes.shape)
    values = []
    for place, dtype, default in zip(places, dtypes, _defaults(cls, names), strict=True):
        if place is None:  # asked for before
            values.append(np.full((*shape, 1), default, object if dtype == STRING else dtype))
        elif dtype == STRING:
            found = np.empty((*shape, decoded.longest(place)), object)
            decoded.objects(place, found)
            values.append(found)
        else:
            flat = np.frombuffer(decoded.numbers(place), dtype)
            values.append(flat.reshape((*shape, decoded.longest(place))))
    return DecodedProto(sizes, values)


def _require_room(
    decoded: Decoded,
    chunks: tuple[Rows, ...],
    names: tuple[str, ...],
    dtypes: tuple[str, ...],
    places: tuple[int | None, ...],
    limits: Limits,
) -> None:
    """Refuses fields that are as long in all records as in the longest, and that is too much."""
    import numpy as np

    nbytes, rows = sum(chunk.nbytes for chunk in chunks), sum(map(len, chunks))
    for name, dtype, place in zip(names, dtypes, places, strict=True):
        if place is not None:
            longest = decoded.longest(place)
            width = np.dtype(object if dtype == STRING else dtype).itemsize
            what = f"field {name!r}: {rows} rows of {longest} padded values"
            limits.require_columns(what, rows * longest * width, nbytes, rows)


@lru_cache(maxsize=KEPT)
def _plan(
    cls: type[Any], names: tuple[str, ...], types: tuple[str, ...]
) -> tuple[tuple[tuple[Any, ...], ...], tuple[str, ...], tuple[int | None, ...]]:
    """Fields as the kernel takes them, ascending by number; dtypes; which field each output is."""
    chosen = choose(cls, names)
    specs: dict[int, tuple[Any, ...]] = {}
    for output, (field, dtype) in enumerate(zip(chosen, types, strict=True)):
        field.require(dtype)
        if field.number in specs:
            continue
        specs[field.number] = (
            field.number,
            field.kind,
            field.is_wide(dtype),
            field.repeated,
            _default_bytes(field.default, dtype),
            output,
        )
    ordered = tuple([specs[number] for number in sorted(specs)])
    places = {spec[5]: place for place, spec in enumerate(ordered)}
    return ordered, types, tuple([places.get(output) for output in range(len(names))])


@lru_cache(maxsize=KEPT)
def _defaults(cls: type[Any], names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple([_as_bytes(field.default) for field in choose(cls, names)])


def _default_bytes(default: Any, dtype: str) -> Any:
    import numpy as np

    if dtype == STRING:
        return _as_bytes(default)
    return np.array(default).astype(dtype).tobytes()


def _as_bytes(default: Any) -> Any:
    return default.encode() if isinstance(default, str) else default


def _change(
    cls: type[Any], message_format: str, sanitize: bool
) -> Callable[[Any], bytes] | None:
    """What happens to each record first."""
    if message_format not in ("binary", "text"):
        raise ValueError(f"message_format must be 'binary' or 'text', not {message_format!r}")
    if message_format == "text":
        from tensorwire.proto.tf.text import encoder_of_text

        return encoder_of_text(cls)
    return _sanitizer(cls) if sanitize else None


def _sanitizer(cls: type[Any]) -> Callable[[Any], bytes]:
    def sanitized(record: Any) -> bytes:
        message: Any = cls.FromString(record)
        if not message.IsInitialized():
            missing = ", ".join(message.FindInitializationErrors())
            raise DecodeError(f"required fields are missing: {missing}", 0)
        data: bytes = message.SerializePartialToString()
        return data

    return sanitized
