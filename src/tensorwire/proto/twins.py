"""Upstream pools that hold what pools of ours describe."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from tensorwire.proto import seams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Our pool: an upstream pool with the same files.
_twins: WeakKeyDictionary[Any, Any] = WeakKeyDictionary()


def upstream_descriptor(description: Any) -> Any:
    """Upstream's descriptor of the type that a description of ours is about."""
    from google.protobuf.descriptor_pool import Default

    try:
        return Default().FindMessageTypeByName(description.full_name)
    except KeyError:
        return _twin(description.file.pool).FindMessageTypeByName(description.full_name)


def _twin(pool: Any) -> Any:
    from google.protobuf.descriptor_pool import DescriptorPool

    with seams.lock:
        if pool not in _twins:
            _twins[pool] = DescriptorPool()
        for file in pool.files():  # imports first; what is there already stays as it is
            _twins[pool].AddSerializedFile(file.serialized_pb)
        return _twins[pool]
