"""Values of Python written as a FlatBuffer: tables from dicts, objects and views.

A table is written after everything it refers to. What offsets of 64 bits reach is written before
all else, by going through the value once more: the other offsets then stay short.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy

from flat cimport (
    FLAT_DEPRECATED, FLAT_IS_NUMBERS, FLAT_IS_SCALAR, FLAT_IS_STRING, FLAT_IS_STRINGS,
    FLAT_IS_STRUCT, FLAT_IS_STRUCTS, FLAT_IS_TABLE, FLAT_IS_TABLES, FLAT_IS_UNION,
    FLAT_IS_UNIONS, FLAT_NESTED, FLAT_OFFSET64, FLAT_OPTIONAL, FLAT_REQUIRED, FLAT_UTYPE,
    FlatEnumValue, FlatField, FlatObject,
)
from tensorwire._core.flat_encode_unions cimport union_member, union_value
from tensorwire._core.flat_encode_values cimport (
    elements_of, encode_number, encode_string, encode_struct, table_members,
)
from tensorwire._core.flat_encode_vectors cimport encode_bytes, encode_vector
from tensorwire._core.flat_encoder cimport FlatEncoder
from tensorwire._core.flat_names cimport FlatNames
from tensorwire._core.flat_values cimport number_object
from tensorwire._core.flat_view cimport FlatTable
from tensorwire._core.output cimport output_size

from tensorwire.errors import EncodeError, LimitError, UnsupportedError


def encode_flat(FlatNames names not None, uint32_t place, value, bytes identifier not None,
                int prefix, limits, bint force_defaults, bint sort_keys, bint share_strings):
    """The bytes of a buffer whose root is a table of type ``place``.

    ``identifier``: four bytes, or none; ``prefix``: bytes of the size before it: 0, 4 or 8.
    Raises: ``EncodeError`` and ``LimitError`` with the path of the field.
    """
    if place >= names.plans.object_count or names.plans.objects[place].is_struct:
        raise IndexError(f"no table {place}")
    if len(identifier) not in (0, 4) or prefix not in (0, 4, 8):
        raise ValueError(f"an identifier of {len(identifier)} bytes, a prefix of {prefix}")
    encoder = FlatEncoder(names, limits, force_defaults, sort_keys, share_strings)
    return _buffer(encoder, &names.plans.objects[place], value, identifier, prefix)


cdef bytes _buffer(FlatEncoder self, const FlatObject *plan, value, bytes identifier, int prefix):
    cdef uint64_t root
    if self.names.wide:
        self.ahead = True
        encode_table(self, plan, value)
        self.ahead = False
        self.far_used = 0
        self.low = output_size(&self.out)
    root = encode_table(self, plan, value)
    return self.finish(root, identifier, prefix)


cdef uint64_t encode_table(FlatEncoder self, const FlatObject *plan, object value) except 0:
    """Writes a table; where it begins, counted from the buffer's end."""
    cdef size_t first = self.field_count, scratch = self.scratch_used
    cdef uint32_t i
    cdef uint64_t at = 1
    cdef list members
    self.enter(plan)
    members = table_members(self, plan, value)
    for i in range(plan.field_count):
        self.places[self.depth - 1].field = &plan.fields[i]
        if members[i] is not None:
            _field(self, &plan.fields[i], members)
        elif not self.ahead:
            _absent(self, &plan.fields[i], members)
    self.places[self.depth - 1].field = NULL
    if not self.ahead:
        if self.sorts and plan.key != NULL:
            self.key = _key(self, plan, first, members)
        at = self.table(first)
    self.scratch_used = scratch
    self.leave()
    return at


cdef int _absent(FlatEncoder self, const FlatField *field, list members) except -1:
    if field.flags & FLAT_DEPRECATED:
        return 0
    if field.flags & FLAT_REQUIRED:
        raise self.wrong("a required field is absent")
    if (self.forced and field.role == FLAT_IS_SCALAR and field.base != FLAT_UTYPE
            and not field.flags & FLAT_OPTIONAL):
        self.note(field, field.default_bits)
    return 0


cdef object _key(FlatEncoder self, const FlatObject *plan, size_t first, list members):
    """What a table is sorted by."""
    cdef size_t i
    if plan.key.role == FLAT_IS_STRING:
        text = members[plan.key.index]
        return text.encode("utf-8", "surrogateescape") if isinstance(text, str) else bytes(text)
    if plan.key.role != FLAT_IS_SCALAR:
        return None
    for i in range(first, self.field_count):
        if self.fields[i].field == plan.key:
            return number_object(plan.key.base, <const uint8_t *> &self.fields[i].bits)
    return number_object(plan.key.base, <const uint8_t *> &plan.key.default_bits)


cdef int _field(FlatEncoder self, const FlatField *field, list members) except -1:
    """One field of the innermost table, which has a value."""
    cdef object value = members[field.index]
    cdef uint64_t bits = 0
    if field.flags & FLAT_OFFSET64:
        return _far_field(self, field, value)
    if field.role == FLAT_IS_UNION:
        return _union(self, field, value, members[field.index - 1])
    if field.role == FLAT_IS_UNIONS:
        return _unions(self, field, value, members[field.index - 1])
    if field.role == FLAT_IS_TABLE:
        bits = encode_table(self, field.object, value)
    elif field.role == FLAT_IS_TABLES:
        bits = _tables(self, field, value)
    if self.ahead:
        return 0
    if field.role == FLAT_IS_SCALAR:
        return _scalar(self, field, members)
    if field.role == FLAT_IS_STRUCT:
        bits = self.scratch_used
        encode_struct(self, field.object, value, self.struct_room(field.size))
    elif field.role == FLAT_IS_STRING:
        bits = encode_string(self, value)
    elif field.role == FLAT_IS_STRINGS:
        bits = _strings(self, value)
    elif field.role == FLAT_IS_NUMBERS or field.role == FLAT_IS_STRUCTS:
        if _belongs_to_unions(field, members):
            return 0
        bits = _vector(self, field, value)
    return self.note(field, bits)


cdef int _scalar(FlatEncoder self, const FlatField *field, list members) except -1:
    cdef uint64_t bits = 0
    if _belongs_to_unions(field, members):
        return 0
    encode_number(self, field.base, field.enumeration, members[field.index], &bits)
    bits &= <uint64_t> -1 >> (64 - 8 * field.size)         # as wide as the default
    if bits == field.default_bits and not self.forced and not field.flags & FLAT_OPTIONAL:
        return 0
    return self.note(field, bits)


cdef bint _belongs_to_unions(const FlatField *field, list members):
    """Whether it is the type, or the types, of unions with a value, which write both."""
    if field.base != FLAT_UTYPE and field.element != FLAT_UTYPE:
        return False
    return field.index + 1 < len(members) and members[field.index + 1] is not None


cdef int _far_field(FlatEncoder self, const FlatField *field, value) except -1:
    """What an offset of 64 bits reaches: written ahead, and remembered."""
    cdef uint64_t bits
    if self.ahead:
        if field.role == FLAT_IS_STRING:
            bits = encode_string(self, value)
        elif field.role == FLAT_IS_NUMBERS or field.role == FLAT_IS_STRUCTS:
            bits = _vector(self, field, value)
        else:
            raise self.at_place(UnsupportedError, "offsets of 64 bits to vectors of offsets")
        self.far.append((<size_t> field, bits))
        return 0
    if self.far_used == len(self.far) or self.far[self.far_used][0] != <size_t> field:
        raise self.wrong("the value changed while it was written")
    self.far_used += 1
    return self.note(field, self.far[self.far_used - 1][1])


# -- vectors --------------------------------------------------------------------------------------

cdef uint64_t _vector(FlatEncoder self, const FlatField *field, value) except 0:
    """Of numbers or structs; of bytes also a buffer by themselves, given as its root."""
    cdef FlatEncoder inner
    if not field.flags & FLAT_NESTED or not isinstance(value, (dict, FlatTable)):
        return encode_vector(self, field, value)
    inner = FlatEncoder(self.names, self.limits, self.forced, self.sorts, self.strings is not None)
    try:
        data = _buffer(inner, field.object, value, b"", 0)
    except (EncodeError, LimitError) as error:
        error.path = f"{self.path()}.{error.path}" if error.path else self.path()
        raise
    return encode_bytes(self, field, data, max(inner.widest, field.force_align))


cdef uint64_t _tables(FlatEncoder self, const FlatField *field, value) except 0:
    cdef Py_ssize_t i
    cdef tuple items = elements_of(self, value)
    cdef list targets = [0] * len(items), keys = []
    cdef bint sorts = self.sorts and field.object.key != NULL
    for i in range(len(items)):
        self.places[self.depth - 1].index = i
        targets[i] = encode_table(self, field.object, items[i])
        if sorts:
            keys.append(self.key)
    self.places[self.depth - 1].index = -1
    if self.ahead:
        return 1
    if sorts and None not in keys:
        targets = [targets[i] for i in sorted(range(len(items)), key=keys.__getitem__)]
    return self.offsets(targets)


cdef uint64_t _strings(FlatEncoder self, value) except 0:
    cdef Py_ssize_t i
    cdef tuple items = elements_of(self, value)
    cdef list targets = [0] * len(items)
    for i in range(len(items)):
        self.places[self.depth - 1].index = i
        targets[i] = encode_string(self, items[i])
    self.places[self.depth - 1].index = -1
    return self.offsets(targets)


# -- unions ---------------------------------------------------------------------------------------

cdef int _union(FlatEncoder self, const FlatField *field, value, tag) except -1:
    """Both fields of a union: its type, and where its value begins."""
    cdef const FlatEnumValue *member = union_member(self, field, tag, value)
    cdef uint64_t at = _member(self, member, value, tag is None)
    if self.ahead:
        return 0
    self.note(field - 1, <uint64_t> member.value)
    if at:
        self.note(field, at)
    return 0


cdef uint64_t _member(FlatEncoder self, const FlatEnumValue *member, value,
                      bint named) except? 0:
    """The value of a union; 0 for NONE. ``named``: a dict has the name of its type inside."""
    if member.object != NULL and not member.object.is_struct:
        if named and isinstance(value, dict):
            value = {name: held for name, held in value.items() if name != "type"}
        return encode_table(self, member.object, value)
    return 0 if self.ahead else union_value(self, member, value)


cdef int _unions(FlatEncoder self, const FlatField *field, value, tags) except -1:
    """A vector of unions: the vector of their types, and that of their values."""
    cdef const FlatField *types = field - 1
    cdef const FlatEnumValue *member
    cdef Py_ssize_t i
    cdef tuple items = elements_of(self, value)
    cdef tuple given = (None,) * len(items) if tags is None else elements_of(self, tags)
    cdef list targets = [0] * len(items)
    cdef bytearray packed = bytearray(len(items) * types.item_size)
    if len(given) != len(items):
        raise self.wrong(f"{len(items)} values and {len(given)} types")
    for i in range(len(items)):
        self.places[self.depth - 1].index = i
        member = union_member(self, field, given[i], items[i])
        targets[i] = _member(self, member, items[i], given[i] is None)
        memcpy(<uint8_t *> packed + i * types.item_size, &member.value, types.item_size)
    self.places[self.depth - 1].index = -1
    if self.ahead:
        return 0
    self.fits(<size_t> len(packed) + 16)
    self.note(types, self.bytes_vector(<uint8_t *> packed, <size_t> len(packed),
                                       <size_t> len(items), types.item_align, NULL, False))
    return self.note(field, self.offsets(targets))
