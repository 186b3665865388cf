"""Enums as ``.proto`` text."""

from __future__ import annotations

from tensorwire.proto.features import PROTO2, PROTO3
from tensorwire.proto.printer.options import bracketed, option_texts
from tensorwire.proto.printer.ranges import range_texts, reserved_names, visibility

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tensorwire.proto.description import EnumDescription
    from tensorwire.proto.printer.lines import Lines


def print_enum(enum: EnumDescription, lines: Lines) -> None:
    """An enum type."""
    declaration = enum.declaration
    lines.space()
    with lines.block(f"{visibility(enum)}enum {enum.name}"):
        for text in option_texts(enum):
            lines.add(f"option {text};")
        for value in enum.values:
            lines.add(f"{value.name} = {value.number}{bracketed(option_texts(value))};")
        # Those of enums include their last number: descriptor.proto, "EnumReservedRange".
        ranges = [(one.start, one.end + 1) for one in declaration.reserved_range]
        if ranges:
            lines.add(f"reserved {', '.join(range_texts(ranges, 1 << 31))};")
        names = reserved_names(declaration, quote=enum.file.edition in (PROTO2, PROTO3))
        if names:
            lines.add(f"reserved {names};")
