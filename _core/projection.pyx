"""Compiling what is asked for of a message type to the tables that the walk reads."""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport uint8_t, uint16_t, uint32_t

from projected cimport (
    PROJECT_BOOL, PROJECT_CLOSED, PROJECT_FIXED32, PROJECT_FIXED64, PROJECT_GROUP, PROJECT_INT64,
    PROJECT_MESSAGE, PROJECT_PACKED_FIXED, PROJECT_PACKED_VARINT, PROJECT_RAW_GROUP, PROJECT_SINT64,
    PROJECT_SPAN, PROJECT_WATCH, PROJECTED_CLOSED, PROJECTED_KEY, PROJECTED_MAP_VALUE,
    PROJECTED_NONE, PROJECTED_REPEATED, PROJECTED_UTF8, ProjectedField, ProjectedList,
    ProjectedRange, ProjectedScope, ProjectedTable, ProjectionPlan, project_form,
)
from tensorwire._core.parse cimport MessageType
from tensorwire._core.plan cimport PlanSet
from wire cimport (
    FIELD_CLOSED, FIELD_MAP, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED, FIELD_UTF8,
    KIND_BYTES, KIND_ENUM, KIND_GROUP, KIND_STRING, WIRE_FIXED64, WIRE_LEN, WIRE_VARINT, FieldPlan,
    MessagePlan, kind_is_message, kind_packable, kind_wire, plan_extension_count, plan_field,
    plan_slot,
)

cimport cython

from tensorwire.errors import UnsupportedError

cdef enum:
    TAGS_MAX = 1 << 14       # tags of one or two bytes have a table
    NULL_ARRAY = 0           # of the rows: which are null
    MAP_KEY = 1              # field numbers of a map entry
    MAP_VALUE = 2


@cython.final
cdef class Projection:
    """What of the messages of one type goes into which array. Frozen.

    ``nodes``: fields asked for, parents first: ``(parent, number, raw)``, ``parent`` being the
    position of the message field that it lies in, -1 for the type itself; ``raw`` takes a message
    field as bytes, a group with its tags.

    Raises: ``ValueError`` for a number that the type has no field of, ``UnsupportedError`` for
    fields of message sets.
    """

    def __cinit__(self, MessageType kind not None, tuple nodes not None):
        self.kind = kind
        self._blocks = []
        cdef list scopes = _scopes(kind, nodes)
        cdef dict layout = _laid_out(scopes)
        self.nodes = tuple([
            None if one is None else (one.values, one.seen, one.list_number, one.table)
            for one in layout["leaves"][:len(nodes)]
        ])
        self._fill(scopes, layout)

    def __dealloc__(self):
        for block in self._blocks or ():
            PyMem_Free(<void *> <size_t> block)

    cdef void *_new(self, size_t count, size_t size) except NULL:
        cdef void *block = PyMem_Calloc(count + 1, size)
        if block == NULL:
            raise MemoryError
        self._blocks.append(<size_t> block)
        return block

    cdef int _fill(self, list scopes, dict layout) except -1:
        cdef ProjectedScope *made = <ProjectedScope *> self._new(len(scopes), sizeof(ProjectedScope))
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


cdef class _Leaf:
    """One field that is asked for or watched, on its way to a `ProjectedField`."""

    cdef const FieldPlan *field
    cdef readonly bint raw, watched, in_entry
    cdef readonly object scope           # of a message: its _Scope
    cdef readonly object values, seen, list_number, table, pointers, oneof, member

    def __cinit__(self):
        self.values = self.seen = self.list_number = self.table = self.pointers = -1
        self.oneof = self.member = -1

    def tags(self):
        """The tags that it takes."""
        if not self.watched and self.field.flags & FIELD_REPEATED and kind_packable(self.field.kind):
            return [self.field.tag, self.field.number << 3 | WIRE_LEN]
        return [self.field.tag]

    cdef bint is_message(self):
        return kind_is_message(self.field.kind) and not self.raw

    cdef bint is_repeated(self):
        return self.field.flags & FIELD_REPEATED != 0

    cdef bint is_key(self):
        """A map key of bytes, whose address is kept."""
        return self.in_entry and self.field.number == MAP_KEY and _is_bytes(self.field.kind)

    cdef bint is_doubtful(self):
        """A closed enum as the value of a map."""
        return (self.in_entry and self.field.number == MAP_VALUE
                and self.field.flags & FIELD_CLOSED != 0)

    cdef bint has_presence(self):
        return (not self.in_entry and not self.is_repeated()
                and (self.field.flags & (FIELD_PRESENCE | FIELD_REQUIRED) != 0
                     or kind_is_message(self.field.kind)))


cdef class _Scope:
    """One message position, on its way to a `ProjectedScope`."""

    cdef const MessagePlan *plan
    cdef readonly list leaves
    cdef readonly bint is_entry
    cdef readonly object table
    cdef readonly tuple arrays, lists, oneofs
    cdef readonly object number, depth
    cdef dict by_number


cdef _Scope _scope(const MessagePlan *plan, list scopes, depth):
    cdef _Scope made = _Scope()
    if plan.message_set:
        raise UnsupportedError("columns do not reach into message sets")
    made.plan, made.leaves, made.by_number = plan, [], {}
    made.is_entry = plan.map_entry != 0
    made.number, made.depth = len(scopes), depth
    scopes.append(made)
    return made


cdef list _scopes(MessageType kind, tuple nodes):
    """The scopes, and in each its leaves; ``leaves`` of the first has those of the nodes first."""
    cdef list scopes = []
    cdef list leaves = []
    cdef _Scope scope, root = _scope(kind.plan, scopes, 0)
    cdef _Leaf leaf
    for parent, number, raw in nodes:
        scope = root if parent < 0 else leaves[parent].scope
        if scope is None:
            raise ValueError(f"node {parent} is no message")
        leaf = scope.by_number.get(number)
        if leaf is not None:
            raise ValueError(f"field {number} is asked for twice")
        leaf = _leaf(scope, number, raw)
        if leaf.is_message():
            leaf.scope = _scope(leaf.field.message, scopes, scope.depth + 1)
        leaves.append(leaf)
    for scope in list(scopes):
        if scope.is_entry:
            _complete_entry(scope)
        _watch_oneofs(scope)
    scopes[0].by_number[0] = leaves        # no field has that number
    return scopes


cdef _Leaf _leaf(_Scope scope, number, bint raw):
    cdef _Leaf leaf = _Leaf()
    leaf.field = plan_field(scope.plan, number)
    if leaf.field == NULL:
        raise ValueError(f"no field {number}")
    leaf.raw, leaf.in_entry = raw, scope.is_entry
    scope.leaves.append(leaf)
    scope.by_number[number] = leaf
    return leaf


cdef int _complete_entry(_Scope scope) except -1:
    """What tells which entries of a map count: the key, and a value that may be none."""
    cdef const FieldPlan *value = plan_field(scope.plan, MAP_VALUE)
    if MAP_KEY not in scope.by_number:
        _leaf(scope, MAP_KEY, False)
    if MAP_VALUE not in scope.by_number and value.flags & FIELD_CLOSED:
        _leaf(scope, MAP_VALUE, False)
    return 0


cdef int _watch_oneofs(_Scope scope) except -1:
    """The other members of each oneof that has one asked for, and numbers for its members."""
    cdef const FieldPlan *field
    cdef _Leaf leaf
    cdef uint32_t slot
    cdef dict asked = {}                   # oneof -> [leaves]
    cdef dict members = {}                 # oneof -> count of members
    for slot in range(scope.plan.field_count):
        field = &scope.plan.fields[slot]
        if field.oneof:
            members[field.oneof] = members.get(field.oneof, 0) + 1
    for leaf in scope.leaves:
        if leaf.field.oneof and members[leaf.field.oneof] > 1:
            asked.setdefault(leaf.field.oneof, []).append(leaf)
    for slot in range(scope.plan.field_count):
        field = &scope.plan.fields[slot]
        if field.oneof in asked and field.number not in scope.by_number:
            leaf = _leaf(scope, field.number, True)
            leaf.watched = True
            asked[field.oneof].append(leaf)
    for oneof, leaves in asked.items():
        for member, leaf in enumerate(leaves, 1):
            leaf.oneof, leaf.member = oneof, member
    return 0


cdef dict _laid_out(list scopes):
    """Numbers for arrays, lists, tables and oneofs: those of one scope, and of what lies in place
    below it, behind one another."""
    cdef dict layout = {"widths": [1], "lists": [], "tables": [], "oneofs": 0}
    cdef list pending = [(scopes[0], -1)]  # scopes that begin a table, and their lists
    cdef _Scope scope
    cdef _Leaf leaf
    layout["leaves"] = scopes[0].by_number.pop(0)
    table_of = {}
    # Tables are numbered as their lists are met; repeated scalars have no scope.
    for begins, list_number in pending:
        number = len(layout["tables"])
        table = {"scope": None, "list": list_number, "key": -1, "key_pointers": -1, "dead": -1}
        layout["tables"].append(table)
        if list_number >= 0:
            layout["lists"][list_number][0] = number
        if isinstance(begins, _Leaf):
            leaf = begins
            leaf.table, leaf.values = number, len(layout["widths"])
            layout["widths"].append(_width(leaf))
            table["arrays"] = (leaf.values, leaf.values + 1)
            table["lists"] = table["oneofs"] = (0, 0)
            continue
        scope = begins
        _lay_arrays(scope, number, layout)
        if number == 0:
            scope.arrays = (NULL_ARRAY, scope.arrays[1])
        _lay_lists(scope, number, layout, pending)
        _lay_oneofs(scope, layout)
        table.update(scope=scope.number, arrays=scope.arrays, lists=scope.lists,
                     oneofs=scope.oneofs)
        if scope.is_entry:
            leaf = scope.by_number[MAP_KEY]
            table["key"], table["key_pointers"] = leaf.values, leaf.pointers
            leaf = scope.by_number.get(MAP_VALUE)
            if leaf is not None and leaf.is_doubtful():
                table["dead"] = leaf.pointers
    for scope in scopes:
        for leaf in scope.leaves:
            if leaf.scope is not None and leaf.is_repeated():
                leaf.table = leaf.scope.table
    return layout


cdef int _lay_arrays(_Scope scope, table, dict layout) except -1:
    cdef list widths = layout["widths"]
    cdef _Leaf leaf
    cdef _Scope below
    first = len(widths)
    scope.table = table
    for leaf in scope.leaves:
        if leaf.is_repeated() or leaf.is_message() or leaf.watched:
            continue
        leaf.values = len(widths)
        widths.append(_width(leaf))
        if leaf.has_presence():
            leaf.seen = len(widths)
            widths.append(1)
        if leaf.is_key() or leaf.is_doubtful():
            leaf.pointers = len(widths)
            widths.append(sizeof(void *) if leaf.is_key() else 1)
    for leaf in scope.leaves:
        if leaf.is_message() and not leaf.is_repeated() and not leaf.watched:
            below = leaf.scope
            start = len(widths)
            if leaf.has_presence():
                leaf.seen = start
                widths.append(1)
            _lay_arrays(below, table, layout)
            below.arrays = (start, len(widths))
    scope.arrays = (first, len(widths))
    return 0


cdef int _lay_lists(_Scope scope, table, dict layout, list pending) except -1:
    cdef _Leaf leaf
    first = len(layout["lists"])
    for leaf in scope.leaves:
        if leaf.is_repeated() and not leaf.watched:
            leaf.list_number = len(layout["lists"])
            layout["lists"].append([-1, table])
            pending.append((leaf.scope if leaf.is_message() else leaf, leaf.list_number))
    for leaf in scope.leaves:
        if leaf.is_message() and not leaf.is_repeated() and not leaf.watched:
            _lay_lists(leaf.scope, table, layout, pending)
    scope.lists = (first, len(layout["lists"]))
    return 0


cdef int _lay_oneofs(_Scope scope, dict layout) except -1:
    cdef _Leaf leaf
    cdef dict numbers = {}
    first = layout["oneofs"]
    for leaf in scope.leaves:
        if leaf.member > 0:
            leaf.oneof = numbers.setdefault(leaf.oneof, first + len(numbers))
    layout["oneofs"] = first + len(numbers)
    for leaf in scope.leaves:
        if leaf.is_message() and not leaf.is_repeated() and not leaf.watched:
            _lay_oneofs(leaf.scope, layout)
    scope.oneofs = (first, layout["oneofs"])
    return 0


cdef bint _is_bytes(uint8_t kind):
    return kind == KIND_STRING or kind == KIND_BYTES


cdef uint8_t _op(_Leaf leaf, uint32_t tag) except 0:
    cdef uint8_t kind = leaf.field.kind
    if leaf.watched:
        return PROJECT_WATCH
    if kind_is_message(kind) and leaf.raw:
        return PROJECT_RAW_GROUP if kind == KIND_GROUP else PROJECT_SPAN
    if kind_is_message(kind):
        return PROJECT_GROUP if kind == KIND_GROUP else PROJECT_MESSAGE
    if _is_bytes(kind):
        return PROJECT_SPAN
    if tag & 7 == WIRE_LEN:
        return PROJECT_PACKED_VARINT if kind_wire(kind) == WIRE_VARINT else PROJECT_PACKED_FIXED
    if kind_wire(kind) == WIRE_VARINT:
        return PROJECT_CLOSED if leaf.field.flags & FIELD_CLOSED else project_form(kind)
    return PROJECT_FIXED64 if kind_wire(kind) == WIRE_FIXED64 else PROJECT_FIXED32


cdef uint8_t _width(_Leaf leaf) except 0:
    """Bytes of one value."""
    cdef uint8_t kind = leaf.field.kind, form
    if _is_bytes(kind) or kind_is_message(kind):
        return 16
    if kind_wire(kind) != WIRE_VARINT:
        return 8 if kind_wire(kind) == WIRE_FIXED64 else 4
    form = project_form(kind)
    if form == PROJECT_BOOL:
        return 1
    return 8 if form == PROJECT_INT64 or form == PROJECT_SINT64 else 4


cdef uint32_t _number(value) except? 0:
    return PROJECTED_NONE if value < 0 else <uint32_t> value


cdef int _fill_field(ProjectedField *field, uint32_t tag, _Leaf leaf, ProjectedScope *made) except -1:
    cdef uint32_t flags = leaf.field.flags
    field.tag = tag
    field.op = _op(leaf, tag)
    field.kind = leaf.field.kind
    field.width = 0 if leaf.is_message() or leaf.watched else _width(leaf)
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
    field.oneof = _number(leaf.oneof) if leaf.member > 0 else PROJECTED_NONE
    field.member = leaf.member if leaf.member > 0 else 0
    field.enumeration = leaf.field.enumeration
    field.scope = NULL if leaf.scope is None else &made[<size_t> leaf.scope.number]
    return 0


cdef int _fill_scope(Projection self, ProjectedScope *scope, _Scope given,
                     ProjectedScope *made) except -1:
    cdef list entries = sorted([(tag, i) for i, one in enumerate(given.leaves) for tag in one.tags()])
    cdef ProjectedField *fields
    cdef uint16_t *by_tag
    cdef size_t i
    cdef uint32_t tag
    cdef list near = [tag for tag, _ in entries if tag < TAGS_MAX]
    fields = <ProjectedField *> self._new(len(entries) + 1, sizeof(ProjectedField))
    scope.tag_count = max(near) + 1 if near else 0
    by_tag = <uint16_t *> self._new(scope.tag_count, sizeof(uint16_t))
    for i, (tag, leaf) in enumerate(entries):
        _fill_field(&fields[i + 1], tag, given.leaves[leaf], made)
        if tag < TAGS_MAX:
            by_tag[tag] = <uint16_t> (i + 1)
    scope.fields, scope.by_tag = fields, by_tag
    scope.field_count = len(entries) + 1
    scope.table = given.table
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


def fields_of(PlanSet plans not None, uint32_t index):
    """The fields of a type, extensions last: tuples ``(number, name, kind, flags, child, labels,
    default)``, where ``child`` is ``(PlanSet, index)`` of a message and ``labels`` label -> number
    of an enum.
    """
    plans._require(index)
    cdef const MessagePlan *plan = &plans.plans[index]
    cdef const FieldPlan *field
    cdef uint32_t slot
    cdef list found = []
    for slot in range(plan.field_count + plan_extension_count(plan)):
        field = plan_slot(plan, slot)
        spec = plans.field_at(index, slot)
        child = labels = None
        if field.message != NULL:
            child = (<PlanSet> field.message.head.set, field.message.head.index)
        elif field.kind == KIND_ENUM:
            labels = plans.labels_at(index, slot)
        found.append((field.number, spec[1], field.kind, field.flags, child, labels, spec[5]))
    return found
