"""Which fields of a type are meant, and in which dtypes TensorFlow gives and takes them."""

from __future__ import annotations

from dataclasses import dataclass

from tensorwire._core.plan import KINDS, PACKED, REPEATED
from tensorwire.proto.classes import type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["STRING", "Chosen", "choose", "dtype_name"]

STRING = "string"

#: kind of field -> the dtypes allowed, the one as wide as on the wire first; measured on 2.21
DTYPES = {
    KINDS[kind]: allowed
    for kinds, allowed in (
        (("float",), ("float32", "float64")),
        (("double",), ("float64",)),
        (("int32", "sint32", "sfixed32"), ("int32", "int64")),
        (("uint32", "fixed32"), ("uint32", "uint64")),
        (("int64", "sint64", "sfixed64"), ("int64",)),
        (("uint64", "fixed64"), ("uint64",)),
        (("enum",), ("int32",)),
        (("bool",), ("bool",)),
        (("string", "bytes", "message", "group"), (STRING,)),
    )
    for kind in kinds
}
KIND_NAMES = {number: name for name, number in KINDS.items()}
ENUM = KINDS["enum"]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One field that was asked for; ``default`` is what proto2 has it read as where it is absent,
    of a repeated one what its padding is."""

    name: str
    number: int
    kind: int
    repeated: bool
    packed: bool
    default: Any

    def require(self, dtype: str) -> None:
        """Raises ``ValueError`` for a dtype that the kind of field has not."""
        if dtype not in DTYPES[self.kind]:
            raise ValueError(
                f"field {self.name!r} is {KIND_NAMES[self.kind]}: its dtype may be"
                f" {' or '.join(DTYPES[self.kind])}, not {dtype}"
            )

    def is_wide(self, dtype: str) -> bool:
        """Whether values take 8 bytes that take 4 on the wire."""
        return dtype != DTYPES[self.kind][0]


def choose(cls: type[Any], names: tuple[str, ...]) -> list[Chosen]:
    """The fields of those names; an extension's is its full name, in brackets or not.

    Raises: ``PathError``, a ``ValueError``, that lists near names.
    """
    kind = type_of(cls)
    specs = {spec[1]: spec for spec in kind.plans.messages[kind.index][1]}
    return [_chosen(cls, specs, name) for name in names]


def _chosen(cls: type[Any], specs: dict[str, tuple[Any, ...]], name: str) -> Chosen:
    spec = specs.get(name) or _extension(cls, name)
    if spec is None:
        from tensorwire.columns.paths import unknown_name

        raise unknown_name(name, name, specs)
    number, _, kind, flags, type_name, default, _ = spec
    if kind == ENUM and default is None:
        default = _first_number(type_of(cls).plans, type_name)
    if default is None:
        default = b"" if DTYPES[kind] == (STRING,) else 0
    repeated = bool(flags & REPEATED)
    return Chosen(name, number, kind, repeated, bool(flags & PACKED), default)


def _extension(cls: type[Any], name: str) -> tuple[Any, ...] | None:
    from tensorwire.proto.compiler import field_spec
    from tensorwire.proto.pool import Pool

    bare = name[1:-1] if name.startswith("[") and name.endswith("]") else name
    owner: Any = cls.DESCRIPTOR
    pool = owner.file.pool
    if not isinstance(pool, Pool):
        from tensorwire.proto.upstream_pool import pool_of

        pool = pool_of(owner)
        owner = pool.FindMessageTypeByName(owner.full_name)
    for extension in pool.known_extensions(owner).values():
        if extension.full_name == bare:
            return field_spec(extension)
    return None


def _first_number(plans: Any, type_name: str) -> int:
    """The first number of an enum, which is its default; 0 if an extension brought it along."""
    for one in (plans, *plans.imports):
        for name, _, values in one.enumerations:
            if name == type_name:
                return int(values[0][1])
    return 0


def dtype_name(dtype: Any) -> str:
    """``"int32"``, ``"string"``, ... of a name, a NumPy dtype or type, or a TensorFlow DType."""
    import numpy as np

    if dtype in (str, bytes, object, STRING):
        return STRING
    inner = getattr(dtype, "as_numpy_dtype", dtype)  # TensorFlow's
    try:
        found = np.dtype(inner)
    except TypeError:
        raise TypeError(f"a dtype such as 'int32' or 'string' is needed, not {dtype!r}") from None
    return STRING if found.kind in "OSU" else found.name
