"""Fields of FlatBuffers as columns: one walk over the buffer, with the GIL released."""

from __future__ import annotations

from functools import partial

from tensorwire._core.flat_columns import project_flat, rows_type
from tensorwire._core.flat_projection import FlatProjection
from tensorwire._core.flat_tree import FlatTree
from tensorwire.columns.arguments import choice, path_list, positive
from tensorwire.columns.columns import Columns
from tensorwire.columns.data import ListData, ScalarData, StructData
from tensorwire.columns.sources import Sources
from tensorwire.columns.types import ListType, StructType
from tensorwire.flat.wanted import wanted
from tensorwire.limits import DEFAULT

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    import numpy as np

    from tensorwire._core.flat_plan import FlatPlans
    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.types import AnyType
    from tensorwire.flat.wanted import Wanted
    from tensorwire.limits import Limits

    Array = np.ndarray[Any, Any]

__all__ = ["columns"]

#: Sets of paths whose projections a schema keeps.
KEPT = 64

CALL = "columns(rows, paths)"


def columns(
    rows: Any,
    paths: Iterable[str] | None = None,
    *,
    each: str | None = None,
    depth: int = 1,
    absent: str = "null",
    utf8: str = "check",
    limits: Limits | None = None,
    arrow: str | ArrowOptions | None = None,
    **options: Any,
) -> Columns:
    """Fields of verified tables as columns: ``columns(model, ["subgraphs.tensors.shape"])``.

    ``rows``: a view, which is one row; a vector of tables, or a list of views of one type and None,
    which are one row each. ``paths``: dotted names (see `tensorwire.flat.wanted`), of a table,
    struct or union all that lies in it; None for every field, where a table occurs at most
    ``depth`` times inside itself.

    - ``each``: the path of a vector of tables, structs or unions: one row per element, with paths
      relative to it.
    - ``absent``: what is not there is ``"null"``, or the schema's ``"default"``. A number that has
      a default is never absent where its table is there; a vector is only empty. A union's members
      are absent but for the one that it holds, all of them where the schema does not know its type.
    - ``utf8``: ``"check"`` refuses strings that are not UTF-8; ``"skip"`` looks at none, and
      exports them to Arrow as binary.
    - ``limits``: ``flat_work`` bounds what shared parts may unfold to, and ``column_growth`` the
      bytes of all arrays.
    - ``arrow``: ``"spark"`` or an `ArrowOptions`; or ``layout``, ``strings``, ``unsigned``,
      ``enums``, ``lists`` and ``timestamps``, as described there.

    Vectors of ``ubyte`` are bytes, where they lie (nested buffers, too, are not entered); numbers
    of enums are int32, of those of 32 bits without sign and of 64 bits as wide as they are.

    Copies: numbers; strings and bytes stay where they are. Lifetime: the columns keep the buffers
    until `Columns.compact`. Raises: ``PathError`` (a ``KeyError`` and ``ValueError``) for a path
    that leads nowhere, ``DecodeError`` for a string that is not UTF-8 or if the bytes changed since
    they were verified, ``LimitError``, ``TypeError`` for rows of another kind. Threads: the GIL is
    released for buffers of 32 KiB or more.
    """
    if isinstance(rows, (list, tuple)):
        rows = tuple(rows)  # which nobody changes meanwhile
    plans, place = rows_type(rows)
    asked = None if paths is None else path_list(paths, CALL)
    found = _compiled(plans, (place, asked, each, depth, utf8))
    limits = DEFAULT if limits is None else limits
    arrays, counts, lying = project_flat(found.projection, rows, utf8 == "check", limits)
    data = found.tree.rows(arrays, counts, _valid(rows) if each is None else None)
    sources = Sources.later(partial(_listed, lying))
    if absent != "null":
        choice("absent", absent, ("null", "default"))
        from tensorwire.columns.defaults import fill_defaults

        data, sources = fill_defaults(data, sources)
    return Columns(data, found.paths, sources, (), _arrow(arrow, options))


class _Compiled:
    """What is asked for of one type, ready to be run. Frozen."""

    __slots__ = ("paths", "projection", "tree")

    def __init__(self, plans: FlatPlans, key: tuple[Any, ...]) -> None:
        place, asked, each, depth, utf8 = key
        positive("depth", depth)
        choice("utf8", utf8, ("check", "skip"))
        root, row, self.paths = wanted(plans, place, asked, each, depth)
        self.projection = FlatProjection(plans, place, root.nodes())
        kind = row.struct_type(utf8 == "check")
        numbers = (-1, -1, -1, 0) if row is root else self.projection.nodes[row.node]
        part = _part(row, kind, self.projection, numbers)
        self.tree = FlatTree(part, ScalarData, StructData, ListData)


def _compiled(plans: FlatPlans, key: tuple[Any, ...]) -> _Compiled:
    kept = plans.projections
    try:
        found: _Compiled | None = kept.get(key)
    except TypeError:  # a path that is no str, which is said better there
        return _Compiled(plans, key)
    if found is None:
        if len(kept) >= KEPT:
            kept.clear()
        found = kept[key] = _Compiled(plans, key)
    return found


def _part(
    place: Wanted, kind: AnyType, projection: FlatProjection, numbers: tuple[int, int, int, int]
) -> tuple[Any, ...]:
    """What `FlatTree` takes. ``numbers``: of the place's arrays and table."""
    item = kind.item if isinstance(kind, ListType) else kind
    below: list[tuple[Any, ...]] = []
    if isinstance(item, StructType):
        for one, type_ in zip(place.below.values(), item.fields, strict=True):
            below.append(_part(one, type_, projection, projection.nodes[one.node]))
    return (kind, *numbers, tuple(below))


def _valid(rows: Any) -> Any:
    """Which rows are not None; None where all are there."""
    if type(rows) is not tuple or None not in rows:
        return None
    import numpy as np

    return np.array([row is not None for row in rows], dtype=bool)


def _listed(lying: list[Any]) -> tuple[Sequence[Any], Array]:
    import numpy as np

    return lying, np.cumsum([0, *(len(source) for source in lying)], dtype=np.int64)


def _arrow(arrow: str | ArrowOptions | None, options: dict[str, Any]) -> ArrowOptions | None:
    if arrow is None and not options:
        return None
    from tensorwire.columns.arrow.options import ArrowOptions

    return ArrowOptions.of(arrow, **options)
