"""ModelProto: the reader of ``.onnx`` files."""

from __future__ import annotations

from tensorwire.formats.onnx.base_reader import OnnxReader
from tensorwire.formats.onnx.messages import ModelProto
from tensorwire.formats.onnx.walk import walk_model
from tensorwire.quantization import Quantization
from tensorwire.text import text

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.formats.onnx.entry import Entry
    from tensorwire.formats.onnx.walk import Found
    from tensorwire.graph import Graph
    from tensorwire.report import Finding
    from tensorwire.tensor import Tensor

__all__ = ["ModelReader"]


class ModelReader(OnnxReader):
    """One ModelProto, and the external data it names."""

    message_class = ModelProto
    has_external_data = True

    def __init__(self, source: Source, options: ReadOptions) -> None:
        super().__init__(source, options)
        self._graph: Graph | None = None
        # Filled when asked for, by whole dicts: threads that come at once make equal ones.
        self._scales: dict[str, dict[str, str]] | None = None
        self._by_name: dict[str, tuple[Any, str]] | None = None

    def found(self, root: Any) -> Iterable[Found]:
        return walk_model(root)

    def entries(self) -> Iterator[tuple[str, Entry]]:
        self._scales = self._by_name = None  # whatever asks for names again wants to see changes
        return super().entries()

    def graph(self) -> Graph | None:
        from tensorwire.formats.onnx.graphs import model_graph

        # Made once: it locates the nodes, 0.3 ms for 50,000 of them.
        if self._graph is None or self.changed():
            self._graph = model_graph(self.root, self.maker)
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

    def findings(self, checksums: bool) -> Iterator[Finding]:
        from tensorwire.formats.onnx.model_checks import model_findings

        return model_findings(self.root, self.maker, checksums)

    def tensor(self, message: Any, name: str, scope: str, path: str) -> Tensor:
        tensor = super().tensor(message, name, scope, path)
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
        return self.maker.make(message, name, "", path)


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
