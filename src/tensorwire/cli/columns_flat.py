"""``columns`` of FlatBuffers: of a model file that is one, or of any with its schema."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import Namespace
    from typing import Any, BinaryIO

    from tensorwire.columns.columns import Columns

ENDINGS = (".fbs", ".bfbs")


def is_flat_schema(name: str) -> bool:
    """Whether the file of that name has a schema of FlatBuffers."""
    return str(name).lower().endswith(ENDINGS)


def is_flat(root: Any) -> bool:
    """Whether the root of a model is a table of a FlatBuffer."""
    views = sys.modules.get("tensorwire._core.flat_view")  # or nobody made one
    return views is not None and isinstance(root, views.FlatView)


def flat_root(file: str | BinaryIO, options: Namespace) -> Any:
    """The root table of a file, verified. Raises: as `tensorwire.flat.Schema` does."""
    from tensorwire.flat.schema import Schema
    from tensorwire.mapping import open_source

    if str(options.schema).lower().endswith(".fbs"):
        schema = Schema.from_fbs(options.schema, options.include or ())
    else:
        schema = Schema.from_bfbs(options.schema)
    return schema.root(open_source(file), options.message)


def flat_columns(root: Any, options: Namespace) -> Columns:
    """The columns of a view. ``--on-error`` is nothing here: a bad buffer has no other rows."""
    from tensorwire.flat.tabulate import columns

    strings = "large_string"  # which every reader of Parquet knows
    return columns(root, options.paths, each=options.each, enums=options.enums, strings=strings)
