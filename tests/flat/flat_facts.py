"""All that `Declarations` say, as plain values to compare, whatever the order of their types."""

from __future__ import annotations

from typing import Any

from tensorwire.flat import declarations as d


def facts(found: d.Declarations) -> dict[str, Any]:
    """Types by name."""
    return {
        "root": found.root,
        "identifier": found.identifier,
        "extension": found.extension,
        **{one.name: object_facts(one) for one in found.objects},
        **{one.name: enum_facts(one) for one in found.enums},
    }


def object_facts(one: d.Object) -> tuple[Any, ...]:
    fields = [
        (f.name, f.type, f.id, f.offset, number(f.default), f.flags, f.force_align, f.nested,
         dict(f.attributes))
        for f in one.fields
    ]  # fmt: skip
    return one.is_struct, one.size, one.align, dict(one.attributes), fields


def enum_facts(one: d.Enum) -> tuple[Any, ...]:
    values = [(v.name, v.value, v.type) for v in one.values]
    return one.base, one.is_union, one.bit_flags, dict(one.attributes), values


def number(default: d.Number | None) -> d.Number | str | None:
    """The same, but NaN equals itself."""
    return default if default == default else "nan"
