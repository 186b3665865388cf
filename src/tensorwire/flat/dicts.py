"""Views as dicts of plain values, which `Schema.build` turns into a buffer again."""

from __future__ import annotations

from tensorwire._core.flat_vector import FlatVector
from tensorwire._core.flat_view import FlatView, view_place, view_plans
from tensorwire.errors import LimitError
from tensorwire.flat.access import fields, has
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.declarations import Field
    from tensorwire.limits import Limits

__all__ = ["to_dict"]


def to_dict(
    view: Any, *, defaults: bool = False, arrays: bool = True, limits: Limits | None = None
) -> dict[str, Any]:
    """What a table or struct holds, field by field, all the way down.

    Tables and structs are dicts, vectors of them or of strings lists; an enum's number is the name
    it has, or stays a number. A union is two entries: ``u_type``, the name of its type, and ``u``.
    Absent fields are left out; with ``defaults`` scalars read as their defaults, optional ones,
    strings and tables as None. ``arrays``: vectors of numbers and structs stay NumPy arrays on the
    buffer; else they are lists, as ``json`` wants them.
    Raises: ``LimitError`` where shared parts would unfold to more than ``limits.flat_work`` items
    for each byte of the buffer.
    """
    fields(view)
    _, start, stop, _ = view_place(view)
    most = (stop - start + 64) * (DEFAULT if limits is None else limits).flat_work
    return _Unfolding(defaults, arrays, most).of(view)


class _Unfolding:
    """One call of `to_dict`: what is asked for, and how many items are left."""

    def __init__(self, defaults: bool, arrays: bool, most: int) -> None:
        self.defaults = defaults
        self.arrays = arrays
        self.most = self.left = most

    def of(self, view: Any) -> dict[str, Any]:
        """The fields of one view."""
        plans, place = view_plans(view)
        declared = plans.declarations.objects[place].fields
        attributes = fields(view)
        unfolded = {}
        for field in declared:
            attribute = attributes.get(field.name)
            if attribute is None:  # deprecated
                continue
            self._count(1)
            if self.defaults or has(view, field.name):
                value = attribute.__get__(view, type(view))
                unfolded[field.name] = self._value(value, field, plans)
        return unfolded

    def _count(self, items: int) -> None:
        self.left -= items
        if self.left < 0:
            reason = f"shared parts unfold to more than {self.most} items; see limits.flat_work"
            raise LimitError(reason)

    def _value(self, value: Any, field: Field, plans: Any) -> Any:
        if isinstance(value, FlatView):
            return self.of(value)
        if isinstance(value, FlatVector):
            self._count(len(value))
            return [self.of(one) if isinstance(one, FlatView) else one for one in value]
        if field.type.element and field.type.ref is not None and hasattr(value, "tolist"):
            place = plans.enum_place(field.type.ref)
            if place is not None and plans.declarations.enums[place].is_union:
                self._count(len(value))
                labels = {one.value: one.name for one in plans.declarations.enums[place].values}
                return [labels.get(number, number) for number in value.tolist()]
        if hasattr(value, "tolist"):
            return value if self.arrays else value.tolist()
        name = getattr(value, "_name_", None)
        if name is None:
            return value
        # Bits combined have a name too, since Python 3.11, but not of one that the schema declares.
        return name if name in type(value).__members__ else int(value)
