"""The fields of a message type as plain tuples, for those who compile paths."""

from libc.stdint cimport uint32_t

from tensorwire._core.plan cimport PlanSet
from wire cimport KIND_ENUM, FieldPlan, MessagePlan, plan_extension_count, plan_slot


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
