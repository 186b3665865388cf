"""parse_example: features of tf.train.Example as arrays."""

from __future__ import annotations

from tensorwire._core.rows import Rows
from tensorwire.columns.arguments import positive
from tensorwire.limits import DEFAULT
from tensorwire.proto.effort import threads_for
from tensorwire.proto.tf.batches import batch_of, framed
from tensorwire.proto.tf.features import Ragged, Sparse
from tensorwire.proto.tf.fields import STRING, dtype_name
from tensorwire.proto.tf.parts import Range, ranges_of, workers
from tensorwire.proto.tf.requests import Requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np

    from tensorwire._core.block import Block
    from tensorwire._core.tf_example import Parsed
    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["Reading", "parse_example", "parse_single_example"]

STRINGS = ("bytes", "spans")
SPAN = [("start", "<i8"), ("length", "<i8")]


def parse_example(
    records: Any,
    features: Mapping[Any, Any],
    *,
    strings: str = "bytes",
    framing: str | None = None,
    crc: bool = False,
    threads: int | None = None,
    limits: Limits | None = None,
) -> dict[Any, Any]:
    """Features of serialized ``tf.train.Example`` records: what ``tf.io.parse_example`` answers.

    ``records``: a list or object array of ``bytes``, an Arrow array of binary values, or
    ``(buffer, offsets)``; of one record in no list, what is found has no dimension of a batch, as
    of `parse_single_example`. ``features``: by name, `FixedLenFeature`, `FixedLenSequenceFeature`,
    `VarLenFeature`, `RaggedFeature` or `SparseFeature`, ours or TensorFlow's own. Gives for each
    name an array, a `Sparse` or a `Ragged`. With ``framing="tfrecord"`` (or another of
    `tensorwire.proto.scan`), ``records`` is the content of such a file, whose checksums are looked
    at if ``crc``.

    Strings are ``bytes`` in arrays of objects; with ``strings="spans"`` they are pairs of
    ``start`` and ``length`` instead, without copying: places in the buffer of the records or, of a
    list, in the records laid one behind the other.

    Of a key that comes again the last entry counts, and of kinds of values the last; a feature
    without values of any kind is missing. Values that were not asked for are not looked at.
    Raises: ``DecodeError`` naming row and feature where a feature is missing, has values of another
    kind, or another number of them, and for what is no Example; ``LimitError`` for padding far
    above what it pads, see ``limits.column_growth``; ``ValueError`` and ``TypeError`` for what
    cannot be asked for. Threads: the GIL is released; ``threads`` says how many read, None one for
    each processor, as far as each has 512 KiB of records. The result is the same for any number.
    """
    requests = Requests(features)
    if framing is not None:
        records = [framed(records, framing, crc=crc)]
    reading = Reading(records, requests, None, strings, threads, limits)
    found = {name: reading.feature(name) for name in requests.features}
    return all_without_batch(found) if reading.is_single else found


def parse_single_example(
    record: bytes, features: Mapping[Any, Any], *, strings: str = "bytes"
) -> dict[Any, Any]:
    """The same of one record, without the batch's dimension."""
    return all_without_batch(parse_example([record], features, strings=strings))


def all_without_batch(found: dict[Any, Any]) -> dict[Any, Any]:
    """What was found in the one record of a batch of one."""
    return {name: _without_batch(one) for name, one in found.items()}


def _without_batch(found: Any) -> Any:
    if isinstance(found, Sparse):
        return Sparse(found.indices[:, 1:], found.values, found.dense_shape[1:])
    if isinstance(found, Ragged):
        return Ragged(found.values, found.splits[1:]) if found.splits[1:] else found.values
    return found[0]


class Reading:
    """Records that were read, and the arrays that come of them."""

    def __init__(
        self,
        records: Any,
        requests: Requests,
        lists: Requests | None,
        strings: str,
        threads: int | None,
        limits: Limits | None,
    ) -> None:
        if strings not in STRINGS:
            raise ValueError(f"strings must be one of {', '.join(STRINGS)}, not {strings!r}")
        from tensorwire._core.tf_example import parse

        chunks, shape = batch_of(records)
        if len(shape) > 1:
            raise ValueError(f"records must be of one dimension, not of shape {shape}")
        self.limits = DEFAULT if limits is None else limits
        #: whether there is no batch, but one record
        self.is_single = shape == ()
        self._spans = strings == "spans"
        self._all = (requests, lists)
        specs = lists.specs if lists is not None else ()
        if self._spans and any(one[1] == "bytes" and one[4] for one in requests.specs):
            raise ValueError("a default of strings lies in no record: use strings='bytes'")
        wanted = (requests.specs, specs, self._spans)

        def run(one: Range) -> Parsed:
            return parse(one.rows, one.first, one.stop, *wanted, one.origin, one.before)

        rows = list(chunks)
        count = threads_for(rows) if threads is None else positive("threads", threads)
        ranges = ranges_of(rows, count) or [Range(Rows.of_list([]), 0, 0, 0, 0)]
        with workers(min(count, len(ranges))) as mapped:
            self._parts = mapped(run, ranges)
        self.rows = sum(part.rows for part in self._parts)
        self._arrays: dict[tuple[int, int], tuple[Array, Array]] = {}
        self._steps: dict[int, Array] = {}

    def feature(self, name: Any) -> Any:
        """What a feature of the record, not of a sequence, comes to."""
        requests = self._all[0]
        feature = requests.features[name]
        made = getattr(self, f"_{type(feature).__name__}")
        return made(name, feature)

    # -- one for each class of features ----------------------------------------------------

    def _FixedLenFeature(self, name: Any, feature: Any) -> Array:  # noqa: N802
        values, _ = self.flat(0, name, feature.dtype)
        return values.reshape((self.rows, *feature.shape))

    def _VarLenFeature(self, name: Any, feature: Any) -> Sparse:  # noqa: N802
        import numpy as np

        values, lengths = self.flat(0, name, feature.dtype)
        indices, longest = places_in_rows(lengths)
        return Sparse(indices, values, np.array([self.rows, longest], np.int64))

    def _RaggedFeature(self, name: Any, feature: Any) -> Ragged:  # noqa: N802
        values, splits, counts = self.rows_of(0, name, feature)
        return Ragged(values, (offsets_of(counts), *splits))

    def _FixedLenSequenceFeature(self, name: Any, feature: Any) -> Array:  # noqa: N802
        from tensorwire.proto.tf.padding import padded_items

        values, lengths = self.flat(0, name, feature.dtype)
        return padded_items(name, feature, values, lengths, self.limits)

    def _SparseFeature(self, name: Any, feature: Any) -> Sparse:  # noqa: N802
        from tensorwire.proto.tf.padding import placed

        keys = [feature.index_key] if isinstance(feature.index_key, str) else feature.index_key
        indices = [self.flat(0, key, "int64") for key in keys]
        return placed(name, feature, indices, self.flat(0, feature.value_key, feature.dtype))

    # -- values ----------------------------------------------------------------------------

    def flat(self, which: int, key: Any, dtype: Any) -> tuple[Array, Array]:
        """All values of a key, and how many each record, or step, has; of a fixed number none."""
        import numpy as np

        requests = self._all[which]
        assert requests is not None  # noqa: S101  by `which`
        place = requests.place(key)
        if (which, place) not in self._arrays:
            name = dtype_name(dtype)
            if name == STRING and not self._spans:
                values = _joined([_objects(part, which, place) for part in self._parts])
            else:
                kind = SPAN if name == STRING else name
                blocks = [part.values(which, place) for part in self._parts]
                values = _joined([np.frombuffer(block, kind) for block in blocks])
            lengths = [part.lengths(which, place) for part in self._parts]
            self._arrays[which, place] = values, _joined(list(map(_int64, lengths)))
        return self._arrays[which, place]

    def rows_of(
        self, which: int, name: Any, feature: Any
    ) -> tuple[Array, list[Array], Array]:
        """The values of a `RaggedFeature`, what separates those of a record or step into rows, and
        how many values or rows each has."""
        from tensorwire.proto.tf.partitions import partitioned

        key = name if feature.value_key is None else feature.value_key
        values, counts = self.flat(which, key, feature.dtype)

        def numbers_of(key: Any) -> tuple[Array, Array]:
            return self.flat(which, key, "int64")

        return partitioned(name, feature, values, counts, numbers_of)

    def steps(self, key: Any) -> Array:
        """How many steps of a sequence each record has."""
        lists = self._all[1]
        assert lists is not None  # noqa: S101
        place = lists.place(key)
        if place not in self._steps:
            steps = [_int64(part.steps(place)) for part in self._parts]
            self._steps[place] = _joined(steps)
        return self._steps[place]


def _objects(part: Parsed, which: int, place: int) -> Array:
    import numpy as np

    found: Array = np.empty(part.count(which, place), object)
    part.objects(which, place, found)
    return found


def _int64(block: Block) -> Array:
    import numpy as np

    return np.frombuffer(block, np.int64)


def _joined(parts: list[Array]) -> Array:
    """All behind one another. Copies: nothing of a single one."""
    import numpy as np

    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def offsets_of(lengths: Array) -> Array:
    """Where each row begins, and the end of the last."""
    import numpy as np

    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def places_in_rows(lengths: Array) -> tuple[Array, int]:
    """``(row, place in the row)`` of each value of ragged rows, and the length of the longest."""
    import numpy as np

    total = int(lengths.sum())
    indices = np.empty((total, 2), np.int64)
    indices[:, 0] = np.repeat(np.arange(len(lengths)), lengths)
    indices[:, 1] = np.arange(total) - np.repeat(offsets_of(lengths)[:-1], lengths)
    return indices, int(lengths.max(initial=0))
