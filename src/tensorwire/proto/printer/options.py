"""Options as a ``.proto`` file writes them: ``name = value``.

Source: protobuf.dev/reference/protobuf/proto2-spec, "Option", and "Custom Options" of the guide.
"""

from __future__ import annotations

from tensorwire.proto.text import message_text, scalar_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tensorwire.proto.description.base import Description

# What the compiler makes of other syntax, and what it leaves where it did not understand an option.
_IMPLIED = {"map_entry", "uninterpreted_option"}
_ESCAPES = {code: f"\\{code:03o}" for code in (*range(32), 127)}
_ESCAPES |= {ord(one): f"\\{letter}" for one, letter in zip('\\"\n\r\t', '\\"nrt', strict=True)}
# Custom options may be messages too; these alone are written field by field.
_BY_FIELD = {"features", "feature_support"}


def option_texts(description: Description) -> list[str]:
    """``name = value`` of every option that was written."""
    if not description.has_options:
        return []
    return list(_texts("", description.all_options()))


def bracketed(texts: list[str]) -> str:
    """Options of a field, an enum value or a range, with a space before them; "" for none."""
    return f" [{', '.join(texts)}]" if texts else ""


def quoted(text: str) -> str:
    """A string literal."""
    return f'"{text.translate(_ESCAPES)}"'


def message_options(options: Any) -> list[str]:
    """The same of options that are no description's: of a range of extensions."""
    return list(_texts("", options))


def _texts(prefix: str, options: Any) -> Iterator[str]:
    for field, value in options.ListFields():
        if field.name in _IMPLIED:
            continue
        name = prefix + (f"({field.full_name})" if field.is_extension else field.name)
        if field.message_type is not None and (prefix or field.name in _BY_FIELD):
            yield from list(_texts(f"{name}.", value)) or [f"{name} = {{ }}"]
            continue
        for one in value if field.is_repeated else (value,):
            yield f"{name} = {_literal(field, one)}"


def _literal(field: Any, value: Any) -> str:
    if field.message_type is None:
        return scalar_text(field, value)
    inside = " ".join([line.strip() for line in message_text(value).splitlines()])
    return f"{{ {inside} }}" if inside else "{ }"
