"""Compiling what is asked for of a message type to the tables that the walk reads."""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport uint8_t, uint32_t

from projected cimport (
    FAST_SKIP, FAST_SKIP_RUN, PROJECT_CLOSED, PROJECT_FIXED32, PROJECT_FIXED64, PROJECT_GROUP,
    PROJECT_IGNORE, PROJECT_MESSAGE, PROJECT_PACKED_FIXED, PROJECT_PACKED_VARINT,
    PROJECT_RAW_GROUP, PROJECT_SPAN, PROJECT_WATCH, PROJECTED_CLOSED, PROJECTED_KEY,
    PROJECTED_LISTED, PROJECTED_MAP_VALUE, PROJECTED_NONE, PROJECTED_ONEOF, PROJECTED_REPEATED,
    PROJECTED_SEEN, PROJECTED_UTF8, ProjectedField, ProjectedList, ProjectedRange, ProjectedScope,
    ProjectedTable, column_row_bytes, project_form, projected_fast,
)
from tensorwire._core.parse cimport MessageType
from tensorwire._core.projection_layout cimport (
    Leaf, Scope, is_bytes, laid_out, scopes_of, width_of,
)
from wire cimport (
    FIELD_CLOSED, FIELD_UTF8, KIND_GROUP, KIND_STRING, WIRE_FIXED32, WIRE_FIXED64, WIRE_LEN,
    WIRE_VARINT, kind_is_message, kind_wire,
)

cimport cython

cdef enum:
    TAGS_MAX = 1 << 12       # tags below may have a table: 32 KiB at most
    TAGS_MIN = 127           # those of one byte always have

# By wire type: what skipping an item takes, as ProjectedScope.simple has it.
cdef dict SIMPLE = {WIRE_VARINT: 1, WIRE_FIXED64: 9, WIRE_LEN: 2, WIRE_FIXED32: 5}


@cython.final
@cython.no_gc_clear        # its end needs `_blocks`
cdef class Projection:
    """What of the messages of one type goes into which array. Frozen.

    ``nodes``: fields asked for, parents first: ``(parent, number, raw)``, ``parent`` being the
    position of the message field that it lies in, -1 for the type itself; ``raw`` takes a message
    field as bytes, a group with its tags. ``check_texts``: all strings must be UTF-8, not only
    those that the schema says it of.

    Raises: ``ValueError`` for a number that the type has no field of.
    """

    def __cinit__(self, MessageType kind not None, tuple nodes not None, bint check_texts=False):
        self.kind = kind
        self._check_texts = check_texts
        self._blocks = []
        cdef Scope scope
        cdef list scopes = scopes_of(kind, nodes)
        cdef dict layout = laid_out(scopes)
        self.nodes = tuple([
            None if one is None else (one.values, one.seen, one.list_number, one.table)
            for one in layout["leaves"][:len(nodes)]
        ])
        for scope in scopes:
            self.reads_message_sets |= scope.plan.message_set != 0
        self._fill(scopes, layout)

    def __dealloc__(self):
        for block in self._blocks or ():
            PyMem_Free(<void *> <size_t> block)

    @property
    def row_bytes(self):
        """What a row takes in all arrays, without what is in lists."""
        return column_row_bytes(&self.plan, 0)

    cdef void *_new(self, size_t count, size_t size) except NULL:
        cdef void *block = PyMem_Calloc(count + 1, size)
        if block == NULL:
            raise MemoryError
        self._blocks.append(<size_t> block)
        return block

    cdef int _fill(self, list scopes, dict layout) except -1:
        cdef ProjectedScope *made = <ProjectedScope *> self._new(
            len(scopes), sizeof(ProjectedScope))
        cdef ProjectedTable *tables
        cdef ProjectedList *lists
        cdef uint8_t *widths
        cdef size_t i
        tables = <ProjectedTable *> self._new(len(layout["tables"]), sizeof(ProjectedTable))
        lists = <ProjectedList *> self._new(len(layout["lists"]), sizeof(ProjectedList))
        widths = <uint8_t *> self._new(len(layout["widths"]), 1)
        for i, width in enumerate(layout["widths"]):
            widths[i] = width
        for i, (table, owner) in enumerate(layout["lists"]):
            lists[i].table, lists[i].owner = table, owner
        for i, scope in enumerate(scopes):
            _fill_scope(self, &made[i], scope, made)
        for i, table in enumerate(layout["tables"]):
            _fill_table(&tables[i], table, made)
        self.plan.root = &made[0]
        self.plan.tables, self.plan.lists, self.plan.widths = tables, lists, widths
        self.plan.table_count = len(layout["tables"])
        self.plan.list_count = len(layout["lists"])
        self.plan.array_count = len(layout["widths"])
        self.plan.oneof_count = layout["oneofs"]
        self.plan.depth = max([scope.depth for scope in scopes]) + 1
        return 0


cdef uint8_t _op(Leaf leaf, uint32_t tag) except 0:
    cdef uint8_t kind = leaf.field.kind
    if leaf.watched:
        return PROJECT_WATCH if leaf.member > 0 else PROJECT_IGNORE
    if kind_is_message(kind) and leaf.raw:
        return PROJECT_RAW_GROUP if kind == KIND_GROUP else PROJECT_SPAN
    if kind_is_message(kind):
        return PROJECT_GROUP if kind == KIND_GROUP else PROJECT_MESSAGE
    if is_bytes(kind):
        return PROJECT_SPAN
    if tag & 7 == WIRE_LEN:
        return PROJECT_PACKED_VARINT if kind_wire(kind) == WIRE_VARINT else PROJECT_PACKED_FIXED
    if kind_wire(kind) == WIRE_VARINT:
        return PROJECT_CLOSED if leaf.field.flags & FIELD_CLOSED else project_form(kind)
    return PROJECT_FIXED64 if kind_wire(kind) == WIRE_FIXED64 else PROJECT_FIXED32


cdef uint32_t _number(value) except? 0:
    return PROJECTED_NONE if value < 0 else <uint32_t> value


cdef int _fill_field(ProjectedField *field, uint32_t tag, Leaf leaf,
                     ProjectedScope *made) except -1:
    cdef uint32_t flags = leaf.field.flags
    field.tag = tag
    field.op = _op(leaf, tag)
    field.kind = leaf.field.kind
    field.width = 0 if leaf.is_message() or leaf.watched else width_of(leaf)
    if leaf.is_repeated():
        field.flags |= PROJECTED_REPEATED
    if flags & FIELD_UTF8 and leaf.field.kind == KIND_STRING:
        field.flags |= PROJECTED_UTF8
    if flags & FIELD_CLOSED:
        field.flags |= PROJECTED_CLOSED
    if leaf.is_key():
        field.flags |= PROJECTED_KEY
    if leaf.is_doubtful():
        field.flags |= PROJECTED_MAP_VALUE
    field.values, field.seen = _number(leaf.values), _number(leaf.seen)
    field.table, field.pointers = _number(leaf.table), _number(leaf.pointers)
    if leaf.seen >= 0:
        field.flags |= PROJECTED_SEEN
    if leaf.member > 0:
        field.flags |= PROJECTED_ONEOF
        field.oneof, field.member = leaf.oneof, leaf.member
    field.enumeration = leaf.field.enumeration
    field.scope = NULL if leaf.scope is None else &made[<size_t> leaf.scope.number]
    return 0


cdef int _fill_scope(Projection self, ProjectedScope *scope, Scope given,
                     ProjectedScope *made) except -1:
    cdef list entries = sorted([
        (tag, i) for i, one in enumerate(given.leaves) for tag in one.tags()])
    cdef ProjectedField *fields
    cdef const ProjectedField **by_tag
    cdef size_t i
    cdef uint32_t tag
    cdef list near = [tag for tag, _ in entries if tag < TAGS_MAX]
    fields = <ProjectedField *> self._new(len(entries) + 2, sizeof(ProjectedField))
    scope.tag_count = max([TAGS_MIN] + near) + 1
    by_tag = <const ProjectedField **> self._new(scope.tag_count, sizeof(void *))
    for i in range(scope.tag_count):
        by_tag[i] = fields                 # skips
    for i, (tag, leaf) in enumerate(entries):
        _fill_field(&fields[i + 1], tag, given.leaves[leaf], made)
        if self._check_texts and fields[i + 1].kind == KIND_STRING:
            fields[i + 1].flags |= PROJECTED_UTF8
        if given.table > 0:
            fields[i + 1].flags |= PROJECTED_LISTED
        fields[i + 1].fast = projected_fast(fields[i + 1].op, fields[i + 1].flags)
        if tag < TAGS_MAX:
            by_tag[tag] = &fields[i + 1]
    scope.fields, scope.by_tag = fields, by_tag
    if not given.is_entry:                 # there, what is unknown tells
        fields.fast, fields[len(entries) + 1].fast = FAST_SKIP, FAST_SKIP_RUN
        for tag in range(8, 128):
            if by_tag[tag] == fields and tag & 7 in SIMPLE:
                scope.simple[tag] = <uint8_t> SIMPLE[tag & 7]
                by_tag[tag] = &fields[len(entries) + 1]
    scope.field_count = len(entries) + 1
    scope.table, scope.dead = given.table, _number(given.dead)
    _fill_range(&scope.arrays, given.arrays)
    _fill_range(&scope.lists, given.lists)
    _fill_range(&scope.oneofs, given.oneofs)
    return 0


cdef int _fill_table(ProjectedTable *table, dict given, ProjectedScope *made) except -1:
    table.scope = NULL if given["scope"] is None else &made[<size_t> given["scope"]]
    _fill_range(&table.arrays, given["arrays"])
    _fill_range(&table.lists, given["lists"])
    _fill_range(&table.oneofs, given["oneofs"])
    table.list = _number(given["list"])
    table.key, table.key_pointers = _number(given["key"]), _number(given["key_pointers"])
    table.dead = _number(given["dead"])
    return 0


cdef int _fill_range(ProjectedRange *range_, tuple given) except -1:
    range_.first, range_.stop = given
    return 0
