"""Upstream pools that hold what pools of ours describe."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from tensorwire.proto import seams

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# Our pool: an upstream pool, and the names of the files that it has of ours.
_twins: WeakKeyDictionary[Any, tuple[Any, set[str]]] = WeakKeyDictionary()


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
        twin, names = _twins.setdefault(pool, (DescriptorPool(), set()))
        for file in pool.files():  # imports first
            if file.name not in names:
                twin.AddSerializedFile(file.serialized_pb)
                names.add(file.name)
        return twin
