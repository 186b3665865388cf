"""Many records as columns: a mapping from paths to columns, and Arrow's interface."""

from __future__ import annotations

from tensorwire.columns.column import Column
from tensorwire.columns.flatten import pruned
from tensorwire.limits import DEFAULT
from tensorwire.near import AbsentName

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from collections.abc import Callable, ItemsView, Iterator, KeysView, Sequence, ValuesView
    from typing import Any

    from tensorwire.columns.arrow.options import ArrowOptions
    from tensorwire.columns.data import StructData
    from tensorwire.columns.errors import RowError
    from tensorwire.columns.sources import Sources
    from tensorwire.limits import Limits

__all__ = ["Columns"]

# Columns that `repr` names.
COLUMNS_SHOWN = 20


class Columns:
    """One column per path, all with the same number of rows.

    Iterates over paths, as a mapping does, but ``len`` counts rows. pyarrow, Polars, DuckDB,
    pandas (given ``strings="large_string"``, see `ArrowOptions`) and whatever knows Arrow's
    PyCapsule interface take it as a table.
    ``paths``: full paths of leaves of ``data``, in the order of the columns.
    Lifetime: strings and bytes lie in the input, which is kept until `compact`. Pickling compacts.
    Threads: any number may read. Compared by identity.
    """

    __slots__ = (
        "__weakref__",
        "_arrow",
        "_compact",
        "_made",
        "_paths",
        "data",
        "errors",
        "sources",
    )

    def __init__(
        self,
        data: StructData,
        paths: Sequence[str],
        sources: Sources,
        errors: Sequence[RowError] = (),
        arrow: ArrowOptions | None = None,
    ) -> None:
        self.data = data
        self.sources = sources
        self.errors = errors
        self._paths = dict.fromkeys(paths)
        self._arrow = arrow
        self._made: dict[str, Column] = {}
        self._compact = False

    @property
    def arrow(self) -> ArrowOptions:
        """How columns become Arrow's types."""
        if self._arrow is None:
            from tensorwire.columns.arrow.options import ArrowOptions

            self._arrow = ArrowOptions()
        return self._arrow

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths, in order."""
        return tuple(self._paths)

    def __len__(self) -> int:
        """The number of rows."""
        return self.data.length

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __contains__(self, path: object) -> bool:
        return path in self._paths

    def __getitem__(self, path: str) -> Column:
        """The column of a path; made once.

        Raises: ``KeyError`` that lists near paths; ``LimitError`` if a timestamp or duration
        does not fit the unit that Arrow's options name.
        """
        made = self._made.get(path)
        if made is not None:
            return made
        if path not in self._paths:
            raise AbsentName("column", path, self.paths)
        column = Column(path, pruned(self.data, path), self.sources, self.arrow)
        return self._made.setdefault(path, column)

    def get(self, path: str, default: Any = None) -> Any:
        """The column of a path, ``default`` if there is none."""
        return self[path] if path in self._paths else default

    def keys(self) -> KeysView[str]:
        """The paths."""
        return self._paths.keys()

    def values(self) -> ValuesView[Column]:
        """The columns."""
        return self._all().values()

    def items(self) -> ItemsView[str, Column]:
        """Paths and columns."""
        return self._all().items()

    def compact(self, limits: Limits | None = None) -> Columns:
        """The same columns with bytes of their own: the input is let go.

        Copies: what strings and bytes hold, into one block, and arrays that look into others.
        Raises: ``LimitError`` where many share the same bytes, see `Limits`, ``column_growth``.
        """
        if self._compact:
            return self
        from tensorwire.columns.compact import compact_tree

        data, sources = compact_tree(
            self.data, self.sources, DEFAULT if limits is None else limits
        )
        return _restore(data, self.paths, sources, tuple(self.errors), self._arrow)

    def to_pylist(self) -> list[dict[str, Any]]:
        """One dict per row, of paths and what `Column.to_pylist` gives."""
        paths = self.paths
        if not paths:
            return [{} for _ in range(len(self))]
        rows = zip(*(self[path].to_pylist() for path in paths), strict=True)
        return [dict(zip(paths, row, strict=True)) for row in rows]

    def to_numpy(
        self, fill: Any = None, pad: bool = False, limits: Limits | None = None
    ) -> dict[str, Any]:
        """What `Column.to_numpy` gives, by path."""
        return {path: self[path].to_numpy(fill, pad, limits) for path in self._paths}

    def to_arrow(self) -> Any:
        """A pyarrow record batch. Needs pyarrow.

        Copies: values and offsets nothing, validity into bits; strings as the options say.
        """
        from tensorwire.columns.arrow.export import to_arrow

        return to_arrow(self)

    def __arrow_c_schema__(self) -> object:
        from tensorwire.columns.arrow.export import table_schema

        return table_schema(self.data.type, self.paths, self.arrow)

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        from tensorwire.columns.arrow.export import table_capsules

        return table_capsules(self, requested_schema)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        from tensorwire.columns.arrow.export import stream_capsule

        asked = requested_schema
        return stream_capsule([self], self.data.type, self.paths, self.arrow, asked)

    def __repr__(self) -> str:
        rows = len(self)
        lines = [f"<Columns: {rows} row{'' if rows == 1 else 's'}"]
        lines += [f"  {path}: {self._shown(path)}" for path in self.paths[:COLUMNS_SHOWN]]
        more = len(self._paths) - COLUMNS_SHOWN
        if more > 0:
            lines.append(f"  and {more} more")
        if len(self.errors):
            lines.append(f"  {len(self.errors)} bad rows, see .errors")
        return "\n".join(lines) + ">"

    def __reduce__(self) -> tuple[Callable[..., Columns], tuple[Any, ...]]:
        own = self.compact()
        return _restore, (own.data, own.paths, own.sources, own.errors, own._arrow)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._paths)

    def _all(self) -> dict[str, Column]:
        return {path: self[path] for path in self._paths}

    def _shown(self, path: str) -> str:
        return self[path].dtype_text()


def _restore(
    data: StructData,
    paths: tuple[str, ...],
    sources: Sources,
    errors: tuple[RowError, ...],
    arrow: ArrowOptions | None,
) -> Columns:
    """Columns that hold no input."""
    made = Columns(data, paths, sources, errors, arrow)
    made._compact = True
    return made
