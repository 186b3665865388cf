"""Decoders: from many records to columns, with the GIL released and on several threads."""

from __future__ import annotations

from dataclasses import fields

from tensorwire._core.message import Message
from tensorwire._core.project import (
    ALL,
    DROP,
    NULL_ROW,
    RAISE,
    TRUSTED,
    VISITED,
    project,
    without_message_sets,
)
from tensorwire._core.projection import Projection
from tensorwire.columns.arguments import choice, path_list, positive
from tensorwire.columns.arrow.export import ArrowSchemaOf
from tensorwire.columns.arrow.options import ArrowOptions
from tensorwire.columns.columns import Columns
from tensorwire.columns.paths import split
from tensorwire.limits import DEFAULT, Limits
from tensorwire.proto.arguments import is_class
from tensorwire.proto.assembly import assembled, sources_of
from tensorwire.proto.classes import type_of
from tensorwire.proto.effort import is_main_thread, most_bytes, threads_for
from tensorwire.proto.framing import Framing, decode_framed
from tensorwire.proto.pickling import class_of_files, closure_of
from tensorwire.proto.records import chunks_of
from tensorwire.proto.row_errors import RowErrors, row_failure
from tensorwire.proto.upstream import message_class
from tensorwire.proto.wanted import wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from tensorwire._core.decoded import Decoded
    from tensorwire._core.rows import Rows

__all__ = ["Decoder", "columns", "decode_batch"]

CALL = "Decoder(cls, paths)(records) or decode_batch(records, cls, paths)"
ON_ERROR = {"raise": RAISE, "null": NULL_ROW, "drop": DROP}
VERIFY = {"visited": VISITED, "all": ALL}


class Decoder:
    """Fields of a message type, as columns of many records: ``Decoder(cls, paths)(records)``.

    ``cls``: a message class of ours or upstream's. ``paths``: dotted names such as ``"user.name"``,
    ``"map.key"``, ``"[pkg.extension]"`` (see `tensorwire.columns.paths`), of a message all that
    lies in it; None for every field, where a type occurs at most ``depth`` times inside itself.
    The attribute `paths` has the full paths of the columns.

    - ``each``: the path of a repeated message field: one row per item, with paths relative to it;
      null and bad records have none.
    - ``on_error``: ``"raise"`` a ``DecodeError`` that names the row, make it a ``"null"`` row, or
      ``"drop"`` it; `Columns.errors` has what was wrong.
    - ``verify``: ``"visited"`` checks fully what is asked for, and the rest by its length;
      ``"all"`` the whole record, as parsing does.
    - ``absent``: what is not set is ``"null"``, or the schema's ``"default"``. Fields without
      presence are never absent where their message is there.
    - ``utf8``: ``"schema"`` checks the strings that the schema says are UTF-8 (proto3's), and
      exports others to Arrow as binary; ``"check"`` checks all.
    - ``framing``: ``"delimited"`` or ``"tfrecord"`` read a stream of records in one buffer (``crc``
      checks TFRecord's checksums); ``"confluent"`` skips the header of Confluent's serializers in
      each record; ``skip_prefix``: so many bytes in each. See `tensorwire.proto.framing`.
    - ``threads``: how many, None for one per processor, as far as each has 512 KiB of input. The
      result is the same for any number.
    - ``limits``: ``column_growth`` bounds what records may grow to as arrays; a row that passes it
      is a bad one, as ``on_error`` has them; ``depth`` bounds what ``verify="all"`` goes through.
    - ``arrow``: ``"spark"`` or an `ArrowOptions`; or ``layout``, ``strings``, ``unsigned``,
      ``enums``, ``lists`` and ``timestamps``, as described there.

    Frozen; pickles as the schema and these options, hashes by both, and serves many threads.
    Memory: a row, and an item of a repeated message, has a place in each column below it, even
    where it is empty, and an empty item is two bytes of a record: hence the limit. Time grows with
    bytes times columns in the same way where a oneof goes to and fro between a wide message and
    another member.
    Raises: ``PathError`` (a ``KeyError`` and ``ValueError``) for a path that leads nowhere,
    ``LimitError`` for one of more than 101 names, ``ValueError`` or ``TypeError`` for an option.
    """

    def __init__(
        self,
        cls: type[Any],
        paths: Iterable[str] | None = None,
        *,
        each: str | None = None,
        on_error: str = "raise",
        verify: str = "visited",
        absent: str = "null",
        utf8: str = "schema",
        depth: int = 1,
        threads: int | None = None,
        framing: str | None = None,
        skip_prefix: int = 0,
        crc: bool = False,
        limits: Limits | None = None,
        arrow: str | ArrowOptions | None = None,
        **options: Any,
    ) -> None:
        self.cls = _class_of(cls)
        self.asked = None if paths is None else path_list(paths, CALL)
        self.each = each
        self.on_error = choice("on_error", on_error, tuple(ON_ERROR))
        self.verify = choice("verify", verify, tuple(VERIFY))
        self.absent = choice("absent", absent, ("null", "default"))
        self.utf8 = choice("utf8", utf8, ("schema", "check"))
        self.depth = positive("depth", depth)
        self.threads = None if threads is None else positive("threads", threads)
        self.framing = framing
        self.skip_prefix = skip_prefix
        self.crc = crc
        self.limits = DEFAULT if limits is None else limits
        self._framing = Framing(framing, skip_prefix, crc)
        self.arrow = ArrowOptions.of(arrow, **options)
        self._compile()

    @property
    def arrow_schema(self) -> ArrowSchemaOf:
        """The Arrow schema of what comes out, for ``pa.schema`` and whatever else takes one."""
        return ArrowSchemaOf(self.type, self.paths, self.arrow)

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (self._files(), self.cls.DESCRIPTOR.full_name, self._options())

    def __dask_tokenize__(self) -> tuple[Any, ...]:
        """The same in every process: the schema's bytes and the options."""
        return (type(self).__qualname__, *self._state())

    def __setattr__(self, name: str, value: object) -> None:
        if "type" in self.__dict__:  # which is known last
            raise AttributeError(f"a decoder is frozen: make another one to change {name}")
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        return self._state() == other._state() if isinstance(other, Decoder) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._state())

    def __repr__(self) -> str:
        paths = ", ".join(self.paths[:5]) + (", ..." if len(self.paths) > 5 else "")
        return f"<Decoder of {self.cls.DESCRIPTOR.full_name}: {paths}>"

    def _options(self) -> dict[str, Any]:
        names = (
            "each",
            "on_error",
            "verify",
            "absent",
            "utf8",
            "depth",
            "threads",
            "framing",
            "skip_prefix",
            "crc",
            "limits",
            "arrow",
        )
        return {"paths": self.asked, **{name: getattr(self, name) for name in names}}

    def _state(self) -> tuple[Any, ...]:
        options = self._options()
        arrow = options.pop("arrow")
        del options["threads"]  # the result is the same
        shown = (*options.values(), *(getattr(arrow, one.name) for one in fields(arrow)))
        return (self._files(), self.cls.DESCRIPTOR.full_name, *shown)

    def _files(self) -> tuple[bytes, ...]:
        """The schema, as encoded files: that of the class, and those of extensions asked for."""
        file = self.cls.DESCRIPTOR.file
        names = [name for one in (self.each, *self.paths) if one for name in split(one)]
        extensions = [name[1:-1] for name in names if name.startswith("[")]
        pool = file.pool
        return closure_of([file, *(pool.FindExtensionByName(name).file for name in extensions)])

    def _compile(self) -> None:
        kind = type_of(self.cls)
        self._root, self._row, self.paths = wanted(kind, self.asked, self.each, self.depth)
        check = self.utf8 == "check"
        self._projection = Projection(kind, self._root.nodes(), check)
        self.type = self._row.struct_type(check)

    def __call__(self, records: Any, *, threads: int | None = None) -> Columns:
        """The columns of ``records``, one row each; of None a null row.

        ``records``: one message (bytes or another buffer, one of our messages), a list of bytes and
        None, a pair (buffer, int32 or int64 offsets), or anything with Arrow's arrays or streams of
        binary or string values.

        Copies: nothing that is bytes in the input, but for records of a list that are neither bytes
        nor None, messages that were changed, and records where paths reach into message sets.
        Lifetime: the columns keep the input, where their strings lie, until `Columns.compact`.
        Raises: ``DecodeError`` and ``LimitError`` as ``on_error`` says, ``TypeError`` for another
        kind of input, ``ValueError`` for offsets outside the buffer. Threads: the GIL is released.
        """
        if isinstance(records, type):
            raise TypeError("call Decoder(cls, paths)(records): records come here, not a class")
        if isinstance(records, Message):
            _check_type(records, self.cls)
        if self._framing.has_prefix or self._framing.frames is not None:
            return decode_framed(self, records, self._framing, threads)
        chunks = chunks_of(records)
        trusted = type(records) is self.cls  # and parsed, hence verified
        threads = self.threads if threads is None else positive("threads", threads)
        return self._decoded(chunks, threads, trusted=trusted)

    def decode_chunks(self, chunks: list[Rows], threads: int | None = None) -> Columns:
        """The columns of rows that hold nothing but their messages, whatever the framing."""
        return self._decoded(chunks, threads or self.threads, trusted=False)

    def _decoded(self, chunks: list[Rows], threads: int | None, *, trusted: bool) -> Columns:
        if self._projection.reads_message_sets:
            chunks = [without_message_sets(self._projection, rows) for rows in chunks]
        check = TRUSTED if trusted and self.utf8 == "schema" else VERIFY[self.verify]
        decoded = project(
            self._projection, tuple(chunks), ON_ERROR[self.on_error], check, self.limits.depth,
            threads or threads_for(chunks), most_bytes(chunks, self._projection, self.limits),
            is_main_thread(),
        )  # fmt: skip
        if decoded.failed and self.on_error == "raise":
            raise row_failure(decoded, is_alone=sum(map(len, chunks)) == 1)
        return self._columns(decoded, chunks)

    def _columns(self, decoded: Decoded, chunks: list[Rows]) -> Columns:
        data = assembled(self._root, self._row, self.type, decoded)
        sources = sources_of(chunks)
        if self.absent == "default":
            from tensorwire.columns.defaults import fill_defaults

            data, sources = fill_defaults(data, sources)
        return Columns(data, self.paths, sources, RowErrors(decoded), self.arrow)


def restored(files: tuple[bytes, ...], full_name: str, options: dict[str, Any]) -> Decoder:
    """Called by unpickling: a decoder from the schema's encoded files."""
    return Decoder(class_of_files(files, full_name), **options)


def decode_batch(
    records: Any, cls: type[Any], paths: Iterable[str] | None = None, **options: Any
) -> Columns:
    """Fields of many records as columns: ``Decoder(cls, paths, **options)(records)``.

    ``decode_batch(records, Event, ["id", "user.name", "items.price"])`` gives a mapping from these
    paths to columns of flat values and offsets. ``records``: see `Decoder.__call__`; ``cls``: a
    message class, ours or upstream's; ``paths`` and options: see `Decoder`.

    Copies: nothing that is bytes in the input, which the columns keep until `Columns.compact`.
    Raises: as `Decoder` and its call do.
    """
    if isinstance(records, type) or not is_class(cls):
        raise TypeError("call decode_batch(records, cls, paths): data first, then the class")
    return Decoder(cls, paths, **options)(records)


def columns(message: Any, paths: Iterable[str] | None = None, **options: Any) -> Columns:
    """Fields of one message as columns of one row, or with ``each=`` of a row per item.

    ``columns(model, ["name", "dims"], each="graph.initializer")``: a message knows its class.
    Copies: nothing, unless the message was changed. For options and errors see `Decoder`.
    """
    if not isinstance(message, Message):
        if hasattr(message, "DESCRIPTOR") and not isinstance(message, type):
            encoded = message.SerializePartialToString()
            return Decoder(type(message), paths, **options)(encoded)
        raise TypeError(
            "call columns(message, paths): a message comes first, which knows its class; "
            "encoded ones are read by decode_batch(records, cls, paths)"
        )
    return Decoder(type(message), paths, **options)(message)


def _class_of(cls: Any) -> type[Any]:
    if not is_class(cls):
        raise TypeError(f"call {CALL}: a message class is needed, not {type(cls).__name__}")
    found: type[Any] = message_class(cls)
    return found


def _check_type(message: Any, cls: Any) -> None:
    """Refuses a message of another type; its class may be another, as after pickling."""
    own, wanted = (one.DESCRIPTOR.full_name for one in (message, cls))
    if own != wanted:
        raise TypeError(f"the record is a message {own}, the class {wanted}")
