"""One tensor of a model: what it is called, what it holds, and where its bytes are."""

from __future__ import annotations

from math import prod

from tensorwire.errors import (
    DecodeError,
    LayoutError,
    LimitError,
    ModelError,
    UnsupportedError,
    attach_file,
)
from tensorwire.layouts import PLAIN, STRINGS
from tensorwire.shapes import element_count

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    import numpy.typing as npt

    from tensorwire.dtypes import DType
    from tensorwire.layouts import Layout
    from tensorwire.layouts.sparse import Sparsity
    from tensorwire.places import Place
    from tensorwire.quantization import Quantization

    Array = npt.NDArray[Any]

__all__ = ["SparseTensor", "Tensor"]

# Elements of a chunk: 1 MiB of float32, which stays in the second-level cache of today's cores.
CHUNK = 1 << 18
CHUNK_LEAST = 128

# Every NumPy has this many dimensions (NPY_MAXDIMS before 2.0).
NUMPY_1_RANK = 32


class Tensor:
    """A name, an element type and a shape, over bytes that are read when elements are asked for.

    ``path`` is the field path of the tensor, ``stored_at`` that of its elements; ``scope`` the
    nested graph or function it belongs to, ``""`` at the top. Attributes are as the file declares
    them; whatever reads elements checks that they fit the bytes. Lifetime: holds its source, so
    that it stays usable after its model is closed. Threads: frozen.
    """

    __slots__ = (
        "_layout",
        "_place",
        "_quantization",
        "_stored_at",
        "dtype",
        "name",
        "path",
        "scope",
        "shape",
    )

    def __init__(
        self,
        name: str,
        dtype: DType,
        shape: tuple[int, ...],
        place: Place,
        layout: Layout = PLAIN,
        *,
        scope: str = "",
        path: str = "",
        stored_at: str = "",
        quantization: Quantization | Callable[[], Quantization | None] | None = None,
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.scope = scope
        self.path = path
        self._stored_at = stored_at or path
        self._quantization = quantization
        self._place = place
        self._layout = layout

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements. Raises: ``ModelError`` for a shape that no array can have."""
        return element_count(self.shape, self.dtype.itemsize, self.path)

    @property
    def nbytes(self) -> int:
        """Bytes of the elements without gaps: narrow elements packed, strings end to end."""
        if self.dtype.kind == "string":
            return sum(map(len, self.strings))
        return self.dtype.stored_nbytes(self.size)

    @property
    def quantization(self) -> Quantization | None:
        """How the elements stand for real numbers; None where the file does not say."""
        if callable(self._quantization):  # threads that come at once make equal ones
            self._quantization = self._quantization()
        return self._quantization

    @quantization.setter
    def quantization(self, quantization: Quantization | None) -> None:
        self._quantization = quantization

    @property
    def offset(self) -> int | None:
        """Where the stored bytes begin in their file; None where they are split."""
        return self._place.offset

    @property
    def aligned(self) -> bool:
        """Whether `numpy` gives elements at multiples of their size; reads no bytes.

        Offsets decide, as sources begin at an address that suits every element type.
        """
        if not self._viewable():
            return True
        offset = self.offset
        return offset is not None and offset % max(self._alignment(), 1) == 0

    @property
    def file(self) -> str | None:
        """The file that has the stored bytes; None in memory, or where no legal file is named."""
        return self._place.file

    @property
    def available(self) -> bool:
        """Whether the stored bytes can be had; not so if an external file is missing or refused."""
        return self._place.available

    @property
    def raw(self) -> memoryview:
        """The stored bytes, read-only: varints, packed or plain elements as the file has them.

        Raises: ``LayoutError`` where they are split over several runs.
        """
        located: Any = self._locate() if self._place.in_place else None
        if located is None or isinstance(located, list):
            raise LayoutError("the stored bytes are split over several runs", path=self.path)
        view: memoryview = located.view()
        return view

    @property
    def strings(self) -> list[bytes]:
        """The elements of a string tensor as stored, in C order, checked against the shape.

        Raises: ``LayoutError`` for a tensor of anything else.
        """
        if self._layout is not STRINGS:
            raise LayoutError(f"elements are {self.dtype}, not strings", path=self.path)
        located, _ = self._located()
        return list(located)

    def numpy(self, copy: bool | None = None) -> Array:
        """The elements as an array in C order, of dtype ``self.dtype.numpy``.

        Copies: ``None`` only if no view is possible; ``False`` never; ``True`` always, and only
        that array is writable. Strings become `str` objects, undecodable bytes surrogate escapes.
        Lifetime: a view holds the source.
        Raises: ``LayoutError`` if ``copy=False`` and no view is possible; ``DecodeError`` if the
        stored bytes are not as many as the shape needs; ``FileNotFoundError`` without the external
        file; ``UnsupportedError`` for an unknown element type.
        """
        if copy is False and (obstacle := self._obstacle()):
            raise LayoutError(f"no view is possible: {obstacle}", path=self.path)
        self._require_known_dtype()
        span, count = self._located()
        _require_rank(len(self.shape), self.path)
        if copy is not True and self._viewable():
            array = self._layout.view(span, self.dtype, self.shape)
        else:
            array = self._layout.decode(span, self.dtype, count).reshape(self.shape)
        array.flags.writeable = copy is True
        return array

    def dequantize(self) -> Array:
        """The real numbers that stored codes stand for; `numpy()` where nothing is quantized."""
        if self.quantization is None:
            return self.numpy()
        return self.quantization.apply(self)

    @property
    def sparsity(self) -> Sparsity | None:
        """Which elements are stored, where the file leaves zeros out; None if all of them are.

        What reads elements, shape and `nbytes` are the same either way; `raw` has what is stored.
        """
        found: Sparsity | None = getattr(self._layout, "sparsity", None)
        return found

    def to_dense(self) -> Array:
        """All elements, zeros for those that are not stored: the same as `numpy`.

        Raises: as `numpy`; ``ModelError`` for a description that contradicts itself or the shape;
        ``LimitError`` where elements take a thousand times the bytes that are stored.
        """
        return self.numpy()

    def tobytes(self) -> bytes:
        """The elements in C order, little-endian, narrow ones packed low bits first; `nbytes` long.

        Raises: ``LayoutError`` for strings, as `numpy` does for faulty bytes.
        """
        if self._layout is STRINGS:
            raise LayoutError("strings have no common width; use .strings", path=self.path)
        self._require_known_dtype()
        span, count = self._located()
        return self._layout.packed(span, self.dtype, count)

    def chunks(self, count: int = CHUNK) -> Iterator[Array]:
        """All elements in C order, in flat read-only arrays of at most ``count`` (128 at least).

        Copies: as `numpy`, but one chunk at a time, so that memory stays bounded whatever the size;
        only elements that are split over several runs are joined first. Raises: as `numpy`.
        """
        self._require_known_dtype()
        located, total = self._located()
        for chunk in self._layout.chunks(located, self.dtype, total, max(count, CHUNK_LEAST)):
            chunk.flags.writeable = False
            yield chunk

    def check(self) -> None:
        """Compares the declaration with the stored bytes, without reading plain payload.

        Raises: what `numpy` would raise.
        """
        self._require_known_dtype()
        self._located()

    def __getitem__(self, key: Any) -> Any:
        return self.numpy()[key]

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a tensor of shape ()")
        return self.shape[0]

    def __bool__(self) -> bool:
        return True

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        import numpy as np

        array = self.numpy(copy)
        if dtype is None or array.dtype == dtype:
            return array
        if copy is False:
            raise LayoutError(f"{self.dtype} elements cannot be viewed as {dtype}", path=self.path)
        return array.astype(np.dtype(dtype))

    def __repr__(self) -> str:
        scope = f" in {self.scope}" if self.scope else ""
        return f"<Tensor {self.name!r} {self.dtype} {list(self.shape)}{scope}>"

    def _alignment(self) -> int:
        """Bytes of the machine number in an element: half of a complex one."""
        return self.dtype.itemsize // (2 if self.dtype.kind == "complex" else 1)

    def _obstacle(self) -> str | None:
        if not self._place.in_place:
            return self._layout.obstacle(self.dtype) or "the elements are split over several runs"
        return self._layout.obstacle(self.dtype)

    def _viewable(self) -> bool:
        return self._obstacle() is None

    def _require_known_dtype(self) -> None:
        if self.dtype.kind == "unknown":
            reason = f"elements of type {self.dtype} are not read by this version"
            raise UnsupportedError(reason, path=self.path, file=self.file)

    def _located(self) -> tuple[Any, int]:
        """(what the place located, number of elements), known to fit each other."""
        count = self.size
        located = self._locate()
        if fault := self._layout.fault(located, self.dtype, count):
            raise self._decode_error(fault)
        return located, count

    def _locate(self) -> Any:
        try:
            return self._place.locate()
        except ModelError as error:
            error.path = error.path or self._stored_at
            raise attach_file(error, self.file) from error.__cause__

    def _decode_error(self, reason: str) -> ModelError:
        """With the offset of the stored bytes, where they have one."""
        if self.offset is None:
            return ModelError(reason, path=self._stored_at, file=self.file)
        return DecodeError(reason, self.offset, self._stored_at, self.file)


def _require_rank(rank: int, path: str) -> None:
    """Raises: ``LimitError`` for more dimensions than this NumPy has: 64, or 32 before 2.0."""
    if rank <= NUMPY_1_RANK:
        return
    import numpy as np

    try:
        np.empty((0,) * rank)
    except ValueError:
        raise LimitError(f"{rank} dimensions are more than this NumPy has", path=path) from None


class SparseTensor:
    """The elements of a tensor that are not zero, and where they belong.

    ``indices`` has shape [n] (positions in C order) or [n, rank]; ``shape`` is the dense shape.
    """

    __slots__ = ("indices", "shape", "values")

    def __init__(self, values: Tensor, indices: Tensor, shape: tuple[int, ...]) -> None:
        self.values = values
        self.indices = indices
        self.shape = shape

    def to_dense(self) -> Array:
        """All elements, zeros for those that are not stored; of a position given twice the last.

        Raises: ``ModelError`` for indices that are not one for each value, or outside of the shape;
        ``LimitError`` where elements take a thousand times the bytes that are stored.
        """
        import numpy as np

        from tensorwire.layouts.sparse import check_expansion

        values, indices = self.values.numpy(), self.indices.numpy()
        count = element_count(self.shape, self.values.dtype.itemsize, self.values.path)
        stored = self.values.nbytes + self.indices.nbytes
        check_expansion(count * self.values.dtype.itemsize, stored, self.values.path)
        dense: Array = np.zeros(count, dtype=values.dtype)
        dense[self._positions(values, indices)] = values
        return dense.reshape(self.shape)

    def _positions(self, values: Array, indices: Array) -> Array:
        """Of each value its position in C order."""
        import numpy as np

        path = self.indices.path
        flat = indices[:, np.newaxis] if indices.ndim == 1 else indices
        sizes = (prod(self.shape),) if indices.ndim == 1 else self.shape
        if values.ndim != 1 or flat.shape != (len(values), len(sizes)):
            reason = f"indices of shape {list(indices.shape)} for {list(values.shape)} values"
            raise ModelError(f"{reason} in {list(self.shape)}", path=path)
        if len(values) and not bool(((flat >= 0) & (flat < np.array(sizes))).all()):
            raise ModelError(f"an index is outside of {list(self.shape)}", path=path)
        found: Array = np.zeros(len(values), dtype=np.int64)
        for i, size in enumerate(sizes):
            found = found * size + flat[:, i].astype(np.int64)
        return found

    def __repr__(self) -> str:
        return f"<SparseTensor {self.values.name!r} {self.values.dtype} {list(self.shape)}>"
