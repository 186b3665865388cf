"""How stored codes stand for real numbers: ``(code - zero_point) * scale``."""

from __future__ import annotations

from tensorwire.errors import LayoutError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    import numpy as np

    from tensorwire.tensor import Tensor

__all__ = ["Quantization"]


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

    def apply(self, codes: np.ndarray) -> np.ndarray:
        """The real numbers, in the type of the scale.

        Raises: ``LayoutError`` for several scales without an axis.
        """
        scale = self._along_axis(self.scale, codes.ndim)
        real = codes.astype(scale.dtype)
        if self.zero_point is not None:
            real -= self._along_axis(self.zero_point, codes.ndim).astype(scale.dtype)
        real *= scale
        return real

    def _along_axis(self, tensor: Tensor, ndim: int) -> np.ndarray:
        values = tensor.numpy()
        if values.size == 1:
            return values.reshape(())
        if self.axis is None:
            raise LayoutError(f"{values.size} scales or zero points, but no axis", path=tensor.path)
        return values.reshape([-1 if i == self.axis else 1 for i in range(ndim)])

    def __repr__(self) -> str:
        axis = "" if self.axis is None else f", axis={self.axis}"
        return f"Quantization(scale={self.scale!r}, zero_point={self.zero_point!r}{axis})"
