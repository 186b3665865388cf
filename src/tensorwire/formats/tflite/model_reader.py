"""The reader of ``.tflite`` files."""

from __future__ import annotations

from contextlib import suppress

from tensorwire._core.flat_pick import pick_all
from tensorwire.errors import ContainmentError
from tensorwire.external import ExternalFiles
from tensorwire.formats.tflite.budget import allowed
from tensorwire.formats.tflite.buffers import Buffers
from tensorwire.formats.tflite.entry import Entry, Shelf
from tensorwire.formats.tflite.names import distinct, graph_names, unused
from tensorwire.formats.tflite.tables import Tensor, parsed
from tensorwire.formats.tflite.tensor_maker import TensorMaker
from tensorwire.reader import Reader

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterator

    from tensorwire._core.source import Source
    from tensorwire.formats import ReadOptions
    from tensorwire.graph import Graph
    from tensorwire.report import Finding

__all__ = ["ModelReader"]


_FIELDS = (Tensor.name, Tensor.buffer, Tensor.external_buffer)


class ModelReader(Reader):
    """One model, and the external buffers it names. Tensors of the mapping are the constants."""

    format = "tflite"

    def __init__(self, source: Source, options: ReadOptions) -> None:
        super().__init__(source)
        self.root = parsed(source, options.limits)
        self.external = ExternalFiles(options.folder, options.canonical_folder, options.mode)
        self.buffers = Buffers(self.root, source, self.external)
        self.maker = TensorMaker(self.root, self.buffers, options.limits)
        # Filled when asked for, by whole objects: threads that come at once make equal ones.
        self._names: list[list[str]] | None = None
        self._graph: Graph | None = None

    def names(self) -> list[list[str]]:
        """Of each subgraph, the names of its tensors."""
        if self._names is None:
            self._names = [names for names, _ in self._listed()]
        return self._names

    def scopes(self) -> list[str]:
        """Of each subgraph, the scope of its tensors: its name, but for the first."""
        return ["", *graph_names(self.root, allowed(self.source.size))[1:]]

    def entries(self) -> Iterator[tuple[str, Entry]]:
        used: set[str] = set()
        scopes, stored = self.scopes(), self.maker.stored
        for i, (names, rows) in enumerate(self._listed()):
            shelf = Shelf(self.maker, scopes[i], i)
            for j, (_, buffer, external) in enumerate(rows):
                place = stored(i, j, buffer, external) if buffer or external else None
                if place is not None:
                    name = unused(names[j], scopes[i], j, used)
                    yield name, Entry(shelf, place, name, j)

    def _listed(self) -> Iterator[tuple[list[str], list[tuple[str | None, int, int]]]]:
        """Of each subgraph, the names of its tensors; what they are called, and their buffers."""
        most = allowed(self.source.size)
        for graph in self.root.subgraphs:
            rows = pick_all(graph.tensors, _FIELDS, most)
            names = [name or "" for name, _, _ in rows]
            most -= sum(map(len, names))
            yield distinct(names), rows

    def graph(self) -> Graph | None:
        """The first subgraph; the others are its functions."""
        if self._graph is None:
            from tensorwire.formats.tflite.graphs import model_graph

            self._graph = model_graph(self)
        return self._graph

    def metadata(self) -> dict[str, str]:
        from tensorwire.formats.tflite.metadata import metadata

        return metadata(self.root, self.buffers)

    def info(self) -> dict[str, object]:
        """Files appended are listed by name and size."""
        from tensorwire.formats.tflite.associated import associated_files
        from tensorwire.formats.tflite.metadata import signatures

        root = self.root
        return {
            "version": root.version,
            "description": root.description or "",
            "min_runtime_version": self.metadata().get("min_runtime_version", ""),
            "subgraphs": len(root.subgraphs),
            "signatures": signatures(root, self.names(), self.source.size),
            "associated_files": associated_files(self.source),
        }

    def findings(self, checksums: bool) -> Iterator[Finding]:  # noqa: ARG002
        from tensorwire.formats.tflite.model_checks import model_findings

        return model_findings(self)

    def file_names(self) -> list[str]:
        """External files under the names that lead to them; refused names are left out."""
        found = dict.fromkeys(super().file_names())
        for name in self.buffers.groups:
            with suppress(ContainmentError):
                found[self.external.path(name)] = None
        return list(found)

    def sources(self) -> list[Source]:
        return [self.source, *self.external.sources()]

    def close(self) -> None:
        self.external.close()
