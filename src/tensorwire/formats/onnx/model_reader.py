"""ModelProto: the reader of ``.onnx`` files."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

from tensorwire.external import ExternalFiles
from tensorwire.formats.onnx.external_data import EXTERNAL, entries
from tensorwire.formats.onnx.messages import ModelProto, parsed
from tensorwire.formats.onnx.tensor_maker import TensorMaker
from tensorwire.formats.onnx.walk import unique, walk_model
from tensorwire.quantization import Quantization
from tensorwire.reader import Reader
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.graph import Graph
    from tensorwire.report import Finding
    from tensorwire.tensor import Tensor

__all__ = ["ModelReader"]


class ModelReader(Reader):
    """One ModelProto, and the external data it names."""

    format = "onnx"

    def __init__(self, source: Source, options: ReadOptions) -> None:
        super().__init__(source)
        self.root = parsed(ModelProto, source, options.limits)
        self._external = ExternalFiles(options.folder, options.canonical_folder, options.mode)
        self._maker = TensorMaker(source, self._external, options.limits)
        self._graph: Graph | None = None
        # Filled when asked for, by whole dicts: threads that come at once make equal ones.
        self._scales: dict[str, dict[str, str]] | None = None
        self._by_name: dict[str, tuple[Any, str]] | None = None

    def entries(self) -> Iterator[tuple[str, Callable[[], Tensor]]]:
        for name, scope, path, message in unique(walk_model(self.root)):
            yield name, partial(self._tensor, message, name, scope, path)

    def graph(self) -> Graph | None:
        from tensorwire.formats.onnx.graphs import model_graph

        if self._graph is None:  # made once: it locates the nodes, 0.3 ms for 50,000 of them
            self._graph = model_graph(self.root, self._maker)
        return self._graph

    def metadata(self) -> dict[str, str]:
        return {text(entry.key): text(entry.value) for entry in self.root.metadata_props}

    def info(self) -> dict[str, object]:
        root = self.root
        return {
            "ir_version": root.ir_version,
            "producer_name": text(root.producer_name),
            "producer_version": text(root.producer_version),
            "domain": text(root.domain),
            "model_version": root.model_version,
            "doc_string": text(root.doc_string),
            "opsets": {text(opset.domain): opset.version for opset in root.opset_import},
        }

    def file_names(self) -> list[str]:
        """External files under the names that lead to them; refused names are left out."""
        from tensorwire.errors import ContainmentError

        found = dict.fromkeys(super().file_names())
        for location in self._locations():
            with suppress(ContainmentError):
                found[self._external.path(location)] = None
        return list(found)

    def sources(self) -> list[Source]:
        return [self.source, *self._external.sources()]

    def findings(self, checksums: bool) -> Iterator[Finding]:
        from tensorwire.formats.onnx.model_checks import model_findings

        return model_findings(self.root, self._maker, checksums)

    def close(self) -> None:
        self._external.close()

    def _locations(self) -> dict[str, None]:
        """The distinct names of external files, in order."""
        external = (m for *_, m in walk_model(self.root) if m.data_location == EXTERNAL)
        return dict.fromkeys(entries(message).get("location", "") for message in external)

    def _tensor(self, message: Any, name: str, scope: str, path: str) -> Tensor:
        tensor = self._maker.make(message, name, scope, path)
        if not scope:
            tensor.quantization = self._quantization(name)
        return tensor

    def _quantization(self, name: str) -> Quantization | None:
        """What ``graph.quantization_annotation`` says of a tensor, if its scale is among ours."""
        if self._scales is None:
            self._scales = _annotated(self.root)
        named = self._scales.get(name)
        scale = None if named is None else self._initializer(named.get("SCALE_TENSOR"))
        if named is None or scale is None:
            return None
        return Quantization(scale, self._initializer(named.get("ZERO_POINT_TENSOR")))

    def _initializer(self, name: str | None) -> Tensor | None:
        """The first initializer of this name."""
        if self._by_name is None:
            found: dict[str, tuple[Any, str]] = {}
            for i, message in enumerate(self.root.graph.initializer):
                found.setdefault(text(message.name), (message, f"graph.initializer[{i}]"))
            self._by_name = found
        if name is None or name not in self._by_name:
            return None
        message, path = self._by_name[name]
        return self._maker.make(message, name, "", path)


def _annotated(model: Any) -> dict[str, dict[str, str]]:
    """Tensor name -> names of its scale and zero point, by key.

    Source: onnx.proto, TensorAnnotation: keys SCALE_TENSOR and ZERO_POINT_TENSOR.
    """
    return {
        text(annotation.tensor_name): {
            text(entry.key): text(entry.value) for entry in annotation.quant_parameter_tensor_names
        }
        for annotation in model.graph.quantization_annotation
    }
