"""``columns``: fields of many records, or of one big message, as a table in a file."""

from __future__ import annotations

import sys
from contextlib import contextmanager

from tensorwire.cli.columns_flat import flat_columns, flat_root, is_flat, is_flat_schema
from tensorwire.cli.models import STDIN, readable
from tensorwire.cli.progress import Progress
from tensorwire.cli.screen import LEFT
from tensorwire.cli.text import plural
from tensorwire.errors import ModelError, UnsupportedError

TYPE_CHECKING = False  # see errors.py
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from tensorwire.cli.screen import Screen
    from tensorwire.columns.columns import Columns
    from tensorwire.columns.errors import RowError

SCHEMA = "tensorwire.columns/1"
HEADED = "never"
JSON = """\
FILE is a stream of records with --schema, or a model file without; with a schema of FlatBuffers
(.fbs, .bfbs) it is one buffer. By the ending of --out:
  .parquet  one column per path; needs pyarrow (extra "arrow")
  .csv      a line of paths, then one per row; absent: empty; lists: JSON; bytes: base64
  .jsonl    one JSON object per row; bytes: base64, NaN and infinities: strings, times: ISO 8601,
            durations: seconds, "-1.500s"
  .json     the same objects in one array
  .npz      NumPy arrays, put together in memory: PATH: values, flat (times int64 in --timestamps,
            strings and bytes uint8, all behind one another, and PATH/ends: int64, where each
            begins, and the last one ends); PATH/offsets/0, /1, ...: of each level of lists, the
            outermost first; PATH/validity and PATH/list_validity/0, ...: bool, where some are
            absent

JSON: {schema, file, target, rows, bad_rows: number of them,
       columns: [{path, type}], errors: of the first 100 bad rows [{row, offset, path, reason}]}
"""

FRAMINGS = ("none", "delimited", "tfrecord", "confluent")
ERRORS_KEPT = 100
ERRORS_SHOWN = 10
# Options of a schema, and of records; a model file has neither.
OF_SCHEMAS = ("message", "include")
OF_RECORDS = ("crc", "skip_prefix", "compression")


def add_arguments(parser: ArgumentParser) -> None:
    """What to read, as what, and where to put it."""
    parser.add_argument("files", nargs=1, metavar="FILE", help="records or a model; - reads stdin")
    _add_schema(parser)
    parser.add_argument(
        "--path",
        action="append",
        dest="paths",
        metavar="a.b",
        help="a field, as a column; repeatable (default: every field)",
    )
    parser.add_argument(
        "--each", metavar="a.b", help="one row for each of this repeated field, paths begin there"
    )
    _add_records(parser)
    parser.add_argument(
        "--on-error",
        choices=("raise", "null", "drop"),
        default="raise",
        help="a bad row ends all, is a null row, or is left out (default: %(default)s)",
    )
    parser.add_argument(
        "--enums", choices=("int", "name"), default="int", help="how Parquet gets enums"
    )
    parser.add_argument(
        "--timestamps",
        choices=("ns", "us", "ms", "s"),
        default="ns",
        help="the unit of times; ns reach from 1677 to 2262 (default: %(default)s)",
    )
    parser.add_argument(
        "--out",
        default=STDIN,
        metavar="TARGET",
        help="a file, replaced once all is written; - (default) prints JSON, a line for each row",
    )


def _add_schema(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--schema",
        metavar="SCHEMA",
        help="a .proto, .fbs or .bfbs file, or an encoded FileDescriptorSet",
    )
    parser.add_argument(
        "--include", action="append", metavar="DIR", help="look for imports there; repeatable"
    )
    parser.add_argument(
        "--message", metavar="pkg.Msg", help="the type of the records, or of the root table"
    )


def _add_records(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--framing",
        choices=FRAMINGS,
        default="none",
        help="how records follow one another (default: the file is one record)",
    )
    parser.add_argument(
        "--skip-prefix", type=_count, metavar="N", help="bytes of each record before the message"
    )
    parser.add_argument("--crc", action="store_true", help="check the checksums of TFRecords")
    parser.add_argument(
        "--compression",
        choices=("gzip", "zlib"),
        help="how FILE is packed (default: TFRecord files say it)",
    )
    parser.add_argument(
        "--batch-rows", type=_count, default=65536, metavar="N", help="default: %(default)s"
    )


def collect(name: str, options: Namespace) -> dict[str, Any]:
    """Raises: ``ModelError``, ``OSError``, with an old target as it was."""
    from tensorwire.cli.columns_out import open_target

    _check(options)
    rows = bad = 0
    errors: list[RowError] = []
    try:
        with (
            Progress("decoding", 0) as bar,
            _opened(name, options, bar) as batches,
            open_target(options.out, batches) as write,
        ):
            for columns in batches:
                rows += len(columns)
                bad += len(columns.errors)
                errors += columns.errors[: ERRORS_KEPT - len(errors)]
                write(columns)
    except ImportError as error:
        raise UnsupportedError(str(error)) from error
    except (ValueError, KeyError, TypeError) as error:  # of paths and options that do not fit
        raise error if isinstance(error, ModelError) else ModelError(_said(error)) from error
    for each in errors[:ERRORS_SHOWN]:
        from tensorwire.text import one_line

        print(one_line(f"tensorwire: {name}: {each}"), file=sys.stderr)
    return {
        "file": name,
        "target": options.out,
        "rows": rows,
        "bad_rows": bad,
        "columns": [{"path": path, "type": kind} for path, kind in batches.types.items()],
        "errors": [
            {"row": each.row, "offset": each.offset, "path": each.path, "reason": each.reason}
            for each in errors
        ],
    }


def code(document: dict[str, Any]) -> int:
    """1 if there were bad rows."""
    return int(document["bad_rows"] > 0)


def show(document: dict[str, Any], screen: Screen, options: Namespace) -> None:
    """The columns there are now; nothing where the rows themselves were printed."""
    if options.out == STDIN:
        return
    bad = f", {plural(document['bad_rows'], 'bad row')}" if document["bad_rows"] else ""
    screen.line(f"{document['target']}: {plural(document['rows'], 'row')}{bad}")
    rows = [(each["path"], each["type"]) for each in document["columns"]]
    screen.table({"column": LEFT, "type": LEFT}, rows)


class Batches:
    """Batches of columns, and the types that they have, which are known before any is there."""

    def __init__(self, batches: Iterable[Columns], empty: Columns) -> None:
        self._batches = batches
        self.empty = empty
        self.types = {path: empty[path].dtype_text() for path in empty}

    def __iter__(self) -> Iterator[Columns]:
        return iter(self._batches)


def _check(options: Namespace) -> None:
    if options.json and options.out == STDIN:
        raise ModelError("--json prints one document, and --out - the rows: name a file")
    if options.schema is None or is_flat_schema(options.schema):
        unfit = OF_RECORDS if options.schema else OF_SCHEMAS + OF_RECORDS
        given = [name for name in unfit if getattr(options, name)]
        if options.framing != "none":
            given.append("framing")
        if given:
            option = given[0].replace("_", "-")
            raise ModelError(f"--{option} is about records: say what they are with --schema")


def _opened(name: str, options: Namespace, bar: Progress) -> AbstractContextManager[Batches]:
    if options.schema is None:
        return _of_model(name, options)
    if is_flat_schema(options.schema):
        return _of_buffer(name, options)
    return _of_records(name, options, bar)


@contextmanager
def _of_model(name: str, options: Namespace) -> Iterator[Batches]:
    from tensorwire import api, proto

    with api.open(readable(name)) as model:
        if is_flat(model.root):
            columns = flat_columns(model.root, options)
        else:
            columns = proto.columns(model.root, options.paths, **_chosen(options))
        yield Batches([columns], columns)


@contextmanager
def _of_buffer(name: str, options: Namespace) -> Iterator[Batches]:
    columns = flat_columns(flat_root(readable(name), options), options)
    yield Batches([columns], columns)


@contextmanager
def _of_records(name: str, options: Namespace, bar: Progress) -> Iterator[Batches]:
    from tensorwire.proto.scanning import scan

    with scan(
        readable(name),
        _message(options),
        options.paths,
        framing=options.framing,
        batch_rows=options.batch_rows,
        crc=options.crc,
        compression=options.compression or "auto",
        skip_prefix=options.skip_prefix or 0,
        progress=lambda done, total: bar.set(done, total) if total else None,
        **_chosen(options),
    ) as found:
        yield Batches(found, found.decoder([]))


def _chosen(options: Namespace) -> dict[str, Any]:
    names = ("each", "on_error", "enums", "timestamps")
    chosen = {name: getattr(options, name) for name in names}
    return chosen | {"strings": "large_string"}  # which every reader of Parquet knows


def _message(options: Namespace) -> Any:
    """The class of the records."""
    from tensorwire.proto.schema import Schema

    if str(options.schema).endswith(".proto"):
        schema = Schema.from_proto(options.schema, options.include or ())
    else:
        schema = Schema.from_descriptor_set(options.schema)
    if options.message is not None:
        try:
            return schema[options.message]
        except KeyError as error:
            raise ModelError(_said(error), file=options.schema) from error
    names = list(schema)
    if len(names) == 1:
        return schema[names[0]]
    some = ", ".join(names[:ERRORS_SHOWN]) + (", ..." if len(names) > ERRORS_SHOWN else "")
    raise ModelError(f"say with --message which it is: {some}", file=options.schema)


def _said(error: Exception) -> str:
    """The text of an error; of a bare `KeyError`, without the quotes that it adds."""
    is_bare = type(error) is KeyError and error.args
    return str(error.args[0] if is_bare else error)


def _count(text: str) -> int:
    from argparse import ArgumentTypeError

    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no number of bytes or rows")
    return int(text)
