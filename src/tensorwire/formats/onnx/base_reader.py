"""What the readers of all ONNX messages have in common."""

from __future__ import annotations

from contextlib import suppress

from tensorwire import proto
from tensorwire.errors import ContainmentError
from tensorwire.external import ExternalFiles
from tensorwire.formats.onnx.entry import Entry
from tensorwire.formats.onnx.external_data import EXTERNAL, entries
from tensorwire.formats.onnx.messages import parsed
from tensorwire.formats.onnx.tensor_maker import TensorMaker
from tensorwire.formats.onnx.walk import unique
from tensorwire.reader import Reader

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.formats.onnx.walk import Found
    from tensorwire.saving import SaveOptions
    from tensorwire.tensor import Tensor

__all__ = ["OnnxReader"]


class OnnxReader(Reader):
    """One message, and the external data it names."""

    format = "onnx"
    writable = True
    message_class: type
    #: Whether upstream reads external data of such a file.
    has_external_data = False

    def __init__(self, source: Source, options: ReadOptions) -> None:
        super().__init__(source)
        self.root = parsed(self.message_class, source, options.limits)
        self.external = ExternalFiles(options.folder, options.canonical_folder, options.mode)
        self.maker = TensorMaker(source, self.external, options.limits)

    def found(self, root: Any) -> Iterable[Found]:
        """The tensors of a message of this class, in file order; names may repeat."""
        raise NotImplementedError

    def entries(self) -> Iterator[tuple[str, Entry]]:
        for found in unique(self.found(self.root)):
            yield found[0], Entry(self.root, found, self.tensor)

    def tensor(self, message: Any, name: str, scope: str, path: str) -> Tensor:
        """The tensor of a message found."""
        return self.maker.make(message, name, scope, path)

    def changed(self) -> bool:
        return proto.changed(self.root)

    def replace(self, tensor: Tensor, array: object) -> None:
        from tensorwire.formats.onnx.replacing import replace

        replace(self.root, tensor.path, array)

    def save(self, path: str, options: SaveOptions) -> None:
        from tensorwire.formats.onnx.saving import save

        save(self, path, options)

    def locations(self) -> dict[str, None]:
        """The distinct names of external files, in order."""
        external = (m for *_, m in self.found(self.root) if m.data_location == EXTERNAL)
        return dict.fromkeys(entries(message).get("location", "") for message in external)

    def file_names(self) -> list[str]:
        """External files under the names that lead to them; refused names are left out."""
        found = dict.fromkeys(super().file_names())
        for location in self.locations():
            with suppress(ContainmentError):
                found[self.external.path(location)] = None
        return list(found)

    def sources(self) -> list[Source]:
        return [self.source, *self.external.sources()]

    def close(self) -> None:
        self.external.close()
