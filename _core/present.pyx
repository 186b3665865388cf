"""Which fields of a message are set: what was changed first, then what the bytes say."""

from libc.stdint cimport uint32_t

from cursor cimport Item, field_takes
from scalar cimport item_is_default
from tensorwire._core.edits cimport (
    EDIT_CLEARED, EDIT_LIST, EDIT_MAP, Edit, edits_find,
)
from tensorwire._core.index cimport Scan, scan_next
from tensorwire._core.find cimport Found, message_find, message_scan
from tensorwire._core.message cimport Message, message_fault
from tensorwire._core.maps cimport map_entries
from tensorwire._core.starts cimport field_length
from wire cimport (
    FIELD_MAP, FIELD_PRESENCE, FIELD_REPEATED, Fault, FieldPlan, kind_packable, plan_field,
)


cdef bint field_present(Message self, const FieldPlan *field, bint explicit=False) except -1:
    cdef Edit *entry = edits_find(self.edits, field.number)
    cdef Found found
    if entry != NULL:
        if entry.state == EDIT_LIST:
            return entry.value.list.count != 0
        if entry.state == EDIT_MAP:
            return len(<dict> entry.value.object) != 0
        return entry.state != EDIT_CLEARED
    if field.flags & FIELD_MAP:
        return len(map_entries(self, field)) != 0
    message_find(self, field, &found)
    if found.count == 0:
        return False
    if field.flags & FIELD_REPEATED:       # packed runs may be empty
        return not kind_packable(field.kind) or field_length(self, field) != 0
    if field.flags & FIELD_PRESENCE or explicit:
        return True
    return not item_is_default(field.kind, self.base, &found.last)


cdef const FieldPlan *oneof_member(Message self, uint32_t oneof) except? NULL:
    cdef uint32_t slot
    for slot in range(self.plan.field_count):
        if (self.plan.fields[slot].oneof == oneof
                and field_present(self, &self.plan.fields[slot])):
            return &self.plan.fields[slot]
    return NULL


cdef list fields_present(Message self, bint explicit=False):
    """One scan for the numbers that occur, then a look at those that may be absent all the same."""
    cdef list numbers = []
    cdef uint32_t i
    cdef bint ordered = _numbers_met(self, numbers)
    if self.edits != NULL:
        ordered = False
        for i in range(self.edits.count):
            numbers.append(self.edits.items[i].field.number)
    if not ordered:
        numbers = sorted(set(numbers))
    return [<size_t> plan_field(self.plan, <uint32_t> number) for number in numbers
            if _listed(self, plan_field(self.plan, <uint32_t> number), explicit)]


cdef bint _numbers_met(Message self, list numbers) except -1:
    """The numbers of known fields in the bytes; whether they ascend, each once."""
    cdef const FieldPlan *field
    cdef uint32_t number, last = 0
    cdef bint ordered = True
    cdef Scan scan
    cdef Item item
    cdef Fault fault
    cdef int status
    message_scan(self, &scan)
    while True:                            # progress: scan_next advances
        status = scan_next(&scan, &item, &fault)
        if status < 0:
            raise message_fault(self, &fault)
        if status == 0:
            return ordered
        number = item.tag >> 3
        if number == last:
            continue
        field = plan_field(self.plan, number)
        if field == NULL or not field_takes(self.plan, field, &item):
            continue
        ordered = ordered and number > last
        last = number
        numbers.append(number)


cdef bint _listed(Message self, const FieldPlan *field, bint explicit) except -1:
    """Whether a field that was met is present. Without changes, an item is enough for most."""
    if self.edits == NULL and not field.oneof and field.flags & FIELD_MAP == 0:
        if field.flags & FIELD_REPEATED:
            if not kind_packable(field.kind):
                return True
        elif field.flags & FIELD_PRESENCE:
            return True
    return field_present(self, field, explicit)
