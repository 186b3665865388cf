"""parse_sequence_example: context and feature lists of tf.train.SequenceExample."""

from __future__ import annotations

from tensorwire.errors import DecodeError
from tensorwire.proto.tf.examples import (
    Reading,
    all_without_batch,
    offsets_of,
    places_in_rows,
)
from tensorwire.proto.tf.features import FixedLenSequenceFeature, Ragged, RaggedFeature, Sparse
from tensorwire.proto.tf.padding import padded
from tensorwire.proto.tf.requests import Requests

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    import numpy as np

    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["parse_sequence_example", "parse_single_sequence_example"]


def parse_sequence_example(
    records: Any,
    context_features: Mapping[Any, Any] | None = None,
    sequence_features: Mapping[Any, Any] | None = None,
    *,
    strings: str = "bytes",
    threads: int | None = None,
    limits: Limits | None = None,
) -> tuple[dict[Any, Any], dict[Any, Any], dict[Any, Array]]:
    """Features of serialized ``tf.train.SequenceExample`` records: ``(context, sequences,
    lengths)``, as ``tf.io.parse_sequence_example`` answers.

    ``context_features``: as of `parse_example`. ``sequence_features``: `FixedLenSequenceFeature`
    gives an array ``[batch, longest, *shape]`` and, in ``lengths``, how many steps each record has;
    `VarLenFeature` a `Sparse` of three dimensions; `RaggedFeature` a `Ragged` of records of steps.
    Everything else as of `parse_example`. A step must have as many values as its shape.
    """
    context = Requests(context_features or {})
    lists = Requests(sequence_features or {}, steps=True)
    reading = Reading(records, context, lists, strings, threads, limits)
    sequences: dict[Any, Any] = {}
    lengths: dict[Any, Array] = {}
    for name, feature in lists.features.items():
        if isinstance(feature, FixedLenSequenceFeature):
            values, _ = reading.flat(1, name, feature.dtype)
            lengths[name] = reading.steps(name)
            sequences[name] = padded(name, feature, values, lengths[name], reading.limits)
        elif isinstance(feature, RaggedFeature):
            sequences[name] = _ragged(reading, name, feature)
        else:
            sequences[name] = _sparse(reading, name, feature)
    found = {name: reading.feature(name) for name in context.features}
    if reading.is_single:
        found, sequences, lengths = map(all_without_batch, (found, sequences, lengths))
    return found, sequences, lengths


def parse_single_sequence_example(
    record: bytes,
    context_features: Mapping[Any, Any] | None = None,
    sequence_features: Mapping[Any, Any] | None = None,
    *,
    strings: str = "bytes",
) -> tuple[dict[Any, Any], dict[Any, Any]]:
    """The same of one record, without the batch's dimension and without lengths."""
    context, sequences, _ = parse_sequence_example(
        [record], context_features, sequence_features, strings=strings
    )
    return all_without_batch(context), all_without_batch(sequences)


def _ragged(reading: Reading, name: Any, feature: Any) -> Ragged:
    """Each step is partitioned by the same step of the other features."""
    import numpy as np

    key = name if feature.value_key is None else feature.value_key
    steps = reading.steps(key)
    for partition in feature.partitions:
        other = getattr(partition, "key", key)
        if not np.array_equal(reading.steps(other), steps):
            raise DecodeError(f"features {name!r} and {other!r} differ in their steps", 0)
    records = offsets_of(steps)
    try:
        values, splits, counts = reading.rows_of(1, name, feature)
    except DecodeError as error:
        if error.row is not None:  # which is a step as yet
            error.row = int(records.searchsorted(error.row, side="right")) - 1
        raise
    return Ragged(values, (records, offsets_of(counts), *splits))


def _sparse(reading: Reading, name: Any, feature: Any) -> Sparse:
    import numpy as np

    values, counts = reading.flat(1, name, feature.dtype)
    steps = reading.steps(name)
    outer, most_steps = places_in_rows(steps)  # of each step: its record, its place there
    inner, most_values = places_in_rows(counts)  # of each value: its step, its place there
    indices = np.concatenate([outer[inner[:, 0]], inner[:, 1:]], axis=1)
    shape = np.array([reading.rows, most_steps, most_values], np.int64)
    return Sparse(indices, values, shape)
