"""The names that are derived from a field's name."""

from __future__ import annotations


def json_name_of(name: str) -> str:
    """``foo_bar`` as ``fooBar``. Source: protobuf.dev/programming-guides/json, "Field names"."""
    parts = name.split("_")
    return parts[0] + "".join([part[:1].upper() + part[1:] for part in parts[1:]])


def lower_first(name: str) -> str:
    """``FooBar`` as ``fooBar``."""
    return name[:1].lower() + name[1:]
