"""What upstream's classes of well-known types have beside their fields, where upstream is there."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

NAMES = frozenset(
    f"google.protobuf.{name}"
    for name in ("Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp")
)


def bases_of(full_name: str) -> tuple[type[Any], ...]:
    """Upstream's mixin with methods such as ``ToJsonString``: none for other types."""
    if full_name not in NAMES:
        return ()
    try:
        from google.protobuf.internal.well_known_types import WKTBASES
    except ImportError:
        return ()
    return (WKTBASES[full_name],)


def members_of(full_name: str) -> dict[str, Any]:
    """``in`` of the types that are containers of their own asks for what they hold."""
    return _CONTAINERS.get(full_name, {})


def _has_key(struct: Any, key: str) -> bool:
    return key in struct.fields


def _has_item(values: Any, item: Any) -> bool:
    return item in values.items()


_CONTAINERS: dict[str, dict[str, Any]] = {
    "google.protobuf.Struct": {"__contains__": _has_key},
    "google.protobuf.ListValue": {"__contains__": _has_item},
}
