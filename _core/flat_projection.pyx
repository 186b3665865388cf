"""Compiling what is asked for of a FlatBuffers type to the tables that the walk reads."""

from cpython.mem cimport PyMem_Calloc, PyMem_Free
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from flat cimport (
    FLAT_BOOL, FLAT_FLOAT64, FLAT_INT8, FLAT_INT16, FLAT_IS_ARRAY, FLAT_IS_NUMBERS, FLAT_IS_SCALAR,
    FLAT_IS_STRING, FLAT_IS_STRINGS, FLAT_IS_STRUCT, FLAT_IS_STRUCTS, FLAT_IS_TABLE,
    FLAT_IS_TABLES, FLAT_IS_UNION, FLAT_IS_UNIONS, FLAT_OBJECT, FLAT_OPTIONAL, FLAT_REQUIRED,
    FLAT_STRING, FLAT_UINT8, FLAT_UINT16, FLAT_UTYPE, FlatEnum, FlatEnumValue, FlatField,
    FlatObject, flat_enum_find,
)
from flat_projected cimport (
    FLAT_ARRAY_NUMBERS, FLAT_ARRAY_STRUCTS, FLAT_ASKED_NONE, FLAT_EACH_NUMBER, FLAT_EACH_STRING,
    FLAT_EACH_STRUCT, FLAT_EACH_TABLE, FLAT_EACH_UNION, FLAT_FORM_BOOL, FLAT_FORM_INT32,
    FLAT_FORM_SAME, FLAT_INTO_STRUCT, FLAT_INTO_TABLE, FLAT_INTO_UNION, FLAT_PUT_BYTES,
    FLAT_PUT_NUMBER, FLAT_PUT_STRING, FlatArrayPlan, FlatAsked, FlatScope, FlatTablePlan,
)
from tensorwire._core.flat_plan cimport FlatPlans

cimport cython

cdef uint8_t[13] WIDTHS = [0, 1, 1, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8]

cdef enum:
    SPAN = 16                # bytes of a span


@cython.final
cdef class _Node:
    """One field or member that is asked for, or the root, on its way to a `FlatAsked`."""

    cdef const FlatField *field
    cdef const FlatEnumValue *member
    cdef const FlatObject *object          # what lies below is in it, or in a union
    cdef const FlatEnum *union_
    cdef list below
    cdef dict taken                        # those below by number
    cdef object dtype
    cdef str name
    cdef uint8_t op, base, form, width
    cdef bint nullable                     # there is an array that says which are there
    cdef bint in_place                     # of one row per row of what it lies in
    cdef bint unfilled                     # rows may be left so
    cdef uint32_t table                    # of what lies below, or of the items
    cdef long long values, seen, starts
    cdef size_t number
    cdef uint32_t first, stop              # starts of the lists in it and in what lies in place

    def __cinit__(self):
        self.below, self.taken = [], {}
        self.values = self.seen = self.starts = -1

    cdef bint is_leaf(self) noexcept:
        return self.object == NULL and self.union_ == NULL


@cython.final
@cython.no_gc_clear          # its end needs `_blocks`
cdef class FlatProjection:
    """What of the tables or structs of one type goes into which array. Frozen.

    ``nodes``: fields asked for, parents first: ``(parent, index, dtype)``, ``parent`` being the
    position of the node that it lies in, -1 for the type itself; ``index`` the position of the
    field in its type, or of the member in its union. ``dtype``: a NumPy dtype of what becomes
    values, of numbers as wide as they are, or of 4 bytes, to which narrower ones are widened; of
    strings, and of bytes that are to be spans, 16 bytes; None for what has fields below.

    Raises: ``ValueError`` for nodes that the types do not have.
    """

    def __cinit__(self, FlatPlans plans not None, uint32_t place, tuple nodes not None):
        cdef list made = []
        cdef list tables = []              # of each: whose rows they are, (node, which) with values
        cdef _Node root = _Node(), parent, node
        if place >= plans.object_count:
            raise IndexError(f"no type {place}")
        self.plans, self.object, self._blocks = plans, &plans.objects[place], []
        root.object = self.object
        root.unfilled = True
        tables.append((root, []))
        for above, index, dtype in nodes:
            parent = root if above < 0 else made[above]
            node = _node_of(plans, parent, index, dtype)
            node.number = <size_t> len(made)
            made.append(node)
            _place(node, parent, tables)
        self._fill([root, *made], tables)
        self.nodes = _numbers_of(made)
        self.names = _names_of(made)

    def __dealloc__(self):
        for block in self._blocks or ():
            PyMem_Free(<void *> <size_t> block)

    cdef void *_new(self, size_t count, size_t size) except NULL:
        cdef void *block = PyMem_Calloc(count + 1, size)
        if block == NULL:
            raise MemoryError
        self._blocks.append(<size_t> block)
        return block

    cdef int _fill(self, list nodes, list tables) except -1:
        cdef list arrays = []              # (width, table of the items or -1, zeroed, dtype)
        cdef FlatTablePlan *made = <FlatTablePlan *> self._new(
            <size_t> len(tables), sizeof(FlatTablePlan))
        cdef FlatScope *scopes = <FlatScope *> self._new(<size_t> len(nodes), sizeof(FlatScope))
        cdef FlatArrayPlan *plans
        cdef size_t i
        for i in range(<size_t> len(tables)):
            made[i].first = <uint32_t> len(arrays)
            _number_lists(tables[i][0], arrays)
            made[i].values = <uint32_t> len(arrays)
            _number_values(tables[i][1], arrays)
            made[i].stop = <uint32_t> len(arrays)
        plans = <FlatArrayPlan *> self._new(<size_t> len(arrays), sizeof(FlatArrayPlan))
        for i, (width, items, zeroed, _) in enumerate(arrays):
            plans[i].width, plans[i].zeroed = width, zeroed
            plans[i].items = FLAT_ASKED_NONE if items < 0 else <uint32_t> items
        self.dtypes = [dtype for _, _, _, dtype in arrays]
        for i in range(<size_t> len(nodes)):
            _fill_scope(self, nodes[i], &scopes[i], scopes)
        self.plan.root, self.plan.tables, self.plan.arrays = &scopes[0], made, plans
        self.plan.table_count = <uint32_t> len(tables)
        self.plan.array_count = <uint32_t> len(arrays)
        return 0


cdef tuple _numbers_of(list nodes):
    cdef _Node node
    return tuple([(node.values, node.seen, node.starts, node.table) for node in nodes])


cdef tuple _names_of(list nodes):
    cdef _Node node
    return tuple([node.name for node in nodes])


cdef _Node _node_of(FlatPlans plans, _Node parent, index, dtype):
    cdef _Node node = _Node()
    cdef size_t place = index
    if place in parent.taken:
        raise ValueError(f"field {place} is asked for twice")
    if parent.object != NULL:
        if place >= parent.object.field_count:
            raise ValueError(f"no field {place}")
        node.field = &parent.object.fields[place]
        node.name = plans.declarations.objects[parent.object.head.index].fields[place].name
        _of_field(node, dtype)
        if parent.object.is_struct:
            node.nullable = False
    elif parent.union_ != NULL:
        if place >= parent.union_.count:
            raise ValueError(f"no member {place}")
        declared = plans.declarations.enums[parent.union_.head.index].values[place]
        # By its number: plans have unsigned ones of 64 bits in the order of signed ones.
        number = declared.value & 0xffffffffffffffff
        node.member = flat_enum_find(parent.union_, <int64_t> <uint64_t> number)
        if node.member == NULL:
            raise ValueError(f"no member {place}")
        node.name = declared.name
        _of_member(node)
    else:
        raise ValueError("a number or string has no fields")
    _check_dtype(node, dtype)
    parent.below.append(node)
    parent.taken[place] = node
    return node


cdef int _of_field(_Node node, dtype) except -1:
    """What is done with a field of a table or struct."""
    cdef const FlatField *field = node.field
    cdef uint8_t role = field.role
    cdef bint absent = field.flags & FLAT_REQUIRED == 0
    node.in_place = role < FLAT_IS_NUMBERS and role != FLAT_IS_ARRAY
    node.base = field.base if role == FLAT_IS_SCALAR else field.element
    if role == FLAT_IS_SCALAR:
        node.op, node.nullable = FLAT_PUT_NUMBER, field.flags & FLAT_OPTIONAL != 0
    elif role == FLAT_IS_STRING:
        node.op, node.nullable = FLAT_PUT_STRING, absent
    elif role == FLAT_IS_STRUCT:
        node.op, node.nullable = FLAT_INTO_STRUCT, absent
    elif role == FLAT_IS_TABLE:
        node.op, node.nullable = FLAT_INTO_TABLE, absent
    elif role == FLAT_IS_UNION:
        node.op, node.nullable = FLAT_INTO_UNION, True
    elif role == FLAT_IS_UNIONS:
        node.op, node.nullable = FLAT_EACH_UNION, True
    elif role == FLAT_IS_STRUCTS:
        node.op = FLAT_EACH_STRUCT
    elif role == FLAT_IS_TABLES:
        node.op = FLAT_EACH_TABLE
    elif role == FLAT_IS_STRINGS:
        node.op = FLAT_EACH_STRING
    elif role == FLAT_IS_ARRAY:
        node.op = FLAT_ARRAY_STRUCTS if field.element == FLAT_OBJECT else FLAT_ARRAY_NUMBERS
    elif field.element == FLAT_UINT8 and dtype is not None and dtype.itemsize == SPAN:
        node.op, node.in_place = FLAT_PUT_BYTES, True
    else:
        node.op = FLAT_EACH_NUMBER
    if role == FLAT_IS_UNION or role == FLAT_IS_UNIONS:
        node.union_ = field.enumeration
    elif node.op not in (FLAT_PUT_BYTES, FLAT_EACH_NUMBER):
        node.object = field.object         # of nested buffers it is their root's
    return 0


cdef int _of_member(_Node node) except -1:
    """What is done with the value of a union that is of that member's type."""
    node.in_place = node.nullable = True
    if node.member.base == FLAT_STRING:
        node.op = FLAT_PUT_STRING
        return 0
    if node.member.base != FLAT_OBJECT:
        raise ValueError(f"member {node.name} is no table, struct or string")
    node.object = node.member.object
    node.op = FLAT_INTO_STRUCT if node.object.is_struct else FLAT_INTO_TABLE
    return 0


cdef int _check_dtype(_Node node, dtype) except -1:
    cdef long long wide = 0 if dtype is None else dtype.itemsize
    cdef uint8_t base = node.base
    if (dtype is None) == node.is_leaf():
        raise ValueError(f"{node.name}: a dtype for what has fields, or none for values")
    node.dtype = dtype
    if not node.is_leaf():
        return 0
    if dtype.hasobject:
        raise ValueError(f"{node.name}: Python objects do not lie in buffers")
    node.form = FLAT_FORM_SAME
    if node.op in (FLAT_PUT_STRING, FLAT_PUT_BYTES, FLAT_EACH_STRING):
        if wide != SPAN:
            raise ValueError(f"{node.name}: spans of {wide} bytes")
    elif base > FLAT_FLOAT64 or wide != WIDTHS[base]:
        if wide != 4 or base not in (FLAT_UTYPE, FLAT_INT8, FLAT_UINT8, FLAT_INT16, FLAT_UINT16):
            raise ValueError(f"{node.name}: numbers of type {base} in {wide} bytes")
        node.form = FLAT_FORM_INT32
    elif base == FLAT_BOOL:
        node.form = FLAT_FORM_BOOL
    node.width = <uint8_t> wide
    return 0


cdef int _place(_Node node, _Node parent, list tables) except -1:
    """Which tables its arrays lie in."""
    cdef uint32_t own = parent.table
    if node.in_place:
        node.table = own
        node.unfilled = parent.unfilled or node.op != FLAT_PUT_NUMBER or node.nullable
    else:
        node.table = <uint32_t> len(tables)
        node.unfilled = node.nullable
        tables.append((node, []))
    if node.is_leaf():
        tables[node.table][1].append((node, "values"))
    if node.nullable:
        tables[node.table][1].append((node, "seen"))
    return 0


cdef int _number_lists(_Node scope, list arrays) except -1:
    """Those of the rows of a scope, and of what lies in place below it."""
    cdef _Node node
    scope.first = <uint32_t> len(arrays)
    for node in scope.below:
        if not node.in_place:
            node.starts = len(arrays)
            arrays.append((8, node.table, False, None))
    for node in scope.below:
        if node.in_place and not node.is_leaf():
            _number_lists(node, arrays)
    scope.stop = <uint32_t> len(arrays)
    return 0


cdef int _number_values(list pairs, list arrays) except -1:
    cdef _Node node
    for node, which in pairs:
        if which == "seen":
            node.seen = len(arrays)
            arrays.append((1, -1, True, None))
        else:
            node.values = len(arrays)
            arrays.append((node.width, -1, node.unfilled, node.dtype))
    return 0


cdef uint32_t _number(long long value) noexcept:
    return FLAT_ASKED_NONE if value < 0 else <uint32_t> value


def _number_of_member(_Node node not None):
    return node.member.value


cdef int _fill_scope(FlatProjection self, _Node given, FlatScope *scope,
                     FlatScope *scopes) except -1:
    cdef FlatAsked *asked
    cdef _Node node
    cdef list below = given.below
    cdef size_t i
    if given.union_ != NULL:
        below = sorted(given.taken.values(), key=_number_of_member)
    asked = <FlatAsked *> self._new(<size_t> len(below), sizeof(FlatAsked))
    for i in range(<size_t> len(below)):
        node = below[i]
        asked[i].field = node.field
        asked[i].scope = NULL if node.is_leaf() else &scopes[node.number + 1]
        asked[i].absent = 0 if node.field == NULL else node.field.default_bits
        asked[i].member = 0 if node.member == NULL else node.member.value
        asked[i].values, asked[i].seen = _number(node.values), _number(node.seen)
        asked[i].starts, asked[i].table = _number(node.starts), node.table
        asked[i].node = <uint32_t> node.number
        asked[i].op, asked[i].base = node.op, node.base
        asked[i].form, asked[i].width = node.form, node.width
    scope.asked, scope.count = asked, <uint32_t> len(below)
    scope.size = 0 if given.object == NULL else given.object.size
    scope.first, scope.stop = given.first, given.stop
    return 0
