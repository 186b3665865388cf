"""How the tables of a set lie behind one another in its one allocation, and the simple ones."""

from libc.stdint cimport int32_t, uint16_t, uint32_t

from wire cimport TABLED_TAGS, EnumPlan, FieldPlan, MessagePlan, plan_action_slow

# Field numbers below 8 per field plus this are found by table, the others by bisection.
cdef enum:
    DENSE_SLACK = 128


cdef size_t dense_count_of(tuple fields) except? 0:
    """Length of the table from field number to slot."""
    if not fields:
        return 0
    return min(fields[len(fields) - 1][0] + 1, 8 * len(fields) + DENSE_SLACK)


cdef Layout layout_measure(tuple messages, tuple enumerations) except *:
    cdef Layout layout
    layout.plans = len(messages)
    layout.enums = len(enumerations)
    layout.fields = layout.dense = layout.numbers = 0
    for message in messages:
        layout.fields += len(message[1])
        layout.dense += dense_count_of(message[1])
    for enumeration in enumerations:
        layout.numbers += len({number for _, number in enumeration[2]})
    return layout


cdef size_t layout_size(Layout *layout) noexcept:
    """The counts come from a schema object in memory, so the sum cannot wrap."""
    return (layout.plans * sizeof(MessagePlan) + layout.enums * sizeof(EnumPlan)
            + layout.fields * sizeof(FieldPlan) + layout.numbers * sizeof(int32_t)
            + layout.dense * sizeof(uint16_t) + 1)


cdef int32_t *enum_fill(EnumPlan *plan, int32_t *numbers, values) except NULL:
    """Fills one enum's ascending numbers; returns the place behind them."""
    cdef uint32_t count = 0
    plan.numbers = numbers
    for number in sorted({number for _, number in values}):
        numbers[count] = number
        count += 1
    plan.count = count
    return numbers + count


cdef void dense_fill(MessagePlan *plan, uint16_t *dense, size_t count) noexcept:
    cdef uint32_t i
    plan.dense_count = <uint32_t> count
    for i in range(plan.field_count):
        if plan.fields[i].number < count:
            dense[plan.fields[i].number] = <uint16_t> (i + 1)


cdef void actions_fill(MessagePlan *plan) noexcept:
    cdef uint32_t tag
    for tag in range(TABLED_TAGS):
        plan.actions[tag] = plan_action_slow(plan, tag)
