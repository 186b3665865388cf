"""Statistics of many tensors, with a progress bar where somebody looks."""

from __future__ import annotations

from tensorwire.cli.failures import finding_document
from tensorwire.cli.progress import Progress
from tensorwire.cli.statistics import Statistics
from tensorwire.errors import ModelError
from tensorwire.report import Finding

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.tensor import Tensor

    Found = tuple[dict[str, Any], Tensor | ModelError]

__all__ = ["measure"]


def measure(found: list[Found]) -> None:
    """Adds ``stats`` and ``stats_error`` to each document; one of them is None."""
    with Progress("reading tensors", sum(document["nbytes"] or 0 for document, _ in found)) as bar:
        for document, tensor in found:
            document["stats"], document["stats_error"] = _measured(tensor, bar)
            bar.reach(document["nbytes"] or 0)


def _measured(
    tensor: Tensor | ModelError, bar: Progress
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    if isinstance(tensor, ModelError):
        return None, finding_document(Finding.of(tensor))
    statistics = Statistics()
    try:
        for chunk in tensor.chunks():
            statistics.add(chunk)
            bar.advance(tensor.dtype.stored_nbytes(chunk.size))
    except (ModelError, OSError) as error:
        return None, finding_document(Finding.of(error, tensor.path))
    return statistics.document(), None
