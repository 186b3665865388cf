"""How much a model may ask for, each number with its reason; every one can be overridden.

``Limits(depth=200)`` overrides by keyword; `DEFAULT` is used where no limits are given.
A limit that is reached raises ``LimitError`` (or, for depth, ``DecodeError``) naming it.
"""

from __future__ import annotations

__all__ = ["DEFAULT", "Limits"]

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

MIB = 1 << 20

# Compiled code holds levels and ranks in C `int`, byte counts in `int64_t`.
INT_MAX = 2**31 - 1
INT64_MAX = 2**63 - 1
HIGHEST = {"depth": INT_MAX, "rank": INT_MAX}


class Limits:
    """The limits of one reading; frozen, compared and hashed by value, safe to share by threads.

    ``depth``: nested Protobuf messages and groups. 100 is upstream's own limit; an ONNX
    subgraph costs 3 levels, so 33 nested subgraphs pass.

    ``rank``: dimensions of a tensor. 64 is NumPy's own ceiling (NPY_MAXDIMS since NumPy 2.0; an
    older NumPy refuses more than 32 itself).

    ``index_factor``, ``index_slack``: indexes and memos over a file stay below ``index_factor`` x
    its structural bytes + ``index_slack`` bytes. Measured on hostile files, upstream's objects take
    up to 84 x; offsets in place of objects need 4 x at most, and the slack covers tiny files.

    ``expansion``, ``expansion_slack``: one array asked for takes at most ``expansion`` x the bytes
    stored for it + ``expansion_slack`` bytes. Varints and packed bits grow 8 x at most; only sparse
    tensors made dense, and compressed data, reach further. 1000 is about what Deflate can reach at
    all (1032), and the slack lets a nearly empty sparse tensor of an honest model through.

    Raises: ``TypeError`` for a value that is not an int, ``ValueError`` for one out of range.
    """

    __slots__ = ("depth", "expansion", "expansion_slack", "index_factor", "index_slack", "rank")

    depth: int
    rank: int
    index_factor: int
    index_slack: int
    expansion: int
    expansion_slack: int

    def __init__(
        self,
        *,
        depth: int = 100,
        rank: int = 64,
        index_factor: int = 4,
        index_slack: int = MIB,
        expansion: int = 1000,
        expansion_slack: int = 64 * MIB,
    ) -> None:
        self._keep("depth", depth)
        self._keep("rank", rank)
        self._keep("index_factor", index_factor)
        self._keep("index_slack", index_slack)
        self._keep("expansion", expansion)
        self._keep("expansion_slack", expansion_slack)

    def _keep(self, name: str, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise TypeError(f"limit {name} must be an int, not {type(value).__name__}")
        highest = HIGHEST.get(name, INT64_MAX)
        if not 0 <= value <= highest:
            raise ValueError(f"limit {name} must be from 0 to {highest}, not {value}")
        object.__setattr__(self, name, value)

    def replace(self, **changes: int) -> Limits:
        """These limits with some of them changed."""
        return Limits(**{**self._values(), **changes})

    def index_bytes(self, structural: int) -> int:
        """The most memory, in bytes, that indexes over ``structural`` bytes may take."""
        return self.index_factor * structural + self.index_slack

    def expanded_bytes(self, stored: int) -> int:
        """The most memory, in bytes, of one array made from ``stored`` bytes."""
        return self.expansion * stored + self.expansion_slack

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
