"""Subgraphs as `Graph`."""

from __future__ import annotations

from tensorwire.errors import ModelError
from tensorwire.formats.tflite.budget import Budget, allowed
from tensorwire.formats.tflite.element_types import element_type
from tensorwire.formats.tflite.operators import OperatorNode, operator_names
from tensorwire.formats.tflite.options import weight
from tensorwire.formats.tflite.tables import extent, numbers
from tensorwire.graph import Graph, Value
from tensorwire.sequence import LazySequence
from tensorwire.shapes import check_rank

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from typing import Any

    from tensorwire.formats.tflite.model_reader import ModelReader
    from tensorwire.formats.tflite.tensor_maker import TensorMaker
    from tensorwire.tensor import Tensor

    #: (domain, name) of each operator code
    Operators = list[tuple[str, str]]

__all__ = ["Site", "model_graph"]


class Site:
    """A subgraph: its table, index and scope, the names of its tensors, and what makes those."""

    __slots__ = ("index", "maker", "names", "operators", "scope", "table")

    def __init__(
        self,
        table: Any,
        index: int,
        scope: str,
        names: list[str],
        operators: Operators,
        maker: TensorMaker,
    ) -> None:
        self.table = table
        self.index = index
        self.scope = scope
        self.names = names
        self.operators = operators
        self.maker = maker


def model_graph(reader: ModelReader) -> Graph | None:
    """The first subgraph, with the others as its functions; None for a model without any.

    Raises: ``LimitError`` where operators share so much that listing them would not end.
    """
    operators = operator_names(reader.root.operator_codes, allowed(reader.source.size))
    budget = Budget(reader.source.size)
    found = [
        graph(Site(table, i, scope, names, operators, reader.maker), budget)
        for i, (table, scope, names) in enumerate(
            zip(reader.root.subgraphs, reader.scopes(), reader.names(), strict=False)
        )
    ]
    if not found:
        return None
    top, *functions = found
    top.functions = functions
    return top


def graph(site: Site, budget: Budget) -> Graph:
    """The graph of a subgraph.

    Raises: ``LimitError`` where operators share so much that listing them would not end.
    """
    table = site.table
    _spend(table, site, budget)
    kept = [(i, site.maker.place(site.index, i)) for i in range(len(site.names))]
    constants = [(i, place) for i, place in kept if place is not None]
    known = {i for i, _ in constants}
    inputs, outputs = (numbers(table, field) for field in ("inputs", "outputs"))
    known.update(inputs, outputs)
    between = [i for i, _ in kept if i not in known]

    def initializer(found: Any) -> Tensor:
        i, place = found
        return site.maker.make(place, site.names[i], site.scope, site.index, i)

    return Graph(
        site.scope or table.name or "",
        nodes=LazySequence(
            range(len(table.operators)), lambda i: OperatorNode(table.operators[i], i, site)
        ),
        inputs=LazySequence(inputs, lambda i: _value(site, i, "inputs")),
        outputs=LazySequence(outputs, lambda i: _value(site, i, "outputs")),
        values=LazySequence(between, lambda i: _value(site, i, "tensors")),
        initializers=LazySequence(constants, initializer),
    )


def _value(site: Site, index: int, field: str) -> Value:
    """The tensor of that index as a value.

    Raises: ``ModelError`` for an index of no tensor.
    """
    if not 0 <= index < len(site.names):
        reason = f"tensor {index} of {len(site.names)}"
        raise ModelError(reason, path=f"subgraphs[{site.index}].{field}")
    table = site.table.tensors[index]
    path = f"subgraphs[{site.index}].tensors[{index}]"
    shape = value_shape(table, site.maker.limits.rank, path)
    return Value(site.names[index], element_type(table.type), shape)


def value_shape(table: Any, rank: int, path: str) -> tuple[int | None, ...] | None:
    """The shape of a value: None where the rank is not known, or where a dimension is not.

    Source: schema.fbs, Tensor: ``shape_signature`` has -1 for what is not known, ``shape`` then 1;
    without ``has_rank``, an empty shape may be that of a scalar or unknown.
    """
    signature = numbers(table, "shape_signature")
    stored = signature if len(signature) else numbers(table, "shape")
    check_rank(len(stored), rank, f"{path}.shape")
    if not len(stored) and not table.has_rank:
        return None
    return tuple(None if dim == -1 else dim for dim in stored)


def _spend(table: Any, site: Site, budget: Budget) -> None:
    """Counts what a listing of the operators would read and show, as they may share all of it."""
    lengths = [1 + len(name) for name in site.names]
    for i, operator in enumerate(table.operators):
        path = f"subgraphs[{site.index}].operators[{i}]"
        for field in ("inputs", "outputs", "intermediates"):
            indices = numbers(operator, field)
            budget.spend(len(indices), path)
            budget.spend(sum(lengths[j] for j in indices if 0 <= j < len(lengths)), path)
        if operator.opcode_index < len(site.operators):
            budget.spend(len(site.operators[operator.opcode_index][1]), path)
        start, stop = extent(operator, "custom_options") or (0, 0)
        budget.spend(stop - start, path)
        for field in ("builtin_options", "builtin_options_2"):
            held = getattr(operator, field)
            budget.spend(0 if held is None else weight(held), path)
