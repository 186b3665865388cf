"""How much a model may ask for, each number with its reason; every one can be overridden.

``Limits(depth=200)`` overrides by keyword; `DEFAULT` is used where no limits are given.
A limit that is reached raises ``LimitError`` (or, for depth, ``DecodeError``) naming it.
"""

from __future__ import annotations

from tensorwire.errors import LimitError

__all__ = ["DEFAULT", "Limits"]

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

# Compiled code holds levels in C `int`.
HIGHEST = 2**31 - 1

# Of columns: what nobody minds, and what a record takes beside its own bytes in any list of them.
COLUMN_BYTES = 64 << 20
RECORD_BYTES = 16


class Limits:
    """The limits of one reading; frozen, compared and hashed by value, safe to share by threads.

    ``depth``: nested Protobuf messages and groups. 100 is upstream's own limit; an ONNX
    subgraph costs 3 levels, so 33 nested subgraphs pass. ONNX files are read to 600 at most.

    ``flat_depth``: nested tables of a FlatBuffer; 64 is upstream's own limit. ``flat_tables``:
    tables of one; 0 allows as many as it has bytes, as any fixed number breaks honest files.
    ``flat_work``: how many times the size of a buffer its verifier may take, which goes again
    through small parts that are shared or overlap; an honest one takes 1.

    ``column_growth``: how many times the size of its records the arrays of columns, and padded
    ones, may take beyond 64 MiB, where each record counts 16 bytes more. An item of a
    repeated message is two bytes at least, and has a place in each column below it. Of honest
    ones, all 1648 columns of an ONNX graph take 26 times its size, most others 1 to 5 times.

    ``rank``: dimensions of a tensor. 64 is NumPy's own ceiling (NPY_MAXDIMS since NumPy 2.0; an
    older NumPy refuses more than 32 itself).

    Raises: ``TypeError`` for a value that is not an int, ``ValueError`` for one out of range.
    """

    __slots__ = ("column_growth", "depth", "flat_depth", "flat_tables", "flat_work", "rank")

    column_growth: int
    depth: int
    flat_depth: int
    flat_tables: int
    flat_work: int
    rank: int

    def __init__(
        self,
        *,
        depth: int = 100,
        flat_depth: int = 64,
        flat_tables: int = 0,
        flat_work: int = 16,
        column_growth: int = 128,
        rank: int = 64,
    ) -> None:
        self._keep("depth", depth)
        self._keep("flat_depth", flat_depth)
        self._keep("flat_tables", flat_tables)
        self._keep("flat_work", flat_work)
        self._keep("column_growth", column_growth)
        self._keep("rank", rank)

    def _keep(self, name: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"limit {name} must be an int, not {type(value).__name__}")
        if not 0 <= value <= HIGHEST:
            raise ValueError(f"limit {name} must be from 0 to {HIGHEST}, not {value}")
        object.__setattr__(self, name, value)

    def column_bytes(self, nbytes: int, records: int) -> int:
        """How many bytes the arrays of columns may take of so many records of ``nbytes`` in all."""
        return COLUMN_BYTES + self.column_growth * (nbytes + RECORD_BYTES * records)

    def require_columns(self, what: str, size: int, nbytes: int, records: int) -> int:
        """How many bytes arrays may take, where they are to take ``size`` at least.

        Raises: ``LimitError`` that begins with ``what`` where that is more.
        """
        most = self.column_bytes(nbytes, records)
        if size > most:
            raise LimitError(
                f"{what} take {size} bytes, more than {most}; raise limits.column_growth if that "
                "is right"
            )
        return most

    def replace(self, **changes: int) -> Limits:
        """These limits with some of them changed."""
        return Limits(**{**self._values(), **changes})

    def _values(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __repr__(self) -> str:
        return f"Limits({', '.join(f'{name}={value}' for name, value in self._values().items())})"

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Limits) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self._values().values()))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"limits are frozen; use limits.replace({name}=...)")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("limits are frozen")

    def __reduce__(self) -> tuple[Callable[..., Limits], tuple[dict[str, int]]]:
        return _restore, (self._values(),)


def _restore(values: dict[str, int]) -> Limits:
    """Called by unpickling: limits from their values by name."""
    return Limits(**values)


DEFAULT = Limits()
