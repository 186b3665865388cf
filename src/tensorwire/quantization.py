"""How stored codes stand for real numbers: ``(code - zero_point) * scale``."""

from __future__ import annotations

from tensorwire.errors import LayoutError, UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import numpy as np

    from tensorwire.tensor import Tensor

__all__ = ["Quantization"]

# Kinds of `DType` that codes, scales and zero points can have.
REAL = {"uint", "int", "float", "custom"}


class Quantization:
    """Affine quantization by one scale for the whole tensor, or one per index of ``axis``.

    ``scale`` and ``zero_point`` (None for zero) are tensors of the same model.
    """

    __slots__ = ("axis", "scale", "zero_point")

    def __init__(
        self, scale: Tensor, zero_point: Tensor | None = None, axis: int | None = None
    ) -> None:
        self.scale = scale
        self.zero_point = zero_point
        self.axis = axis

    def apply(self, tensor: Tensor) -> np.ndarray:
        """The real numbers that the elements of ``tensor`` stand for, in the type of the scale.

        Raises: ``UnsupportedError`` where anything but real numbers would be reckoned with;
        ``LayoutError`` for several scales without an axis, or of another length than the axis.
        """
        scale = self._along_axis(self.scale, tensor.shape)
        real = _numbers(tensor).astype(scale.dtype)
        if self.zero_point is not None:
            real -= self._along_axis(self.zero_point, tensor.shape).astype(scale.dtype)
        real *= scale
        return real

    def _along_axis(self, tensor: Tensor, shape: tuple[int, ...]) -> np.ndarray:
        values = _numbers(tensor)
        if values.size == 1:
            return values.reshape(())
        if self.axis is None:
            raise LayoutError(f"{values.size} scales or zero points, but no axis", path=tensor.path)
        if values.size != shape[self.axis]:
            reason = f"{values.size} scales or zero points for axis {self.axis} of {list(shape)}"
            raise LayoutError(reason, path=tensor.path)
        return values.reshape([-1 if i == self.axis else 1 for i in range(len(shape))])

    def __repr__(self) -> str:
        axis = "" if self.axis is None else f", axis={self.axis}"
        return f"Quantization(scale={self.scale!r}, zero_point={self.zero_point!r}{axis})"


def _numbers(tensor: Tensor) -> np.ndarray:
    if tensor.dtype.kind not in REAL:
        raise UnsupportedError(f"{tensor.dtype} elements are not quantized", path=tensor.path)
    return tensor.numpy()
