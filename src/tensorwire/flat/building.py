"""Buffers from Python values: what `Schema.build` does.

A table or struct is a dict by the schema's names, a view, or any object with attributes of these
names (or of those that flatc's object API has: ``hasRank`` for ``has_rank``). Values:

=====================  ===========================================================================
field                  value
=====================  ===========================================================================
number                 an int or float, of Python or NumPy; nothing is rounded to a whole number
enum                   its number, its name, or several names of bits: ``"Red|Blue"``
string                 ``str``, or ``bytes`` as they are
struct                 as above, or its fields' values in order; all fields must be there
fixed array            a sequence of that length
vector of numbers      an array, which is copied once, a list, or ``bytes`` for one of bytes; or
                       enum names
vector of structs      a structured array as views give it, or a sequence of structs
other vectors          any sequence
union ``u``            a view of one of its types; or any value of one beside ``u_type``, the name
                       or number of its type; or a dict that has the name as ``"type"`` among its
                       fields, for types without a field of that name
vector of unions       a sequence of these, beside a sequence of types, or not
nested buffer          its root, as a dict or view, or its bytes
=====================  ===========================================================================

None is a field that is absent. What `flat.to_dict` gives builds an equal buffer.
"""

from __future__ import annotations

from tensorwire._core.flat_encode import encode_flat
from tensorwire._core.flat_names import FlatNames
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.flat.schema import Schema
    from tensorwire.limits import Limits

__all__ = ["build"]


def build(
    schema: Schema,
    value: Any,
    type: str | None = None,
    *,
    size_prefixed: bool | int = False,
    identifier: str | bytes | bool | None = None,
    force_defaults: bool = False,
    sort_keys: bool = False,
    share_strings: bool = False,
    limits: Limits | None = None,
) -> bytes:
    """A buffer whose root is a table of that type (the root type) with that value.

    ``size_prefixed``: behind its size of 4 bytes, or of 8 if this is 8. ``identifier``: None: the
    schema's, if it has one and ``type`` is its root type; False or empty: none. ``force_defaults``:
    numbers that equal their default are written, given or not. ``sort_keys``: vectors of what has a
    ``key`` are sorted by it. ``share_strings``: equal ones are written once. Elements lie as the
    schema's ``force_align`` asks.
    Copies: arrays, once. Raises: ``EncodeError`` for a value that the schema does not allow, with
    the path of the field; ``LimitError`` where 2 GiB would be exceeded by what is not reached by
    offsets of 64 bits, or ``limits.flat_depth`` by nested tables (200 at most).
    """
    place = schema._place(type)
    if identifier is None or identifier is True:
        identifier = schema.identifier if type in (None, schema.root_type) else ""
    mark = identifier.encode("latin-1") if isinstance(identifier, str) else bytes(identifier or b"")
    if len(mark) not in (0, 4):
        raise ValueError(f"an identifier has four bytes, not {len(mark)}")
    prefix = 4 if size_prefixed is True else int(size_prefixed)
    if prefix not in (0, 4, 8):
        raise ValueError(f"a size prefix has 4 or 8 bytes, not {prefix}")
    built: bytes = encode_flat(
        _names(schema), place, value, mark, prefix, DEFAULT if limits is None else limits,
        force_defaults, sort_keys, share_strings,
    )  # fmt: skip
    return built


def _names(schema: Schema) -> FlatNames:
    """Names of the schema's types, kept with it."""
    known = schema.__dict__
    if "names" not in known:
        known["names"] = FlatNames(schema.plans)
    names: FlatNames = known["names"]
    return names
