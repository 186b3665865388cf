"""Python classes for the types of a FlatBuffers schema."""

from __future__ import annotations

from keyword import iskeyword

from tensorwire._core.flat_fields import FlatAttribute
from tensorwire._core.flat_plan import FlatPlans
from tensorwire._core.flat_view import FlatStruct, FlatTable, seal_flat
from tensorwire.flat.declarations import DEPRECATED

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.declarations import Declarations, Enum

__all__ = ["ATTRIBUTES", "plans_of"]

# Where a class keeps its descriptors by the names that the schema has. No field name has a dot.
ATTRIBUTES = "tensorwire.attributes"
# And the plans, which its views look at: a class without fields has no descriptor that keeps them.
PLANS = "tensorwire.plans"


def plans_of(declarations: Declarations) -> FlatPlans:
    """Plans that make the classes of this module."""
    plans = FlatPlans(declarations)
    plans.class_maker = _make
    return plans


def _make(plans: FlatPlans, kind: str, place: int) -> type[Any]:
    return _view_class(plans, place) if kind == "object" else _enum_class(plans, place)


def _view_class(plans: FlatPlans, place: int) -> type[Any]:
    """The class of a table or struct, with a descriptor for each field that is not deprecated.

    A field named like a method of every object (``__init__``) has no attribute; one named like a
    keyword of Python gets an underscore behind it, as flatc does.
    """
    declared = plans.declarations.objects[place]
    namespace, _, name = declared.name.rpartition(".")
    attributes = {
        field.name: FlatAttribute(plans, place, i)
        for i, field in enumerate(declared.fields)
        if not field.flags & DEPRECATED
    }
    members: dict[str, Any] = {
        f"{known}_" if iskeyword(known) else known: attribute
        for known, attribute in attributes.items()
        if not known.startswith("__")
    }
    base = FlatStruct if declared.is_struct else FlatTable
    kind = "struct" if declared.is_struct else "table"
    cls = type(
        name,
        (base,),
        {
            **members,
            "__slots__": (),
            "__module__": namespace or "tensorwire.flat",
            "__doc__": f"A {kind} of type {declared.name}.",
            ATTRIBUTES: attributes,
            PLANS: plans,
        },
    )
    seal_flat(cls)
    return cls


def _enum_class(plans: FlatPlans, place: int) -> Any:
    """The IntEnum of an enum or union, or the IntFlag of bits that may be combined."""
    import enum
    declared: Enum = plans.declarations.enums[place]
    namespace, _, name = declared.name.rpartition(".")
    members = [(_member_name(value.name), value.value) for value in declared.values]
    module = namespace or "tensorwire.flat"
    if not declared.bit_flags:
        return enum.IntEnum(name, members, module=module)
    # Before 3.11, flags keep unknown bits anyway.
    keep = {"boundary": enum.KEEP} if hasattr(enum, "KEEP") else {}
    return enum.IntFlag(name, members, module=module, **keep)


def _member_name(name: str) -> str:
    """``mro`` and names with underscores around are not for members of Python's enums."""
    taken = iskeyword(name) or name == "mro" or name.startswith("_")
    return f"{name}_" if taken else name
