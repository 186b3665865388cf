"""How stored codes stand for real numbers: ``(code - zero_point) * scale``."""

from __future__ import annotations

from tensorwire.errors import LayoutError, UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    import numpy as np

    from tensorwire.tensor import Tensor

__all__ = ["Quantization"]

# Kinds of `DType` that codes, scales and zero points can have.
REAL = {"uint", "int", "float", "custom"}


class Quantization:
    """Affine quantization by one scale for the whole tensor, one per index of ``axis``, or blocks.

    ``scale`` and ``zero_point`` (None for zero) are tensors of the same model. ``axis``: the
    dimension that several scales belong to, or a tuple of those that scales of as many dimensions
    belong to. ``block``: elements that share a scale along a dimension, 0 where no blocks are: with
    blocks of 32, a dimension of 64 has 2 scales, or 64, or 1; or a tuple of such numbers, one for
    each dimension. Scales that have as many dimensions as the tensor tell by their shape which of
    it are cut into blocks.
    """

    __slots__ = ("axis", "block", "scale", "zero_point")

    def __init__(
        self,
        scale: Tensor,
        zero_point: Tensor | None = None,
        axis: int | tuple[int, ...] | None = None,
        block: int | tuple[int, ...] = 0,
    ) -> None:
        self.scale = scale
        self.zero_point = zero_point
        self.axis = axis
        self.block = block

    def apply(self, tensor: Tensor) -> np.ndarray:
        """The real numbers that the elements of ``tensor`` stand for, of float32 at least.

        Raises: ``UnsupportedError`` where anything but real numbers would be reckoned with;
        ``LayoutError`` for several scales without an axis, or of another length than the axis.
        """
        import numpy as np

        scale = self._along_axes(self.scale, tensor.shape)
        wide = np.result_type(scale.dtype, np.float32)
        real: np.ndarray = _numbers(tensor).astype(wide)
        if self.zero_point is not None:
            real -= self._along_axes(self.zero_point, tensor.shape).astype(wide)
        real *= scale.astype(wide, copy=False)
        return real

    def check(self, shape: tuple[int, ...]) -> None:
        """Compares scales and zero points with a tensor's shape. Raises: what `apply` would."""
        for tensor in (self.scale, self.zero_point):
            if tensor is not None:
                values = _numbers(tensor)
                if values.size != 1:
                    self._placed(values, shape, tensor.path)

    def _along_axes(self, tensor: Tensor, shape: tuple[int, ...]) -> np.ndarray:
        """Scales or zero points in a shape that broadcasts to ``shape``."""
        values: np.ndarray = _numbers(tensor)
        if values.size == 1:
            return values.reshape(())
        values, axes = self._placed(values, shape, tensor.path)
        for axis in axes:
            if values.shape[axis] not in (shape[axis], 1):
                last = [slice(None)] * values.ndim
                last[axis] = slice(shape[axis])
                values = values.repeat(self._block(axis), axis)[tuple(last)]
        return values

    def _placed(
        self, values: np.ndarray, shape: tuple[int, ...], path: str
    ) -> tuple[np.ndarray, tuple[int, ...]]:
        """(the values with a dimension for each of ``shape``, the axes that may be blocks)."""
        axes = self._axes(values, shape, path)
        sizes = (values.size,) if len(axes) == 1 else values.shape
        wanted = [1] * len(shape)
        for axis, found in zip(axes, sizes, strict=True):
            length, block = shape[axis], self._block(axis)
            if found not in (length, 1) and (block <= 0 or found != -(-length // block)):
                blocks = f" in blocks of {block}" if block else ""
                reason = f"{found} scales or zero points for axis {axis} of {list(shape)}{blocks}"
                raise LayoutError(reason, path=path)
            wanted[axis] = found
        return values.reshape(wanted), axes

    def _block(self, axis: int) -> int:
        """Elements that share a scale along ``axis``; 0 if it is not cut into blocks."""
        if isinstance(self.block, int):
            return self.block
        return self.block[axis] if axis < len(self.block) else 0

    def _axes(self, values: np.ndarray, shape: tuple[int, ...], path: str) -> tuple[int, ...]:
        """The axis of ``shape`` that each dimension of ``values`` belongs to."""
        if self.axis is None:
            raise LayoutError(f"{values.size} scales or zero points, but no axis", path=path)
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        if values.ndim == len(shape) and (self.block or len(axes) > 1):
            return tuple(range(len(shape)))
        fits = len(set(axes)) == len(axes) and all(-len(shape) <= i < len(shape) for i in axes)
        if not fits or (len(axes) > 1 and values.ndim != len(axes)):
            reason = f"scales or zero points of shape {list(values.shape)} for axes {list(axes)}"
            raise LayoutError(f"{reason} of {list(shape)}", path=path)
        return axes

    def __repr__(self) -> str:
        axis = "" if self.axis is None else f", axis={self.axis}"
        block = f", block={self.block}" if self.block else ""
        return f"Quantization(scale={self.scale!r}, zero_point={self.zero_point!r}{axis}{block})"


def _numbers(tensor: Tensor) -> Any:
    if tensor.dtype.kind not in REAL:
        raise UnsupportedError(f"{tensor.dtype} elements are not quantized", path=tensor.path)
    return tensor.numpy()
