"""Shapes as files declare them, checked before memory is asked for."""

from __future__ import annotations

from tensorwire.errors import LimitError, ModelError

__all__ = ["check_rank", "element_count"]

# NumPy counts the bytes of an array in a signed 64-bit integer.
NBYTES_MAX = 2**63 - 1


def check_rank(rank: int, limit: int, path: str = "") -> None:
    """Raises: ``LimitError`` if ``rank`` dimensions are more than the limit ``rank`` allows."""
    if rank > limit:
        raise LimitError(f"{rank} dimensions; the limit rank allows {limit}", path=path)


def element_count(shape: tuple[int, ...], itemsize: int, path: str = "") -> int:
    """The product of ``shape``.

    Raises: ``ModelError`` for a negative dimension; ``LimitError`` where the dimensions that are
    not zero make an array larger than a signed 64-bit integer can count, as NumPy refuses it.
    """
    count, empty = 1, False
    for dim in shape:
        if dim < 0:
            raise ModelError(f"dimension {dim} of shape {list(shape)} is negative", path=path)
        if dim == 0:
            empty = True
        else:
            count *= dim
    if count * max(itemsize, 1) > NBYTES_MAX:
        raise LimitError(f"shape {list(shape)} takes more than {NBYTES_MAX} bytes", path=path)
    return 0 if empty else count
