"""Elements of which only those in some blocks are stored, dimension by dimension.

A tensor of rank n is looked at as one of n + k dimensions: k of the n are cut into blocks, and what
is inside of a block is a dimension behind them. A *level* is one of them; `Sparsity.order` says
which, from the outermost level to the innermost. A dense level has all its positions; a sparse one
has for each position of the levels around it a run of ``indices``, and ``segments`` says where each
run begins. What is stored is the positions of the innermost level, in that order.
Source: LiteRT ``tflite/converter/schema/schema.fbs``, SparsityParameters; Kjolstad et al., "The
Tensor Algebra Compiler", 2017, section 3.
"""

from __future__ import annotations

from tensorwire.errors import LimitError, ModelError
from tensorwire.layouts.plain import PLAIN, Layout
from tensorwire.layouts.subbyte import PACKED, pack

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import numpy as np

    from tensorwire.dtypes import DType
    from tensorwire.places import Span

__all__ = ["Level", "Sparse", "Sparsity", "check_expansion"]

# Bytes of dense elements for each stored byte. Pruned weights keep a tenth to a hundredth; a shape
# is a few bytes, whatever it asks for.
EXPANSION = 1000
EXPANSION_LEAST = 1 << 20


class Level:
    """Dense of ``size`` positions, or sparse: ``compressed`` gives segments and indices."""

    __slots__ = ("compressed", "size")

    def __init__(
        self, size: int, compressed: Callable[[], tuple[np.ndarray, np.ndarray]] | None = None
    ) -> None:
        self.size = size
        self.compressed = compressed

    def __repr__(self) -> str:
        return "Level(compressed)" if self.compressed else f"Level({self.size})"


class Sparsity:
    """Which elements of ``shape`` are stored. ``blocks``: of each level behind the first n, the
    dimension that its blocks are cut from; ``path``: where the file says so."""

    __slots__ = ("blocks", "levels", "order", "path", "shape")

    def __init__(
        self,
        shape: tuple[int, ...],
        order: tuple[int, ...],
        blocks: tuple[int, ...],
        levels: tuple[Level, ...],
        path: str = "",
    ) -> None:
        self.shape = shape
        self.order = order
        self.blocks = blocks
        self.levels = levels
        self.path = path

    def __repr__(self) -> str:
        return f"<Sparsity of {list(self.shape)} in order {list(self.order)}>"

    def stored(self) -> int:
        """The number of elements that are stored.

        Raises: ``ModelError`` for levels that contradict the shape or each other.
        """
        count = 1
        for i, (size, _) in enumerate(self._measured()):
            compressed = self.levels[i].compressed
            if compressed is None:
                count *= size
            else:
                count = self._checked(i, count, size, *compressed())
        return count

    def positions(self) -> np.ndarray:
        """Of each stored element its position in C order. REQUIRES: `stored` found no fault."""
        import numpy as np

        found = np.zeros(1, dtype=np.int64)
        for level, (_, stride) in zip(self.levels, self._measured(), strict=True):
            if level.compressed is None:
                steps = np.arange(level.size, dtype=np.int64) * stride
                found = (found[:, np.newaxis] + steps).reshape(-1)
            else:
                segments, indices = level.compressed()
                runs: Any = np.diff(segments.astype(np.int64))
                found = np.repeat(found, runs)
                found += indices.astype(np.int64) * stride
        return found

    def _measured(self) -> list[tuple[int, int]]:
        """Of each level its size and the distance of its positions, in elements."""
        rank = len(self.shape)
        if sorted(self.order) != list(range(rank + len(self.blocks))):
            raise self._error(f"order {list(self.order)[:70]} of a tensor of rank {rank}")
        if len(self.levels) != len(self.order):
            raise self._error(f"{len(self.levels)} levels for an order of {len(self.order)}")
        strides = [1] * rank
        for i in range(rank - 1, 0, -1):
            strides[i - 1] = strides[i] * self.shape[i]
        inside = self._inside()
        return [self._measure(i, strides, inside) for i in range(len(self.order))]

    def _inside(self) -> dict[int, int]:
        """Dimension -> size of its blocks."""
        found: dict[int, int] = {}
        for i, blocked in enumerate(self.blocks):
            level = self.levels[self.order.index(len(self.shape) + i)]
            if not 0 <= blocked < len(self.shape) or blocked in found:
                raise self._error(f"blocks of dimension {blocked}")
            size = level.size
            if level.compressed is not None or size < 1 or self.shape[blocked] % size:
                raise self._error(f"blocks of {size} in a dimension of {self.shape[blocked]}")
            found[blocked] = size
        return found

    def _measure(self, i: int, strides: list[int], inside: dict[int, int]) -> tuple[int, int]:
        dimension = self.order[i]
        if dimension >= len(self.shape):
            blocked = self.blocks[dimension - len(self.shape)]
            return inside[blocked], strides[blocked]
        block = inside.get(dimension, 1)
        size, level = self.shape[dimension] // block, self.levels[i]
        if level.compressed is None and level.size != size:
            raise self._error(f"level {i} has {level.size} positions, dimension {dimension} {size}")
        return size, strides[dimension] * block

    def _checked(
        self, i: int, count: int, size: int, segments: np.ndarray, indices: np.ndarray
    ) -> int:
        """The positions of a sparse level inside of ``count`` others."""
        if len(segments) != count + 1:
            raise self._error(f"level {i} has {len(segments)} segments, {count + 1} are needed")
        ends = (int(segments[0]), int(segments[-1]))
        if ends != (0, len(indices)) or bool((segments[1:] < segments[:-1]).any()):
            reason = f"segments of level {i} go from {ends[0]} to {ends[1]} of {len(indices)}"
            raise self._error(reason)
        if len(indices) and not 0 <= int(indices.min()) <= int(indices.max()) < size:
            raise self._error(f"an index of level {i} is not among its {size} positions")
        return len(indices)

    def _error(self, reason: str) -> ModelError:
        return ModelError(reason, path=self.path)


class Sparse(Layout):
    """The elements that a `Sparsity` names; the others are zero. Not stateless."""

    __slots__ = ("sparsity",)

    def __init__(self, sparsity: Sparsity) -> None:
        self.sparsity = sparsity

    def obstacle(self, dtype: DType) -> str | None:
        return "the elements are sparse"

    def fault(self, span: Span, dtype: DType, count: int) -> str | None:
        stored = self.sparsity.stored()
        check_expansion(count * dtype.itemsize, span.nbytes, self.sparsity.path)
        return _stored(dtype).fault(span, dtype, stored)

    def decode(self, span: Span, dtype: DType, count: int) -> np.ndarray:
        import numpy as np

        positions = self.sparsity.positions()
        dense: np.ndarray = np.zeros(count, dtype=dtype.numpy)
        dense[positions] = _stored(dtype).decode(span, dtype, len(positions))
        return dense

    def packed(self, span: Span, dtype: DType, count: int) -> bytes:
        dense = self.decode(span, dtype, count)
        if dtype.bits % 8:
            return pack(dense.view("u1"), dtype)
        return dense.tobytes()

    def chunks(self, span: Span, dtype: DType, count: int, step: int) -> Iterator[np.ndarray]:
        dense = self.decode(span, dtype, count)
        for start in range(0, count, step):
            yield dense[start : start + step]


def check_expansion(nbytes: int, stored: int, path: str) -> None:
    """Raises: ``LimitError`` for ``nbytes`` of elements made from far fewer stored bytes."""
    if nbytes > max(stored * EXPANSION, EXPANSION_LEAST):
        reason = f"{nbytes} bytes of elements from {stored} stored: the limit is {EXPANSION} times"
        raise LimitError(reason, path=path)


def _stored(dtype: DType) -> Layout:
    """How the stored elements lie."""
    return PACKED if dtype.bits % 8 else PLAIN
