"""Units of changed messages: what was changed, and ranges of the bytes that are as they were.

Of canonical bytes everything between two changes is one range, whatever it holds.
"""

from cpython.object cimport PyObject
from libc.stdint cimport SIZE_MAX, uint32_t
from libc.stdlib cimport free, malloc

from cursor cimport Item, field_takes, item_read
from leaves cimport sort_records
from objects cimport list_at, list_count
from tensorwire._core.edits cimport EDIT_CLEARED, EDIT_LIST, Edit, Edits
from tensorwire._core.message cimport Message
from tensorwire._core.node cimport (
    MESSAGE_CANONICAL, MESSAGE_DIRTY, MESSAGE_NO_UNKNOWN, NODE_OWNED, Children, Node,
    children_find, key_of_item,
)
from tensorwire._core.units cimport (
    MARK_DISORDER, ORDER_UNKNOWN, UNIT_BYTES, UNIT_CLEARED, UNIT_EDIT, UNIT_OBJECT, UNIT_RANGE,
    Frame, Unit, unit_order, unit_push, units_collect, units_settle, units_sort,
)
from wire cimport FAULT_CHANGED, FAULT_NO_MEMORY, FieldPlan, fault_set, plan_field

cdef struct Element:
    # A changed element that lies among the bytes.
    size_t at
    PyObject *node

cdef struct Elements:
    Element *items
    size_t count
    size_t next


cdef inline bint _is_changed_element(PyObject *node) noexcept nogil:
    return (node != NULL and (<Node> node).flags & NODE_OWNED != 0 and (<Node> node).key & 1 != 0)


cdef size_t _count_elements(Children *children) noexcept nogil:
    cdef size_t count = 0
    cdef uint32_t i
    if children != NULL and children.count:
        for i in range(children.room):
            count += _is_changed_element(children.nodes[i])
    return count


cdef bint message_is_changed(PyObject *message) noexcept nogil:
    if (<Message> message).flags & MESSAGE_DIRTY == 0:
        return False
    return (<Message> message).edits != NULL or _count_elements((<Message> message).children) != 0


cdef bint message_is_whole(PyObject *message) noexcept nogil:
    cdef uint32_t flags = (<Message> message).flags
    return (flags & MESSAGE_CANONICAL != 0 and flags & MESSAGE_NO_UNKNOWN == 0
            and (<Message> message).pieces == NULL and not (<Message> message).plan.reaches_sets)


cdef PyObject *changed_element(PyObject *message, size_t at) noexcept nogil:
    cdef PyObject *child
    if message == NULL:
        return NULL
    child = children_find((<Message> message).children, key_of_item(at))
    if child == NULL or (<Node> child).flags & NODE_OWNED == 0:
        return NULL
    return child


cdef int units_of_message(Encoder *self, PyObject *message) noexcept nogil:
    cdef Edits *edits = (<Message> message).edits
    cdef const Frame *frame = &self.frames[self.frame_count - 1]
    cdef int marks = 0
    if frame.whole or frame.owner == NULL:
        if _splice(self, message) < 0:
            return -1
    else:
        if (<Message> message).pieces != NULL:
            marks = units_collect(self, (<Message> message).pieces.items,
                                  (<Message> message).pieces.count, edits)
        else:
            marks = units_collect(self, &(<Message> message).whole, 1, edits)
        if marks < 0 or _push_edits(self, edits) < 0:
            return -1
        if units_settle(self, marks | MARK_DISORDER) < 0:
            return -1
    return units_of_unknown(self, edits)


cdef int _push_edits(Encoder *self, Edits *edits) noexcept nogil:
    """1 if their orders do not ascend, 0 if they do, -1 and a fault."""
    cdef uint32_t i, last = 0
    cdef Edit *entry
    cdef Unit *unit
    cdef int disorder = 0
    if edits == NULL:
        return 0
    for i in range(edits.count):
        entry = &edits.items[i]
        unit = unit_push(self)
        if unit == NULL:
            return -1
        unit.order, unit.field = unit_order(entry.field), entry.field
        unit.kind = UNIT_CLEARED if entry.state == EDIT_CLEARED else UNIT_EDIT
        unit.at, unit.word = SIZE_MAX, <size_t> entry
        unit.start = entry.value.list.count if entry.state == EDIT_LIST else 0
        disorder |= unit.order < last
        last = unit.order
    return disorder


cdef int units_of_unknown(Encoder *self, Edits *edits) noexcept nogil:
    cdef size_t i
    cdef Unit *unit
    if edits == NULL or edits.unknown == NULL:
        return 0
    for i in range(list_count(edits.unknown)):
        unit = unit_push(self)
        if unit == NULL:
            return -1
        unit.order, unit.kind, unit.field = ORDER_UNKNOWN, UNIT_BYTES, NULL
        unit.at, unit.start = SIZE_MAX, 0
        unit.word = <size_t> list_at(edits.unknown, i)
    return 0


# -- canonical bytes ------------------------------------------------------------------------------

cdef int _element_before(const void *a, const void *b) noexcept nogil:
    return (<const Element *> a).at < (<const Element *> b).at


cdef int _elements_begin(Encoder *self, Elements *elements, Children *children) noexcept nogil:
    """The changed elements in the order of the bytes."""
    cdef size_t count = _count_elements(children)
    cdef uint32_t i
    elements.items = NULL
    elements.count = elements.next = 0
    if count == 0:
        return 0
    elements.items = <Element *> malloc(count * sizeof(Element))
    if elements.items == NULL:
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    for i in range(children.room):
        if _is_changed_element(children.nodes[i]):
            elements.items[elements.count].at = <size_t> ((<Node> children.nodes[i]).key >> 1)
            elements.items[elements.count].node = children.nodes[i]
            elements.count += 1
    if sort_records(elements.items, count, sizeof(Element), &_element_before) < 0:
        return fault_set(&self.fault, FAULT_NO_MEMORY, 0, 0, 0)
    return 0


cdef int _splice(Encoder *self, PyObject *message) noexcept nogil:
    cdef Elements elements
    cdef int status = _elements_begin(self, &elements, (<Message> message).children)
    if status == 0:
        status = _splice_elements(self, message, &elements)
    free(elements.items)
    return status


cdef int _splice_elements(Encoder *self, PyObject *message, Elements *elements) noexcept nogil:
    """Goes over the changes in order: what lies before each is kept, what is changed is left out.

    The order of a range is that of the change behind it, so that sorting brings all together.
    """
    cdef size_t first = self.frames[self.frame_count - 1].first, stop, i
    cdef size_t at = (<Message> message).whole.start
    cdef int disorder = _push_edits(self, (<Message> message).edits)
    cdef uint32_t order
    if disorder < 0 or disorder and units_sort(self) < 0:
        return -1
    if (<Message> message).owner == NULL:
        _drop_cleared(self, first)
        return 0
    for i in range(first, self.unit_count):  # `_keep` pushes behind these
        order = self.units[i].order
        stop = at
        if (_find(self, message, order, &stop) < 0
                or _keep(self, message, elements, at, stop, order) < 0):
            return -1
        at = stop
        if _find(self, message, order + 1, &at) < 0:
            return -1
        while elements.next < elements.count and elements.items[elements.next].at < at:
            elements.next += 1             # progress: their field was changed as a whole
    if _keep(self, message, elements, at, (<Message> message).whole.stop, ORDER_UNKNOWN) < 0:
        return -1
    if units_sort(self) < 0:
        return -1
    _drop_cleared(self, first)
    return 0


cdef void _drop_cleared(Encoder *self, size_t first) noexcept nogil:
    cdef size_t kept = first, i
    for i in range(first, self.unit_count):
        if self.units[i].kind != UNIT_CLEARED:
            self.units[kept] = self.units[i]
            kept += 1
    self.unit_count = kept


cdef int _find(Encoder *self, PyObject *message, uint32_t order, size_t *at) noexcept nogil:
    """Moves ``at`` to the first item that is unknown or not of a lower order."""
    cdef size_t stop = (<Message> message).whole.stop
    cdef const FieldPlan *field
    cdef Item item
    while at[0] < stop:                    # progress: an item is at least one byte
        if item_read((<Message> message).base, at[0], stop, &item, &self.fault) < 0:
            return -1
        field = plan_field((<Message> message).plan, item.tag >> 3)
        if field == NULL or unit_order(field) >= order:
            break
        if not field_takes((<Message> message).plan, field, &item):
            break
        at[0] = item.after
    return 0


cdef int _push_range(Encoder *self, size_t start, size_t stop, uint32_t order) noexcept nogil:
    cdef Unit *unit
    if start == stop:
        return 0
    unit = unit_push(self)
    if unit == NULL:
        return -1
    unit.order, unit.kind, unit.field = order, UNIT_RANGE, NULL
    unit.at = unit.start = start
    unit.word = stop
    return 0


cdef int _push_object(Encoder *self, PyObject *child, size_t at, uint32_t order) noexcept nogil:
    cdef Unit *unit = unit_push(self)
    if unit == NULL:
        return -1
    unit.order, unit.kind, unit.field = order, UNIT_OBJECT, (<Node> child).field
    unit.at, unit.start, unit.word = at, 0, <size_t> child
    return 0


cdef int _keep(Encoder *self, PyObject *message, Elements *elements, size_t start, size_t stop,
               uint32_t order) noexcept nogil:
    """The bytes [start, stop), but the changed elements among them."""
    cdef const Element *element
    cdef Item item
    while elements.next < elements.count:  # progress: the next one
        element = &elements.items[elements.next]
        if element.at >= stop:
            break
        if item_read((<Message> message).base, element.at, (<Message> message).whole.stop, &item,
                     &self.fault) < 0:
            return -1
        if element.at < start or item.after > stop or item.tag != (<Node> element.node).field.tag:
            return fault_set(&self.fault, FAULT_CHANGED, element.at, 0, 0)
        if (_push_range(self, start, element.at, order) < 0
                or _push_object(self, element.node, element.at, order) < 0):
            return -1
        start = item.after
        elements.next += 1
    return _push_range(self, start, stop, order)
