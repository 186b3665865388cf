"""Which type a value of a union has, and values that are no tables."""

from libc.stdint cimport uint8_t, uint32_t, uint64_t

from flat cimport (
    FLAT_OBJECT, FLAT_STRING, FlatEnum, FlatEnumValue, FlatField, FlatObject,
    flat_enum_find, flat_integer,
)
from tensorwire._core.flat_encode_values cimport encode_number, encode_string, encode_struct
from tensorwire._core.flat_plan cimport object_name
from tensorwire._core.flat_view cimport FlatView
from tensorwire._core.output cimport output_copy, output_size


cdef const FlatEnumValue *union_member(FlatEncoder self, const FlatField *field, object tag,
                                       object value) except NULL:
    cdef const FlatEnumValue *member = NULL
    if tag is None and isinstance(value, FlatView):
        member = _of_view(field.enumeration, (<FlatView> value).object)
    elif tag is None and isinstance(value, dict):
        tag = value.get("type")
    if tag is not None:
        member = _of_tag(self, field, tag)
    if member == NULL:
        name = self.names.plans.declarations.objects[
            self.places[self.depth - 1].object.head.index].fields[field.index - 1].name
        raise self.wrong(f"of which type? Give its name as {name!r}, or as 'type' in the dict")
    if (member.base == 0) != (value is None):
        raise self.wrong(f"a value of type {tag}" if member.base == 0
                         else f"no value of type {tag}")
    return member


cdef const FlatEnumValue *_of_tag(FlatEncoder self, const FlatField *field, tag) except NULL:
    cdef uint64_t bits = 0
    cdef const FlatEnumValue *member
    cdef uint8_t base = field.enumeration.base
    encode_number(self, base, field.enumeration, tag, &bits)
    member = flat_enum_find(field.enumeration, flat_integer(base, <const uint8_t *> &bits))
    if member == NULL:
        raise self.wrong(f"the union has no type {tag}")
    return member


cdef const FlatEnumValue *_of_view(const FlatEnum *plan, const FlatObject *object) noexcept:
    """The first type that is the view's, or, of another schema's view, has its name."""
    cdef uint32_t i
    for i in range(plan.count):
        if plan.values[i].object == object:
            return &plan.values[i]
    for i in range(plan.count):
        if plan.values[i].object != NULL and (
                object_name(plan.values[i].object) == object_name(object)):
            return &plan.values[i]
    return NULL


cdef uint64_t union_value(FlatEncoder self, const FlatEnumValue *member,
                          object value) except? 0:
    cdef size_t scratch = self.scratch_used
    cdef uint32_t size
    if member.base == FLAT_STRING:
        return encode_string(self, value)
    if member.base != FLAT_OBJECT:
        return 0
    size = member.object.size
    encode_struct(self, member.object, value, self.struct_room(size))
    self.fits(size + member.object.align)
    self.align(member.object.align, size)
    output_copy(&self.out, self.scratch + scratch, size)
    self.scratch_used = scratch
    return output_size(&self.out)
