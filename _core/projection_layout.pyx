"""Where the values of a projection go: numbers for its arrays, lists and tables."""

from libc.stdint cimport uint8_t, uint32_t

from projected cimport PROJECT_BOOL, PROJECT_INT64, PROJECT_SINT64, project_form
from tensorwire._core.parse cimport MessageType
from wire cimport (
    FIELD_CLOSED, FIELD_PRESENCE, FIELD_REPEATED, FIELD_REQUIRED, KIND_BYTES, KIND_STRING,
    WIRE_FIXED64, WIRE_LEN, WIRE_VARINT, FieldPlan, MessagePlan, kind_is_message, kind_packable,
    kind_wire, plan_field,
)

cimport cython

cdef enum:
    NULL_ARRAY = 0           # of the rows: which are null


@cython.final
cdef class Leaf:
    """One field that is asked for or watched, on its way to a `ProjectedField`."""

    def __cinit__(self):
        self.values = self.seen = self.list_number = self.table = self.pointers = -1
        self.oneof = self.member = -1

    def tags(self):
        """The tags that it takes."""
        if not self.watched and self.is_repeated() and kind_packable(self.field.kind):
            return [self.field.tag, self.field.number << 3 | WIRE_LEN]
        return [self.field.tag]

    cdef bint is_message(self):
        return kind_is_message(self.field.kind) and not self.raw

    cdef bint is_repeated(self):
        return self.field.flags & FIELD_REPEATED != 0

    cdef bint is_key(self):
        """A map key of bytes, whose address is kept."""
        return self.in_entry and self.field.number == MAP_KEY and is_bytes(self.field.kind)

    cdef bint is_doubtful(self):
        """A closed enum as the value of a map."""
        return (self.in_entry and self.field.number == MAP_VALUE
                and self.field.flags & FIELD_CLOSED != 0)

    cdef bint has_presence(self):
        return (not self.in_entry and not self.is_repeated()
                and (self.field.flags & (FIELD_PRESENCE | FIELD_REQUIRED) != 0
                     or kind_is_message(self.field.kind)))


@cython.final
cdef class Scope:
    """One message position, on its way to a `ProjectedScope`."""

    def __cinit__(self):
        self.dead = -1


cdef Scope _scope(const MessagePlan *plan, list scopes, depth):
    cdef Scope made = Scope()
    made.plan, made.leaves, made.by_number = plan, [], {}
    made.is_entry = plan.map_entry != 0
    made.number, made.depth = len(scopes), depth
    scopes.append(made)
    return made


cdef list scopes_of(MessageType kind, tuple nodes):
    """The scopes, and in each its leaves; ``leaves`` of the first has those of the nodes first."""
    cdef list scopes = []
    cdef list leaves = []
    cdef Scope scope, root = _scope(kind.plan, scopes, 0)
    cdef Leaf leaf
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
    root.by_number[0] = leaves             # no field has that number
    return scopes


cdef Leaf _leaf(Scope scope, number, bint raw):
    cdef Leaf leaf = Leaf()
    leaf.field = plan_field(scope.plan, number)
    if leaf.field == NULL:
        raise ValueError(f"no field {number}")
    leaf.raw, leaf.in_entry = raw, scope.is_entry
    scope.leaves.append(leaf)
    scope.by_number[number] = leaf
    return leaf


cdef int _complete_entry(Scope scope) except -1:
    """What tells which entries of a map count: the key, and that there is nothing else in them
    but a value, which must be known where it is of a closed enum."""
    cdef const FieldPlan *value = plan_field(scope.plan, MAP_VALUE)
    cdef Leaf leaf
    if MAP_KEY not in scope.by_number:
        _leaf(scope, MAP_KEY, False)
    if MAP_VALUE not in scope.by_number:
        leaf = _leaf(scope, MAP_VALUE, value.flags & FIELD_CLOSED == 0)
        leaf.watched = leaf.raw
    return 0


cdef int _watch_oneofs(Scope scope) except -1:
    """The other members of each oneof that has one asked for, and numbers for its members."""
    cdef const FieldPlan *field
    cdef Leaf leaf
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


cdef dict laid_out(list scopes):
    """Numbers for arrays, lists, tables and oneofs: those of one scope, and of what lies in place
    below it, behind one another."""
    cdef Scope root = scopes[0]
    cdef dict layout = {"widths": [1], "lists": [], "tables": [], "oneofs": 0}
    cdef list pending = [(scopes[0], -1)]  # scopes that begin a table, and their lists
    cdef Scope scope
    cdef Leaf leaf
    layout["leaves"] = root.by_number.pop(0)
    # Tables are numbered as their lists are met; repeated scalars have no scope.
    for begins, list_number in pending:
        number = len(layout["tables"])
        table = {"scope": None, "list": list_number, "key": -1, "key_pointers": -1, "dead": -1}
        layout["tables"].append(table)
        if list_number >= 0:
            layout["lists"][list_number][0] = number
        if isinstance(begins, Leaf):
            leaf = begins
            leaf.table, leaf.values = number, len(layout["widths"])
            layout["widths"].append(width_of(leaf))
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
            table["dead"] = scope.dead
    for scope in scopes:
        for leaf in scope.leaves:
            if leaf.scope is not None and leaf.is_repeated():
                leaf.table = leaf.scope.table
    return layout


cdef int _lay_arrays(Scope scope, table, dict layout) except -1:
    cdef list widths = layout["widths"]
    cdef Leaf leaf
    cdef Scope below
    first = len(widths)
    scope.table = table
    if scope.is_entry:
        scope.dead = len(widths)
        widths.append(1)
    for leaf in scope.leaves:
        if leaf.is_repeated() or leaf.is_message() or leaf.watched:
            continue
        leaf.values = len(widths)
        widths.append(width_of(leaf))
        if leaf.has_presence():
            leaf.seen = len(widths)
            widths.append(1)
        if leaf.is_key():
            leaf.pointers = len(widths)
            widths.append(sizeof(void *))
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


cdef int _lay_lists(Scope scope, table, dict layout, list pending) except -1:
    cdef Leaf leaf
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


cdef int _lay_oneofs(Scope scope, dict layout) except -1:
    cdef Leaf leaf
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


cdef bint is_bytes(uint8_t kind):
    return kind == KIND_STRING or kind == KIND_BYTES


cdef uint8_t width_of(Leaf leaf) except 0:
    """Bytes of one value."""
    cdef uint8_t kind = leaf.field.kind, form
    if is_bytes(kind) or kind_is_message(kind):
        return 16
    if kind_wire(kind) != WIRE_VARINT:
        return 8 if kind_wire(kind) == WIRE_FIXED64 else 4
    form = project_form(kind)
    if form == PROJECT_BOOL:
        return 1
    return 8 if form == PROJECT_INT64 or form == PROJECT_SINT64 else 4
