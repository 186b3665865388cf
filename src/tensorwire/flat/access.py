"""What views can be asked beside their fields. Functions: fields own the names of a view."""

from __future__ import annotations

from tensorwire._core.flat_fields import field_present, nested_bytes, nested_root
from tensorwire._core.flat_verify import verify_flat
from tensorwire._core.flat_view import (
    FlatStruct,
    FlatTable,
    FlatView,
    root_view,
    view_place,
    view_plans,
)
from tensorwire.flat.classes import ATTRIBUTES
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire._core.flat_fields import FlatAttribute
    from tensorwire.limits import Limits

__all__ = ["fields", "flexbuffer", "has", "nested", "offset"]


def fields(view: Any) -> dict[str, FlatAttribute]:
    """The descriptors of a view's class by the names in the schema, in order of their ids."""
    if not isinstance(view, FlatView):
        raise TypeError(f"a view of a schema's type is needed, not {type(view).__name__}")
    found: dict[str, FlatAttribute] = vars(type(view))[ATTRIBUTES]
    return found


def has(view: Any, name: str) -> bool:
    """Whether the field is in the buffer, not just read as its default; of a struct always.

    Raises: ``AttributeError`` for a field that the type does not have.
    """
    return field_present(_attribute(view, name), view)


def offset(view: Any) -> int:
    """Position of a table or struct, counted from the first byte of its source."""
    fields(view)
    return view_place(view)[3]


def nested(view: Any, name: str, *, limits: Limits | None = None) -> Any:
    """The root table of the buffer that lies in a vector of bytes declared ``nested_flatbuffer``.

    None where the vector is absent. Copies: nothing. Raises: ``TypeError`` for a field that is not
    so declared, ``DecodeError`` if the bytes changed since they were verified.
    """
    attribute = _attribute(view, name)
    place = nested_root(attribute) if isinstance(view, FlatTable) else None
    if place is None:
        raise TypeError(f"field {name} is not declared nested_flatbuffer")
    span = nested_bytes(attribute, view)
    if span is None:
        return None
    source, plans = view_place(view)[0], view_plans(view)[0]
    known = DEFAULT if limits is None else limits
    at = verify_flat(plans, place, source, *span, limits=known)[0]
    return root_view(plans, place, source, *span, at)


def flexbuffer(view: Any, name: str, *, limits: Limits | None = None) -> Any:
    """The Python values of a FlexBuffer in a vector of bytes; None where the vector is absent.

    Raises: as `tensorwire.flat.from_flexbuffer`.
    """
    from tensorwire.flat.flexbuffers import from_flexbuffer

    attribute = _attribute(view, name)
    span = nested_bytes(attribute, view) if isinstance(view, FlatTable) else None
    if span is None:
        return None
    start, stop = span
    return from_flexbuffer(view_place(view)[0].span(start, stop - start), limits=limits)


def _attribute(view: Any, name: str) -> FlatAttribute:
    known = fields(view)
    if name not in known:
        from tensorwire.near import near_names

        near = near_names(name, known)
        hint = f"; near: {', '.join(map(repr, near))}" if near else ""
        kind = "struct" if isinstance(view, FlatStruct) else "table"
        raise AttributeError(f"{kind} {type(view).__name__} has no field {name!r}{hint}")
    return known[name]
