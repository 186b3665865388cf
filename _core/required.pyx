"""Required fields: whether all are set, and the paths of those that are not.

The walk is the encoder's, without writing: only messages whose types may have required fields
below them are looked at, and canonical bytes have them all.
"""

from cpython.object cimport PyObject
from libc.stdint cimport uint32_t

from tensorwire._core.access cimport field_read
from tensorwire._core.edits cimport EDIT_CLEARED, Edit, Edits
from tensorwire._core.encode cimport encode_failed
from tensorwire._core.frames cimport frame_open_message
from tensorwire._core.maps cimport map_entries
from tensorwire._core.message cimport Message, field_name
from tensorwire._core.output cimport Output, output_begin, output_end
from tensorwire._core.present cimport field_present, fields_present
from tensorwire._core.units cimport ORDER_UNKNOWN, Encoder, Frame, Unit, encoder_begin, encoder_end
from tensorwire._core.writing cimport frames_write
from wire cimport FIELD_MAP, FIELD_REPEATED, FIELD_REQUIRED, FieldPlan


cdef bint required_complete(Message self) except -1:
    cdef Output out
    cdef Encoder encoder
    cdef int status
    if not self.plan.needs_required:
        return True
    output_begin(&out, True)
    encoder_begin(&encoder, &out, False)
    encoder.checking = True
    try:
        status = frame_open_message(&encoder, <PyObject *> self, NULL)
        if status == 0:
            status = frames_write(&encoder)
        if status < 0 and not encoder.lacking:
            encode_failed(self, &encoder)
        return status == 0
    finally:
        encoder_end(&encoder)
        output_end(&out)


cdef bint frame_lacks(const Encoder *self) noexcept nogil:
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef const Unit *unit
    cdef const Edit *edit
    cdef uint32_t last = 0, met = 0
    cdef size_t i
    if frame.plan.required_count == 0 or frame.plan.map_entry:
        return False
    if frame.whole:
        return frame.message != NULL and _cleared((<Message> frame.message).edits)
    for i in range(frame.edits):
        edit = &(<Message> frame.message).edits.items[i]
        met += edit.field.flags & FIELD_REQUIRED != 0 and edit.state != EDIT_CLEARED
    for i in range(frame.first, self.unit_count):
        unit = &self.units[i]
        if unit.order != last and unit.order != ORDER_UNKNOWN and unit.field != NULL:
            last = unit.order
            met += (unit.field.flags & FIELD_REQUIRED) != 0
    return met != frame.plan.required_count


cdef bint _cleared(Edits *edits) noexcept nogil:
    """Whether a required field was cleared."""
    cdef uint32_t i
    if edits == NULL:
        return False
    for i in range(edits.count):
        if (edits.items[i].state == EDIT_CLEARED
                and edits.items[i].field.flags & FIELD_REQUIRED):
            return True
    return False


# -- paths ----------------------------------------------------------------------------------------

cdef list required_missing(Message self):
    """As upstream names them: ``a``, ``sub.a``, ``reps[0].a``, ``map["key"].a``."""
    cdef list found = [], waiting = [(self, "")]
    cdef list below
    cdef Message message
    cdef uint32_t slot
    while waiting:                         # progress: every message is taken out once
        message, prefix = waiting.pop()
        for slot in range(message.plan.field_count):
            if (message.plan.fields[slot].flags & FIELD_REQUIRED
                    and not field_present(message, &message.plan.fields[slot])):
                found.append(prefix + field_name(message.plan, &message.plan.fields[slot]))
        below = _below(message, prefix)
        below.reverse()                    # the first one is taken out first
        waiting += below
    return found


cdef list _below(Message self, str prefix):
    """``(message, prefix)`` of each submessage that may lack something."""
    cdef list below = []
    cdef const FieldPlan *field
    for address in fields_present(self):
        field = <const FieldPlan *> <size_t> address
        if field.message == NULL or not field.message.needs_required:
            continue
        name = prefix + field_name(self.plan, field).rpartition(".")[2]  # extensions' are long
        if field.flags & FIELD_MAP:
            below += [(value, f"{name}[{_key(key)}].")
                      for key, value in map_entries(self, field).items()]
        elif field.flags & FIELD_REPEATED:
            below += [(value, f"{name}[{i}].")
                      for i, value in enumerate(field_read(self, field, None))]
        else:
            below.append((field_read(self, field, None), f"{name}."))
    return below


cdef str _key(key):
    """A map key in a path: upb escapes nothing but quotes."""
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, bytes):
        key = key.decode(errors="replace")
    if isinstance(key, str):
        return '"' + key.replace('"', '\\"') + '"'
    return str(key)
